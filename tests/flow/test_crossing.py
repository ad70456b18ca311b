"""Documents that cross between real offices: nobody refuses, both ends and all their devices agree."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.api import commands
from client.casework.kinds.registry import KINDS
from client.engine import steps
from client.engine.consents import HeldConsent
from client.engine.writing import Order, Written
from keys.errors import RefusedError
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sodermalm/olle": "Olle Ohlin", "sodermalm/ylva": "Ylva Yng"}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """One device at sav, two at sodermalm."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def _requested(units: Units) -> tuple[HeldConsent, Written]:
    """A handover from sav to sodermalm that everybody has."""
    eva = units["sav/eva"].desk
    held = eva.consents.sign(units.consent_fields("sav", ["sav", "sodermalm", "bops"]))
    async with eva.context.vault.transaction():
        await eva.consents.keep(held)
    order = Order(
        kind="overlamnande.forfragan",
        to_unit=units.unit("sodermalm"),
        content=CONTENTS["overlamnande.forfragan"] | {"interim_responsible": units.unit("sav").hex()},
        header={"subject_person": PERSON_BLOCK},
        consent_id=held.consent_id,
    )
    written = await eva.writing.write(order)
    await units.settle()
    return held, written


def _next(units: Units, kind: str, to: str, written: Written, held: HeldConsent, **content: Any) -> Order:
    return Order(
        kind=kind,
        to_unit=units.unit(to),
        content={**CONTENTS[kind], **content},
        thread_id=written.thread_id,
        reply_to=written.document_id,
        consent_id=held.consent_id if KINDS[kind].about_person else None,
    )


async def _threads(units: Units) -> set[str]:
    return {state for key in STAFF for (state,) in await rows(units[key], "state FROM thread WHERE flow <> 'samtycke'")}


async def test_recall_and_acceptance_cross(units: Units) -> None:
    """The asker recalls while the answerer accepts: recalled at every device, the acceptance is shown as overtaken."""
    held, written = await _requested(units)
    eva, olle = units["sav/eva"].desk, units["sodermalm/olle"].desk
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    accept = _next(units, "overlamnande.svar", "sav", written, held, answer="accepterat", takeover_date=today)
    accepted = await olle.writing.write(accept)
    recalled = await eva.writing.write(_next(units, "overlamnande.aterkallat", "sodermalm", written, held))
    assert await _threads(units) == {"accepterad", "aterkallad", "forfragan_skickad"}
    await units.settle(4)
    assert await _threads(units) == {"aterkallad"}
    for key in STAFF:
        assert await rows(units[key], "* FROM quarantine") == []
        found = dict(await rows(units[key], "document_id, outcome FROM document"))
        assert found[accepted.document_id] == "overtaken"
        assert found[recalled.document_id] == found[written.document_id] == "applied"
        alarms = await commands.run(units[key].desk, "alarms", {})
        assert [(one["code"], one["document_id"]) for one in alarms] == [("OVERTAKEN", accepted.document_id.hex())]
    assert {row[0] for row in await rows(units["sodermalm/olle"], "state FROM document WHERE direction = 'out'")} == {
        "available"
    }
    shown = await commands.run(olle, "thread", {"thread_id": written.thread_id.hex()})
    assert {one["document_id"]: one["overtaken"] for one in shown["documents"]}[accepted.document_id.hex()] is True
    with pytest.raises(RefusedError) as caught:
        await olle.writing.write(_next(units, "overlamnande.genomfort", "sav", written, held, first_meeting=today))
    assert caught.value.code == "STA"


