"""A hub that is destroyed: restored from an old backup, or founded anew from one without any mail; on the same keys.

The log comes from an entry bundle that a cache kept (decision 51). What was written in between was delivered, or waits,
or is on its way back as a receipt: the new incarnation makes the offices deposit again what has no receipt, and each
document is there once. No office waits until it is time to seal anew. The control puts the backup back with the
incarnation that it had.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import random
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Final

import aiohttp

from hub.backup import make_backup
from hub.restoring import restore_backup
from hub.store import log_sql
from hub.stores import STORE_NAME
from hub.wire.requests import ReadLog
from hub.wire.responses import Leaves
from keys.errors import SlussError
from tests.faults.tally import Fault, Outcome
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices
from tests.kit.ports import free_port
from tests.unit.hub.device import Link

STAFF: Final = {"sav": "Eva Ek", "sodermalm": "Olle Ohlin", "bops": "Pia Po"}
ROUTES: Final = (("sav", "bops"), ("sodermalm", "sav"), ("bops", "sodermalm"))
ROUNDS: Final = 6
"""Of syncing, until nothing may wait any more."""


async def strike(folder: Path, seed: int, *, restores: int = 6) -> Outcome:
    """Every second time from the very first backup, else from one of shortly before."""
    return await _round(folder, seed, restores, keeps_incarnation=False)


async def control(folder: Path, seed: int) -> Outcome:
    """The restored hub says that it is the one that it was."""
    return await _round(folder, seed, 1, keeps_incarnation=True)


async def _round(folder: Path, seed: int, restores: int, *, keeps_incarnation: bool) -> Outcome:
    rng, federation = random.Random(seed), Federation.demo(devices=0, now=int(time.time()))
    hub = await asyncio.to_thread(HubProcess.create, folder / "hub", federation, port=free_port())
    await asyncio.to_thread(hub.start)
    try:
        async with Offices.open(folder, hub.url, federation, STAFF) as offices:
            await make_backup(hub.data, folder / "first", with_key=True)
            for number in range(restores):
                await _work(offices, rng)
                recent = folder / f"backup-{number}"
                await make_backup(hub.data, recent, with_key=True)
                await _work(offices, rng)
                old = folder / "first" if number % 2 else recent
                await _replace(hub, old, keeps_incarnation=keeps_incarnation)
                await _settle(offices)
            return await _judge(offices, restores)
    finally:
        hub.stop()


async def _work(offices: Offices, rng: random.Random) -> None:
    """Documents in every state: delivered and receipted, fetched, deposited, and not yet."""
    for _ in range(3):
        for sender, recipient in ROUTES:
            for _ in range(rng.randrange(1, 4)):
                await offices[sender].desk.writing.write(offices.ask(recipient))
        for key in rng.sample(list(STAFF), rng.randrange(1, len(STAFF) + 1)):
            await offices[key].desk.sync.once()
    for sender, recipient in ROUTES:  # and something that is deposited for certain, and fetched by nobody
        await offices[sender].desk.writing.write(offices.ask(recipient))
    for key in STAFF:
        await offices[key].desk.sync._ways.pusher.push(offices[key]._link)


async def _replace(hub: HubProcess, backup: Path, *, keeps_incarnation: bool) -> None:
    async with Link(hub.url) as link:
        log = await link.call(ReadLog(0, 1024))
    assert isinstance(log, Leaves)
    await asyncio.to_thread(hub.kill)
    with contextlib.closing(sqlite3.connect(hub.data / STORE_NAME)) as connection:
        incarnation = log_sql.meta(connection, "incarnation")
    shutil.rmtree(hub.data)
    await restore_backup(backup, hub.data, key=None, leaves=list(log.leaves))
    if keeps_incarnation:
        with contextlib.closing(sqlite3.connect(hub.data / STORE_NAME, isolation_level=None)) as connection:
            connection.execute("UPDATE meta SET value = ? WHERE name = 'incarnation'", (incarnation,))
    await asyncio.to_thread(hub.start)


async def _settle(offices: Offices) -> None:
    for _ in range(ROUNDS):
        for office in offices.values():
            with contextlib.suppress(SlussError, aiohttp.ClientError):
                await office.desk.sync.once()


async def _judge(offices: Offices, restores: int) -> Outcome:
    sent: collections.Counter[tuple[bytes, ...]] = collections.Counter()
    came: collections.Counter[tuple[bytes, ...]] = collections.Counter()
    for key, office in offices.items():
        vault, own = office.desk.context.vault, bytes(offices.unit(key))
        rows = "SELECT document_id, {}, signed, salt, body FROM document WHERE direction = ?"
        sent.update([tuple(row) for row in await vault.all(rows.format("unit_id"), "out")])
        came.update([tuple(row) for row in await vault.all(rows.format("?"), own, "in")])
    left = sum([await office.desk.context.vault.value("SELECT count(*) FROM outbox") for office in offices.values()])
    lost, strange = sum((sent - came).values()), sum((came - sent).values())
    return Outcome(restores, sent.total(), lost + strange, {"without a receipt": left})


RESTORES: Final = Fault(
    name="restores",
    title="the hub destroyed and restored from an old backup, every second time from one without any mail",
    defence="a new incarnation",
    wanted=20,
    seed=20_261_400,
    strike=strike,
    control=control,
)
