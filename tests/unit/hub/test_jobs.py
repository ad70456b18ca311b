"""The hub's own work goes on whatever happens to one round of it (PROTOCOL 8)."""

from __future__ import annotations

import asyncio
import io
import json

import pytest

from hub.relay import Relay
from hub.store.base import StoreFullError
from hub.wire.requests import Ack
from hub.wire.responses import Deposited
from keys.logging import configure
from tests.unit.hub.conftest import Bench


@pytest.mark.parametrize("settings", [{"job_seconds": 0.05}])
async def test_jobs_prune_by_themselves(bench: Bench) -> None:
    """What both devices have is gone a round later."""
    async with bench.link() as link, bench.device(number=0) as one, bench.device(number=1) as two:
        await one.open_mailbox()
        assert isinstance(await link.call(one.deposit()), Deposited)
        for device in (one, two):
            await device.call(Ack(device.bearer, 1))
        for _ in range(100):
            if not (await bench.house.store.totals()).waiting:
                return
            await asyncio.sleep(0.05)
    pytest.fail("nothing was pruned")


@pytest.mark.parametrize("settings", [{"job_seconds": 0.05}])
async def test_a_job_that_fails_is_tried_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk stops no job: it says so with a code and comes back in the next round."""
    stream, rounds, thrice = io.StringIO(), 0, asyncio.Event()
    configure(strict=True, stream=stream)

    async def fail(_: Relay) -> int:
        nonlocal rounds
        rounds += 1
        if rounds > 3:
            thrice.set()
        raise StoreFullError

    monkeypatch.setattr(Relay, "prune", fail)
    await asyncio.wait_for(thrice.wait(), 10)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {("job failed", "prune", "DISK")} == {(line["event"], line["op"], line["code"]) for line in lines}
