"""Kill -9 of the hub at random instants while deposits are answered at 200 a second or more, its dead times included.

A hub is killed when so many were answered since the last kill, and a little later than that: up to a third of a second.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.faults.hub import ANSWER_EARLY, FaultyHub
from tests.faults.steady import WANTED_RATE, SteadyLoad
from tests.faults.tally import Fault, Outcome
from tests.kit.federation import Federation
from tests.kit.hub_process import found
from tests.kit.ports import free_port
from tests.unit.hub.device import Device

KILLS: Final = 100
LATER_SECONDS: Final = 0.3


async def strike(folder: Path, seed: int, *, kills: int = KILLS) -> Outcome:
    """A hundred kills of one hub; they count if the deposits came up to their rate."""
    return await _round(folder, seed, kills, ())


async def control(folder: Path, seed: int) -> Outcome:
    """A deposit is answered before the commit that holds it."""
    return await _round(folder, seed, 10, (ANSWER_EARLY,))


async def _round(folder: Path, seed: int, kills: int, options: Sequence[str]) -> Outcome:
    rng, federation = random.Random(seed), Federation.demo(now=int(time.time()), devices=1)
    await asyncio.to_thread(found, folder / "hub", federation, port=free_port())
    hub = FaultyHub(folder / "hub", options=options)
    await asyncio.to_thread(hub.start)
    try:
        async with Device(hub.url, federation, federation.units["sav"].keepers[0]) as device:
            await device.open_mailbox()
            load = SteadyLoad(device, [hub.url])
            async with load.running():
                for _ in range(kills):
                    await load.until_rate()
                    await asyncio.sleep(rng.uniform(0, LATER_SECONDS))
                    await asyncio.to_thread(hub.kill)
                    await asyncio.to_thread(hub.start)
            lost = await load.lost()
    finally:
        hub.kill()
    struck = kills if load.rate >= WANTED_RATE else 0
    return Outcome(
        struck, len(load.answered), len(lost) + len(load.contradictions), {"deposits a second": round(load.rate)}
    )


KILLS_HUB: Final = Fault(
    name="kills-hub",
    title="`kill -9` of the hub at random instants under 200 deposits a second and more",
    defence="the commit before the answer",
    wanted=1000,
    seed=20_261_800,
    strike=strike,
    control=control,
)
