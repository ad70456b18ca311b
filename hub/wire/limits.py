"""Sizes, limits and paths that both ends of the wire agree on (PROTOCOL 2.2).

Every limit stands in the type of the field that it bounds, and is checked before anything of that size is allocated.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from keys.attachment import BLOB_BYTES
from keys.checkpoint import MAX_NOTE_BYTES
from keys.envelope import SIZES
from keys.statements import MAX_BATCH_BYTES, MAX_LEAF_BYTES

HTTP_PATH: Final = "/v1"
WAKE_PATH: Final = "/v1/wake"
PROTOCOL_VERSION: Final = 1

_ROOM: Final = 1024  # for ids, token, signature and msgpack's own bytes beside one envelope; measured below 200
SMALL_BYTES: Final = _ROOM
LARGE_BYTES: Final = 1024 * 1024 + _ROOM  # four envelopes of 256 KiB or 63 of 16 KiB, with their item fields
FRAME_BYTES: Final = (SMALL_BYTES, *(size + _ROOM for size in SIZES), LARGE_BYTES)
"""Five classes. An observer learns the class, so a step is as wide as what it must tell apart anyway: no envelope, one
envelope of each of the three sizes, a page of a drain. Leaves and batches (64 KiB at most) travel in the third."""

MAX_REQUEST_BYTES: Final = FRAME_BYTES[-2]
MAX_FETCH_ITEMS: Final = 256
MAX_READ_LEAVES: Final = 1024
MAX_PAGE_BATCHES: Final = 256
MAX_TOKEN_WEEKS: Final = 8  # how far ahead a unit registers: a unit that is shut for July still receives
MAX_FOUND_BLOBS: Final = 1024  # names in one question; the names of half a gigabyte take four of them
MAX_DROPPED_BLOBS: Final = 256
BEARER_SECONDS: Final = 15 * 60  # protocol 9
WEEK_HOURS: Final = 7 * 24

EnvelopeBytes = Annotated[bytes, Meta(min_length=SIZES[0], max_length=SIZES[-1])]
LeafBytes = Annotated[bytes, Meta(min_length=1, max_length=MAX_LEAF_BYTES)]
BatchBytes = Annotated[bytes, Meta(min_length=1, max_length=MAX_BATCH_BYTES)]
NoteBytes = Annotated[bytes, Meta(min_length=1, max_length=MAX_NOTE_BYTES)]
BlobBytes = Annotated[bytes, Meta(min_length=BLOB_BYTES, max_length=BLOB_BYTES)]
BlobNames = Annotated[bytes, Meta(min_length=32, max_length=32 * MAX_FOUND_BLOBS)]
BlobDrops = Annotated[bytes, Meta(min_length=64, max_length=64 * MAX_DROPPED_BLOBS)]
Detail = Annotated[str, Meta(max_length=24, pattern=r"^[a-z0-9-]*\Z")]


def week_of(hour: int) -> int:
    """Number of the week that holds ``hour`` (hours since 1970 UTC); weeks since 1970, so they turn on Thursdays.

    The delivery token of a deposit is that of the week of the hour *in the envelope's header*, so that both sides agree
    at the turn of a week whatever their clocks say.
    """
    return hour // WEEK_HOURS
