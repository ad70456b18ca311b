"""What a store must do (PROTOCOL 7, 8), whatever stands behind it.

Rules for every implementation, checked by the same contract tests:
1. A method that writes returns only after the change is durable, and then the change is whole.
2. It raises StoreError otherwise. The outcome is then unknown to the caller, who repeats the identical call.
3. ``n`` of a mailbox is taken in the transaction that inserts the envelope: numbers have no gaps and become visible in
   rising order, so a cursor never skips a row.
4. Times are hours. Nothing else about a deposit is kept.
5. What ``hand_out`` gave the content of cannot be withheld any more, and what was withheld is not handed out; also when
   both come at the same time, from two processes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Container
from contextlib import AbstractAsyncContextManager
from typing import ClassVar, Final, Protocol

from keys.errors import LocalError
from keys.ids import DeviceId, Digest, EnvelopeId, MailboxId

ROW_ROOM: Final = 96
"""Bytes that a row's number, hour, signature and id take in an answer beside its body; measured below 90."""


class StoreError(LocalError):
    """The store could not write or read; code ``STORE``."""

    default_code: ClassVar[str] = "STORE"


class StoreFullError(StoreError):
    """No room on the disk; code ``DISK``. The store goes on when there is room again."""

    default_code: ClassVar[str] = "DISK"


class StoreBusyError(StoreError):
    """More waits to be written than memory should hold, or the store is closing; code ``BUSY``."""

    default_code: ClassVar[str] = "BUSY"


@dataclasses.dataclass(frozen=True, slots=True)
class NewEnvelope:
    """An envelope to place. ``hour`` is the hub's, ``sealed_hour`` the header's; they differ by at most one.

    The store itself takes its SHA-256: SQLite's does it on the thread that writes, beside the event loop.
    """

    mailbox: MailboxId
    hour: int
    sealed_hour: int
    recall_hash: bytes
    body: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Placed:
    """The envelope is stored; ``hour`` is that of the first deposit. ``fresh``: it was not there before."""

    envelope_id: EnvelopeId
    hour: int
    fresh: bool


@dataclasses.dataclass(frozen=True, slots=True)
class MailboxFull:
    """The mailbox holds as many envelopes as it may."""


@dataclasses.dataclass(frozen=True, slots=True)
class StoredEnvelope:
    """A row of a mailbox; ``body`` is None when it was withheld."""

    n: int
    envelope_id: EnvelopeId
    hour: int
    body: bytes | None


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Rows by rising ``n``, and the last number that the mailbox gave."""

    last_n: int
    rows: tuple[StoredEnvelope, ...]

    def without(self, withheld: Container[int]) -> Page:
        """The same page, the rows of these numbers without their content."""
        emptied = (dataclasses.replace(row, body=None) if row.n in withheld else row for row in self.rows)
        return Page(self.last_n, tuple(emptied))


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where an envelope is."""

    mailbox: MailboxId
    n: int


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """A mailbox in numbers, and where one device's cursor is."""

    waiting: int
    last_n: int
    cursor: int


@dataclasses.dataclass(frozen=True, slots=True)
class Token:
    """The hash that a delivery token of ``mailbox`` must have in ``week``."""

    mailbox: MailboxId
    week: int
    token_hash: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class BatchHead:
    """A batch without its bytes; ``revision`` is the first snapshot that covers it."""

    device: DeviceId
    number: int
    digest: Digest
    revision: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Totals:
    """The whole store in numbers, for its operator."""

    mailboxes: int
    waiting: int
    withheld: int
    batches: int
    size_bytes: int


@dataclasses.dataclass(frozen=True, slots=True)
class Queue:
    """What waits in one mailbox, and the hub's hour of the oldest of it; None when nothing waits."""

    mailbox: MailboxId
    waiting: int
    oldest_hour: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Stamps:
    """Numbers that rise when any process changes the directory log or the tokens."""

    directory: int
    tokens: int


