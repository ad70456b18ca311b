"""The store on PostgreSQL (PROTOCOL 8.7).

What is particular beside the store on SQLite, because other processes work on the same database:
1. What was given out stands in the mailbox's row, so that a recall at another process knows it. This process notes it,
   durably, before it gives anything: what a device was given is then on the standby too, and its number cannot be given
   again to something else after a fail-over. What is visible need not be durable yet (deposits).
2. ``alone`` is an advisory lock. What is written inside is written on the connection that holds it: when the connection
   is lost, so is the lock, and the write fails with it.

Not here: the SQL (mail, log), deposits in groups (deposits), connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Final, TypeVar

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
from hub.store.postgres import log, mail
from hub.store.postgres.blobs import PostgresBlobs
from hub.store.postgres.connections import Connections, Line, Server, Work
from hub.store.postgres.deposits import MAX_GROUP, DepositWriter
from hub.store.postgres.filling import refuse_unfinished
from hub.store.postgres.following import Follower, Heard
from hub.store.postgres.migrations import check_schema, migrate
from keys.ids import DeviceId, MailboxId

T = TypeVar("T")

ALONE_LOCK: Final = 0x51_55_53_02  # an advisory lock's number, beside that of the migrations
UPKEEP_SECONDS: Final = 86_400.0  # for one statement of a backup, a purge or an inspection


class PostgresStore:
    """All of the hub's state in one PostgreSQL database. Made by ``open_postgres``."""

    def __init__(self, connections: Connections, *, max_group: int) -> None:
        self._connections = connections
        self._follower = Follower(connections)
        self.blobs: Final = PostgresBlobs(connections)
        self._deposits = DepositWriter(
            connections, self._follower.reached, max_group=max_group, max_queued=connections.server.max_waiting
        )
        self._noted: dict[MailboxId, int] = {}  # what this process noted as given out, and is durable
        self._settled: dict[MailboxId, int] = {}  # the last number that this process showed, and is durable
        self._gate = asyncio.Lock()
        self._held: ContextVar[Line | None] = ContextVar("held", default=None)

    # -- mail ---------------------------------------------------------------------------------------------------------

    async def add_mailbox(self, mailbox: MailboxId) -> None:
        """See MailStore."""
        await self._run(lambda line: mail.add_mailbox(line, mailbox))

    async def put_token(self, token: Token) -> None:
        """See MailStore."""
        await self._run(lambda line: mail.put_token(line, token))
        self._follower.changed()

    async def tokens(self) -> list[Token]:
        """See MailStore."""
        return await self._run(mail.tokens)

    async def drop_tokens(self, before_week: int) -> int:
        """See MailStore."""
        return await self._run(lambda line: mail.drop_tokens(line, before_week))

    async def deposit(self, envelope: NewEnvelope, max_waiting: int) -> Placed | MailboxFull:
        """See MailStore."""
        return await self._deposits.submit(envelope, max_waiting)

    async def page(self, mailbox: MailboxId, after: int, *, limit: int, max_bytes: int) -> Page:
        """See MailStore."""
        return await self._run(lambda line: mail.page(line, mailbox, after, limit=limit, max_bytes=max_bytes))

    async def hand_out(self, mailbox: MailboxId, after: int, *, limit: int, max_bytes: int) -> Page:
        """See MailStore. Below what is noted nothing can have been withheld. It is settled in the session that read."""

        async def work(line: Line) -> tuple[Page, int]:
            page = await mail.page(line, mailbox, after, limit=limit, max_bytes=max_bytes)
            given = max((row.n for row in page.rows if row.body is not None), default=0)
            if given > self._noted.get(mailbox, 0):
                page = page.without(await mail.note_given(line, mailbox, given, after=after))
            if page.last_n > self._settled.get(mailbox, 0) or given > self._noted.get(mailbox, 0):
                await mail.settle(line)
            return page, given

        # Only now: a commit that was cut short while it waited for its standby fails behind the work (connections, 4).
        page, given = await self._run(work)
        self._noted[mailbox] = max(given, self._noted.get(mailbox, 0))
        self._settled[mailbox] = max(page.last_n, self._settled.get(mailbox, 0))
        return page

    async def move_cursor(self, device: DeviceId, mailbox: MailboxId, n: int) -> int | None:
        """See MailStore."""
        return await self._run(lambda line: mail.move_cursor(line, device, mailbox, n))

    async def cursors(self, devices: list[DeviceId]) -> list[int]:
        """See MailStore."""
        return await self._run(lambda line: mail.cursors(line, devices))

    async def standing(self, mailbox: MailboxId, device: DeviceId) -> Standing:
        """See MailStore."""
        return await self._run(lambda line: mail.standing(line, mailbox, device))

    async def find_recall(self, recall_hash: bytes, sealed_hour: int) -> Place | None:
        """See MailStore."""
        return await self._run(lambda line: mail.find_recall(line, recall_hash, sealed_hour))

    async def withhold(self, place: Place) -> bool:
        """See MailStore."""
        return await self._run(lambda line: mail.withhold(line, place))

    async def prune(self, mailbox: MailboxId, upto: int, *, limit: int) -> int:
        """See MailStore."""
        return await self._run(lambda line: mail.prune(line, mailbox, upto, limit=limit))

    async def expire(self, before_hour: int, *, limit: int) -> int:
        """See MailStore."""
        return await self._run(lambda line: mail.expire(line, before_hour, limit=limit))

    # -- log and batches ----------------------------------------------------------------------------------------------

    async def append_leaf(self, index: int, leaf: bytes, note: bytes) -> None:
        """See LogStore."""
        await self._run(lambda line: log.append_leaf(line, index, leaf, note))
        self._follower.changed()

    async def leaves(self, start: int, *, limit: int, max_bytes: int) -> list[bytes]:
        """See LogStore."""
        return await self._run(lambda line: log.leaves(line, start, limit=limit, max_bytes=max_bytes))

    async def checkpoint(self) -> bytes | None:
        """See LogStore."""
        return await self._run(lambda line: log.meta(line, "checkpoint"))

    async def put_cosigned(self, note: bytes) -> None:
        """See LogStore."""
        await self._run(lambda line: log.put_meta(line, "cosigned", note))
        self._follower.changed()

    async def cosigned(self) -> bytes | None:
        """See LogStore."""
        return await self._run(lambda line: log.meta(line, "cosigned"))

    async def incarnation(self) -> bytes:
        """See LogStore."""
        value = await self._run(lambda line: log.meta(line, "incarnation"))
        if value is None:
            raise StoreError("STORE", rule="incarnation")
        return value

    async def put_batch(self, head: BatchHead, body: bytes) -> None:
        """See BatchStore."""
        await self._run(lambda line: log.put_batch(line, head, body))

    async def batch_heads(self) -> list[BatchHead]:
        """See BatchStore."""
        return await self._run(log.batch_heads)

    async def append_snapshot(self, index: int, leaf: bytes, note: bytes, *, number: int, kept: list[DeviceId]) -> None:
        """See BatchStore."""
        await self._run(lambda line: log.append_snapshot(line, index, leaf, note, number=number, kept=kept))
        self._follower.changed()

    async def covered(self, *, above: int, after: DeviceId, limit: int, max_bytes: int) -> list[tuple[DeviceId, bytes]]:
        """See BatchStore."""
        return await self._run(
            lambda line: log.covered(line, above=above, after=after, limit=limit, max_bytes=max_bytes)
        )

    # -- the whole ----------------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """See Store."""
        if self._held.get() is not None:
            yield
            return
        # Of this process only one waits at the database, or those who wait would take all connections.
        async with self._gate, self._connections.held() as line:
            await self._connections.on(line, lambda line: line.execute("SELECT pg_advisory_lock($1)", ALONE_LOCK))
            token = self._held.set(line)
            try:
                yield
            finally:
                self._held.reset(token)
                if not line.is_closed():
                    await self._connections.on(
                        line, lambda line: line.execute("SELECT pg_advisory_unlock($1)", ALONE_LOCK)
                    )

    async def stamps(self) -> Stamps | None:
        """See Store."""
        return await self._follower.stamps()

    async def follow(self, heard: Heard) -> None:
        """See Store."""
        await self._follower.follow(heard)

    async def totals(self) -> Totals:
        """See Store."""
        return await self._run(_totals)

    async def queues(self) -> list[Queue]:
        """See Store."""
        return await self._run(mail.queues)

    async def probe(self) -> None:
        """See Store."""
        await self._run(log.probe)

    @property
    def queued(self) -> int:
        """See Store."""
        return self._deposits.queued + self._connections.waiting

    async def close(self) -> None:
        """See Store."""
        await self._deposits.close()
        await self._follower.close()
        await self._connections.close()

    async def _run(self, work: Work[T]) -> T:
        line = self._held.get()
        if line is None:
            return await self._connections.run(work)
        if line.is_closed():
            raise StoreError("STORE", rule="lock-lost")
        return await self._connections.on(line, work)


