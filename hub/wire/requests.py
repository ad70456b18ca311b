"""What a device may ask of the hub: a closed union, one record per operation (PROTOCOL 4, 5).

The first field on the wire is the tag. Tags 1-11 are anonymous and refused (``ANON``) on a connection on which a login
was begun or a bearer was shown; 16 and above log in or show a bearer.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from hub.wire.limits import (
    MAX_FETCH_ITEMS,
    MAX_READ_LEAVES,
    BatchBytes,
    BlobBytes,
    BlobDrops,
    BlobNames,
    EnvelopeBytes,
    LeafBytes,
)
from keys.codec import Bytes16, Bytes32, Bytes64, Record, Uint, Uint32


class Hello(Record, frozen=True, tag=1):
    """1 → HelloIs. Who are you, and what time is it?"""


class Deposit(Record, frozen=True, tag=2):
    """2 → Deposited. Put one envelope into one mailbox; the identical bytes get the same answer again.

    ``token`` is the mailbox's delivery token for ``week_of`` the hour in the envelope's header.
    """

    mailbox_id: Bytes16
    token: Bytes32
    envelope: EnvelopeBytes


class Recall(Record, frozen=True, tag=3):
    """3 → RecallIs. Withhold the envelope whose header holds ``hour`` and the hash of ``secret``."""

    secret: Bytes32
    hour: Uint32


class ReadLog(Record, frozen=True, tag=4):
    """4 → Leaves. Leaves from index ``start``, at most ``limit`` and at most what one frame holds."""

    start: Uint
    limit: Annotated[int, Meta(ge=1, le=MAX_READ_LEAVES)]


class ReadCheckpoint(Record, frozen=True, tag=5):
    """5 → CheckpointIs."""


class ReadSnapshot(Record, frozen=True, tag=6):
    """6 → SnapshotPage. Batches that came into a snapshot after number ``have`` (0: all), by device id.

    ``after`` is the last device id of the page before; 16 zero bytes for the first page.
    """

    have: Uint
    after: Bytes16


class Submit(Record, frozen=True, tag=7):
    """7 → Submitted. A signed statement for the directory log; its signatures are its authority."""

    statement: LeafBytes


class PutBlob(Record, frozen=True, tag=8):
    """8 → BlobPut. Keep one blob for the readers of a mailbox; the identical bytes get the same answer again.

    ``token`` is the mailbox's delivery token for ``week_of(hour)``; ``drop_hash`` of the secret that has it deleted.
    """

    mailbox_id: Bytes16
    token: Bytes32
    hour: Uint32
    drop_hash: Bytes32
    blob: BlobBytes


class GetBlob(Record, frozen=True, tag=9):
    """9 → BlobIs. The blob of this name: whoever knows a name was told it, or has the bytes."""

    name: Bytes32


class FindBlobs(Record, frozen=True, tag=10):
    """10 → BlobsFound. Which of these the hub has; names of 32 bytes, one behind the other."""

    names: BlobNames


class DropBlobs(Record, frozen=True, tag=11):
    """11 → BlobsDropped. Delete blobs whose secret is shown: name and secret, 64 bytes each, one behind the other."""

    drops: BlobDrops


class LoginBegin(Record, frozen=True, tag=16):
    """16 → NonceIs. Any 16 bytes get a nonce."""

    device_id: Bytes16


class LoginProve(Record, frozen=True, tag=17):
    """17 → LoggedIn. Ed25519 by the login key over ``pre_authentication("login", encode(Login(…)))``."""

    device_id: Bytes16
    nonce: Bytes32
    signature: Bytes64


class Fetch(Record, frozen=True, tag=18):
    """18 → Fetched. What waits in the own unit's mailbox with a number above ``after``."""

    bearer: Bytes32
    after: Uint
    limit: Annotated[int, Meta(ge=1, le=MAX_FETCH_ITEMS)]


class Ack(Record, frozen=True, tag=19):
    """19 → Acked. This device has everything up to and including ``cursor`` in its vault; never moves back."""

    bearer: Bytes32
    cursor: Uint


class PublishBatch(Record, frozen=True, tag=20):
    """20 → Published. The device's own signed batch of epoch prekeys."""

    bearer: Bytes32
    batch: BatchBytes


class RegisterToken(Record, frozen=True, tag=21):
    """21 → Registered. SHA-256 of the own mailbox's delivery token for ``week``, up to 8 weeks ahead."""

    bearer: Bytes32
    week: Uint32
    token_hash: Bytes32


class Status(Record, frozen=True, tag=22):
    """22 → StatusIs. The own mailbox and the own batch in numbers."""

    bearer: Bytes32


class Wake(Record, frozen=True, tag=23):
    """23 → Something, then Something or StillHere until closed. First frame on the wake connection."""

    bearer: Bytes32


BlobRequest = PutBlob | GetBlob | FindBlobs | DropBlobs
AnonymousRequest = Hello | Deposit | Recall | ReadLog | ReadCheckpoint | ReadSnapshot | Submit | BlobRequest
LoginRequest = LoginBegin | LoginProve
BearerRequest = Fetch | Ack | PublishBatch | RegisterToken | Status
Request = AnonymousRequest | LoginRequest | BearerRequest | Wake
