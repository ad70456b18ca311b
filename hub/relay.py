"""The heart of the hub: deposit, fetch, acknowledge, recall, forget (PROTOCOL 4, 5, 8). No HTTP, no SQL.

What the relay promises:
1. A deposit that was answered is durable, and every active device of the unit can fetch it until its cursor passes it
   or 33 days are over.
2. The same bytes deposited again get the same answer, whatever happened in between, as long as the envelope is there.
3. ``withheld`` means that no device was given the content and none will be.
4. Refusals tell nothing: an unknown mailbox, a closed unit and a wrong token are one answer after the same work.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Final

from hub.clock import Clock, hour_of
from hub.directory_log import DirectoryLog
from hub.mailboxes import Mailboxes
from hub.notify import Wakers
from hub.quota import FairRate, Sender
from hub.refusal import RefusalError
from hub.signer import HubSigner
from hub.store.base import MailboxFull, MailStore, NewEnvelope, Place, Placed, Standing, StoredEnvelope, Token
from hub.wire.limits import LARGE_BYTES, MAX_TOKEN_WEEKS, week_of
from hub.wire.requests import Deposit, Recall, RegisterToken
from hub.wire.responses import (
    Acked,
    Code,
    Deposited,
    Fetched,
    Item,
    RecallIs,
    Registered,
    Waiting,
    Withheld,
)
from keys.envelope import parse_header, recall_hash
from keys.errors import FormatError
from keys.ids import DeviceId, MailboxId

MAX_HOURS_APART: Final = 1  # protocol 9
KEEP_HOURS: Final = 33 * 24  # protocol 9
STEP_ROWS: Final = 256  # rows deleted in one transaction: a deposit that comes meanwhile waits some 10 ms at most
_PAGE_BYTES: Final = LARGE_BYTES - 64  # the record around the items: tag, incarnation, last_n
_FULL_SECONDS: Final = 600  # a full mailbox empties when an office opens, not within seconds
_NOWHERE: Final = Place(MailboxId(bytes(16)), 0)


@dataclasses.dataclass(frozen=True, slots=True)
class RelayLimits:
    """Envelopes that may wait in one mailbox, and deposits into it per second and at once."""

    max_waiting: int
    mailbox_rate: float
    mailbox_burst: int


@dataclasses.dataclass(frozen=True, slots=True)
class RelayParts:
    """What the relay stands on."""

    store: MailStore
    log: DirectoryLog
    mailboxes: Mailboxes
    signer: HubSigner
    wakers: Wakers
    clock: Clock


class Relay:
    """Moves envelopes. One per hub process.

    Args:
        parts: what it stands on.
        limits: per mailbox.
        incarnation: 16 bytes, of the store.
    """

    def __init__(self, parts: RelayParts, limits: RelayLimits, incarnation: bytes) -> None:
        self._store = parts.store
        self._log = parts.log
        self._mailboxes = parts.mailboxes
        self._signer = parts.signer
        self._wakers = parts.wakers
        self._clock = parts.clock
        self._limits = limits
        self._rate = FairRate(limits.mailbox_rate, limits.mailbox_burst)
        self.incarnation: Final = incarnation
        self._unpruned: set[MailboxId] = set()

    async def deposit(self, request: Deposit, sender: Sender) -> Deposited:
        """Place one envelope (PROTOCOL 4.2); ``sender`` counts for the limits of the mailbox only (4.10).

        Raises:
            RefusalError: ``FMT``, ``HOUR``, ``DENIED``, ``RATE`` or ``QUOTA``; nothing was stored.
            StoreError: the outcome is unknown; the identical bytes may be repeated.
        """
        now = self._clock()
        mailbox = MailboxId(request.mailbox_id)
        envelope = _new_envelope(mailbox, request.envelope, hour_of(now))  # 4.2.1, 4.2.2
        if not self._mailboxes.admits(mailbox, week_of(envelope.sealed_hour), request.token):  # 4.2.3
            raise RefusalError(Code.DENIED)
        room = self._rate.take(mailbox, sender, now)
        match await self._store.deposit(envelope, math.ceil(room * self._limits.max_waiting)):  # 4.2.4 to 4.2.6
            case MailboxFull():
                raise RefusalError(Code.QUOTA, retry_after=_FULL_SECONDS)
            case Placed(envelope_id, hour, fresh):
                if fresh:
                    self._wakers.wake(mailbox)
                return Deposited(hour, self._signer.sign_deposit(envelope_id, mailbox, hour))  # 4.2.7

    async def fetch(self, mailbox: MailboxId, after: int, limit: int) -> Fetched:
        """What waits above ``after`` (PROTOCOL 5.2)."""
        page = await self._store.hand_out(mailbox, after, limit=limit, max_bytes=_PAGE_BYTES)
        return Fetched(self.incarnation, page.last_n, [self._item(mailbox, row) for row in page.rows])

    async def ack(self, device: DeviceId, mailbox: MailboxId, cursor: int) -> Acked:
        """Note that a device has everything up to ``cursor`` (PROTOCOL 5.3).

        Raises:
            RefusalError: ``CURSOR``; the mailbox never gave that number.
        """
        stands = await self._store.move_cursor(device, mailbox, cursor)
        if stands is None:
            raise RefusalError(Code.CURSOR)
        self._unpruned.add(mailbox)
        return Acked(stands)

    async def recall(self, request: Recall) -> RecallIs:
        """Withhold what nobody has (PROTOCOL 4.3). An unknown secret takes the same path to the same answer."""
        found = await self._store.find_recall(recall_hash(request.secret), request.hour)
        return RecallIs(await self._store.withhold(found or _NOWHERE))

    async def register_token(self, mailbox: MailboxId, request: RegisterToken) -> Registered:
        """Know the delivery token of a week (PROTOCOL 5.5).

        Raises:
            RefusalError: ``FMT``; the week is over, or too far ahead.
        """
        week = week_of(hour_of(self._clock()))
        if not week - 1 <= request.week <= week + MAX_TOKEN_WEEKS:
            raise RefusalError(Code.FORMAT, detail="week")
        token = Token(mailbox, request.week, request.token_hash)
        await self._store.put_token(token)
        self._mailboxes.put_token(token)
        return Registered(request.week)

    async def standing(self, device: DeviceId, mailbox: MailboxId) -> tuple[Standing, list[int]]:
        """A mailbox in numbers, and the weeks it has tokens for."""
        return await self._store.standing(mailbox, device), self._mailboxes.weeks(mailbox)

    def mark_unpruned(self, mailbox: MailboxId) -> None:
        """Look at ``mailbox`` in the next round: its active devices changed."""
        self._unpruned.add(mailbox)

    async def prune(self) -> int:
        """Delete what all active devices have (PROTOCOL 8.2); returns how many."""
        deleted = 0
        while self._unpruned:
            mailbox = self._unpruned.pop()
            try:
                deleted += await self._prune(mailbox)
            except BaseException:
                self._unpruned.add(mailbox)
                raise
        return deleted

    async def expire(self) -> int:
        """Delete what waited for 33 days (PROTOCOL 8.3), and tokens of weeks that are over; returns how many."""
        hour = hour_of(self._clock())
        deleted, step = 0, STEP_ROWS
        while step == STEP_ROWS:
            step = await self._store.expire(hour - KEEP_HOURS, limit=STEP_ROWS)
            deleted += step
        oldest_week = week_of(hour - MAX_HOURS_APART)
        self._mailboxes.drop_tokens(oldest_week)
        await self._store.drop_tokens(oldest_week)
        return deleted

    async def _prune(self, mailbox: MailboxId) -> int:
        devices = self._log.devices_of_mailbox(mailbox, self._clock())
        floor = min(await self._store.cursors(devices), default=0)
        deleted, step = 0, STEP_ROWS
        while floor and step == STEP_ROWS:
            step = await self._store.prune(mailbox, floor, limit=STEP_ROWS)
            deleted += step
        return deleted

    def _item(self, mailbox: MailboxId, row: StoredEnvelope) -> Item:
        signature = self._signer.sign_deposit(row.envelope_id, mailbox, row.hour)
        if row.body is None:
            return Withheld(row.n, row.hour, signature, row.envelope_id)
        return Waiting(row.n, row.hour, signature, row.body)


def _new_envelope(mailbox: MailboxId, body: bytes, hour: int) -> NewEnvelope:
    """Steps 1 and 2 of a deposit: size and header, then the hour."""
    try:
        _, sealed_hour, recall = parse_header(body)
    except FormatError as error:
        raise RefusalError(Code.FORMAT, detail="envelope") from error
    if abs(sealed_hour - hour) > MAX_HOURS_APART:
        raise RefusalError(Code.HOUR)
    return NewEnvelope(mailbox, hour, sealed_hour, recall, body)
