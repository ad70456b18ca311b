"""Who wants to be woken for which mailbox, in memory (PROTOCOL 5.7).

One task writes to all listeners: a listener costs no task or timer of its own beside the one that reads its connection.
Wake and sign of life are frames of one size; between two signs of life a listener is woken at most once per round.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Final

from hub.wire.frame import frame
from hub.wire.responses import Something, StillHere
from keys.ids import DeviceId, MailboxId

SEND_SECONDS: Final = 2.0  # a listener whose connection takes no kilobyte in this time is hung up
_SOMETHING: Final = frame(Something())
_STILL_HERE: Final = frame(StillHere())


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Waker:
    """One listening device; compared by identity."""

    device: DeviceId
    mailbox: MailboxId
    ends_at: float
    post: Callable[[bytes], Awaitable[None]]
    hang_up: Callable[[], Awaitable[object]]


class Wakers:
    """All listeners.

    Args:
        beat_seconds: between two signs of life.
        clock: seconds since 1970.
    """

    def __init__(self, beat_seconds: float, clock: Callable[[], float]) -> None:
        self._beat_seconds = beat_seconds
        self._clock = clock
        self._by_mailbox: collections.defaultdict[MailboxId, set[Waker]] = collections.defaultdict(set)
        self._ready: dict[Waker, None] = {}
        self._stirred = asyncio.Event()

    def add(self, waker: Waker) -> None:
        """Listen; the first wake comes at once, so that nothing is missed between two connections."""
        self._by_mailbox[waker.mailbox].add(waker)
        self._mark([waker])

    def remove(self, waker: Waker) -> None:
        """Listen no more."""
        self._ready.pop(waker, None)
        listeners = self._by_mailbox[waker.mailbox]
        listeners.discard(waker)
        if not listeners:
            del self._by_mailbox[waker.mailbox]

    def wake(self, mailbox: MailboxId) -> None:
        """There is something in ``mailbox``."""
        self._mark(self._by_mailbox.get(mailbox, ()))

    async def end_device(self, device: DeviceId) -> None:
        """Hang up on a device."""
        await self._end([waker for waker in self._all() if waker.device == device])

    async def end_all(self) -> None:
        """Hang up on everyone."""
        await self._end(self._all())

    async def serve(self) -> None:
        """Wake and beat until cancelled."""
        loop = asyncio.get_running_loop()
        beat_at = loop.time() + self._beat_seconds
        while True:
            try:
                async with asyncio.timeout_at(beat_at):
                    await self._stirred.wait()
                self._stirred.clear()
                woken, self._ready = list(self._ready), {}
                await self._send(woken, _SOMETHING)
            except TimeoutError:
                beat_at = loop.time() + self._beat_seconds
                await self._beat()

    def __len__(self) -> int:
        """Number of listeners."""
        return len(self._all())

    async def _beat(self) -> None:
        now = self._clock()
        await self._end([waker for waker in self._all() if waker.ends_at <= now])
        await self._send(self._all(), _STILL_HERE)

    async def _send(self, wakers: list[Waker], data: bytes) -> None:
        await asyncio.gather(*(_post(waker, data) for waker in wakers))

    async def _end(self, wakers: list[Waker]) -> None:
        await asyncio.gather(*(waker.hang_up() for waker in wakers), return_exceptions=True)

    def _mark(self, wakers: collections.abc.Iterable[Waker]) -> None:
        for waker in wakers:
            self._ready[waker] = None
            self._stirred.set()

    def _all(self) -> list[Waker]:
        return [waker for listeners in self._by_mailbox.values() for waker in listeners]


async def _post(waker: Waker, data: bytes) -> None:
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await waker.post(data)
    except (TimeoutError, OSError):  # gone or stuck: its reader sees the end and removes it
        await waker.hang_up()
