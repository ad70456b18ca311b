"""Deposits without a pause while the hub dies again and again: on connections that stay, and read as they come.

The reader acknowledges what it has, so that a long run does not fill the disk. What is held against what was answered
is what it read, and what waits at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import io
import time
from collections.abc import AsyncIterator

import aiohttp

from hub.wire.frame import frame, unframe_response
from hub.wire.limits import HTTP_PATH
from hub.wire.requests import Ack, AnonymousRequest, Request
from hub.wire.responses import Refused, Response
from keys.errors import FormatError
from tests.ha.load import PAUSE_SECONDS, TRY_SECONDS, Load

WANTED_RATE = 200.0
"""Deposits a second, over the time in which the hub is down too."""
MOST_SECONDS = 20.0
"""For a hub to come up to that rate, until it is killed all the same."""


@dataclasses.dataclass
class SteadyLoad(Load):
    """Deposits into one device's own mailbox. ``rate`` counts from ``running``'s beginning to its end."""

    rate: float = 0.0
    _sessions: dict[bool, aiohttp.ClientSession] = dataclasses.field(default_factory=dict)

    @contextlib.asynccontextmanager
    async def running(self, depositors: int = 24) -> AsyncIterator[None]:
        """Deposit and read for as long as the block lasts."""
        timeout = aiohttp.ClientTimeout(total=TRY_SECONDS)
        async with contextlib.AsyncExitStack() as stack:
            for is_reading in (False, True):  # a connection that logged in may not deposit
                session = aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0))
                self._sessions[is_reading] = await stack.enter_async_context(session)
            began, before = time.monotonic(), len(self.answered)
            async with super().running(depositors):
                yield
                self.rate = (len(self.answered) - before) / (time.monotonic() - began)
        self._sessions.clear()

    async def until_rate(self) -> None:
        """Wait until from now on, the hub's coming up included, deposits were answered at the wanted rate."""
        began, before = time.monotonic(), len(self.answered)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MOST_SECONDS):
                while len(self.answered) - before < max(WANTED_RATE * (time.monotonic() - began), 1):  # noqa: ASYNC110
                    await asyncio.sleep(PAUSE_SECONDS)

    async def lost(self) -> set[bytes]:
        """Envelopes that were answered, and neither came to the reader nor wait."""
        return await super().lost() - set(self.read.values())

    async def _read(self) -> None:
        while True:
            page = await self._fetch(max(self.read, default=0))
            for number, envelope_id in page.items():
                if self.read.setdefault(number, envelope_id) != envelope_id:
                    self.contradictions.append(number)
            if page:
                await self._ask(self.urls[0], Ack(self.device.bearer, max(page)))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _ask(self, url: str, request: Request) -> Response | None:
        if not self._sessions:
            return await super()._ask(url, request)
        session = self._sessions[not isinstance(request, AnonymousRequest)]
        try:
            async with session.post(url + HTTP_PATH, data=io.BytesIO(frame(request))) as got:
                answer = unframe_response(await got.read())
        except (aiohttp.ClientError, OSError, TimeoutError, FormatError):
            return None
        return None if isinstance(answer, Refused) else answer
