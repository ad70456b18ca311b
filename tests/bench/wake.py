"""From the wake to the page: how long until a document that another office deposited stands in an open work list.

A real browser lies open at the work list of an office with a full vault that keeps its own sync loop. Two figures of
each document: from the hub's wake, and from the instant at which the other office began to send.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from client.engine.office import Desk
from tests.bench.figure import Figure, figure, percentile, scaled
from tests.bench.page import fill
from tests.browser.conftest import started
from tests.browser.desk import Hall, address
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices

THREADS, QUICK_THREADS = 10_000, 60
ROUNDS, QUICK_ROUNDS = 40, 2
GOAL_MS = 1000.0
#: The newest row is another one than before.
_FRESH = "before => document.querySelector('tbody a')?.getAttribute('href') !== before"
_NEWEST = "() => document.querySelector('tbody a')?.getAttribute('href')"


def figures() -> Iterator[Figure]:
    """Milliseconds."""
    with tempfile.TemporaryDirectory() as name:
        federation = Federation.demo(devices=0, now=int(time.time()))
        with HubProcess.create(Path(name) / "hub", federation).running() as hub:
            yield from asyncio.run(_measure(Path(name), hub, federation))


async def _measure(path: Path, hub: HubProcess, federation: Federation) -> list[Figure]:
    staff = {"sodermalm": "Olle Ohlin", "sav": "Eva Ek"}
    async with Offices.open(path, hub.url, federation, staff) as offices, started(1) as (browser,):
        asker, adviser = offices["sodermalm"].desk, offices["sav"].desk
        await asker.writing.write(offices.ask("sav"))
        await offices.settle()
        await fill(adviser, scaled(THREADS, QUICK_THREADS))
        async with Hall.open(browser, offices) as hall:
            woken = _woken(adviser)
            loop = asyncio.create_task(adviser.sync.run())
            try:
                return await _figures(hall, offices, asker, woken)
            finally:
                loop.cancel()
                await asyncio.gather(loop, return_exceptions=True)


def _woken(desk: Desk) -> list[float]:
    """The instants at which this office hears the hub's wake; grows."""
    link: Any = desk.sync._link
    wakes, heard = link.wakes, list[float]()

    async def noted() -> AsyncIterator[Any]:
        async for wake in wakes():
            heard.append(time.perf_counter())
            yield wake

    link.wakes = noted
    return heard


async def _figures(hall: Hall, offices: Offices, asker: Desk, woken: list[float]) -> list[Figure]:
    tab = await hall.enter("sav")
    await tab.goto(f"{address(tab)}/?view=new")
    after_wake, after_send = [], []
    for _ in range(scaled(ROUNDS, QUICK_ROUNDS)):
        before, heard = await tab.evaluate(_NEWEST), len(woken)
        await asker.writing.write(offices.ask("sav"))
        began = time.perf_counter()
        await asker.sync.once()
        await tab.wait_for_function(_FRESH, arg=before)
        seen = time.perf_counter()
        after_send.append((seen - began) * 1000)
        after_wake += [(seen - at) * 1000 for at in woken[heard : heard + 1]]
        await asyncio.sleep(0.3)  # its receipt has gone
    return [
        figure("document on the open page after the wake, p95", percentile(after_wake, 95), "ms", goal=GOAL_MS,
               lower_is_better=True),
        figure("document on the open page after sending began, p95", percentile(after_send, 95), "ms",
               lower_is_better=True),
    ]  # fmt: skip
