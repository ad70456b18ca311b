"""A handover after the answer to its request: fields, who may say what, without which consent, and where it leads."""

from typing import Any

import pytest

from client.casework.codes import explain
from client.casework.flow_tables import HOTBILD, OVERLAMNANDE, PLACERING
from client.casework.flows import By, Flow, Side, is_final, step
from client.casework.kinds.kind import Gate
from client.casework.kinds.registry import KINDS
from client.casework.rules import check_incoming, check_outgoing
from keys.errors import RefusedError
from tests.unit.casework.samples import outgoing
from tests.unit.casework.wrong import wrong

ASKER, ANSWERER = Side.ASKER, Side.ANSWERER
#: What ends a handover or says no, and what only says that the police have begun or that somebody comes.
ENDS = ("overlamnande.aterkallat", "overlamnande.villkorssvar", "overlamnande.ater", "overlamnande.vidare")
TOLD = ("hotbild.antagen", "placering.paborjad", "placering.mottagarbesked")
GOES_ON = ("overlamnande.komplettering", "overlamnande.ny_tid")

WAYS: list[tuple[Flow, str, list[tuple[str, Side, str]]]] = [
    (OVERLAMNANDE, "provas", [("ask", ANSWERER, "komplettering"), ("supply", ASKER, "provas"),
                              ("accept", ANSWERER, "accepterad")]),
    (OVERLAMNANDE, "provas", [("accept_with_conditions", ANSWERER, "villkor"), ("agree", ASKER, "accepterad"),
                              ("no_show", ANSWERER, "uteblev"), ("new_time", ASKER, "accepterad"),
                              ("no_show", ANSWERER, "uteblev"), ("new_time", ANSWERER, "accepterad"),
                              ("first_meeting", ANSWERER, "genomford")]),
    (OVERLAMNANDE, "villkor", [("disagree", ASKER, "avbojd"), ("new_recipient", ASKER, "annan_mottagare")]),
    (OVERLAMNANDE, "provas", [("decline", ANSWERER, "avbojd"), ("formal", ASKER, "ivo_ansokan")]),
    (OVERLAMNANDE, "avbojd", [("give_up", ASKER, "ater_hos_avsandare")]),
    (OVERLAMNANDE, "uteblev", [("give_up", ANSWERER, "ater_hos_avsandare")]),
    (HOTBILD, "mottagen", [("accept", ANSWERER, "bedoms"), ("result", ANSWERER, "resultat_lamnat")]),
    (PLACERING, "behov", [("start", ANSWERER, "ortsutredning"), ("unsuitable", ANSWERER, "ny_ort"),
                          ("start", ANSWERER, "ortsutredning"), ("clear", ANSWERER, "ort_foreslagen")]),
    (PLACERING, "mottagare_fragas", [("can", ANSWERER, "tillagg_samtycke"), ("call_off", ASKER, "avbruten")]),
    (PLACERING, "tillagg_samtycke", [("supplement_signed", ASKER, "klar_att_flytta"), ("confirm", ASKER, "placerad")]),
]  # fmt: skip


@pytest.mark.parametrize(("flow", "state", "way"), WAYS)
def test_way(flow: Flow, state: str, way: list[tuple[str, Side, str]]) -> None:
    """A thread goes on from where it used to stand still."""
    for event, side, following in way:
        state = step(flow, state, event, By(side)).next
        assert state == following


