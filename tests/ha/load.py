"""Deposits while machines die, and a reader that follows its cursor: what is answered, and what is there.

A depositor repeats the identical bytes until they are answered, at the next address when one does not answer, as an
office does. The reader never goes back, so a number that appears below its cursor would be missed for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import time
from collections.abc import AsyncIterator

import aiohttp

from hub.wire.frame import frame, unframe_response
from hub.wire.limits import HTTP_PATH
from hub.wire.requests import Fetch, Request
from hub.wire.responses import Deposited, Fetched, Refused, Response, Waiting
from keys.errors import FormatError
from keys.ids import digest
from tests.unit.hub.device import Device

TRY_SECONDS = 5.0
PAUSE_SECONDS = 0.05


@dataclasses.dataclass
class Load:
    """Deposits into one device's own mailbox, through any of ``urls``."""

    device: Device
    urls: list[str]
    gap_seconds: float = 0.0  # of each depositor, after an answer
    answered: dict[bytes, float] = dataclasses.field(default_factory=dict)  # envelope id → when, in monotonic seconds
    tries: int = 0
    read: dict[int, bytes] = dataclasses.field(default_factory=dict)  # number → envelope id, as the reader saw them
    contradictions: list[int] = dataclasses.field(default_factory=list)  # numbers that named two envelopes

    @contextlib.asynccontextmanager
    async def running(self, depositors: int = 4) -> AsyncIterator[None]:
        """Deposit and read for as long as the block lasts; what is under way at its end is not waited for."""
        tasks = [asyncio.create_task(self._deposit(number)) for number in range(depositors)]
        tasks.append(asyncio.create_task(self._read()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            for result in results:
                if isinstance(result, Exception):
                    raise result

    async def until(self, more: int, seconds: float) -> float:
        """Wait for so many more answers; returns the seconds that it took."""
        began, wanted = time.monotonic(), len(self.answered) + more
        async with asyncio.timeout(seconds):
            while len(self.answered) < wanted:  # noqa: ASYNC110 - a look every hundredth of a second is enough
                await asyncio.sleep(0.01)
        return time.monotonic() - began

    def pause(self, since: float) -> float:
        """The longest time without an answer since then, in seconds."""
        times = [since, *sorted(when for when in self.answered.values() if when >= since)]
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)

    async def everything(self) -> dict[int, bytes]:
        """All that can be fetched from the start."""
        found: dict[int, bytes] = {}
        while True:
            page = await self._fetch(max(found, default=0))
            found |= page
            if not page:
                return found

    async def lost(self) -> set[bytes]:
        """Envelopes that were answered and are not there."""
        return self.answered.keys() - set((await self.everything()).values())

    async def _deposit(self, number: int) -> None:
        urls = itertools.cycle(self.urls[number % len(self.urls) :] + self.urls[: number % len(self.urls)])
        url = next(urls)
        while True:
            deposit = self.device.deposit()
            while True:
                self.tries += 1
                answer = await self._ask(url, deposit)
                if isinstance(answer, Deposited):
                    self.answered[digest(deposit.envelope)] = time.monotonic()
                    await asyncio.sleep(self.gap_seconds)
                    break
                url = next(urls)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _read(self) -> None:
        while True:
            for number, envelope_id in (await self._fetch(max(self.read, default=0))).items():
                if self.read.setdefault(number, envelope_id) != envelope_id:
                    self.contradictions.append(number)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _fetch(self, after: int) -> dict[int, bytes]:
        for url in itertools.cycle(self.urls):
            answer = await self._ask(url, Fetch(self.device.bearer, after, 256))
            if isinstance(answer, Fetched):
                return {item.n: digest(item.envelope) for item in answer.items if isinstance(item, Waiting)}
            await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError

    async def _ask(self, url: str, request: Request) -> Response | None:
        """One request on a connection of its own: whichever process the proxy chooses."""
        timeout = aiohttp.ClientTimeout(total=TRY_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url + HTTP_PATH, data=frame(request)) as got,
            ):
                answer = unframe_response(await got.read())
        except (aiohttp.ClientError, OSError, TimeoutError, FormatError):
            return None
        return None if isinstance(answer, Refused) else answer
