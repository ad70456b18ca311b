"""``python -m tests.ha.run [--failovers N]``: the leader of the database is killed N times under load.

One JSON line for each fail-over: how long nothing was answered. Every fifth time a hub process is killed as well. At
the end everything that was answered must be there, and no number may have named two envelopes. Exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.ha.load import Load
from tests.ha.rig import Rig, running
from tests.kit.federation import Federation
from tests.unit.hub.device import Device

AGAIN_SECONDS = 120.0
DEPOSITORS = 4
GAP_SECONDS = 0.1  # some thirty deposits a second: the pause is seen to a thirtieth of a second


async def fail_over(rig: Rig, load: Load, number: int) -> float:
    """Kill the leader, wait for answers, bring the dead node back; returns the pause in seconds."""
    leader = await rig.leader()
    died = time.monotonic()
    leader.kill()
    hub = rig.hubs[number // 5 % 2] if number % 5 == 4 else None
    if hub is not None:
        hub.kill()
    await load.until(20, AGAIN_SECONDS)
    pause = load.pause(died)
    leader.start()
    if hub is not None:
        await asyncio.to_thread(hub.start)
    await rig.whole()
    return pause


async def run(failovers: int) -> bool:
    """All of them; whether nothing was lost."""
    federation = Federation.demo(now=int(time.time()), devices=1)
    keeper = federation.units["sav"].keepers[0]
    pauses = []
    with tempfile.TemporaryDirectory(prefix="sluss-ha-") as name:
        async with running(Path(name), federation) as rig, Device(rig.url, federation, keeper) as device:
            await device.open_mailbox()
            load = Load(device, [rig.url], gap_seconds=GAP_SECONDS)
            async with load.running(DEPOSITORS):
                await load.until(20, AGAIN_SECONDS)
                for number in range(failovers):
                    pauses.append(await fail_over(rig, load, number))
                    async with Device(rig.url, federation, keeper) as again:  # a login lasts for 15 minutes
                        device.bearer = again.bearer
                    print(json.dumps({"failover": number + 1, "pause_seconds": round(pauses[-1], 2)}), flush=True)
            there = await load.everything()
    lost = load.answered.keys() - set(there.values())
    moved = [number for number, envelope in load.read.items() if there.get(number) != envelope]
    result = {
        "failovers": failovers, "answered": len(load.answered), "tries": load.tries, "lost": len(lost),
        "numbers_that_changed": len(moved) + len(load.contradictions),
        "pause_median": round(statistics.median(pauses), 2), "pause_longest": round(max(pauses), 2),
    }  # fmt: skip
    print(json.dumps(result), flush=True)
    return not (lost or moved or load.contradictions)


def main() -> int:
    """Read the arguments."""
    parser = argparse.ArgumentParser(prog="tests.ha.run", description="Kill the database's leader under load.")
    parser.add_argument("--failovers", type=int, default=20)
    return 0 if asyncio.run(run(parser.parse_args().failovers)) else 1


if __name__ == "__main__":
    sys.exit(main())
