"""Kill -9 of offices and, now and then, of the hub: the long form of ``tests/flow/test_crash.py``, with others beside.

Beside the documents of the offices 200 deposits a second and more are answered in the mailbox of another unit.
"""

from __future__ import annotations

import collections
import contextlib
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from tests.faults.steady import WANTED_RATE, SteadyLoad
from tests.faults.tally import Fault, Outcome
from tests.flow.test_crash import CONTROL, HEAL_SECONDS, NEVER_SECONDS, Load, Rig, crash_rig, look, lost
from tests.kit.federation import Federation
from tests.kit.office_process import EARLY_ACK
from tests.unit.hub.device import Device

LOAD: Final = Load(documents=600, hub_kills=10, office_kills=100)
OTHERS: Final = "telefon"


async def strike(folder: Path, seed: int, *, load: Load = LOAD) -> Outcome:
    """A hundred kills of an office, and ten of the hub, while documents are written and others deposit."""
    federation = _federation()
    others: list[SteadyLoad] = []
    async with crash_rig(folder, federation, heal_seconds=HEAL_SECONDS) as rig:
        rig.rng = random.Random(seed)
        async with _others(rig, federation, others):
            await rig.run(load)
        beside = await others[0].lost()
        outcome = await _judge(rig, load.office_kills if others[0].rate >= WANTED_RATE else 0)
    lost_beside = len(beside) + len(others[0].contradictions)
    told = {"hub killed": load.hub_kills, "deposits a second": round(others[0].rate), **outcome.told}
    return Outcome(outcome.struck, outcome.held + len(others[0].answered), outcome.lost + lost_beside, told)


async def control(folder: Path, seed: int) -> Outcome:
    """Acknowledging before the vault's commit, and nothing seals anew."""
    async with crash_rig(folder, _federation(), heal_seconds=NEVER_SECONDS, faults=[EARLY_ACK]) as rig:
        rig.rng = random.Random(seed)
        await rig.run(CONTROL)
        return await _judge(rig, CONTROL.office_kills)


def _federation() -> Federation:
    federation = Federation.demo(devices=0, now=int(time.time()))
    federation.enrol(OTHERS, "Berit Berg")
    return federation


@contextlib.asynccontextmanager
async def _others(rig: Rig, federation: Federation, others: list[SteadyLoad]) -> AsyncIterator[None]:
    async with Device(rig.hub.url, federation, federation.units[OTHERS].keepers[0]) as device:
        await device.open_mailbox()
        others.append(SteadyLoad(device, [rig.hub.url], gap_seconds=0.05))  # the offices want their part of the machine
        async with others[0].running():
            yield


async def _judge(rig: Rig, struck: int) -> Outcome:
    await rig.stop()
    found = await look(rig)
    twice = sum((found.accepted - collections.Counter(found.sent.items())).values())
    left = {name: count for name, count in found.left.items() if count}
    wrong = len(lost(rig, found)) + twice + sum(count != 1 for count in found.shown.values())
    return Outcome(struck, len(rig.written), wrong, {"left": left})


KILLS: Final = Fault(
    name="kills",
    title="`kill -9` of offices at random instants under load, and of the hub a tenth as often",
    defence="acknowledging only after the commit",
    wanted=1000,
    seed=20_261_900,
    strike=strike,
    control=control,
)
