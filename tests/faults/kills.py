"""Kill -9 of hub and offices under load, fifty and fifty in a round: the long form of ``tests/flow/test_crash.py``."""

from __future__ import annotations

import collections
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.faults.tally import Fault, Outcome
from tests.flow.test_crash import CONTROL, HEAL_SECONDS, NEVER_SECONDS, Load, crash_rig, look, lost
from tests.kit.federation import Federation
from tests.kit.office_process import EARLY_ACK

LOAD: Final = Load(documents=1500, hub_kills=50, office_kills=50)


async def strike(folder: Path, seed: int, *, load: Load = LOAD) -> Outcome:
    """Fifty kills of the hub and fifty of an office while documents are written."""
    return await _round(folder, seed, load, heal_seconds=HEAL_SECONDS)


async def control(folder: Path, seed: int) -> Outcome:
    """Acknowledging before the vault's commit, and nothing seals anew."""
    return await _round(folder, seed, CONTROL, heal_seconds=NEVER_SECONDS, faults=[EARLY_ACK])


async def _round(folder: Path, seed: int, load: Load, *, heal_seconds: int, faults: Sequence[str] = ()) -> Outcome:
    federation = Federation.demo(devices=0, now=int(time.time()))
    async with crash_rig(folder, federation, heal_seconds=heal_seconds, faults=faults) as rig:
        rig.rng = random.Random(seed)
        await rig.run(load)
        await rig.stop()
        found = await look(rig)
    twice = sum((found.accepted - collections.Counter(found.sent.items())).values())
    left = {name: count for name, count in found.left.items() if count}
    return Outcome(
        load.hub_kills + load.office_kills,
        len(rig.written),
        len(lost(rig, found)) + twice + sum(count != 1 for count in found.shown.values()),
        {"left": left},
    )


KILLS: Final = Fault(
    name="kills",
    title="`kill -9` of the hub (half) and of offices (half) at random instants under load",
    defence="acknowledging only after the commit",
    wanted=2000,
    seed=20_260_400,
    strike=strike,
    control=control,
)
