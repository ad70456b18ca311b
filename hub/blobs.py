"""Blobs: attachments in pieces, kept by name until they are dropped or expire (PROTOCOL 4.9). No HTTP, no SQL.

What is promised:
1. A blob that was answered is durable, and is there for whoever knows its name until somebody shows its secret or 33
   days are over.
2. The same bytes put again get the same answer.
3. Nothing says which blobs belong together, or which document they belong to: each has a secret of its own, and a time
   of an hour's grain.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Final

from hub.clock import Clock, hour_of
from hub.mailboxes import Mailboxes
from hub.quota import FairRate, Sender
from hub.refusal import RefusalError
from hub.store.blobs import BlobsFull, BlobStore, Drop, Kept, NewBlob
from hub.wire.limits import week_of
from hub.wire.requests import DropBlobs, FindBlobs, GetBlob, PutBlob
from hub.wire.responses import BlobIs, BlobPut, BlobsDropped, BlobsFound, Code
from keys.attachment import DROP_SECRET_BYTES, drop_hash
from keys.ids import DIGEST_BYTES, MailboxId

MAX_HOURS_APART: Final = 1  # as for a deposit
KEEP_HOURS: Final = 33 * 24  # as long as the envelope that names them
STEP_BLOBS: Final = 64  # deleted at once: a put that comes meanwhile waits some 10 ms
_FULL_SECONDS: Final = 600
_DROP_BYTES: Final = DIGEST_BYTES + DROP_SECRET_BYTES


@dataclasses.dataclass(frozen=True, slots=True)
class BlobLimits:
    """Blobs for one mailbox and on this hub; blobs for one mailbox per second and at once."""

    max_blobs: int
    max_in_all: int
    rate: float
    burst: int


class Blobs:
    """The blobs of one hub."""

    def __init__(self, store: BlobStore, mailboxes: Mailboxes, limits: BlobLimits, clock: Clock) -> None:
        self._store = store
        self._mailboxes = mailboxes
        self._limits = limits
        self._clock = clock
        self._rate = FairRate(limits.rate, limits.burst)

    async def put(self, request: PutBlob, sender: Sender) -> BlobPut:
        """Keep one blob (PROTOCOL 4.9.1); ``sender`` counts for the limits of the mailbox only (4.10).

        Raises:
            RefusalError: ``HOUR``, ``DENIED``, ``RATE`` or ``QUOTA``; nothing was stored.
            StoreError: the outcome is unknown; the identical bytes may be repeated.
        """
        now, mailbox = self._clock(), MailboxId(request.mailbox_id)
        if abs(request.hour - hour_of(now)) > MAX_HOURS_APART:
            raise RefusalError(Code.HOUR)
        if not self._mailboxes.admits(mailbox, week_of(request.hour), request.token):
            raise RefusalError(Code.DENIED)
        room = self._rate.take(mailbox, sender, now)
        blob = NewBlob(mailbox, hour_of(now), request.drop_hash, request.blob)
        match await self._store.put(
            blob, most=math.ceil(room * self._limits.max_blobs), most_in_all=self._limits.max_in_all
        ):
            case BlobsFull():
                raise RefusalError(Code.QUOTA, retry_after=_FULL_SECONDS)
            case Kept(hour):
                return BlobPut(hour)

    async def get(self, request: GetBlob) -> BlobIs:
        """The blob of a name (PROTOCOL 4.9.2)."""
        return BlobIs(await self._store.get(request.name) or b"")

    async def find(self, request: FindBlobs) -> BlobsFound:
        """Which of the names are here (PROTOCOL 4.9.3).

        Raises:
            RefusalError: ``FMT``; not whole names.
        """
        names = _cut(request.names, DIGEST_BYTES)
        there = await self._store.find(names)
        return BlobsFound(bytes(name in there for name in names))

    async def drop(self, request: DropBlobs) -> BlobsDropped:
        """Delete blobs whose secrets are shown (PROTOCOL 4.9.4).

        Raises:
            RefusalError: ``FMT``; not whole pairs.
        """
        pairs = _cut(request.drops, _DROP_BYTES)
        drops = [Drop(pair[:DIGEST_BYTES], drop_hash(pair[DIGEST_BYTES:])) for pair in pairs]
        return BlobsDropped(await self._store.drop(drops))

    async def expire(self) -> int:
        """Delete what was put 33 days ago (PROTOCOL 8.6); returns how many."""
        before, deleted, step = hour_of(self._clock()) - KEEP_HOURS, 0, STEP_BLOBS
        while step == STEP_BLOBS:
            step = await self._store.expire(before, limit=STEP_BLOBS)
            deleted += step
        return deleted


def _cut(data: bytes, size: int) -> list[bytes]:
    if len(data) % size:
        raise RefusalError(Code.FORMAT, detail="whole")
    return [data[at : at + size] for at in range(0, len(data), size)]
