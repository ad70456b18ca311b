"""An office's disk takes no more: refused with ``DISK``, nothing half written, and on it goes when there is room again.

The sender's disk while documents are written, the recipient's while they arrive. Two ways: files may not grow (a limit
of the process), and, for whoever may mount, a full file system. Held to: what ``write`` returned for is in the
recipient's vault once, and what it refused is nowhere. The control commits nothing and does not say so.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from client.engine.office import Office
from client.engine.vault import Vault
from keys.errors import LocalError
from tests.faults.disk_hub import FULL, GROW
from tests.faults.mounts import fill, small
from tests.faults.tally import Fault, Outcome
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices

SENDER, RECIPIENT = "sav", "bops"
DISK_MIB: Final = 128
BATCH: Final = 5
"""Documents written in one strike."""


async def strike(folder: Path, seed: int, *, strikes: int = 20, ways: Sequence[str] = (GROW, FULL)) -> Outcome:
    """Strike sender and recipient in turn."""
    return await _round(folder, seed, strikes, ways, swallows=False)


async def control(folder: Path, seed: int) -> Outcome:
    """A transaction that did not become durable ends as if it had."""
    return await _round(folder, seed, 4, (GROW,), swallows=True)


async def _round(folder: Path, seed: int, strikes: int, ways: Sequence[str], *, swallows: bool) -> Outcome:
    rng, federation = random.Random(seed), Federation.demo(devices=0, now=int(time.time()))
    hub = await asyncio.to_thread(HubProcess.create, folder / "hub", federation)
    await asyncio.to_thread(hub.start)
    disk = folder / "disk"
    try:
        with contextlib.ExitStack() as stack:
            if FULL in ways:
                stack.enter_context(small(disk, DISK_MIB))
            staff = {SENDER: "Eva Ek", RECIPIENT: "Pia Po"}
            async with Offices.open(disk, hub.url, federation, staff) as offices:
                if swallows:
                    _swallow(offices[SENDER].desk.context.vault)
                tried = [await _strike(offices, disk, ways, number, rng) for number in range(strikes)]
                await offices.settle()
                return await _judge(offices, strikes, tried)
    finally:
        hub.stop()


async def _strike(
    offices: Offices, disk: Path, ways: Sequence[str], number: int, rng: random.Random
) -> tuple[list[bytes], int]:
    """Write before, during and after; returns the documents that were acknowledged, and how much was refused."""
    written = [await _write(offices) for _ in range(rng.randrange(1, BATCH))]
    refused = 0
    if number % 2:
        await offices[SENDER].desk.sync.once()
    with _broken(disk, ways[number // 2 % len(ways)]):
        for _ in range(BATCH):
            try:
                if number % 2:
                    await offices[RECIPIENT].desk.sync.once()
                else:
                    written.append(await _write(offices))
            except LocalError as error:
                if error.code != "DISK":
                    raise
                refused += 1
    written.append(await _write(offices))
    await offices.settle(1)
    return written, refused


async def _write(offices: Offices) -> bytes:
    return bytes((await offices[SENDER].desk.writing.write(offices.ask(RECIPIENT))).document_id)


@contextlib.contextmanager
def _broken(disk: Path, way: str) -> Iterator[None]:
    """For the time of the block the offices' disk is broken in this way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        if way == GROW:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
        else:
            fill(disk)
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        (disk / "ballast").unlink(missing_ok=True)


def _swallow(vault: Vault) -> None:
    """The fault: a commit that fails is rolled back, and nobody hears of it."""

    async def handed_over(sql: str) -> None:
        try:
            await Vault._handed_over(vault, sql)
        except LocalError:
            if sql != "COMMIT":
                raise
            with contextlib.suppress(LocalError):  # SQLite may have rolled back by itself
                await Vault._handed_over(vault, "ROLLBACK")

    setattr(vault, "_handed_over", handed_over)  # noqa: B010 - mypy and a method


async def _judge(offices: Offices, strikes: int, tried: list[tuple[list[bytes], int]]) -> Outcome:
    written = [document_id for documents, _ in tried for document_id in documents]
    came = await _documents(offices[RECIPIENT], "in")
    strange = set(await _documents(offices[SENDER], "out")) - set(written)
    lost = [document_id for document_id in written if came.count(document_id) != 1]
    refused = sum(count for _, count in tried)
    return Outcome(strikes, len(written), len(lost) + len(strange), {"refused with DISK": refused})


async def _documents(office: Office, direction: str) -> list[bytes]:
    rows: list[Any] = await office.desk.context.vault.all(
        "SELECT document_id FROM document WHERE direction = ?", direction
    )
    return [document_id for (document_id,) in rows]


DISK_OFFICE: Final = Fault(
    name="disk-office",
    title=f"an office's disk, at sender and recipient: {GROW}, {FULL}; refused with `DISK`, nothing half done",
    defence="saying that a commit failed",
    wanted=200,
    seed=20_261_200,
    strike=strike,
    control=control,
)
