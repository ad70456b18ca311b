"""The hub's disk takes no more, or writes and syncs fail: refused with a code, and what was answered is there.

Five ways, one after the other: files may not grow (a limit of the process); and, for whoever may mount and has gcc, a
full file system, writes that fail, syncs that fail, and a disk that fails: a real one, with the kernel's own EIO.
Deposits go on all the while, and each is repeated until it is answered. After every second strike, and after the disk
failed, the hub is killed, the disk mounted anew, and the hub started on what then lies there: a file system ends with
an error of its disk, and what is only in its memory may not count. The control answers what it did not write.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Final

import aiohttp

from hub.wire.responses import Code, Refused, Response
from keys.errors import FormatError
from tests.faults.hub import ANSWER_ANYWAY, FaultyHub, build_shim
from tests.faults.mounts import Failing, fill, small
from tests.faults.tally import Fault, Outcome
from tests.ha.load import Load
from tests.kit.federation import Federation
from tests.kit.hub_process import found
from tests.kit.ports import free_port
from tests.unit.hub.device import Device, Link

GROW: Final = "a file may not grow"
FULL: Final = "no room"
WRITES: Final = "writes fail"
SYNCS: Final = "syncs fail"
DEVICE: Final = "the disk fails"
ALL: Final = (GROW, FULL, WRITES, SYNCS, DEVICE)
MORE: Final = 12
"""Answers between two strikes."""
WAIT_SECONDS: Final = 60.0
DISK_MIB: Final = 96


async def strike(folder: Path, seed: int, *, strikes: int = 15, ways: Sequence[str] = ALL) -> Outcome:
    """Strike so often, in turn in each of these ways."""
    return await _round(folder, seed, strikes, ways, ())


async def control(folder: Path, seed: int) -> Outcome:
    """A deposit is answered although it was not written."""
    return await _round(folder, seed, 2, (GROW,), (ANSWER_ANYWAY,))


async def _round(folder: Path, seed: int, strikes: int, ways: Sequence[str], options: Sequence[str]) -> Outcome:
    rng, refused = random.Random(seed), 0
    with _disk(folder, ways) as (disk, failing):
        async with _running(folder, disk, ways, options) as (hub, device):
            load = Load(device, [hub.url])
            async with load.running(depositors=4):
                for number in range(strikes):
                    await load.until(MORE, WAIT_SECONDS)
                    with _broken(hub, disk, failing, ways[number % len(ways)]):
                        refused += await _until_refused(device) if not options else 0
                        await asyncio.sleep(rng.uniform(0.1, 0.5))
                    if number % 2 or ways[number % len(ways)] == DEVICE:
                        await asyncio.to_thread(_anew, hub, failing)
                await load.until(MORE, WAIT_SECONDS)
            await asyncio.to_thread(_anew, hub, failing)
            lost = await load.lost()
    return Outcome(strikes, len(load.answered), len(lost) + len(load.contradictions), {"refused with DISK": refused})


def _anew(hub: FaultyHub, failing: Failing | None) -> None:
    hub.kill()
    if failing is not None:
        failing.remount()
    hub.start()


@contextlib.contextmanager
def _disk(folder: Path, ways: Sequence[str]) -> Iterator[tuple[Path, Failing | None]]:
    with contextlib.ExitStack() as stack:
        failing = None
        if DEVICE in ways:
            failing = stack.enter_context(Failing.mounted(folder / "disk", DISK_MIB))
        elif FULL in ways:
            stack.enter_context(small(folder / "disk", DISK_MIB))
        yield folder / "disk", failing


@contextlib.asynccontextmanager
async def _running(
    folder: Path, disk: Path, ways: Sequence[str], options: Sequence[str]
) -> AsyncIterator[tuple[FaultyHub, Device]]:
    federation = Federation.demo(now=int(time.time()), devices=1)
    await asyncio.to_thread(found, disk / "hub", federation, port=free_port())
    hub = FaultyHub(disk / "hub", options=options, switch=folder / "switch")
    if {WRITES, SYNCS} & set(ways):
        hub.shim = build_shim(folder)
    await asyncio.to_thread(hub.start)
    try:
        async with Device(hub.url, federation, federation.units["sav"].keepers[0]) as device:
            await device.open_mailbox()
            yield hub, device
    finally:
        hub.kill()


@contextlib.contextmanager
def _broken(hub: FaultyHub, disk: Path, failing: Failing | None, way: str) -> Iterator[None]:
    """For the time of the block the disk is broken in this way."""
    if way == GROW:
        hub.limit_files(1)
    elif way == FULL:
        fill(disk)
    elif way == DEVICE and failing is not None:
        failing.is_failing(True)
    else:
        hub.switch.write_text("w" if way == WRITES else "s")
    try:
        yield
    finally:
        hub.limit_files(None)
        if failing is not None:
            failing.is_failing(False)
        for path in (disk / "ballast", hub.switch):
            path.unlink(missing_ok=True)


async def _until_refused(device: Device) -> int:
    """Deposit until the hub says that its disk fails, beside the load: 1."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            answer = await _try(device)
            if isinstance(answer, Refused):
                assert answer.code is Code.DISK, answer
                return 1
            await asyncio.sleep(0.05)


async def _try(device: Device) -> Response | None:
    with contextlib.suppress(aiohttp.ClientError, OSError, FormatError):
        async with Link(device.url) as link:
            return await link.call(device.deposit())
    return None


DISK_HUB: Final = Fault(
    name="disk-hub",
    title=f"the hub's disk under load: {', '.join(ALL)}; refused with `DISK`, then on",
    defence="answering only what was written",
    wanted=200,
    seed=20_261_000,
    strike=strike,
    control=control,
)
