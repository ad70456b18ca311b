"""A flood from one address, of ten times as many questions as the hub can answer: the others do not notice.

The question is the dearest that anybody may ask, for the whole log. What the hub can answer is measured first, without
limits. The flooder opens more connections than the hub has; the control is the same without limits for one address,
and a hub that turns away who comes last.
(Without the rate alone the others would still be answered: connections have their turn one after the other, and a
refusal costs the hub a tenth of an answer, so the flooder gets ten times as many.)
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from tests.faults.slow import judge, serving
from tests.faults.tally import Fault, Outcome
from tests.faults.undefended import Undefended
from tests.kit.hub_process import PROJECT, HubProcess

TIMES: Final = 10
MEASURED_WITH: Final = 32
"""Connections."""
NO_LIMITS: Final[dict[str, Any]] = {"source_rate": 1e6, "source_burst": 10_000_000, "source_connections": 1_000_000}


async def strike(folder: Path, seed: int, *, connections: int = 1000, seconds: float = 20.0) -> Outcome:
    """The others deposit through a flood, which gets a quarter of the connections that it tries."""
    return await _round(folder, seed, connections, seconds, {"source_connections": connections // 4})


async def control(folder: Path, seed: int, *, connections: int = 1000, seconds: float = 8.0) -> Outcome:
    """No limits for one address, and no room for who comes."""
    return await _round(folder, seed, connections, seconds, NO_LIMITS, hub=Undefended)


async def _round(
    folder: Path, _seed: int, connections: int, seconds: float, settings: dict[str, Any],
    hub: type[HubProcess] = HubProcess,
) -> Outcome:  # fmt: skip
    async with (
        serving(folder / "measured", **NO_LIMITS) as measured,
        _flooding(measured.devices[0].url, MEASURED_WITH, rate=0) as found,
    ):
        await asyncio.sleep(seconds / 4)
    capacity = max(1.0, found["answered"] / found["seconds"])
    async with serving(folder / "flooded", hub, max_connections=connections // 2, **settings) as others:
        before = await others.send(seconds / 2)
        async with _flooding(others.devices[0].url, connections, rate=TIMES * capacity) as flood:
            during = await others.send(seconds)
        told = {"answers a second without limits": round(capacity), "flood": flood}
        return await judge(others, int(flood["wanted"]), before, during, told)


@contextlib.asynccontextmanager
async def _flooding(url: str, connections: int, *, rate: float) -> AsyncIterator[dict[str, float]]:
    """A flood for as long as the block lasts, and it begins with all connections tried; its counts stand in the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.flooder", url, str(connections), str(rate),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    counts: dict[str, float] = {}
    try:
        assert await process.stdout.readline() == b"flooding\n"
        yield counts
    finally:
        process.stdin.close()
        counts |= json.loads(await process.stdout.read() or b"{}")
        await process.wait()


FLOODS: Final = Fault(
    name="floods",
    title="a flood from one address, ten times the hub's capacity: nine tenths of the others' deposits are answered",
    defence="limits for one address, and room for who comes",
    wanted=500_000,
    seed=20_260_900,
    strike=strike,
    control=control,
)
