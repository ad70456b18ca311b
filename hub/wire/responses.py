"""What the hub answers: a closed union; a response's tag is 64 more than its request's (PROTOCOL 4, 5, 6)."""

from __future__ import annotations

import enum
from typing import Annotated

from msgspec import Meta

from hub.wire.limits import (
    MAX_DROPPED_BLOBS,
    MAX_FETCH_ITEMS,
    MAX_FOUND_BLOBS,
    MAX_PAGE_BATCHES,
    MAX_READ_LEAVES,
    MAX_TOKEN_WEEKS,
    BatchBytes,
    Detail,
    EnvelopeBytes,
    LeafBytes,
    NoteBytes,
)
from keys.attachment import BLOB_BYTES
from keys.codec import Bytes16, Bytes32, Bytes64, Record, Uint, Uint32


class Code(enum.StrEnum):
    """Every reason for a refusal (PROTOCOL 6)."""

    FORMAT = "FMT"  # not a frame, not canonical, or beyond a limit: do not repeat
    ANONYMOUS = "ANON"  # an anonymous operation on a connection that logged in: use another connection
    LOGIN = "AUTH"  # no such bearer, or it ran out: log in again
    DENIED = "DENIED"  # unknown or closed mailbox, wrong token, unknown device, wrong signature: all look the same
    HOUR = "HOUR"  # the envelope's hour is not within one of the hub's: ask `hello` for its time, seal again
    QUOTA = "QUOTA"  # too many envelopes wait in that mailbox
    RATE = "RATE"  # too many requests: wait `retry_after` seconds
    CURSOR = "CURSOR"  # beyond the last envelope of the mailbox
    BATCH = "BATCH"  # batch number not larger than the last one
    SIGNATURE = "SIG"  # a statement or batch whose signatures do not verify
    TRUST = "TRUST"  # a statement that the directory does not accept; `detail` says which rule
    BUSY = "BUSY"  # overloaded or stopping; outcome unknown: repeat the identical bytes
    DISK = "DISK"  # the hub cannot write; outcome unknown: repeat the identical bytes
    FAULT = "FAULT"  # the hub's own fault; outcome unknown: repeat the identical bytes


class HelloIs(Record, frozen=True, tag=65):
    """65. ``seconds``: the hub's clock, since 1970 UTC; ``incarnation`` changes when the hub was restored."""

    version: Uint
    federation: Bytes32
    hub_id: Bytes16
    incarnation: Bytes16
    seconds: Uint


class Deposited(Record, frozen=True, tag=66):
    """66. Durable. ``signature``: the hub's Ed25519 over ``keys.envelope.deposit_statement``; ``hour`` is the hub's."""

    hour: Uint32
    signature: Bytes64


class RecallIs(Record, frozen=True, tag=67):
    """67. True: nobody was given the content and nobody will be. False: too late, or nothing of that kind."""

    withheld: bool


class Leaves(Record, frozen=True, tag=68):
    """68. ``size`` is the length of the whole log."""

    start: Uint
    size: Uint
    leaves: Annotated[list[LeafBytes], Meta(max_length=MAX_READ_LEAVES)]


class CheckpointIs(Record, frozen=True, tag=69):
    """69. A signed note (FORMATS 4); origin ``origin_of(federation)``, key name = hub id in hex."""

    note: NoteBytes


class SnapshotPage(Record, frozen=True, tag=70):
    """70. ``number`` of the newest snapshot; when it differs between two pages, begin again.

    The snapshot itself is a leaf of the log. A device whose batch is not on any page has the batch of before.
    """

    number: Uint
    batches: Annotated[list[BatchBytes], Meta(max_length=MAX_PAGE_BATCHES)]
    last: bool


class Submitted(Record, frozen=True, tag=71):
    """71. Durable, at ``index``; a statement that the log already holds gets its old index."""

    index: Uint
    size: Uint


class BlobPut(Record, frozen=True, tag=72):
    """72. Durable. ``hour``: when the hub got it first; it is kept for 33 days."""

    hour: Uint32


class BlobIs(Record, frozen=True, tag=73):
    """73. The blob, or nothing when the hub does not have it (any more)."""

    blob: Annotated[bytes, Meta(max_length=BLOB_BYTES)]


class BlobsFound(Record, frozen=True, tag=74):
    """74. A byte for each name, in order: 1 the hub has it, 0 it has not."""

    found: Annotated[bytes, Meta(min_length=1, max_length=MAX_FOUND_BLOBS)]


class BlobsDropped(Record, frozen=True, tag=75):
    """75. How many are gone now; what was not there, or under another secret, is not counted."""

    count: Annotated[int, Meta(ge=0, le=MAX_DROPPED_BLOBS)]


class NonceIs(Record, frozen=True, tag=80):
    """80. Good for one login within a minute."""

    nonce: Bytes32


class LoggedIn(Record, frozen=True, tag=81):
    """81. Shown as first field of every request of 18-23; lives in the hub's memory only."""

    bearer: Bytes32
    seconds: Uint32


class Waiting(Record, frozen=True, tag=0):
    """An item of Fetched: number, the hub's deposit hour and signature as in Deposited, the envelope."""

    n: Uint
    hour: Uint32
    signature: Bytes64
    envelope: EnvelopeBytes


class Withheld(Record, frozen=True, tag=1):
    """An item of Fetched: the sender recalled it before any device had it."""

    n: Uint
    hour: Uint32
    signature: Bytes64
    envelope_id: Bytes32


Item = Waiting | Withheld


class Fetched(Record, frozen=True, tag=82):
    """82. Items by rising ``n``; there is more as long as the last of them is below ``last_n``.

    Numbers may be missing: what every device acknowledged, and what expired, is gone.
    """

    incarnation: Bytes16
    last_n: Uint
    items: Annotated[list[Item], Meta(max_length=MAX_FETCH_ITEMS)]


class Acked(Record, frozen=True, tag=83):
    """83. Durable. ``cursor``: where this device stands now."""

    cursor: Uint


class Published(Record, frozen=True, tag=84):
    """84. Durable; in the next snapshot."""

    batch_no: Uint


class Registered(Record, frozen=True, tag=85):
    """85. Durable."""

    week: Uint32


class StatusIs(Record, frozen=True, tag=86):
    """86. ``batch_no``: newest own batch the hub has; ``covered_no``: that in the newest snapshot; 0: none."""

    waiting: Uint
    last_n: Uint
    cursor: Uint
    batch_no: Uint
    covered_no: Uint
    snapshot: Uint
    weeks: Annotated[list[Uint32], Meta(max_length=2 * MAX_TOKEN_WEEKS)]


class Something(Record, frozen=True, tag=87):
    """87. On the wake connection: fetch. Also the first answer, so that nothing is missed between two connections."""


class StillHere(Record, frozen=True, tag=88):
    """88. On the wake connection: nothing new, the same size as Something."""


class Refused(Record, frozen=True, tag=127):
    """127. Nothing was done, except where the code says that the outcome is unknown.

    ``retry_after``: seconds; 0 where waiting does not help. ``detail``: the name of the rule of ``keys``
    that a statement or batch broke, or empty.
    """

    code: Code
    retry_after: Uint32
    detail: Detail


BlobResponse = BlobPut | BlobIs | BlobsFound | BlobsDropped
AnonymousResponse = HelloIs | Deposited | RecallIs | Leaves | CheckpointIs | SnapshotPage | Submitted | BlobResponse
BearerResponse = Fetched | Acked | Published | Registered | StatusIs
Response = AnonymousResponse | NonceIs | LoggedIn | BearerResponse | Something | StillHere | Refused
