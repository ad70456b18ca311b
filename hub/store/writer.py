"""Group commit: a task takes all that has queued; one transaction, one sync, then all are answered (PROTOCOL 8.1).

A disk syncs some thousand times a second whatever is in the transaction. Whoever comes while one group is being written
waits for the next, so the group grows with the load by itself, and nobody waits for a timer.

Rules:
1. A work is answered only after the commit that holds it.
2. When the transaction fails, it is rolled back as a whole and every waiter of the group gets the error.
3. What waits is bounded; beyond that a new work is refused at once.
"""

from __future__ import annotations

import asyncio
import collections
import sqlite3
from collections.abc import Callable
from typing import Any, Final, TypeVar

import aiosqlite

from hub.store.base import StoreBusyError, StoreError, StoreFullError

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

MAX_GROUP: Final = 256  # 4 MiB of 16 KiB envelopes: some 20 ms of writing, the longest that a newcomer waits
MAX_QUEUED: Final = 4096


class StoreConnection(aiosqlite.Connection):
    """An aiosqlite connection that runs one function on its thread instead of one statement.

    A group of 256 deposits is a thousand statements: one hop to the thread and back, not a thousand.
    """

    async def run(self, work: Work[T]) -> T:
        """Run ``work`` on the connection's thread.

        Raises:
            StoreError: SQLite refused.
        """
        try:
            result: T = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]  # not annotated there
        except sqlite3.Error as error:
            raise store_error(error) from error
        return result


def store_error(error: sqlite3.Error) -> StoreError:
    """The same fault in our words."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary result code
    return StoreFullError() if code == sqlite3.SQLITE_FULL else StoreError("STORE", sqlite=code)


class GroupWriter:
    """Queues works and writes them in groups.

    Args:
        connection: the one connection that writes.
        max_group: works per transaction; 1 commits each by itself.
        max_queued: works that may wait.
    """

    def __init__(self, connection: StoreConnection, *, max_group: int, max_queued: int) -> None:
        self._connection = connection
        self._max_group = max_group
        self._max_queued = max_queued
        self._queue: collections.deque[tuple[Work[Any], asyncio.Future[Any]]] = collections.deque()
        self._arrived = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._serve(), name="store-writer")

    def submit(self, work: Work[T]) -> asyncio.Future[T]:
        """Queue ``work``; the future is done after the commit.

        Raises:
            StoreBusyError: too much waits, or the store is closing.
        """
        if self._closing or len(self._queue) >= self._max_queued:
            raise StoreBusyError
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append((work, future))
        self._arrived.set()
        return future

    async def close(self) -> None:
        """Write what waits, then stop."""
        self._closing = True
        self._arrived.set()
        await self._task

    async def _serve(self) -> None:
        while not (self._closing and not self._queue):
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                count = min(len(self._queue), self._max_group)
                await self._write([self._queue.popleft() for _ in range(count)])

    async def _write(self, group: list[tuple[Work[Any], asyncio.Future[Any]]]) -> None:
        try:
            results = await self._connection.run(lambda connection: _transaction(connection, group))
        except Exception as error:  # whatever happened, nobody may wait for ever
            for _, future in group:
                _fail(future, error)
        else:
            for (_, future), result in zip(group, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _transaction(connection: sqlite3.Connection, group: list[tuple[Work[Any], asyncio.Future[Any]]]) -> list[Any]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        results = [work(connection) for work, _ in group]
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a failed COMMIT may have rolled back by itself
            connection.execute("ROLLBACK")
        raise
    return results


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if future.done():
        return
    future.set_exception(error)
    future.exception()  # the waiter may have left; an exception that nobody fetches would be logged with its traceback
