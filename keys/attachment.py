"""Attachments: how a file becomes blobs, and what names them (FORMATS 6.3).

    stream = Cobblestone-256(key, file ‖ zeros), exactly ``count`` blobs of 256 KiB
    index  = Cobblestone-256(key, u32 length ‖ Index ‖ zeros), exactly one blob
    name   = SHA-256(blob);   digest of an attachment = name of its index

A document signs the digest, so it signs every blob: one that is altered, cut off, moved or taken from elsewhere has
another name than the index says. ``count`` is padded, so that it tells little of the file's size. Sealing and opening
stand in ``keys/private/stream.py``.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Final

from msgspec import Meta

from keys import domains
from keys.codec import Bytes16, Record, Uint, decode
from keys.errors import FormatError
from keys.ids import DIGEST_BYTES

BLOB_BYTES: Final = 256 * 1024  # that of the largest envelope, so that a blob on the wire looks like one
MAX_FILE_BYTES: Final = 1024**3
MAX_ATTACHMENTS: Final = 16
DROP_SECRET_BYTES: Final = 32
_CHUNK: Final = 16 * 1024  # Cobblestone: plaintext bytes per chunk
_FIXED: Final = 56  # salt and key commitment
_TAG: Final = 16  # per chunk
_SMALL: Final = (1, 2, 4, 8)


class Index(Record, frozen=True):
    """What an attachment consists of. ``names``: 32 bytes for each blob of its stream, in order."""

    version: Uint
    federation: Annotated[bytes, Meta(min_length=DIGEST_BYTES, max_length=DIGEST_BYTES)]
    size_bytes: Annotated[int, Meta(ge=1, le=MAX_FILE_BYTES)]
    names: Annotated[bytes, Meta(min_length=DIGEST_BYTES, max_length=BLOB_BYTES)]


class Place(Record, frozen=True):
    """Which attachment of which document: its number in the signed list, from 0."""

    document_id: Bytes16
    position: Annotated[int, Meta(ge=0, lt=MAX_ATTACHMENTS)]


def room(count: int) -> int:
    """Bytes of a file that a stream of ``count`` blobs holds."""
    sealed = count * BLOB_BYTES - _FIXED
    chunks = -(-sealed // (_CHUNK + _TAG))
    return sealed - chunks * _TAG


def blobs_for(size: int) -> int:
    """How many blobs a file of ``size`` bytes takes, padded.

    1, 2, 4, 8, and then PADMÉ (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", 2019): the count keeps
    as many leading bits as its own logarithm has, which is at most 12 percent more.
    """
    count = -(-(size + _FIXED) // BLOB_BYTES)
    while room(count) < size:
        count += 1
    if count <= _SMALL[-1]:
        return next(one for one in _SMALL if count <= one)
    exponent = count.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-count // step) * step


def read_index(data: bytes, federation: bytes) -> Index:
    """Decode an index and hold it against itself.

    Raises:
        FormatError: not canonical, of another federation, or its numbers do not go together.
    """
    index = decode(data, Index, max_bytes=BLOB_BYTES)
    if index.version != domains.VERSION or index.federation != federation:
        raise FormatError("FMT", rule="index")
    if len(index.names) != DIGEST_BYTES * blobs_for(index.size_bytes):
        raise FormatError("FMT", rule="index-names")
    return index


def names_of(index: Index) -> list[bytes]:
    """The names of the stream's blobs, in order."""
    return [index.names[at : at + DIGEST_BYTES] for at in range(0, len(index.names), DIGEST_BYTES)]


def drop_hash(secret: bytes) -> bytes:
    """What a hub keeps beside a blob: whoever shows the secret (32 bytes) may have it deleted."""
    return hashlib.sha256(domains.BLOB_DROP + secret).digest()
