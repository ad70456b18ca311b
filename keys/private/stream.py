"""Sealing a file into blobs, and opening them: one pass, a few blobs in memory, whatever the file's size (FORMATS 6.3).

Each attachment has a key of its own. The key opens one stream and one index and commits to both, so nobody can make a
stream that opens to two files. No byte leaves an ``Opener`` before its chunk was verified; that the file is whole is
known when ``finish`` returns.

Example:
    sealer = Sealer(key, federation)
    for piece in file: for blob in sealer.feed(piece): keep(blob)
    for blob in sealer.finish(): keep(blob)
    digest = name of sealer.index()
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys import domains
from keys.attachment import BLOB_BYTES, DROP_SECRET_BYTES, MAX_FILE_BYTES, Index, blobs_for, read_index, room
from keys.codec import encode
from keys.errors import FormatError, LocalError, OpenError
from keys.ids import digest

_LENGTH: Final = struct.Struct(">I")
_ZEROS: Final = bytes(BLOB_BYTES)


class Sealer:
    """Seals one file.

    Args:
        key: 32 random bytes, for this file alone.
        federation: 32 bytes.
    """

    def __init__(self, key: bytes, federation: bytes) -> None:
        self._key = key
        self._federation = federation
        self._encryptor = Cobblestone256Encryptor(key, domains.ATTACHMENT + federation)
        self._waiting = bytearray()
        self._names: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Take some of the file; gives the blobs that are full.

        Raises:
            LocalError: code ``ATTBIG``; more than an attachment may have.
        """
        self._size += len(data)
        if self._size > MAX_FILE_BYTES:
            raise LocalError("ATTBIG")
        return self._cut(self._encryptor.update(data))

    def finish(self) -> Iterator[bytes]:
        """Pad and end the stream; gives the last blobs.

        Raises:
            LocalError: code ``ATTEMPTY``; there was nothing.
        """
        if not self._size:
            raise LocalError("ATTEMPTY")
        missing = room(blobs_for(self._size)) - self._size
        while missing:
            step = min(missing, BLOB_BYTES)
            missing -= step
            yield from self._cut(self._encryptor.update(_ZEROS[:step]))
        yield from self._cut(self._encryptor.finalize())

    def index(self) -> bytes:
        """The index of what was sealed: one blob; its SHA-256 is the attachment's digest."""
        record = encode(Index(domains.VERSION, self._federation, self._size, b"".join(self._names)))
        framed = _LENGTH.pack(len(record)) + record
        encryptor = Cobblestone256Encryptor(self._key, domains.ATTACHMENT_INDEX + self._federation)
        return encryptor.update(framed + bytes(room(1) - len(framed))) + encryptor.finalize()

    @property
    def size(self) -> int:
        """Bytes of the file so far."""
        return self._size

    def _cut(self, sealed: bytes) -> list[bytes]:
        self._waiting += sealed
        end = len(self._waiting) // BLOB_BYTES * BLOB_BYTES
        blobs = [bytes(self._waiting[at : at + BLOB_BYTES]) for at in range(0, end, BLOB_BYTES)]
        del self._waiting[:end]
        self._names += [digest(blob) for blob in blobs]
        return blobs


class Opener:
    """Opens the stream of one file, blob by blob in order.

    Args:
        key: of the attachment.
        index: of the attachment, verified.
    """

    def __init__(self, key: bytes, index: Index) -> None:
        self._decryptor = Cobblestone256Decryptor(key, domains.ATTACHMENT + index.federation)
        self._left = index.size_bytes

    def feed(self, blob: bytes) -> bytes:
        """The next bytes of the file.

        Raises:
            OpenError: code ``OPEN``; altered, in another order, or made for another key.
            FormatError: padding that is not zero.
        """
        try:
            return self._without_padding(self._decryptor.update(blob))
        except (InvalidTag, ValueError) as error:
            raise OpenError("OPEN") from error

    def finish(self) -> bytes:
        """The last bytes; after this the file is whole.

        Raises:
            OpenError: code ``OPEN``; altered or cut off.
            FormatError: padding that is not zero, or too short.
        """
        try:
            last = self._without_padding(self._decryptor.finalize())
        except (InvalidTag, ValueError) as error:
            raise OpenError("OPEN") from error
        if self._left:
            raise FormatError("FMT", rule="short")
        return last

    def _without_padding(self, data: bytes) -> bytes:
        kept, padding = data[: self._left], data[self._left :]
        self._left -= len(kept)
        if padding.strip(b"\x00"):
            raise FormatError("FMT", rule="padding")
        return kept


def open_index(key: bytes, federation: bytes, blob: bytes) -> Index:
    """The index in its blob; whoever calls has compared the blob's SHA-256 with the signed digest.

    Raises:
        OpenError: code ``OPEN``; altered, or made for another key or federation.
        FormatError: not an index.
    """
    decryptor = Cobblestone256Decryptor(key, domains.ATTACHMENT_INDEX + federation)
    try:
        framed = decryptor.update(blob) + decryptor.finalize()
    except (InvalidTag, ValueError) as error:
        raise OpenError("OPEN") from error
    if len(framed) < _LENGTH.size:
        raise FormatError("FMT", rule="short")
    (length,) = _LENGTH.unpack_from(framed)
    end = _LENGTH.size + length
    if end > len(framed) or framed[end:].strip(b"\x00"):
        raise FormatError("FMT", rule="padding")
    return read_index(framed[_LENGTH.size : end], federation)


def drop_secret(key: bytes, name: bytes) -> bytes:
    """What has a blob deleted at the hub (32 bytes); whoever has the attachment's key can make it.

    One for each blob, so that what is kept beside two blobs does not tell that they belong together.
    """
    info = domains.BLOB_DROP + name
    return HKDF(algorithm=SHA256(), length=DROP_SECRET_BYTES, salt=None, info=info).derive(key)
