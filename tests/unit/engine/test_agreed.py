"""Devices of a unit come to the same, whatever the order in which they hear of each other's doing."""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from client.engine.alarms import Alarms
from client.engine.clock import Clock
from client.engine.context import Context
from client.engine.log_trial import Own
from client.engine.names import AddressBook
from client.engine.prekeys import PrekeyBook
from client.engine.rollback import Rollback
from client.engine.settings import Settings
from client.engine.threads import Threads
from client.engine.trust import Replica
from client.engine.unit_sync.agreed import Agreed
from client.engine.vault import Vault
from keys.ids import Digest
from keys.internal import Draft, Note, Setting, SettingName, State
from tests.kit.federation import Federation

FEDERATION = Federation.demo()
TABLES = ("setting", "note", "draft")
ids = st.integers(0, 2).map(lambda number: bytes([number]) * 16)
counters = st.integers(1, 4)
times = st.integers(0, 3)
told_settings = st.builds(Setting, st.sampled_from(SettingName), ids, counters, ids, st.none() | ids, times)
told_drafts = st.builds(Draft, ids, counters, ids, times, st.sampled_from([b"", b"a", b"b"]))
# A note is never changed: whoever has its id has its text.
told_notes = st.integers(0, 5).map(lambda number: Note(bytes([number]) * 16, bytes(16), bytes(16), number, f"{number}"))
states = st.builds(
    State, st.lists(told_settings, max_size=4), st.lists(told_notes, max_size=2), st.lists(told_drafts, max_size=1)
)


async def open_agreed(path: Path) -> tuple[Agreed, Vault]:
    """One device's agreed state in a vault of its own."""
    vault, clock = await Vault.open(path, bytes(32)), Clock()
    unit, directory = FEDERATION.units["sav"], FEDERATION.directory
    own = Own(unit.keepers[0].device_id, Digest(bytes(32)), 0)
    replica = Replica(vault, clock, directory, hub_id=FEDERATION.hub_id, own=own)
    context = Context(
        vault=vault,
        clock=clock,
        settings=Settings(),
        keeper=unit.keepers[0],
        replica=replica,
        prekeys=PrekeyBook(vault, clock, replica, own.device_id),
        book=AddressBook(replica, unit.keepers[0]),
        alarms=Alarms(vault, clock),
        rollback=Rollback(vault, unit.keepers[0], Alarms(vault, clock)),
        unit_id=unit.unit_id,
        hub_id=FEDERATION.hub_id,
    )
    return Agreed(context, Threads(vault, clock)), vault


async def outcome(agreed: Agreed, vault: Vault, told: list[State]) -> dict[str, list[Any]]:
    """What a fresh device has after hearing all this in this order."""
    async with vault.transaction():
        for table in TABLES:
            await vault.write(f"DELETE FROM {table}")  # noqa: S608 - constant names
    async with vault.transaction():
        for state in told:
            await agreed.take_in(state)
    return {table: await vault.all(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}  # noqa: S608


@settings(max_examples=60)
@given(told=st.lists(states, max_size=6), seed=st.integers(0, 2**32))
def test_any_order_and_any_repetition_gives_the_same(told: list[State], seed: int) -> None:
    """Three devices hear the same in three orders, some of it twice."""

    async def check() -> None:
        with tempfile.TemporaryDirectory() as folder:
            agreed, vault = await open_agreed(Path(folder) / "vault.db")
            rng = random.Random(seed)
            found = []
            for _ in range(3):
                heard = told + rng.choices(told, k=len(told)) if told else []
                rng.shuffle(heard)
                found.append(await outcome(agreed, vault, heard))
            await vault.close()
        assert found[0] == found[1] == found[2]

    asyncio.run(check())


async def test_who_has_heard_of_a_value_overrides_it(tmp_path: Path) -> None:
    """A device counts on from the greatest counter that it has heard of, whoever's id is greater."""
    agreed, vault = await open_agreed(tmp_path / "vault.db")
    other = Setting(SettingName.ASSIGNED, bytes(16), 7, b"\xff" * 16, b"\xff" * 16, 1)
    async with vault.transaction():
        await agreed.take_in(State([other], [], []))
        own = await agreed.set(SettingName.ASSIGNED, bytes(16), holder=None, at=2)
    assert own.counter == 8
    assert await agreed.get(SettingName.ASSIGNED, bytes(16)) == own
    await vault.close()
