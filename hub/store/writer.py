"""Group commit: a task takes all that has queued; one transaction, one sync, then all are answered (PROTOCOL 8.1).

A disk syncs some thousand times a second whatever is in the transaction. Whoever comes while one group is being written
waits for the next, so the group grows with the load by itself, and nobody waits for a timer.

Rules:
1. A work is answered only after the commit that holds it.
2. When the transaction fails, it is rolled back as a whole and every waiter of the group gets the error.
3. What waits is bounded; beyond that a new work is refused at once.
4. After an error of the disk a commit is believed only when the disk has shown that it keeps something new (``prove``).
5. After each commit the file system is asked whether it still takes changes (``require_alive``): a sync that runs while
   it gives up its journal may end with a yes.
6. What an earlier process left in the write-ahead log is written anew before anything is answered (``settle_log``).
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import errno
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import aiosqlite

from hub.store.base import StoreBusyError, StoreError, StoreFullError

T = TypeVar("T")
Item = TypeVar("Item")
Work = Callable[[sqlite3.Connection], T]
Bulk = Callable[[sqlite3.Connection, list[Item]], list[T]]
_Entry = tuple[Bulk[Any, Any], Any, asyncio.Future[Any]]

MAX_GROUP: Final = 256  # 4 MiB of 16 KiB envelopes: some 20 ms of writing, the longest that a newcomer waits
MAX_QUEUED: Final = 4096
PROOF_NAME: Final = ".proof"
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class StoreConnection(aiosqlite.Connection):
    """An aiosqlite connection that runs one function on its thread instead of one statement.

    A group of 256 deposits is some hundred statements: one hop to the thread and back, not a hundred.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True  # a hub that fails must end; SQLite does not mind where it is cut off

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

    def post(self, work: Work[None]) -> None:
        """Let ``work`` run on the connection's thread; it must not raise."""
        self._tx.put_nowait((None, lambda: work(self._conn)))


def store_error(error: sqlite3.Error) -> StoreError:
    """The same fault in our words."""
    code = _primary(error)
    return StoreFullError() if code == sqlite3.SQLITE_FULL else StoreError("STORE", sqlite=code)