async def test_two_colleagues_answer_at_once(units: Units) -> None:
    """Both answers arrive, one counts, the same one everywhere; a new device comes to the same from history."""
    eva = units["sav/eva"].desk
    written = await eva.writing.write(units.ask("sodermalm"))
    await units.settle()
    answer = Order(
        kind="konsultation.svar",
        to_unit=units.unit("sav"),
        content=CONTENTS["konsultation.svar"],
        thread_id=written.thread_id,
        reply_to=written.document_id,
    )
    both = [await units[f"sodermalm/{name}"].desk.writing.write(answer) for name in ("olle", "ylva")]
    await units.settle(4)
    await units.join("sodermalm/ulla", "Ulla Um")
    await units.know_each_other()
    await units.settle(6)
    lost = max(one.document_id for one in both)
    for key in (*STAFF, "sodermalm/ulla"):
        found = dict(await rows(units[key], "document_id, outcome FROM document"))
        assert [name for name, outcome in found.items() if outcome == "overtaken"] == [lost]
        assert len(found) == 3
        assert await rows(units[key], "state FROM thread") == [("besvarad",)]


async def test_what_never_left_has_no_effect(units: Units) -> None:
    """A stopped acceptance does not move its own thread either, and what leans on it is stopped before it leaves."""
    held, written = await _requested(units)
    olle = units["sodermalm/olle"].desk
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    accept = _next(units, "overlamnande.svar", "sav", written, held, answer="accepterat", takeover_date=today)
    accepted = await olle.writing.write(accept)
    meeting = await olle.writing.write(
        _next(units, "overlamnande.genomfort", "sav", written, held, first_meeting=today)
    )
    assert await rows(units["sodermalm/olle"], "state FROM thread") == [("genomford",)]
    async with olle.context.vault.transaction():
        await olle.writing._exits.outbox.stop(accepted.document_id, "CNS-08")
    assert await rows(units["sodermalm/olle"], "state FROM thread") == [("forfragan_skickad",)]
    await units.settle()
    stopped = dict(await rows(units["sodermalm/olle"], "document_id, code FROM document WHERE state = 'stopped'"))
    assert stopped == {accepted.document_id: "CNS-08", meeting.document_id: "STA"}
    assert await rows(units["sav/eva"], "* FROM document WHERE direction = 'in'") == []
    assert (await olle.writing.write(accept)).document_id != accepted.document_id


async def test_what_was_seen_but_has_not_come_is_waited_for(units: Units) -> None:
    """A supplement to a colleague's answer that is not here: nobody hears "refused", and siblings say how it stands."""
    eva, olle, ylva = (units[key].desk for key in STAFF)
    written = await eva.writing.write(units.ask("sodermalm"))
    await units.settle()
    answer = Order(
        kind="konsultation.svar",
        to_unit=units.unit("sav"),
        content=CONTENTS["konsultation.svar"],
        thread_id=written.thread_id,
        reply_to=written.document_id,
    )
    answered = await olle.writing.write(answer)
    await units.settle()
    async with ylva.context.vault.transaction():  # as if the colleague's letter were still on its way
        await ylva.context.vault.write("DELETE FROM document WHERE document_id = ?", answered.document_id)
        await ylva.threads.refold(written.thread_id)
    more = Order(
        kind="konsultation.komplettering",
        to_unit=units.unit("sodermalm"),
        content={"note": "Har personen barn i kommunen?"},
        thread_id=written.thread_id,
        reply_to=answered.document_id,
    )
    asked = await eva.writing.write(more)
    await eva.sync.once()
    await ylva.sync.once()
    assert await rows(units["sodermalm/ylva"], "step, code FROM quarantine") == [(16, "STA")]
    await units.settle(4)
    assert await rows(units["sodermalm/ylva"], "* FROM quarantine") == []
    assert [await rows(units[key], "state FROM thread") for key in STAFF] == [[("pagar",)]] * 3
    mine = dict(await rows(units["sav/eva"], "document_id, state FROM document WHERE direction = 'out'"))
    assert mine[asked.document_id] == "available"


