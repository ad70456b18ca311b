"""Keeping this process's copies in step with what other processes of the same hub write (PROTOCOL 8.7).

In memory are the directory's replica, the delivery tokens and who listens. Rules:
1. Whoever must not see less than another process showed asks the store first (``refresh``): before the log, the
   checkpoint or a snapshot is read, or devices would take a process that lags for a hub that forked; and before a
   deposit, a blob or a login is refused.
2. Listeners are woken by what the store tells. What is missed there is noticed by looking, some seconds later.

With a store of one process nothing is asked and nothing is told.
"""

from __future__ import annotations

import asyncio
from typing import Final

from hub.directory_log import DirectoryLog
from hub.mailboxes import Mailboxes
from hub.notify import Wakers
from hub.store.base import Stamps, Store, StoreError
from keys.errors import SlussError
from keys.ids import MailboxId
from keys.logging import get_logger

RETRY_SECONDS: Final = 0.5

_log = get_logger("following")


class Following:
    """One process among those of a hub.

    Args:
        store: what they share.
        log, mailboxes, wakers: what this process has in memory.
    """

    def __init__(self, store: Store, log: DirectoryLog, mailboxes: Mailboxes, wakers: Wakers) -> None:
        self._store = store
        self._log = log
        self._mailboxes = mailboxes
        self._wakers = wakers
        self._seen = Stamps(-1, -1)
        self._reached: dict[MailboxId, int] = {}
        self._lock = asyncio.Lock()
        self._looks = 0

    async def refresh(self) -> bool:
        """Know what every other process had answered before this call; False when there is none.

        Those who ask at the same time share one look, if it begins after they asked.

        Raises:
            StoreError: not to be known.
        """
        looks = self._looks
        async with self._lock:
            if self._looks > looks:
                return True
            stamps = await self._store.stamps()
            if stamps is None:
                return False
            self._looks += 1
            await self._take_in(stamps)
        return True

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                await self._store.follow(self._heard)
            except StoreError as error:
                _log.warning("job failed", op="follow", code=error.code)
            await asyncio.sleep(RETRY_SECONDS)

    async def _heard(self, reached: dict[MailboxId, int] | None) -> None:
        for mailbox, last_n in (reached or {}).items():
            if last_n > self._reached.get(mailbox, 0):
                self._reached[mailbox] = last_n
                self._wakers.wake(mailbox)
        if reached is None:
            try:
                await self.refresh()
            except SlussError as error:  # whoever depends on it asks by itself, and is told
                _log.warning("job failed", op="follow", code=error.code)

    async def _take_in(self, stamps: Stamps) -> None:
        if stamps.directory != self._seen.directory:
            await self._log.catch_up()
        if stamps.tokens != self._seen.tokens:
            self._mailboxes.replace_tokens(await self._store.tokens())
        self._seen = stamps
