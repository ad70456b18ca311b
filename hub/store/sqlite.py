"""The store on SQLite: write-ahead log, a sync before every answer, one writer, one reader (PROTOCOL 8).

``synchronous=FULL`` syncs the write-ahead log at every commit; that is what makes an answer durable. The page size is
8 KiB: an envelope's id and recall hash are random, so each touches an index page of its own, and that page is written
whole, twice. For an envelope of 16 KiB with 24,000 waiting, 66 KiB are written with pages of 16 KiB, 51 with these and
42 with 4 KiB, which take more calls for it. Reads have a connection of their own, so that a drain does not hold up
deposits.

Not here: the SQL of the single operations (mail_sql, log_sql), the migrations (migrations).
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import functools
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

from hub.store import given, log_sql, mail_sql
from hub.store.base import (
    BatchHead,
    MailboxFull,
    NewEnvelope,
    Page,
    Place,
    Placed,
    Queue,
    Stamps,
    Standing,
    StoreError,
    Token,
    Totals,
)
from hub.store.migrations import migrate
from hub.store.writer import MAX_GROUP, MAX_QUEUED, GroupWriter, StoreConnection, settle_log
from keys.ids import DeviceId, MailboxId

PAGE_BYTES: Final = 8 * 1024
BUSY_SECONDS: Final = 5.0  # `sluss-hub status` reads beside a serving hub
WAL_PAGES: Final = 8_000  # copied back into the database at 64 MiB, four times as seldom as SQLite's default
CACHE_KIB: Final = 16 * 1024


class SqliteStore:
    """All of the hub's state in one SQLite file. Made by ``open_store``."""

    def __init__(self, writer: StoreConnection, reader: StoreConnection, group: GroupWriter, *, gives: bool) -> None:
        self._writer = writer
        self._reader = reader
        self._group = group
        self._gives = gives
        # Highest number given out per mailbox; written down at the end (given).
        self._given: dict[MailboxId, int] = {}
        self._locks: collections.defaultdict[MailboxId, asyncio.Lock] = collections.defaultdict(asyncio.Lock)

    # -- mail ---------------------------------------------------------------------------------------------------------

    async def add_mailbox(self, mailbox: MailboxId) -> None:
        """See MailStore."""
        await self._group.submit(lambda connection: mail_sql.add_mailbox(connection, mailbox))

    async def put_token(self, token: Token) -> None:
        """See MailStore."""
        await self._group.submit(lambda connection: mail_sql.put_token(connection, token))

    async def tokens(self) -> list[Token]:
        """See MailStore."""
        return await self._reader.run(mail_sql.tokens)

    async def drop_tokens(self, before_week: int) -> int:
        """See MailStore."""
        return await self._group.submit(lambda connection: mail_sql.drop_tokens(connection, before_week))

    async def deposit(self, envelope: NewEnvelope, max_waiting: int) -> Placed | MailboxFull:
        """See MailStore."""
        return await self._group.submit_to(mail_sql.deposit_many, (envelope, max_waiting))

    async def page(self, mailbox: MailboxId, after: int, *, limit: int, max_bytes: int) -> Page:
        """See MailStore."""
        return await self._reader.run(
            lambda connection: mail_sql.page(connection, mailbox, after, limit=limit, max_bytes=max_bytes)
        )

    async def hand_out(self, mailbox: MailboxId, after: int, *, limit: int, max_bytes: int) -> Page:
        """See MailStore."""
        async with self._locks[mailbox]:  # against a withholding between reading a row and noting that it was given out
            page = await self.page(mailbox, after, limit=limit, max_bytes=max_bytes)
            last = max((row.n for row in page.rows if row.body is not None), default=0)
            self._given[mailbox] = max(last, self._given.get(mailbox, 0))
        return page

    async def move_cursor(self, device: DeviceId, mailbox: MailboxId, n: int) -> int | None:
        """See MailStore."""
        return await self._group.submit(lambda connection: mail_sql.move_cursor(connection, device, mailbox, n))

    async def cursors(self, devices: list[DeviceId]) -> list[int]:
        """See MailStore."""
        return await self._reader.run(lambda connection: mail_sql.cursors(connection, devices))

    async def standing(self, mailbox: MailboxId, device: DeviceId) -> Standing:
        """See MailStore."""
        return await self._reader.run(lambda connection: mail_sql.standing(connection, mailbox, device))

    async def find_recall(self, recall_hash: bytes, sealed_hour: int) -> Place | None:
        """See MailStore."""
        return await self._reader.run(lambda connection: mail_sql.find_recall(connection, recall_hash, sealed_hour))

    async def withhold(self, place: Place) -> bool:
        """See MailStore."""
        async with self._locks[place.mailbox]:
            reached = self._given.get(place.mailbox, 0)
            return await self._group.submit(lambda connection: mail_sql.withhold(connection, place, reached))

    async def prune(self, mailbox: MailboxId, upto: int, *, limit: int) -> int:
        """See MailStore."""
        return await self._group.submit(lambda connection: mail_sql.prune(connection, mailbox, upto, limit=limit))

    async def expire(self, before_hour: int, *, limit: int) -> int:
        """See MailStore."""
        return await self._group.submit(lambda connection: mail_sql.expire(connection, before_hour, limit=limit))

    # -- log and batches ----------------------------------------------------------------------------------------------

    async def append_leaf(self, index: int, leaf: bytes, note: bytes) -> None:
        """See LogStore."""
        await self._group.submit(lambda connection: log_sql.append_leaf(connection, index, leaf, note))

    async def leaves(self, start: int, *, limit: int, max_bytes: int) -> list[bytes]:
        """See LogStore."""
        return await self._reader.run(
            lambda connection: log_sql.leaves(connection, start, limit=limit, max_bytes=max_bytes)
        )

    async def checkpoint(self) -> bytes | None:
        """See LogStore."""
        return await self._reader.run(lambda connection: log_sql.meta(connection, "checkpoint"))

    async def put_cosigned(self, note: bytes) -> None:
        """See LogStore."""
        await self._group.submit(lambda connection: log_sql.put_meta(connection, "cosigned", note))

    async def cosigned(self) -> bytes | None:
        """See LogStore."""
        return await self._reader.run(lambda connection: log_sql.meta(connection, "cosigned"))

    async def incarnation(self) -> bytes:
        """See LogStore."""
        value = await self._reader.run(lambda connection: log_sql.meta(connection, "incarnation"))
        if value is None:
            raise StoreError("STORE", rule="incarnation")
        return value

    async def put_batch(self, head: BatchHead, body: bytes) -> None:
        """See BatchStore."""
        await self._group.submit(lambda connection: log_sql.put_batch(connection, head, body))

    async def batch_heads(self) -> list[BatchHead]:
        """See BatchStore."""
        return await self._reader.run(log_sql.batch_heads)

    async def append_snapshot(self, index: int, leaf: bytes, note: bytes, *, number: int, kept: list[DeviceId]) -> None:
        """See BatchStore."""

        def work(connection: sqlite3.Connection) -> None:
            log_sql.append_leaf(connection, index, leaf, note)
            log_sql.cover(connection, number, kept)

        await self._group.submit(work)

    async def covered(self, *, above: int, after: DeviceId, limit: int, max_bytes: int) -> list[tuple[DeviceId, bytes]]:
        """See BatchStore."""
        return await self._reader.run(
            lambda connection: log_sql.covered(connection, above=above, after=after, limit=limit, max_bytes=max_bytes)
        )

    # -- the whole ----------------------------------------------------------------------------------------------------

    def alone(self) -> AbstractAsyncContextManager[None]:
        """See Store. One process has the file, and within it the callers have locks of their own."""
        return contextlib.nullcontext()

    async def schema(self) -> int:
        """Number of the database's schema."""
        return await self._reader.run(lambda connection: int(connection.execute("PRAGMA user_version").fetchone()[0]))

    async def stamps(self) -> Stamps | None:
        """See Store."""
        return None

    async def follow(self, heard: Callable[[dict[MailboxId, int] | None], Awaitable[None]]) -> None:
        """See Store. There is nobody else."""
        await asyncio.Event().wait()

    async def totals(self) -> Totals:
        """See Store."""
        return await self._reader.run(_totals)

    async def queues(self) -> list[Queue]:
        """See Store."""
        return await self._reader.run(mail_sql.queues)

    async def probe(self) -> None:
        """See Store."""
        await self._group.submit(log_sql.rewrite_incarnation)

    @property
    def queued(self) -> int:
        """See Store."""
        return self._group.queued

    async def close(self) -> None:
        """See Store."""
        if self._gives:
            with contextlib.suppress(StoreError):  # on a full disk: the next hub then takes all for given out
                await self._group.submit(lambda connection: given.settle(connection, self._given))
        await self._group.close()
        await self._reader.close()
        await self._writer.close()


