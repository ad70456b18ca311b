"""A hub that keeps an envelope from one device of a unit, or lost it: the siblings who have the document tell it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from client.engine.office import Office
from client.engine.unit_sync import history
from client.engine.unit_sync.history import DAY_SECONDS, GAP_SECONDS
from hub.wire import responses
from keys.ids import digest
from tests.hostile.attacked import Attacked
from tests.kit.federation import Federation
from tests.kit.forge import Forge
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


async def tell_heads(scene: Scene, *keys: str) -> None:
    """A day has passed since these devices told theirs; a hub would refuse letters from tomorrow."""
    for key in keys:
        context = scene.units[key].desk.context
        async with context.vault.transaction():
            await context.vault.set_number("heads_told_at", context.clock.now() - DAY_SECONDS - 1)


async def test_the_last_document_of_a_chain_is_missed_within_a_day(scene: Scene) -> None:
    """Nothing follows it, so there is no gap: the sibling who has it says how far the chain has come."""
    kept = await scene.keep_from_bo()
    await scene.units.settle(4)
    assert kept not in await has(scene.bo)
    await tell_heads(scene, "sav/eva")
    await scene.units.settle(6)
    assert kept in await has(scene.bo)


async def test_two_texts_in_one_place_of_a_chain_are_found_out(scene: Scene) -> None:
    """A sender and the hub together show each device another document: the siblings find it, and keep both."""
    eva, bo = scene.units["sav/eva"], scene.bo
    forge = Forge(scene.units["sodermalm/olle"].desk.context, eva.desk.context)
    letters = [forge.letter(payload={"seq": 1}) for _ in range(2)]
    for office, letter in zip((eva, bo), letters, strict=True):
        vault = office.desk.context.vault
        cursor = await vault.number("cursor")
        await Attacked(office, forge).drain([forge.envelope(letter)])
        async with vault.transaction():
            await vault.set_number("cursor", cursor)  # the real mailbox has not moved
        assert await has(office) == {letter.document.document_id}
    await tell_heads(scene, "sav/eva", "sav/bo")
    await scene.units.settle(8)
    for office, other in ((eva, letters[1]), (bo, letters[0])):
        assert (other.signed,) in await rows(office, "evidence FROM alarm WHERE code = 'EQUIV'")
        assert other.document.document_id not in await has(office)


async def test_siblings_that_agree_ask_nothing(scene: Scene) -> None:
    """The ordinary day: heads are told and nobody asks for history."""
    await scene.ask()
    await scene.units.settle(3)
    await tell_heads(scene, "sav/eva", "sav/bo")
    await scene.units.settle(1)
    told = [
        await rows(scene.units[key], "value FROM meta WHERE name = 'heads_told_at'") for key in ("sav/eva", "sav/bo")
    ]
    await scene.units.settle(3)
    assert all(told)
    for key in ("sav/eva", "sav/bo"):
        assert await rows(scene.units[key], "1 FROM telling") == []
        assert await scene.units[key].desk.context.vault.meta("history") in {None, b"done"}
