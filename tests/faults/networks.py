"""Many addresses, each within what one address may do.

*A crowd*: twice as many slow connections as a hub has room for, four from each network, and those that are closed come
back. *Starving*: one member who may write to a unit sends it more than its mailbox takes, and eight other members write
to the same one. The controls are a hub that turns away who comes last, and a mailbox where who is quick has all.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from hub.wire.requests import LoginBegin, LoginProve
from hub.wire.responses import Deposited, LoggedIn, NonceIs
from tests.faults.others import Others, ask
from tests.faults.slow import holding, judge, serving
from tests.faults.tally import Fault, Outcome
from tests.faults.undefended import Undefended
from tests.kit.hub_process import HubProcess
from tests.unit.hub.device import Device

EACH: Final = 4
"""Connections of one network."""
AGAIN: Final = 50
"""Connections that come back in a second."""
OF_A_MAILBOX: Final[dict[str, Any]] = {"mailbox_rate": 20.0, "mailbox_burst": 40}
FLOOD: Final = 50.0
"""Deposits of the flooder in a second; the others together offer three, a share each."""
MEMBERS: Final = "127.{}.0.1"


async def crowd(folder: Path, seed: int, *, connections: int = 3000, seconds: float = 20.0) -> Outcome:
    """The others deposit, each time on a connection of its own, while so many hold on."""
    return await _crowd(folder, seed, connections, seconds, HubProcess)


async def crowd_control(folder: Path, seed: int, *, connections: int = 600, seconds: float = 6.0) -> Outcome:
    """No room for who comes."""
    return await _crowd(folder, seed, connections, seconds, Undefended)


async def _crowd(folder: Path, seed: int, connections: int, seconds: float, hub: type[HubProcess]) -> Outcome:
    sources = [f"127.{16 + number // 250}.{number % 250}.9" for number in range(connections // EACH)] * EACH
    async with serving(folder, hub, max_connections=connections // 2) as others:
        before = await others.send(seconds / 2)
        async with holding(sources, others.devices[0].url, random.Random(seed), again=AGAIN) as held:
            during = await others.send(seconds)
            count = held()
        return await judge(others, connections, before, during, {"held at the end": count})


async def starve(folder: Path, seed: int, *, seconds: float = 40.0) -> Outcome:
    """Eight members write to the unit that a ninth floods."""
    return await _starve(folder, seed, seconds, HubProcess)


async def starve_control(folder: Path, seed: int, *, seconds: float = 10.0) -> Outcome:
    """Who is quick has all."""
    return await _starve(folder, seed, seconds, Undefended)


async def _starve(folder: Path, _seed: int, seconds: float, hub: type[HubProcess]) -> Outcome:
    async with serving(folder, hub, **OF_A_MAILBOX) as offices:
        devices, box = list(offices.devices), offices.devices[0]
        sources = [MEMBERS.format(number + 1) for number in range(len(devices))]
        for device, source in zip(devices, sources, strict=True):
            await _log_in(device, source)
        others = Others([box] * len(devices), OF_A_MAILBOX["mailbox_rate"] / 40 * 0.8, MEMBERS)
        before = await others.send(seconds / 4)
        async with _flood(box, FLOOD) as flood:
            await asyncio.sleep(2.0)  # what may be taken at once is gone
            during = await others.send(seconds)
        return await judge(others, flood["sent"], before, during, {"flood": dict(flood)})


async def _log_in(device: Device, source: str) -> None:
    """A device logs in from an address: from then on it is known."""
    nonce = await ask(source, device.url, LoginBegin(device.keeper.device_id))
    assert isinstance(nonce, NonceIs)
    signature = device.keeper.login(device.federation.hub_id, nonce.nonce)
    answer = await ask(source, device.url, LoginProve(device.keeper.device_id, nonce.nonce, signature))
    assert isinstance(answer, LoggedIn), answer


@contextlib.asynccontextmanager
async def _flood(box: Device, rate: float) -> AsyncIterator[dict[str, int]]:
    """Deposits of a member at his own pace, answered or not, from an address where nobody logs in."""
    counts = {"sent": 0, "taken": 0}

    async def one() -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            counts["taken"] += isinstance(await ask("127.200.0.1", box.url, box.deposit()), Deposited)

    async def pour() -> None:
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(one())
                counts["sent"] += 1
                await asyncio.sleep(max(0.0, began + counts["sent"] / rate - time.monotonic()))

    pouring = asyncio.create_task(pour())
    try:
        yield counts
    finally:
        pouring.cancel()
        await asyncio.gather(pouring, return_exceptions=True)


CROWD: Final = Fault(
    name="crowd",
    title="a crowd of slow clients from as many networks: nine tenths of the others' deposits are answered",
    defence="room for who comes",
    wanted=30_000,
    seed=20_261_600,
    strike=crowd,
    control=crowd_control,
)
STARVE: Final = Fault(
    name="starve",
    title="a member floods one mailbox: nine tenths of the others' deposits into it are answered",
    defence="a share for each sender",
    wanted=20_000,
    seed=20_261_700,
    strike=starve,
    control=starve_control,
)
