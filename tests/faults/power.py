"""The power of the hub's disk is cut at random instants under load; what was answered is there afterwards.

The hub's folder lies on an ext4 in an image file. The cut is the kernel's own (FS_IOC_SHUTDOWN without the journal):
what was not synced never reaches the image, and the journal is replayed at the next mount. The device's own cache is
not part of it: what the kernel was told to be on the device counts as on it. Needs the right to mount.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.faults.hub import SYNC_NORMAL, FaultyHub
from tests.faults.mounts import Cuttable
from tests.faults.tally import Fault, Outcome
from tests.ha.load import Load
from tests.kit.federation import Federation
from tests.kit.hub_process import found
from tests.kit.ports import free_port
from tests.unit.hub.device import Device

CUTS: Final = 20
WAIT_SECONDS: Final = 120.0


async def strike(folder: Path, seed: int, *, cuts: int = CUTS) -> Outcome:
    """Twenty cuts of one disk."""
    return await _round(folder, seed, cuts, ())


async def control(folder: Path, seed: int) -> Outcome:
    """``synchronous=NORMAL``: the write-ahead log is not synced at a commit."""
    return await _round(folder, seed, 3, (SYNC_NORMAL,))


async def _round(folder: Path, seed: int, cuts: int, options: Sequence[str]) -> Outcome:
    rng, federation = random.Random(seed), Federation.demo(now=int(time.time()), devices=1)
    with Cuttable.mounted(folder) as disk:
        await asyncio.to_thread(found, disk.folder / "hub", federation, port=free_port())
        hub = FaultyHub(disk.folder / "hub", options=options)
        await asyncio.to_thread(hub.start)
        try:
            async with Device(hub.url, federation, federation.units["sav"].keepers[0]) as device:
                await device.open_mailbox()
                await asyncio.to_thread(hub.stop)  # what the control may lose is deposits, not the mailbox itself
                await asyncio.to_thread(hub.start)
                load = Load(device, [hub.url])
                async with load.running(depositors=8):
                    for _ in range(cuts):
                        await load.until(rng.randrange(5, 60), WAIT_SECONDS)
                        await asyncio.sleep(rng.uniform(0, 0.2))
                        await asyncio.to_thread(_cut, disk, hub)
                lost = await load.lost()
        finally:
            hub.kill()
    return Outcome(cuts, len(load.answered), len(lost) + len(load.contradictions))


def _cut(disk: Cuttable, hub: FaultyHub) -> None:
    disk.cut()
    hub.kill()
    disk.unmount()
    disk.mount()
    hub.start()


POWER: Final = Fault(
    name="power",
    title="the power of the hub's disk cut under load (ext4 in an image, shut down by the kernel without its journal)",
    defence="`synchronous=FULL`",
    wanted=100,
    seed=20_261_100,
    strike=strike,
    control=control,
)