async def open_postgres(server: Server, *, max_group: int = MAX_GROUP) -> PostgresStore:
    """Open the store on a database of this program's schema.

    Raises:
        StoreError: not to be reached, or of another schema (codes ``SCHEMA``, ``MIGRATE``).
    """
    connections = Connections(server)
    try:
        await connections.run(check_schema)
        await connections.run(refuse_unfinished)
    except BaseException:
        await connections.close()
        raise
    return PostgresStore(connections, max_group=max_group)


async def on_line(server: Server, work: Work[T], *, alone: bool = False) -> T:
    """Run upkeep on one connection of its own, without a limit of time, on a database of this program's schema.

    Raises:
        StoreError: as ``open_postgres``; code ``RUNNING`` when it must be alone and is not, or another one must.
    """
    connections = Connections(dataclasses.replace(server, connections=1, seconds=UPKEEP_SECONDS), alone=alone)
    try:
        await connections.run(check_schema)
        await connections.run(refuse_unfinished)
        return await connections.run(work)
    finally:
        await connections.close()


async def migrate_postgres(server: Server) -> int:
    """Bring a database to this program's schema; returns its number.

    Raises:
        StoreError: not to be reached, or of a newer schema (code ``SCHEMA``).
    """
    connections = Connections(server)
    try:
        return await connections.run(migrate)
    finally:
        await connections.close()


async def _totals(line: Line) -> Totals:
    (row,) = await line.fetch(
        "SELECT (SELECT count(*) FROM mailbox), (SELECT coalesce(sum(waiting), 0) FROM mailbox)::bigint,"
        " (SELECT count(*) FROM envelope WHERE recalled), (SELECT count(*) FROM batch),"
        " pg_database_size(current_database())"
    )
    return Totals(*row)
