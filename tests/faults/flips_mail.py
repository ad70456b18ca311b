"""A bit of every envelope that waits turns on the hub's disk: noticed, never shown, sealed anew by its sender."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from hub.stores import STORE_NAME
from tests.faults.bits import turn_mail
from tests.faults.tally import Fault, Outcome
from tests.hostile.desks import Desks
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.ports import free_port

STAFF: Final = {"sav": "Eva Ek", "bops": "Pia Po"}
TELLS: Final = "SELECT document_id, signed, salt, body FROM document WHERE direction = ?"
MOST_HEALS: Final = 10
RESEAL_SECONDS: Final = 1800
"""Longer than depositing takes on any machine: each document is sealed once before its bit turns."""


async def strike(folder: Path, seed: int, *, documents: int = 100) -> Outcome:
    """Deposit, turn a bit of each, and let time pass until the senders have sealed what nobody could open."""
    async with _desks(folder) as (desks, hub):
        await _deposit_and_turn(desks, hub, documents, random.Random(seed))
        await desks.try_all(2)
        shown_at_first = await _arrived(desks)
        for _ in range(MOST_HEALS):
            desks.dial.turn(RESEAL_SECONDS)
            await desks.try_all(2)
            if len(await _arrived(desks)) >= documents:
                break
        return await _judge(desks, documents, {"opened in spite of it": len(shown_at_first)})


async def control(folder: Path, seed: int) -> Outcome:
    """The same, and nobody seals anew."""
    documents = 20
    async with _desks(folder) as (desks, hub):
        await _deposit_and_turn(desks, hub, documents, random.Random(seed))
        for _ in range(2):  # only the recipient: a sender would seal anew when its time comes
            await desks["bops"].desk.sync.once()
        return await _judge(desks, documents, {})


@contextlib.asynccontextmanager
async def _desks(folder: Path) -> AsyncIterator[tuple[Desks, HubProcess]]:
    federation = Federation.demo(devices=0, now=int(time.time()))
    hub = await asyncio.to_thread(HubProcess.create, folder / "hub", federation, port=free_port())
    await asyncio.to_thread(hub.start)
    try:
        async with Desks.behind(folder, hub.url, federation, STAFF, reseal_seconds=RESEAL_SECONDS) as desks:
            yield desks, hub
    finally:
        hub.stop()


async def _deposit_and_turn(desks: Desks, hub: HubProcess, documents: int, rng: random.Random) -> None:
    for _ in range(documents):
        await desks.send("sav", "bops")
    for _ in range(5):
        await desks["sav"].desk.sync.once()
    await asyncio.to_thread(hub.stop)
    turned = turn_mail(hub.data / STORE_NAME, rng)
    assert turned == documents, f"{turned} were turned"  # no document is deposited twice while nothing was lost
    await asyncio.to_thread(hub.start)


async def _arrived(desks: Desks) -> dict[bytes, tuple[bytes, ...]]:
    rows = await desks["bops"].desk.context.vault.all(TELLS, "in")
    return {row[0]: tuple(row[1:]) for row in rows}


async def _judge(desks: Desks, documents: int, told: dict[str, int]) -> Outcome:
    sent = {row[0]: tuple(row[1:]) for row in await desks["sav"].desk.context.vault.all(TELLS, "out")}
    came = await _arrived(desks)
    assert len(sent) == documents
    wrong = [document_id for document_id, row in sent.items() if came.get(document_id) != row]
    strange = came.keys() - sent.keys()
    return Outcome(documents, documents, len(wrong) + len(strange), told)


FLIPS_MAIL: Final = Fault(
    name="flips-mail",
    title="a bit of every envelope that waits turned on the hub's disk; each document once and unaltered in the vault",
    defence="sealing anew",
    wanted=2500,
    seed=20_260_500,
    strike=strike,
    control=control,
)
