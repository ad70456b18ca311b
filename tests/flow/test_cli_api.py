"""Two offices as processes: what the loopback API does, and whom it turns away."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.today import CONTENTS
from tests.unit.cli.terminal import Api, Desk, acquaint, wait_for

Both = tuple[Api, Api]
QUESTION = {"kind": "konsultation.fraga", "to": "Sav", "content": CONTENTS["konsultation.fraga"]}


@pytest.fixture
def asker(tmp_path: Path, hub: HubProcess, federation: Federation) -> Desk:
    """``sodermalm``, enrolled."""
    return Desk.enrolled(tmp_path / "sodermalm", federation, "sodermalm", "Olle Ohlin", hub.url)


@pytest.fixture
def both(asker: Desk, tmp_path: Path, hub: HubProcess, federation: Federation) -> Iterator[Both]:
    """``sodermalm`` and ``sav``, open, with each other's keys."""
    adviser = Desk.enrolled(tmp_path / "sav", federation, "sav", "Eva Ek", hub.url)
    acquaint([asker, adviser])
    with asker.open() as first, adviser.open() as second:
        yield first, second


def arrived(api: Api, document_id: str) -> Any:
    """Wait until a document is there and read it."""
    wait_for(lambda: any(one["document_id"] == document_id for one in api.post("list", {"direction": "in"})[1]))
    return api.post("show", {"document_id": document_id})[1]


def test_a_question_and_its_answer_go_from_process_to_process(both: Both) -> None:
    """New → show → reply: both ends see the thread move, unread counts, and the receipt comes in plain words."""
    asker, adviser = both
    status, question = asker.post("new", QUESTION)
    assert (status, question["state"]) == (200, "queued")
    assert [one["reason"] for one in question["warnings"]] == ["uncompared"]
    wait_for(lambda: adviser.post("status")[1]["unread"] == 1)
    shown = arrived(adviser, question["document_id"])
    assert shown["content"]["situation"] == QUESTION["content"]["situation"]
    assert (shown["unit"], shown["title"]) == ("Sodermalm", "Konsultation – fråga")
    assert "konsultation.svar" in shown["replies"]
    assert "konsultation.avslut" not in shown["replies"]
    assert adviser.post("status")[1]["unread"] == 0
    content = CONTENTS["konsultation.svar"]
    short = question["document_id"][:6]
    status, answer = adviser.post("reply", {"document_id": short, "kind": "konsultation.svar", "content": content})
    assert (status, answer["thread_id"]) == (200, question["thread_id"])
    assert arrived(asker, answer["document_id"])["header"]["in_reply_to"] == question["document_id"]
    thread = asker.post("thread", {"thread_id": question["thread_id"]})[1]
    assert (thread["state"], thread["state_label"], len(thread["documents"])) == ("besvarad", "Besvarad", 2)
    assert thread["deadline"].endswith("Z")
    wait_for(lambda: asker.post("show", {"document_id": question["document_id"]})[1]["state"] == "available")
    receipts = asker.post("show", {"document_id": question["document_id"]})[1]["receipts"]
    assert [one["label"] for one in receipts] == ["köad", "skickad", "tillgänglig hos mottagaren"]


def test_who_may_ask(asker: Desk) -> None:
    """A wrong token, a foreign Origin, a foreign Host: nothing is told, and every request is turned away alike."""
    with asker.open() as api:
        assert stat.S_IMODE((asker.folder / "api.json").stat().st_mode) == 0o600
        answers = [
            Api(api.address, "0" * 64).post("status"),
            Api(api.address, "").post("status"),
            Api(api.address, "å").post("status", Authorization="Bearer \u00e5"),
            api.post("status", Origin="https://ond.example"),
            api.post("status", Origin=api.address),
            api.post("status", Host="ond.example"),
            api.post("status", Host="127.0.0.1.ond.example"),
            api.post("nothing", Origin="null"),
        ]
        assert {(code, body["code"]) for code, body in answers} == {(401, "ACCESS")}
        assert api.post("status")[0] == 200
        assert api.post("status", Host="localhost")[0] == 200


