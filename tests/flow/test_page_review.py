"""Before it leaves: who gets it, what carries it, who must agree; and afterwards how far it has come."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from client.api.commands import run
from client.casework.guard import LABELS
from client.web.forms.drafts import find, keep
from client.web.held import asked
from client.web.pages.reviewing import way_of
from tests.flow.test_approvals import KIND, PLACE, consent_of
from tests.flow.test_page import draft, until_left
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units
from tests.kit.visitor import Visitor, typed, visiting

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "bops/pia": "Pia Po"}
QUESTION = "konsultation.fraga"
Desk = tuple[Units, Visitor]


@pytest.fixture
async def desk(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Desk]:
    """Eva at her page, a colleague and the police at theirs."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as units, contextlib.AsyncExitStack() as stack:
        eva = await stack.enter_async_context(visiting(units["sav/eva"].desk))
        await eva.enter()
        yield units, eva


async def test_words_are_compared_in_place_and_the_way_is_told(desk: Desk) -> None:
    """A first contact: the words, the button beside them, no box afterwards; sent, fetched, registered, each said."""
    units, eva = desk
    form = await draft(eva, QUESTION, units.unit("bops").hex())
    seen = await eva.post(form, form.path, typed(CONTENTS[QUESTION]), act="review")
    assert "Första gången: enhetens nycklar är inte jämförda" in seen.text
    assert "Får veta något om ingen person" in seen.text
    assert "Inga personuppgifter lämnas" in seen.text
    compared = await eva.post(seen, form.path, act="compared", words=seen.values("words")[0])
    assert "Granska innan det skickas" in compared.text
    assert compared.values("words") == []
    assert (await run(units["sav/eva"].desk, "fingerprint", {"unit": "bops"}))["compared"] == "yes"
    eva.page.shared.held.undo_seconds = 0
    leaving = await eva.post(compared, form.path, act="send")
    assert "Se hur långt det har kommit" in leaving.text
    await until_left(units["sav/eva"])
    queued = await eva.get(form.path)  # the draft is gone; its address tells what became of it
    assert "/sent/" in queued.path
    assert "Skickat inte än" in queued.text
    await units.settle()
    fetched = await eva.get(queued.path)
    assert "Skickat inte än" not in fetched.text
    assert "Det säger inte att någon har läst det" in fetched.text
    assert "Registrerat inte än" in fetched.text


async def test_what_carries_it_and_who_must_agree_are_said(desk: Desk) -> None:
    """The consent with what it covers, what the document reveals, who reads it, who may approve; then the approval."""
    units, eva = desk
    consent = await consent_of(units, "sav/eva")
    draft_path = (await draft(eva, KIND, units.unit("bops").hex())).path
    fields = typed({**CONTENTS[KIND], **PLACE}) | typed(PERSON_BLOCK, "header.subject_person")
    seen = await eva.post(await eva.get(draft_path), draft_path, fields, act="review", consent_id=consent)
    assert seen.status == 200, seen.text
    assert f"/consents/{consent}" in seen.links("/consents/")
    readers = seen.text.partition("Läses där av ")[2].partition(" Får veta något om ")[0]
    assert "Handläggare" in readers
    assert "Avhoppartelefon" not in readers  # the hotline there does not read it
    for one in ("Hotbildsbedömning", "Bops (båda)", "Ska godkännas av Bo Berg", "Identitet"):
        assert one in seen.text, one
    eva.page.shared.held.undo_seconds = 0
    await eva.post(seen, draft_path, act="send")
    await until_left(units["sav/eva"])
    waits = await eva.get(draft_path)
    assert waits.path.startswith("/approvals/")
    assert any("data-live" in attrs for _, attrs in waits.elements)


async def test_without_a_consent_the_basis_and_its_decision_are_said(desk: Desk) -> None:
    """The general clause, decided by somebody on a day."""
    units, eva = desk
    decision = {
        "lagrum": "OSL 10 kap. 27 §",
        "beslutsfattare": {"name": "Bo Berg", "role": "beslutsfattare"},
        "datum": "2026-01-05",
        "motivering": "Fara för liv.",
    }
    header: dict[str, Any] = {
        "subject_person": PERSON_BLOCK,
        "disclosure_basis": "generalklausul",
        "disclosure_decision": decision,
    }
    form = await draft(eva, KIND, units.unit("bops").hex())
    assert "header.consent_ref" not in {attrs.get("name") for _, attrs in form.elements}
    fields = typed(CONTENTS[KIND]) | typed(header, "header")
    unsaid = await eva.post(form, form.path, fields, act="review")
    assert (unsaid.status, "#f-header-principal_ref" in unsaid.links("#f-")) == (422, True)
    new = next(attrs["value"] for tag, attrs in unsaid.elements if tag == "option" and len(attrs["value"]) == 32)
    seen = await eva.post(form, form.path, {**fields, "header.principal_ref": new}, act="review")
    assert seen.status == 200, seen.text
    again = await eva.get(form.path)
    assert any("selected" in attrs for _, attrs in again.elements if attrs.get("value") == new)
    assert "Generalklausulen" in seen.text
    assert "Beslut enligt OSL 10 kap. 27 § av Bo Berg 5 jan 2026" in seen.text


