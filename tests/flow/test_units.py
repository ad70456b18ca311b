"""Several devices in one unit, against a real hub: everybody has everything, and comes to the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.api import commands
from client.engine.writing import Order
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sodermalm/olle": "Olle Ohlin"}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at sav, one at sodermalm."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


def answer(units: Units, to: str, thread_id: bytes, document_id: bytes) -> Order:
    """An answer in a thread."""
    return Order(
        kind="konsultation.svar",
        to_unit=units.unit(to),
        content=CONTENTS["konsultation.svar"],
        thread_id=thread_id,
        reply_to=document_id,
    )


async def test_every_device_of_a_unit_gets_every_document(units: Units) -> None:
    """A question to the unit is there on both machines, and the sender hears of it once."""
    written = await units["sodermalm/olle"].desk.writing.write(units.ask("sav"))
    await units.settle()
    for key in ("sav/eva", "sav/bo"):
        assert await rows(units[key], "document_id, state FROM document") == [(written.document_id, "accepted")]
    assert await rows(units["sodermalm/olle"], "state FROM document") == [("available",)]
    assert await rows(units["sodermalm/olle"], "* FROM outbox") == []


async def test_a_sibling_sees_what_went_out_and_goes_on_with_it(units: Units) -> None:
    """Bo sees Eva's question to another unit and its receipt, gets the answer too, and writes the next step."""
    eva, bo, olle = (units[key].desk for key in STAFF)
    written = await eva.writing.write(units.ask("sodermalm"))
    await units.settle()
    found = await rows(units["sav/bo"], "direction, state FROM document")
    assert found == [("out", "available")]
    await olle.writing.write(answer(units, "sav", written.thread_id, written.document_id))
    await units.settle()
    reply = (await rows(units["sav/bo"], "document_id FROM document WHERE direction = 'in'"))[0][0]
    close = Order(
        kind="konsultation.avslut",
        to_unit=units.unit("sodermalm"),
        content=CONTENTS["konsultation.avslut"],
        thread_id=written.thread_id,
        reply_to=reply,
    )
    await bo.writing.write(close)
    await units.settle()
    states = [(await units[key].desk.threads.get(written.thread_id)).state for key in STAFF]  # type: ignore[union-attr]
    assert states == ["avslutad"] * 3


async def test_letters_wait_for_every_sibling_and_then_go(units: Units) -> None:
    """What a device tells its siblings stays with it until each of them has receipted it."""
    written = await units["sodermalm/olle"].desk.writing.write(units.ask("sav"))
    await units.settle()
    await units["sav/eva"].desk.unit.note(written.thread_id, "Ring tillbaka.")
    await units["sav/eva"].desk.sync.once()
    assert len(await rows(units["sav/eva"], "* FROM letter")) == 1
    await units.settle()
    assert await rows(units["sav/eva"], "* FROM letter") == []
    assert [note.text for note in await units["sav/bo"].desk.unit.notes(written.thread_id)] == ["Ring tillbaka."]


async def test_assignment_travels(units: Units) -> None:
    """Eva takes a case, Bo sees it; handed to Bo while Eva stands in for him it stays with her."""
    written = await units["sodermalm/olle"].desk.writing.write(units.ask("sav"))
    await units.settle()
    eva, bo = units["sav/eva"].desk, units["sav/bo"].desk
    await eva.unit.take(written.thread_id)
    await units.settle()
    seen = await bo.unit.holder(written.thread_id)
    assert seen is not None
    assert seen.holder == eva.context.device_id
    assert (await bo.threads.get(written.thread_id)).state == "pagar"  # type: ignore[union-attr]
    await bo.unit.stand_in(bo.context.device_id, eva.context.device_id, bo.context.clock.now() + 3600)
    await units.settle()
    assert await eva.unit.hand(written.thread_id, bo.context.device_id) == eva.context.device_id
    units.dial.turn(7200)
    assert await eva.unit.hand(written.thread_id, bo.context.device_id) == bo.context.device_id


async def test_a_new_device_gets_the_whole_history(units: Units) -> None:
    """What came and went before Ulla joined is on her machine, threads, notes and consents with it."""
    olle, eva = units["sodermalm/olle"].desk, units["sav/eva"].desk
    came = [await olle.writing.write(units.ask("sav")) for _ in range(3)]
    went = [await eva.writing.write(units.ask("sodermalm")) for _ in range(2)]
    await units.settle()
    await eva.unit.note(came[0].thread_id, "Viktigt.")
    await units.settle()
    ulla = await units.join("sav/ulla", "Ulla Um")
    await units.know_each_other()
    await units.settle(6)
    wanted = await rows(units["sav/eva"], "document_id, direction, state, kind, digest FROM document ORDER BY 1")
    assert await rows(ulla, "document_id, direction, state, kind, digest FROM document ORDER BY 1") == wanted
    assert len(wanted) == len(came) + len(went)
    assert [note.text for note in await ulla.desk.unit.notes(came[0].thread_id)] == ["Viktigt."]
    for written in (*came, *went):
        here, there = await ulla.desk.threads.get(written.thread_id), await eva.threads.get(written.thread_id)
        assert here is not None
        assert there is not None
        assert (here.state, here.side) == (there.state, there.side)
    assert await rows(ulla, "step, code FROM quarantine") == []
    shown = await rows(ulla, "document_id, status FROM proven ORDER BY 1")
    assert shown == sorted((one.document_id, "available") for one in went), "by the recipients' own receipts"
    assert len(await rows(ulla, "signed FROM proof JOIN proven USING (receipt_id)")) == len(went)


async def test_what_waited_before_a_device_joined_is_counted_and_not_left_aside(units: Units) -> None:
    """Bo is away, so the hub still has the envelope; Ulla cannot open it, gets it told, and no alarm stays."""
    written = await units["sodermalm/olle"].desk.writing.write(units.ask("sav"))
    await units.without("sav/bo").settle()
    ulla = await units.join("sav/ulla", "Ulla Um")
    assert ("SLOT",) in await rows(ulla, "code FROM quarantine")
    there = units.without("sav/bo")
    await there.know_each_other()
    for _ in range(40):  # what Eva still tells Bo alone is asked about, ever more slowly
        await there.settle(2)
        if not await rows(ulla, "1 FROM quarantine"):
            break
        units.dial.turn(30)
    assert await rows(ulla, "document_id, state FROM document") == [(written.document_id, "accepted")]
    assert await rows(ulla, "code FROM quarantine") == []
    told = await commands.run(ulla.desk, "status", {})
    assert (told["quarantine"], told["alarms"]) == (0, [])
    assert told["told_by_history"] >= 1


async def test_without_a_siblings_history_it_stays_aside(units: Units) -> None:
    """Nobody has told Ulla what she could not open: it is there to be seen."""
    await units["sodermalm/olle"].desk.writing.write(units.ask("sav"))
    await units["sodermalm/olle"].desk.sync.once()
    ulla = await units.join("sav/ulla", "Ulla Um")
    for _ in range(3):
        await ulla.desk.sync.once()
    assert ("SLOT",) in await rows(ulla, "code FROM quarantine")
    assert "QUARANTINE" in (await commands.run(ulla.desk, "status", {}))["alarms"]
