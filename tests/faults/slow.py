"""Slow clients: thousands of connections that say a little at a time, or announce more than anybody may send.

They come from five addresses, each with as many as the hub lets one address have, and a sixth that would take all the
room there is. The control has no limit for one address, and a hub that turns away who comes last.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

from tests.faults.others import UNITS, Others, connect, head
from tests.faults.tally import Fault, Outcome
from tests.faults.undefended import Undefended
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.unit.hub.device import Device

REAL: Final[dict[str, Any]] = {"source_rate": 50.0, "source_burst": 500, "mailbox_rate": 20.0, "mailbox_burst": 400}
"""The standard of hub.toml: a test's own hub has no limits."""
NEEDED: Final = 0.9
"""Of what is answered without the fault."""
TRICKLE_SECONDS: Final = 1.0
PACE: Final = 3.0
"""Deposits of each of the others, a second."""
_HEADER: Final = b"POST /v1 HTTP/1.1\r\nHost: hub\r\nX-Slow: "
BEGINNINGS: Final = (_HEADER, head(17 * 1024))
OVERSIZE: Final = head(10 * 1024**3)


async def strike(folder: Path, seed: int, *, connections: int = 2000, seconds: float = 20.0) -> Outcome:
    """So many are held by five addresses, and as many again are tried by a sixth."""
    settings = {"max_connections": connections * 3 // 2, "source_connections": connections // 5}
    return await _round(folder, seed, connections, seconds, settings)


async def control(folder: Path, seed: int, *, connections: int = 400, seconds: float = 8.0) -> Outcome:
    """No limit for one address, and no room for who comes."""
    settings = {"max_connections": connections * 3 // 2, "source_connections": 1_000_000}
    return await _round(folder, seed, connections, seconds, settings, hub=Undefended)


async def _round(
    folder: Path, seed: int, connections: int, seconds: float, settings: dict[str, Any],
    hub: type[HubProcess] = HubProcess,
) -> Outcome:  # fmt: skip
    async with serving(folder, hub, **settings) as others:
        before = await others.send(seconds / 2)
        rng, url = random.Random(seed), others.devices[0].url
        sources = [f"127.0.3.{number % 5 + 1}" for number in range(connections)] + ["127.0.3.9"] * connections
        async with holding(sources, url, rng) as held:
            during = await others.send(seconds)
            count = held()
        return await judge(others, connections * 2, before, during, {"held at the end": count})


async def judge(others: Others, struck: int, before: float, during: float, told: dict[str, Any]) -> Outcome:
    """Lost: what was answered and is not there; and, below nine tenths of the share before, what was not answered."""
    unanswered = 0 if during >= NEEDED * before else others.offered - len(others.answered)
    slowest = round(max(others.seconds, default=0.0), 2)
    shares = {"share before": round(before, 3), "share during": round(during, 3), "slowest answer": slowest}
    return Outcome(struck, others.offered, unanswered + await others.missing(), told | shares)


@contextlib.asynccontextmanager
async def serving(folder: Path, hub_kind: type[HubProcess] = HubProcess, **settings: Any) -> AsyncIterator[Others]:
    """A hub with the limits of a real one, and eight others who write to four units."""
    federation = Federation.demo(now=int(time.time()), devices=1)
    hub = await asyncio.to_thread(hub_kind.create, folder / "hub", federation, **{**REAL, **settings})
    await asyncio.to_thread(hub.start)
    try:
        devices = [Device(hub.url, federation, federation.units[unit].keepers[0]) for unit in UNITS]
        for device in devices:
            async with device:
                await device.open_mailbox()
        yield Others(devices * 2, PACE)
    finally:
        hub.stop()


@contextlib.asynccontextmanager
async def holding(sources: Sequence[str], url: str, rng: random.Random, *, again: int = 0) -> AsyncIterator[Any]:
    """Connections that trickle, of which so many a second come back; gives a function that counts those still open."""
    writers: list[asyncio.StreamWriter] = []

    async def come(source: str) -> None:
        with contextlib.suppress(OSError):
            _, writer = await connect(source, url)
            writer.write(rng.choice(BEGINNINGS))
            writers.append(writer)

    async def trickle() -> None:
        while True:
            await asyncio.sleep(TRICKLE_SECONDS)
            _say(writers)
            for source in rng.sample(sources, min(again, len(sources) - len(writers))):
                await come(source)

    for source in sources:
        await come(source)
    for _ in range(len(sources) // 20):
        await _announce(url)
    trickling = asyncio.create_task(trickle())
    try:
        yield lambda: sum(not writer.transport.is_closing() for writer in writers)
    finally:
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()


def _say(writers: list[asyncio.StreamWriter]) -> None:
    """A little more on each that is still open; forget the others."""
    writers[:] = [writer for writer in writers if not writer.transport.is_closing()]
    for writer in writers:
        writer.write(b"a")


async def _announce(url: str) -> None:
    """Announce more than anybody may send: refused unread, so it is not held."""
    with contextlib.suppress(OSError):
        _, writer = await connect("127.0.3.8", url)
        writer.write(OVERSIZE)
        writer.close()


SLOW: Final = Fault(
    name="slow",
    title="slow clients, half beyond what one address may have: nine tenths of the others' deposits are answered",
    defence="a limit for one address, and room for who comes",
    wanted=4000,
    seed=20_260_800,
    strike=strike,
    control=control,
)