async def test_a_contact_may_belong_to_a_case_that_is_here(desk: Desk) -> None:
    """Who calls again is chosen by her case, so that what is said now counts; without a choice it is a new case."""
    units, eva = desk
    begun = await run(units["sav/eva"].desk, "new", {"kind": "intag.kontakt", "content": CONTENTS["intag.kontakt"]})
    key = (await run(units["sav/eva"].desk, "thread", {"thread_id": begun["thread_id"]}))["principal_ref"]
    form = await draft(eva, "intag.kontakt", units.unit("sav").hex())
    assert key in {attrs.get("value") for tag, attrs in form.elements if tag == "option"}
    fields = typed(CONTENTS["intag.kontakt"])
    assert (await eva.post(form, form.path, fields, act="review")).status == 200
    seen = await eva.post(form, form.path, {**fields, "header.principal_ref": key}, act="review")
    assert seen.status == 200, seen.text
    _, sheet = await find(units["sav/eva"].desk.unit, form.path.rpartition("/")[2])
    assert asked(sheet)[1]["header"]["principal_ref"] == key


async def test_the_guard_asks_for_the_same_unit_while_one_types_as_in_the_review(desk: Desk) -> None:
    """In an answer the asker's municipality is the one that tells nothing new, not the own one."""
    units, eva = desk
    pia, sav = units["bops/pia"].desk, units["sav/eva"].desk
    await run(pia, "new", {"kind": QUESTION, "to": "sav", "content": CONTENTS[QUESTION]})
    await units.settle()
    (asked_for,) = await run(sav, "list", {"kind": QUESTION})
    first = {"reply_to": asked_for["document_id"], "thread_id": asked_for["thread_id"], "to": asked_for["unit_id"]}
    own = await draft(eva, QUESTION, units.unit("bops").hex())
    answer = await eva.post(own, "/drafts", kind="konsultation.svar", **first)
    found = []
    for form in (own, answer):
        seen = await eva.post(form, "/guard", text="Vi är i Stockholm, se där.", draft=form.path.rpartition("/")[2])
        found.append(json.loads(seen.source)["found"])
    assert found == [[], [LABELS["ortnamn"]]]
    reviewed = await eva.post(
        answer,
        answer.path,
        typed(CONTENTS["konsultation.svar"] | {"advice": "Vi är i Stockholm, se där."}),
        act="review",
    )
    assert LABELS["ortnamn"] in reviewed.text


async def test_a_draft_opened_late_proposes_a_day_that_is_not_over(desk: Desk) -> None:
    """The wish for an answer of the day it was begun has passed; what the author typed elsewhere stands."""
    units, eva = desk
    form = await draft(eva, QUESTION, units.unit("bops").hex())
    (first,) = form.values("header.reply_by")
    text = {"content.situation": "En person vill lämna."}
    await eva.post(form, form.path, {"header.reply_by": first, **text}, act="save")
    assert (await eva.get(form.path)).values("header.reply_by") == [first]
    units.dial.turn(60 * 86_400)
    late = await eva.get(form.path)
    (second,) = late.values("header.reply_by")
    assert second[:10] > first[:10]
    assert "En person vill lämna." in late.source


async def test_a_draft_that_could_not_leave_says_why(desk: Desk) -> None:
    """What a rule refused while it was held stands at the top of its form, with what to do."""
    units, eva = desk
    form = await draft(eva, QUESTION, units.unit("bops").hex())
    unit = units["sav/eva"].desk.unit
    draft_id, sheet = await find(unit, form.path.rpartition("/")[2])
    await keep(unit, msgspec.structs.replace(sheet, code="WITHDRAWN"), draft_id)
    again = await eva.get(form.path)
    assert "Det här behöver rättas" in again.text
    assert "återkall" in again.text.casefold()


@pytest.mark.parametrize(
    ("state", "hour", "done"),
    [
        ("queued", None, 1),
        ("sent", "h", 2),
        ("available", "h", 3),
        ("registered", "h", 4),
        ("refused", "h", 2),
        ("stopped", None, 1),
        ("recalled", "h", 2),
    ],
)
def test_the_way_is_as_long_as_the_document_has_come(state: str, hour: str | None, done: int) -> None:
    """A refusal or a recall does not count as fetched, and what was stopped never left."""
    row: dict[str, Any] = {"state": state, "at": "a", "deposit_hour": hour, "settled_at": "s"}
    assert [step["done"] for step in way_of(row)] == [number < done for number in range(4)]