def _primary(error: Exception) -> int:
    """SQLite's primary result code, the low byte; 0 for other errors."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def prove(folder: Path) -> None:
    """Make a folder, sync it into its place, and take it away.

    A file system that gave up its journal may still say yes to the sync of a file that has its place: what was to say
    where that is went with the journal, and with it what was answered. For a new name it needs the journal.

    Raises:
        StoreError: the disk does not keep it. One without room keeps what it has.
    """
    path = folder / PROOF_NAME
    try:
        with contextlib.suppress(FileNotFoundError):
            path.rmdir()  # a crash left it
        path.mkdir()
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        path.rmdir()
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise StoreError("STORE", rule="disk") from error


def require_alive(folder: Path) -> None:
    """Change the folder's time, in memory alone: some 3 µs.

    ext4 gives up its journal for good. A sync that waits for a commit of that journal at this instant is told that
    there is nothing to wait for; the next change is refused.

    Raises:
        StoreError: the file system takes no changes any more, so the sync before this is not to be believed.
    """
    try:
        os.utime(folder)
    except OSError as error:
        raise StoreError("STORE", rule="disk") from error


def settle_log(connection: sqlite3.Connection) -> None:
    """Copy the write-ahead log into the database, sync that, and let the log begin anew.

    A commit whose sync failed was refused; when its process was killed and the disk not mounted anew, memory still
    shows it, and what shows is taken for durable. It is not on the disk, no later sync writes it, and a log with a hole
    ends there: what was answered after it would go with it when the power does. Written anew, all of it is durable.

    Raises:
        StoreError: the disk refuses, or somebody reads beside.
    """
    try:
        (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise store_error(error) from error
    if is_busy:
        raise StoreError("STORE", rule="busy")


class GroupWriter:
    """Queues works and writes them in groups.

    While it is busy, the connection's thread takes its next group straight from the queue, without a turn of the event
    loop in between. When it is idle, it starts after the turn in which the first work came, so that all works of that
    turn are in its group and not only the first.

    Args:
        connection: the one connection that writes.
        max_group: works per transaction; 1 commits each by itself.
        max_queued: works that may wait.
        folder: of the database.
    """

    def __init__(self, connection: StoreConnection, *, max_group: int, max_queued: int, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._is_proven = False  # nor is the disk of a process that was started anew on it
        self._max_group = max_group
        self._max_queued = max_queued
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()  # guards the queue and _writing, which both threads change
        self._queue: collections.deque[_Entry] = collections.deque()
        self._writing = False
        self._closing = False

    def submit(self, work: Work[T]) -> asyncio.Future[T]:
        """Queue ``work``; the future is done after the commit.

        Raises:
            StoreBusyError: too much waits, or the store is closing.
        """
        return self.submit_to(_one_by_one, work)

    def submit_to(self, bulk: Bulk[Item, T], item: Item) -> asyncio.Future[T]:
        """Queue ``item`` for ``bulk``, which gets all its items of one group at once and gives a result for each.

        Raises:
            StoreBusyError: too much waits, or the store is closing.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        with self._lock:
            if self._closing or len(self._queue) >= self._max_queued:
                raise StoreBusyError
            self._queue.append((bulk, item, future))
            idle, self._writing = not self._writing, True
        if idle:
            self._loop.call_soon(self._connection.post, self._drain)
        return future

    @property
    def queued(self) -> int:
        """Works that wait for the next group."""
        return len(self._queue)

    async def close(self) -> None:
        """Take no more, and write what waits."""
        self._closing = True
        await asyncio.sleep(0)  # what was submitted in this turn is posted in the next
        await self._connection.run(lambda _: None)  # behind everything that was posted

    def _drain(self, connection: sqlite3.Connection) -> None:
        """Write group after group until nothing waits. Runs on the connection's thread."""
        while group := self._take():
            try:
                if not self._is_proven:
                    prove(self._folder)
                    self._is_proven = True
                answers = _transaction(connection, group)
                require_alive(self._folder)
            except Exception as error:  # whatever happened, nobody may wait for ever
                is_of_the_disk = isinstance(error, StoreError) or _primary(error) == sqlite3.SQLITE_IOERR
                self._is_proven = self._is_proven and not is_of_the_disk
                failure = store_error(error) if isinstance(error, sqlite3.Error) else error
                self._loop.call_soon_threadsafe(_fail, group, failure)
            else:
                self._loop.call_soon_threadsafe(_answer, answers)

    def _take(self) -> list[_Entry]:
        with self._lock:
            count = min(len(self._queue), self._max_group)
            self._writing = count > 0
            return [self._queue.popleft() for _ in range(count)]


def _transaction(connection: sqlite3.Connection, group: list[_Entry]) -> list[tuple[asyncio.Future[Any], Any]]:
    """Write a group; works of one kind together, kinds in the order of their first work.

    Nobody was answered yet, so whoever is in one group came at the same time, and any order is right.
    """
    kinds: dict[Bulk[Any, Any], list[tuple[Any, asyncio.Future[Any]]]] = {}
    for bulk, item, future in group:
        kinds.setdefault(bulk, []).append((item, future))
    done: list[tuple[asyncio.Future[Any], Any]] = []
    connection.execute("BEGIN IMMEDIATE")
    try:
        for bulk, entries in kinds.items():
            results = bulk(connection, [item for item, _ in entries])
            done += zip([future for _, future in entries], results, strict=True)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a failed COMMIT may have rolled back by itself
            connection.execute("ROLLBACK")
        raise
    return done


def _one_by_one(connection: sqlite3.Connection, works: list[Work[Any]]) -> list[Any]:
    return [work(connection) for work in works]


def _answer(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in answers:
        if not future.done():  # the waiter may have left
            future.set_result(result)


def _fail(group: list[_Entry], error: Exception) -> None:
    for _, _, future in group:
        if not future.done():
            future.set_exception(error)
            future.exception()  # an exception that nobody fetches would be logged with its traceback