@pytest.mark.parametrize(
    ("name", "changes", "found"),
    [
        ("overlamnande.villkorssvar", {"why": None}, {("content.why", "missing")}),
        ("overlamnande.villkorssvar", {"answer": "godtas"}, {("content.why", "forbidden")}),
        ("overlamnande.villkorssvar", {"answer": "godtas", "why": None}, set()),
        ("overlamnande.komplettering", {"answers": "a" * 6001}, {("content.answers", "too_long")}),
        ("overlamnande.ny_tid", {"takeover_date": None}, {("content.takeover_date", "missing")}),
        ("overlamnande.ater", {"reason": "okant"}, {("content.reason", "choice")}),
        ("overlamnande.vidare", {"decided_on": None}, {("content.decided_on", "missing")}),
        ("hotbild.antagen", {"assessor_section": None}, set()),
        ("hotbild.antagen", {"expected_date": None}, {("content.expected_date", "missing")}),
        ("placering.paborjad", {"expected_date": "2026-13-01"}, {("content.expected_date", "date")}),
        ("placering.mottagarbesked", {"who": "Påhittad Person"}, {("content.?", "unknown")}),
        ("plan.omprovning", {"meeting_on": "2026-04-08"}, {("content.meeting_on", "before")}),
        ("plan.omprovning", {"meeting_on": None, "note": "Boendet."}, set()),
        ("uppfoljning.rapporterad", {"year": 1999}, {("content.year", "range")}),
        ("uppfoljning.utgar", {"noted_on": None}, {("content.noted_on", "missing")}),
    ],
)
def test_a_field_hangs_on_the_others(name: str, changes: dict[str, Any], found: set[tuple[str, str]]) -> None:
    """What must, may and may not be there."""
    assert wrong(name, changes) == found


@pytest.mark.parametrize("name", [*ENDS, *TOLD])
def test_what_ends_it_needs_no_consent(name: str) -> None:
    """A consent that is gone keeps nobody in a thread; the document says nothing of anybody."""
    kind = KINDS[name]
    assert (kind.gate, kind.about_person, kind.guarded) == (Gate.NONE, False, True)
    check_outgoing(outgoing(name, record=None))
    check_incoming(outgoing(name, record=None))


@pytest.mark.parametrize("name", GOES_ON)
def test_what_goes_on_needs_the_consent(name: str) -> None:
    """More facts, and another meeting: both ends ask for the consent."""
    check_outgoing(outgoing(name))
    for check in (check_outgoing, check_incoming):
        with pytest.raises(RefusedError) as caught:
            check(outgoing(name, record=None))
        assert caught.value.code == "CNS-01"


def test_only_a_decision_maker_notes_an_application() -> None:
    """Another recipient is a handler's step; what goes to IVO is not."""
    context = outgoing("overlamnande.vidare")
    body: Any = context.body
    body["header"]["sender_staff"] = {"name": "Hanna Handläggare", "role": "handlaggare"}
    with pytest.raises(RefusedError) as caught:
        check_outgoing(context)
    assert caught.value.code == "ROL"
    body["content"]["next_step"] = "annan_mottagare"
    assert is_final(OVERLAMNANDE, check_outgoing(context).state)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("overlamnande.ater", "accepterad"),
        ("overlamnande.ny_tid", "accepterad"),
        ("overlamnande.vidare", "provas"),
        ("overlamnande.komplettering", "provas"),
        ("placering.mottagarbesked", "placerad"),
        ("hotbild.antagen", "resultat_lamnat"),
    ],
)
def test_nothing_is_said_out_of_its_place(name: str, state: str) -> None:
    """A handover that was accepted is not given up without a meeting; who lives there is not called off."""
    with pytest.raises(RefusedError) as caught:
        check_outgoing(outgoing(name, state=state))
    assert caught.value.code == "STA"


@pytest.mark.parametrize(
    ("name", "state", "side"), [("overlamnande.ater", "avbojd", ANSWERER), ("overlamnande.vidare", "avbojd", ANSWERER)]
)
def test_after_a_refusal_the_sender_decides(name: str, state: str, side: Side) -> None:
    """Whoever declined says no more."""
    for event in KINDS[name].event.events:
        with pytest.raises(RefusedError):
            step(OVERLAMNANDE, state, event, By(side))


def test_the_day_of_the_meeting_is_what_the_time_counts_from() -> None:
    """A new time moves the end of the clock: the field is the one that the table of deadlines asks for."""
    verdict = check_outgoing(outgoing("overlamnande.ny_tid"))
    assert verdict.state == "accepterad"
    assert verdict.due is not None
    assert verdict.due.date().isoformat() == "2026-04-30"


def test_a_second_request_says_what_is_in_its_way() -> None:
    """The sentence names both ways out, in both languages."""
    for lang, words in (("sv", "hur det går vidare"), ("en", "how it goes on")):
        assert words in explain("TWICE", lang).next_step