async def _leaves_after(units: Units, first: bytes, others: list[bytes]) -> None:
    """Olle's documents leave, the first of them last: as when its file is on its way, or the hub has put it off."""
    desk = units["sodermalm/olle"].desk
    for held_up in (others, [first]):
        async with desk.context.vault.transaction():
            await desk.context.vault.write("UPDATE outbox SET next_at = unixepoch() + 900")
            for name in held_up:
                await desk.context.vault.write("UPDATE outbox SET next_at = 0 WHERE document_id = ?", name)
        await desk.sync.once()
        await units["sav/eva"].desk.sync.once()
        if held_up is others:
            aside = await rows(units["sav/eva"], "document_id, code FROM quarantine")
            assert sorted(aside) == sorted((name, "STA") for name in others)


async def test_documents_that_overtake_each_other_lead_to_the_same_state(units: Units) -> None:
    """The first of three comes last, and no colleague has it: the others are taken in with it, in their order.

    Sealed anew would they be six hours later.
    """
    held, written = await _requested(units)
    olle = units["sodermalm/olle"].desk
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    accept = _next(units, "overlamnande.svar", "sav", written, held, answer="accepterat", takeover_date=today)
    first = await olle.writing.write(accept)
    missed = _next(units, "overlamnande.uteblev", "sav", written, held, planned_meeting=today)
    others = [(await olle.writing.write(missed)).document_id]
    back = _next(units, "overlamnande.ater", "sav", written, held, returned_on=today)
    others.append((await olle.writing.write(back)).document_id)
    await _leaves_after(units, first.document_id, others)
    assert await rows(units["sav/eva"], "* FROM quarantine") == []
    assert await commands.run(units["sav/eva"].desk, "alarms", {}) == []
    await units.settle()
    assert await _threads(units) == {"ater_hos_avsandare"}
    sent = await rows(units["sodermalm/olle"], "document_id, state FROM document WHERE direction = 'out'")
    assert {one: state for one, state in sent if one in others} == dict.fromkeys(others, "available")


async def test_what_came_too_early_and_is_refused_later_is_told(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it waited for has come, and another rule stands against it: its sender hears which, and it stays aside."""
    held, written = await _requested(units)
    olle = units["sodermalm/olle"].desk
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    accept = _next(units, "overlamnande.svar", "sav", written, held, answer="accepterat", takeover_date=today)
    first = await olle.writing.write(accept)
    missed = _next(units, "overlamnande.uteblev", "sav", written, held, planned_meeting=today)
    other = (await olle.writing.write(missed)).document_id
    monkeypatch.setattr(steps, "MAX_THREAD", 2)
    await _leaves_after(units, first.document_id, [other])
    assert await rows(units["sav/eva"], "document_id, code FROM quarantine") == [(other, "LONG")]
    await units.settle()
    sent = await rows(units["sodermalm/olle"], "document_id, state, code FROM document WHERE direction = 'out'")
    assert (other, "refused", "LONG") in sent


async def test_a_thread_is_not_longer_than_it_may_be(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the author nor the recipient takes more documents into a thread than folding it may cost."""
    monkeypatch.setattr(steps, "MAX_THREAD", 2)
    held, written = await _requested(units)
    await units["sav/eva"].desk.writing.write(_next(units, "overlamnande.aterkallat", "sodermalm", written, held))
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    accept = _next(units, "overlamnande.svar", "sav", written, held, answer="accepterat", takeover_date=today)
    await units["sodermalm/olle"].desk.writing.write(accept)
    meeting = _next(units, "overlamnande.genomfort", "sav", written, held, first_meeting=today)
    with pytest.raises(RefusedError) as caught:
        await units["sodermalm/olle"].desk.writing.write(meeting)
    assert caught.value.code == "LONG"
    await units.settle()
    sent = await rows(units["sodermalm/olle"], "state, code FROM document WHERE direction = 'out'")
    assert sent == [("refused", "LONG")]
    assert await rows(units["sodermalm/olle"], "state FROM thread") == [
        ("forfragan_skickad",)
    ]  # without effect here too
