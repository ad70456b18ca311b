"""Who wants to be woken for which mailbox, in memory (PROTOCOL 5.7)."""

from __future__ import annotations

import asyncio
import collections

from keys.ids import DeviceId, MailboxId


class Waker:
    """One listening device: an event, and whether it must go."""

    __slots__ = ("device", "ended", "event", "mailbox")

    def __init__(self, device: DeviceId, mailbox: MailboxId) -> None:
        self.device = device
        self.mailbox = mailbox
        self.event = asyncio.Event()
        self.ended = False

    def end(self) -> None:
        """Let the listener go: its device was revoked, or the hub stops."""
        self.ended = True
        self.event.set()


class Wakers:
    """All listeners."""

    def __init__(self) -> None:
        self._by_mailbox: collections.defaultdict[MailboxId, set[Waker]] = collections.defaultdict(set)

    def add(self, waker: Waker) -> None:
        """Listen."""
        self._by_mailbox[waker.mailbox].add(waker)

    def remove(self, waker: Waker) -> None:
        """Listen no more."""
        listeners = self._by_mailbox[waker.mailbox]
        listeners.discard(waker)
        if not listeners:
            del self._by_mailbox[waker.mailbox]

    def wake(self, mailbox: MailboxId) -> None:
        """There is something in ``mailbox``."""
        for waker in self._by_mailbox.get(mailbox, ()):
            waker.event.set()

    def end_device(self, device: DeviceId) -> None:
        """Let a device's listeners go."""
        for waker in self._all():
            if waker.device == device:
                waker.end()

    def end_all(self) -> None:
        """Let everyone go."""
        for waker in self._all():
            waker.end()

    def __len__(self) -> int:
        """Number of listeners."""
        return len(self._all())

    def _all(self) -> list[Waker]:
        return [waker for listeners in self._by_mailbox.values() for waker in listeners]
