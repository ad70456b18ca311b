"""What a store of blobs must do (PROTOCOL 7, 8.6).

Rules for every implementation, checked by the same contract tests:
1. ``put`` returns only after the blob is durable; it raises StoreError otherwise, the outcome is then unknown, and the
   identical call may be repeated.
2. What ``find`` names, ``get`` gives.
3. What is not the bytes of its name any more is not there: the first ``get`` finds it out, lets it go and says so in
   the log, and it can be put again. As long as it stood there nobody would.
4. Nothing but mailbox, hour and drop hash is kept of a blob, and no order but that of names, which are random.

It stands apart from the other store, so that it is the same beside every one.
"""

from __future__ import annotations

import dataclasses
from typing import Final, Protocol

from keys.ids import MailboxId

ALTERED: Final = "a blob was altered at rest, and is gone"
"""In the log."""


@dataclasses.dataclass(frozen=True, slots=True)
class NewBlob:
    """A blob to keep."""

    mailbox: MailboxId
    hour: int
    drop_hash: bytes
    body: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """It is kept; ``hour`` is that of the first time."""

    hour: int


@dataclasses.dataclass(frozen=True, slots=True)
class BlobsFull:
    """The mailbox, or the hub, holds as many as it may."""


@dataclasses.dataclass(frozen=True, slots=True)
class Drop:
    """Delete the blob of this name if it was put with this drop hash."""

    name: bytes
    drop_hash: bytes


class BlobStore(Protocol):
    """Blobs by name."""

    async def put(self, blob: NewBlob, *, most: int, most_in_all: int) -> Kept | BlobsFull:
        """Keep a blob unless it is there already, or its mailbox or the hub is full."""

    async def get(self, name: bytes) -> bytes | None:
        """A blob, each byte as it was put, or None."""

    async def find(self, names: list[bytes]) -> set[bytes]:
        """Those of the names that are there."""

    async def drop(self, drops: list[Drop]) -> int:
        """Delete; returns how many were there under that hash."""

    async def expire(self, before_hour: int, *, limit: int) -> int:
        """Delete at most ``limit`` blobs of hours below ``before_hour``."""

    async def count(self) -> int:
        """How many there are."""
