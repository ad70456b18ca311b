"""A hub that keeps an envelope from one device of a unit, or lost it: the siblings who have the document tell it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from client.engine.office import Office
from client.engine.unit_sync import history
from client.engine.unit_sync.history import GAP_SECONDS
from hub.wire import responses
from keys.ids import digest
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.lying_hub import LyingHub
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sodermalm/olle": "Olle Ohlin"}


class Scene(NamedTuple):
    """Eva and Olle have the hub, Bo the liar; ``hidden``: envelopes that it keeps from him."""

    units: Units
    liar: LyingHub
    hidden: set[bytes]

    async def ask(self) -> bytes:
        """Olle's question to sav; its id."""
        olle = self.units["sodermalm/olle"]
        written = await olle.desk.writing.write(self.units.ask("sav"))
        await olle.desk.sync.once()
        return written.document_id

    async def keep_from_bo(self) -> bytes:
        """A question that Bo's hub does not serve him, and that Eva receipts."""
        document_id = await self.ask()
        attempts = await rows(
            self.units["sodermalm/olle"], f"envelope_id FROM attempt WHERE document_id = x'{document_id.hex()}'"
        )
        self.hidden.update(one for (one,) in attempts)
        await self.units.settle(2)
        assert document_id not in await has(self.bo)
        assert await rows(self.units["sodermalm/olle"], "* FROM outbox") == [], "Eva has it: nobody seals it again"
        return document_id

    @property
    def bo(self) -> Office:
        """The device that is passed over."""
        return self.units["sav/bo"]


async def has(office: Office) -> set[bytes]:
    """Ids of what came to an office."""
    return {one for (one,) in await rows(office, "document_id FROM document WHERE direction = 'in'")}


@pytest.fixture
async def scene(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Scene]:
    """Two devices at sav of which one has the liar for a hub; its history is complete."""
    hidden: set[bytes] = set()
    async with (
        open_units(tmp_path, hub.url, federation, STAFF) as units,
        LyingHub.open(hub.url, federation) as liar,
    ):
        units.address = liar.url
        await units.join("sav/bo", "Bo Berg")
        await units.know_each_other()
        await units.settle(6)

        def without(page: responses.Fetched) -> responses.Response:
            shown = [
                one for one in page.items if isinstance(one, responses.Waiting) and digest(one.envelope) not in hidden
            ]
            return replace(page, items=shown)

        liar.alter(responses.Fetched, without)
        assert await units["sav/bo"].desk.context.vault.meta("history") == b"done"
        yield Scene(units, liar, hidden)


async def test_a_gap_is_asked_about(scene: Scene) -> None:
    """Bo sees by the next document that one is wanting; ten minutes later he asks, and Eva tells it."""
    units, bo = scene.units, scene.bo
    kept = await scene.keep_from_bo()
    later = await scene.ask()
    await units.settle(3)
    assert (kept in await has(bo), later in await has(bo)) == (False, True)
    assert len(await rows(bo, "* FROM gap")) == 1
    units.dial.turn(GAP_SECONDS + 60)
    await units.settle(5)
    assert await has(bo) >= {kept, later}
    assert await rows(bo, "* FROM gap") == []


async def test_a_gap_that_nobody_can_fill_is_not_asked_about_for_ever(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, and again only for gaps that are new: nobody makes a unit tell itself everything all day."""
    monkeypatch.setattr(history, "GAP_AGAIN_SECONDS", 60)
    units, bo = scene.units, scene.bo
    async with bo.desk.context.vault.transaction():
        now, unit_id = bo.desk.context.clock.now(), bo.desk.context.unit_id
        await bo.desk.context.vault.write("INSERT INTO gap VALUES (?, ?, 1, ?)", bytes(16), unit_id, now)
    units.dial.turn(GAP_SECONDS)
    asked = 0
    for _ in range(3):
        units.dial.turn(120)
        await bo.desk.sync.once()
        asked += await bo.desk.context.vault.meta("history") != b"done"
        await units.settle(4)
        assert await bo.desk.context.vault.meta("history") == b"done"
    assert asked == 1


async def test_what_a_restored_hub_lost_is_told_by_who_had_read_it(scene: Scene) -> None:
    """The last document of its chain leaves no gap: that the hub was restored is reason enough to ask."""
    kept = await scene.keep_from_bo()
    await scene.units.settle(2)
    assert kept not in await has(scene.bo)
    scene.liar.change_incarnation(bytes(16))
    await scene.units.settle(5)
    assert kept in await has(scene.bo)