async def open_store(
    path: Path, *, max_group: int = MAX_GROUP, max_queued: int = MAX_QUEUED, gives: bool = False
) -> SqliteStore:
    """Open the store, make it if it is not there, and bring it to this program's schema.

    Args:
        path: the database file.
        max_group: writes per transaction.
        max_queued: writes that may wait.
        gives: for the one process that gives out what waits; others may look and write beside it.

    Raises:
        StoreError: not a database, or of a newer schema (code ``SCHEMA``).
    """
    writer = StoreConnection(functools.partial(_connect, path))
    reader = StoreConnection(functools.partial(_connect, path))
    await writer
    try:
        await writer.run(_prepare)
        if gives:
            await writer.run(settle_log)
            await writer.run(given.begin)
        await reader
        await reader.run(_configure)
    except BaseException:
        await reader.close()
        await writer.close()
        raise
    group = GroupWriter(writer, max_group=max_group, max_queued=max_queued, folder=path.parent)
    return SqliteStore(writer, reader, group, gives=gives)


def _connect(path: Path) -> sqlite3.Connection:
    # isolation_level None: this module alone says where a transaction begins and ends.
    return sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS, cached_statements=256)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # only before the first table
    connection.execute("PRAGMA journal_mode = WAL")
    _configure(connection)
    migrate(connection)


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    # What a savepoint may have to put back stays in memory: a temporary file for every group is a third of its cost.
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    # Deleted rows are overwritten within their pages: ids and hashes do not outlive their envelope.
    connection.execute("PRAGMA secure_delete = FAST")


def _totals(connection: sqlite3.Connection) -> Totals:
    mailboxes, waiting = connection.execute("SELECT count(*), coalesce(sum(waiting), 0) FROM mailbox").fetchone()
    (withheld,) = connection.execute("SELECT count(*) FROM envelope WHERE recalled = 1").fetchone()
    (batches,) = connection.execute("SELECT count(*) FROM batch").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()  # that of its making
    return Totals(mailboxes, waiting, withheld, batches, pages * page_bytes)