def test_calls_that_are_wrong(asker: Desk) -> None:
    """Unknown commands, names, ids and kinds, and bodies that are no JSON objects, are told apart; nothing is kept."""
    with asker.open() as api:
        assert wait_for(lambda: api.post("units")[1])
        calls: list[tuple[tuple[int, str], Any]] = [
            ((404, "COMMAND"), api.post("nothing")),
            ((400, "ARGUMENT"), api.post("status", {"more": 1})),
            ((400, "BADID"), api.post("show", {"document_id": "xyz!"})),
            ((400, "ARGUMENT"), api.post("new", {"kind": "konsultation.fraga"})),
            ((400, "JSON"), api.post("status", raw=b"[]")),
            ((400, "JSON"), api.post("status", raw=b"{")),
            ((400, "JSON"), api.post("status", raw=b"[" * 100_000)),
            ((413, "REQUEST"), api.post("status", raw=b" " * (1024 * 1024 + 1))),
            ((404, "NOTFOUND"), api.post("show", {"document_id": "abcd"})),
            ((404, "NOTFOUND"), api.post("thread", {"thread_id": "ab" * 16})),
            ((404, "NOTFOUND"), api.post("consent_show", {"consent_id": "ab" * 16})),
            ((404, "UNK"), api.post("new", {**QUESTION, "to": "Ingenstans"})),
            ((404, "NOKIND"), api.post("new", {**QUESTION, "kind": "konsultation.okand"})),
            ((404, "NOKIND"), api.post("describe", {"kind": "okand"})),
            ((422, "SCH"), api.post("new", {**QUESTION, "content": {}})),
            ((422, "SCH"), api.post("new", {**QUESTION, "header": {"sender_unit": "ab" * 16}})),
        ]
        assert [(code, body["code"]) for _, (code, body) in calls] == [wanted for wanted, _ in calls]
        assert api.post("list")[1] == []


def test_a_wrong_field_is_named_and_its_value_is_not(asker: Desk) -> None:
    """A personnummer in a consultation is PID at that field; nothing of the text is in the answer, nothing is kept."""
    with asker.open() as api:
        assert wait_for(lambda: api.post("units")[1])
        content = {**QUESTION["content"], "situation": "Det gäller 19811218-9876."}
        status, answer = api.post("new", {**QUESTION, "content": content})
        english = api.post("new", {**QUESTION, "content": content}, Accept_Language="en")[1]
        assert (status, answer["code"], answer["fault"]) == (422, "PID", "rule")
        assert [one["path"] for one in answer["problems"]] == ["content.situation"]
        assert "9876" not in json.dumps(answer)
        assert english["title"] == "The text has something that may identify a person."
        assert (api.post("list")[1], api.post("threads")[1]) == ([], [])


def test_a_guess_is_confirmed_before_it_leaves(asker: Desk) -> None:
    """A question that may point out a person waits for a person's yes; which guess it is stands in the sentence."""
    with asker.open() as api:
        assert wait_for(lambda: api.post("units")[1])
        content = {**QUESTION["content"], "situation": "Hen har bott i Kiruna, det är allt vi vet."}
        status, answer = api.post("new", {**QUESTION, "content": content})
        assert (status, answer["code"]) == (422, "CONFIRM")
        assert "en annan kommun än den egna" in answer["problems"][0]["sentence"]
        assert "Kiruna" not in json.dumps(answer)
        assert api.post("list")[1] == []
        assert api.post("new", {**QUESTION, "content": content, "confirmed": True})[1]["state"] == "queued"


def test_kinds_are_described(asker: Desk) -> None:
    """Another program can draw a form from what ``describe`` says."""
    with asker.open() as api:
        assert {one["kind"] for one in api.post("kinds")[1]} >= set(CONTENTS)
        told = api.post("describe", {"kind": "konsultation.fraga"})[1]
    fields = {one["name"]: one for one in told["fields"]}
    assert fields["situation"]["limit"] == 3000
    assert fields["topics"]["choices"][0] == {"code": "malgrupp", "label": "Målgrupp"}
    assert (fields["anon_attested"]["only_value"], fields["age_band"]["need"]) == (True, "O")
