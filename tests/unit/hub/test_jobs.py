"""The hub's own work goes on whatever happens to one round of it (PROTOCOL 8)."""

from __future__ import annotations

import asyncio
import io
import json

import pytest

from hub.clock import MOST_AHEAD_SECONDS, Steady
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


def test_a_clock_far_ahead_of_the_log_is_not_believed() -> None:
    """A fortnight beyond the newest snapshot or the last time that could be right; a person may say otherwise."""
    now, newest = 1_795_000_000.0, 0
    steady = Steady(lambda: now, lambda: newest)
    assert steady.is_plausible, "without a snapshot nothing is known"
    newest = int(now)
    now += MOST_AHEAD_SECONDS
    assert steady.is_plausible
    now += MOST_AHEAD_SECONDS
    assert steady.is_plausible, "it served all the while"
    now += 10 * 365 * 86_400
    assert not steady.is_plausible
    assert not steady.is_plausible, "asking again makes it no better"
    steady.accept()
    assert steady.is_plausible
    now -= 20 * 365 * 86_400
    assert steady.is_plausible, "behind: nothing expires, and the log keeps its order"