class MailStore(Protocol):
    """Mailboxes, tokens, envelopes, cursors."""

    async def add_mailbox(self, mailbox: MailboxId) -> None:
        """Make a mailbox; nothing when it is there."""

    async def put_token(self, token: Token) -> None:
        """Keep a token hash; replaces that of the same week."""

    async def tokens(self) -> list[Token]:
        """All token hashes."""

    async def drop_tokens(self, before_week: int) -> int:
        """Forget tokens of weeks below ``before_week``; returns how many."""

    async def deposit(self, envelope: NewEnvelope, max_waiting: int) -> Placed | MailboxFull:
        """Place an envelope into a mailbox that exists, unless it is there already or the mailbox is full."""

    async def page(self, mailbox: MailboxId, after: int, *, limit: int, max_bytes: int) -> Page:
        """Rows with ``n`` above ``after``: at most ``limit``, and ``max_bytes`` with ROW_ROOM for each."""

    async def hand_out(self, mailbox: MailboxId, after: int, *, limit: int, max_bytes: int) -> Page:
        """As ``page``, for giving it to a device: what is in it can no longer be withheld.

        It is remembered for as long as the process that gave it out runs; after that the cursors alone say it.
        """

    async def move_cursor(self, device: DeviceId, mailbox: MailboxId, n: int) -> int | None:
        """Raise a cursor to ``n``; returns where it stands, or None when ``n`` is beyond the mailbox's last."""

    async def cursors(self, devices: list[DeviceId]) -> list[int]:
        """Where the cursors stand, in order; 0 for a device that never acknowledged."""

    async def standing(self, mailbox: MailboxId, device: DeviceId) -> Standing:
        """A mailbox and a device in numbers."""

    async def find_recall(self, recall_hash: bytes, sealed_hour: int) -> Place | None:
        """The envelope that a recall secret belongs to."""

    async def withhold(self, place: Place) -> bool:
        """Empty an envelope for good unless it was given out or a cursor passed; True also when withheld before."""

    async def prune(self, mailbox: MailboxId, upto: int, *, limit: int) -> int:
        """Delete at most ``limit`` envelopes with ``n`` <= ``upto`` that were not withheld; returns how many."""

    async def expire(self, before_hour: int, *, limit: int) -> int:
        """Delete at most ``limit`` envelopes of hours below ``before_hour`` that were not withheld."""


class LogStore(Protocol):
    """The directory log and its newest checkpoint."""

    async def append_leaf(self, index: int, leaf: bytes, note: bytes) -> None:
        """Append leaf number ``index`` and the checkpoint note that commits to it; nothing when it is there already."""

    async def leaves(self, start: int, *, limit: int, max_bytes: int) -> list[bytes]:
        """Leaves from ``start``, at least one when there is one, of at most ``max_bytes`` together."""

    async def checkpoint(self) -> bytes | None:
        """The newest note."""

    async def put_cosigned(self, note: bytes) -> None:
        """Keep the newest note that a quorum of witnesses cosigned."""

    async def cosigned(self) -> bytes | None:
        """That note."""

    async def incarnation(self) -> bytes:
        """16 random bytes, made with the store and after every restore."""


class BatchStore(Protocol):
    """Prekey batches and the snapshots that cover them."""

    async def put_batch(self, head: BatchHead, body: bytes) -> None:
        """Keep a batch for the next snapshot; replaces one of the same device that waits for it too."""

    async def batch_heads(self) -> list[BatchHead]:
        """All batches by device and number: at most one covered and one waiting for each device."""

    async def append_snapshot(self, index: int, leaf: bytes, note: bytes, *, number: int, kept: list[DeviceId]) -> None:
        """Append a snapshot leaf; in the same transaction cover the newest batches of ``kept``, delete all others."""

    async def covered(self, *, above: int, after: DeviceId, limit: int, max_bytes: int) -> list[tuple[DeviceId, bytes]]:
        """Covered batches with ``revision`` > ``above`` and id > ``after``, by device id; at least one if any."""


class Store(MailStore, LogStore, BatchStore, Protocol):
    """All of it."""

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Nobody else who asks for this, in any process of the hub, is inside while the block lasts.

        For what is read, decided and written in steps: the next leaf, the next snapshot. May be nested in one task.
        When the store loses it in between, what is written in the block fails.

        Raises:
            StoreError: not to be had.
        """

    async def stamps(self) -> Stamps | None:
        """Where things stand, for processes that keep copies in memory; None when no other process writes here."""

    async def follow(self, heard: Callable[[dict[MailboxId, int] | None], Awaitable[None]]) -> None:
        """Tell what other processes do, until cancelled: mailboxes and the last n that they reached, or "something".

        What one process misses in between it hears some seconds later; a number may be told more than once.
        """

    async def totals(self) -> Totals:
        """Numbers for the operator."""

    async def queues(self) -> list[Queue]:
        """What waits, by mailbox id; for the operator, who asks once an hour."""

    async def probe(self) -> None:
        """Write what is written already, durably: whoever gets an answer knows that a deposit would get one.

        Raises:
            StoreError: the store cannot write.
        """

    @property
    def queued(self) -> int:
        """Writes that wait in this process."""

    async def close(self) -> None:
        """Write what waits, then let go."""
