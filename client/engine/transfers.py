"""Moving attached files: blobs to the hub and from it, beside the sync loop and never in its way (PROTOCOL 4.9).

Rules:
1. What is done is noted every few blobs, and only when they are on the disk here or at the hub: after a crash it goes
   on from there.
2. Nothing is believed of the hub (``fetching``), and nothing is put twice that it has (``uploading``).
3. What is wrong with one file stands with that file, and the others go on; small ones go first.
4. What nobody needs at the hub any more is dropped there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from client.engine.context import Context
from client.engine.fetching import COMING, Fetching
from client.engine.link import Link
from client.engine.sessions import HubError, HubRefusedError
from client.engine.uploading import GOING, Uploading
from keys.errors import LocalError
from keys.logging import get_logger

PAUSE_SECONDS: Final = 60
MOST_PAUSE_SECONDS: Final = 3600
_FIRST_PAUSE: Final = 0.5
_MOST_PAUSE: Final = 30.0
_log = get_logger("transfers")


class Lending(Protocol):
    """What siblings lack."""

    async def lend(self) -> None:
        """Make streams for them."""


class Transfers:
    """All that is on its way at one office."""

    def __init__(self, context: Context, uploading: Uploading, fetching: Fetching, lending: Lending) -> None:
        self._context = context
        self._vault = context.vault
        self._uploading = uploading
        self._fetching = fetching
        self._lending = lending
        self._nudged = asyncio.Event()
        self._busy = asyncio.Lock()

    async def next_due(self) -> float | None:
        """When something is next to be moved, in seconds; None when nothing is."""
        value: float | None = await self._vault.value(
            "SELECT min(next_at) FROM (SELECT next_at FROM attachment WHERE state = 'coming'"
            " UNION ALL SELECT next_at FROM upload WHERE state = 'going'"
            " UNION ALL SELECT 0 FROM upload WHERE state IN ('unwanted', 'over')"
            " UNION ALL SELECT 0 FROM unwanted)"
        )
        return value

    async def move(self, link: Link) -> int:
        """Move all that is due; returns how many files came to their end.

        Raises:
            HubError: unreachable; what was moved so far is noted.
            LockedError: nothing can be sent.
        """
        ended = 0
        async with self._busy:
            await self._lending.lend()
            while row := await self._next("upload", GOING, "going", "blobs"):
                ended += await self._guarded("upload", row, self._uploading.put, link)
            while row := await self._next("attachment", COMING, "coming", "size_bytes"):
                ended += await self._guarded("attachment", row, self._fetching.fetch, link)
            await self._uploading.let_go()
            await self._uploading.drop(link)
        return ended

    def nudge(self) -> None:
        """There may be something to move."""
        self._nudged.set()

    async def run(self, link: Link, ended: Callable[[], None]) -> None:
        """Go on until cancelled; ``ended`` is called when files came to their end. The sync loop tells of trouble."""
        pause = 0.0
        while True:
            self._nudged.clear()
            try:
                if await self.move(link):
                    ended()
                pause = 0.0
            except Exception as error:  # a fault of our own must not end all moving
                pause = min(max(2 * pause, _FIRST_PAUSE), _MOST_PAUSE)
                _log.warning("transfer stopped", code=getattr(error, "code", "FAULT"), error_type=type(error).__name__)
                await asyncio.sleep(pause)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(await self._until_due()):
                    await self._nudged.wait()

    async def _until_due(self) -> float:
        due = await self.next_due()
        return _MOST_PAUSE if due is None else min(max(0.0, due - self._context.clock.exact()), _MOST_PAUSE)

    async def _next(self, table: str, columns: str, state: str, order: str) -> Any:
        return await self._vault.one(
            f"SELECT {columns}, tries FROM {table} WHERE state = ? AND next_at <= ? ORDER BY {order}, file_id LIMIT 1",  # noqa: S608 - constant
            state, self._context.clock.now(),
        )  # fmt: skip

    async def _guarded(self, table: str, row: Any, move: Callable[[Any, Link], Awaitable[bool]], link: Link) -> bool:
        try:
            return await move(row[:-1], link)
        except HubRefusedError as error:
            await self._later(table, row, error.code)
        except LocalError as error:
            if isinstance(error, HubError):
                raise
            await self._later(table, row, error.code)
        return False

    async def _later(self, table: str, row: Any, code: str) -> None:
        """Try again after a pause that grows; the code is shown meanwhile."""
        pause = min(PAUSE_SECONDS << min(row[-1], 6), MOST_PAUSE_SECONDS)
        async with self._vault.transaction():
            await self._vault.write(
                f"UPDATE {table} SET code = ?, tries = tries + 1, next_at = ? WHERE file_id = ?",  # noqa: S608 - constant
                code, self._context.clock.now() + pause, row[0],
            )  # fmt: skip
