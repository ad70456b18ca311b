"""Group commit for deposits: a few writers take all that has queued, one call of the database each (PROTOCOL 8.1).

PostgreSQL commits transactions of several connections with one sync by itself, but each of them costs a round trip,
a row lock and a commit record. Sixteen deposits in one call cost little more than one. Nobody waits for a timer.

The row of a mailbox is locked while its numbers are taken, and until they are visible, or a reader could see a larger
one first. It need not be locked until they are on the disk and on the standby. So a group is two commits of a session:
1. it is placed by one that does not wait: visible, in order, and the lock is gone after some milliseconds;
2. one that waits takes with it all that was committed before (mail.settle). Only then is anybody answered or told.
The server syncs once for all who wait, also for other processes; they queue at no lock meanwhile. In one session: a
server that died in between, or another one that leads now, would confirm what it does not have; no session outlives it.
What others see in between, a crash may still take: whatever is given to a device is settled first (store, rule 1).
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
from collections.abc import Callable
from typing import Any, Final

from hub.store.base import MailboxFull, NewEnvelope, Placed, StoreBusyError, StoreError
from hub.store.postgres import mail
from hub.store.postgres.connections import Connections, Line
from keys.ids import EnvelopeId, digest

MAX_GROUP: Final = 256
WRITERS: Final = 3
_PLACE: Final = (
    "SELECT placed.*, set_config('synchronous_commit', 'off', true)"
    " FROM place_envelopes($1, $2, $3, $4, $5, $6, $7) AS placed"
)
_NO_MAILBOX: Final = "SL001"

Answer = Placed | MailboxFull
Announce = Callable[[list[tuple[int, int]]], None]


@dataclasses.dataclass(frozen=True, slots=True)
class _Waiting:
    envelope: NewEnvelope
    envelope_id: EnvelopeId
    max_waiting: int
    done: asyncio.Future[Answer]

    @property
    def key(self) -> tuple[bytes, bytes]:
        return self.envelope.mailbox, self.envelope_id


class DepositWriter:
    """Queues deposits and places them in groups.

    Args:
        connections: where to.
        announce: told mailbox numbers and their last n after each commit.
        max_group: deposits per transaction.
        max_queued: deposits that may wait.
    """

    def __init__(self, connections: Connections, announce: Announce, *, max_group: int, max_queued: int) -> None:
        self._connections = connections
        self._announce = announce
        self._max_group = max_group
        self._max_queued = max_queued
        self._queue: collections.deque[_Waiting] = collections.deque()
        self._writers: set[asyncio.Task[None]] = set()
        # Not the number of tasks: one that found nothing more is a task for a moment yet, and would write nothing.
        self._draining = 0
        self._closing = False

    def submit(self, envelope: NewEnvelope, max_waiting: int) -> asyncio.Future[Answer]:
        """Queue a deposit; the future is done after the commit.

        Raises:
            StoreBusyError: too much waits, or the store is closing.
        """
        if self._closing or len(self._queue) >= self._max_queued:
            raise StoreBusyError
        done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(envelope, EnvelopeId(digest(envelope.body)), max_waiting, done))
        if self._draining < WRITERS:
            self._draining += 1
            writer = asyncio.create_task(self._drain())
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)
        return done

    @property
    def queued(self) -> int:
        """Deposits that wait."""
        return len(self._queue)

    async def close(self) -> None:
        """Take no more, and place what waits."""
        self._closing = True
        while self._writers:
            await asyncio.gather(*self._writers)

    async def _drain(self) -> None:
        try:
            while self._queue:
                group = [self._queue.popleft() for _ in range(min(len(self._queue), self._max_group))]
                try:
                    await self._write(group)
                except Exception as error:  # whatever happened, nobody may wait for ever
                    _fail(group, error)
        finally:
            self._draining -= 1

    async def _write(self, group: list[_Waiting]) -> None:
        by_quota: dict[int, list[_Waiting]] = {}
        for waiting in group:
            by_quota.setdefault(waiting.max_waiting, []).append(waiting)
        for max_waiting, part in by_quota.items():
            await self._place(part, max_waiting)

    async def _place(self, group: list[_Waiting], max_waiting: int) -> None:
        first: dict[tuple[bytes, bytes], int] = {}
        distinct: list[_Waiting] = []
        for waiting in group:
            if waiting.key not in first:
                first[waiting.key] = len(distinct)
                distinct.append(waiting)
        row = await self._connections.run(lambda line: _call(line, distinct, max_waiting))
        self._announce(list(zip(row["woken"] or (), row["last_n"] or (), strict=True)))
        told: set[int] = set()
        for waiting in group:
            at = first[waiting.key]
            hour, fresh = row["first_hours"][at], row["fresh"][at] and at not in told
            told.add(at)
            if not waiting.done.done():  # the waiter may have left
                waiting.done.set_result(MailboxFull() if hour is None else Placed(waiting.envelope_id, hour, fresh))


async def _call(line: Line, group: list[_Waiting], max_waiting: int) -> Any:
    envelopes = [waiting.envelope for waiting in group]
    try:
        placed = await line.fetchrow(
            _PLACE,
            [envelope.mailbox for envelope in envelopes],
            [waiting.envelope_id for waiting in group],
            [envelope.sealed_hour for envelope in envelopes],
            [envelope.hour for envelope in envelopes],
            [envelope.recall_hash for envelope in envelopes],
            [envelope.body for envelope in envelopes],
            max_waiting,
        )
    except Exception as error:
        if getattr(error, "sqlstate", None) == _NO_MAILBOX:
            raise StoreError("STORE", rule="mailbox") from error
        raise
    await mail.settle(line)
    return placed


def _fail(group: list[_Waiting], error: Exception) -> None:
    for waiting in group:
        if not waiting.done.done():
            waiting.done.set_exception(error)
            waiting.done.exception()  # an exception that nobody fetches would be logged with its traceback
