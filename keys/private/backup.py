"""A backup: a database sealed to a recovery kit (FORMATS 9.6).

file = u32 length ‖ encoded Backup ‖ Cobblestone-256(file key, database key (32) ‖ database)

The file key is fresh and wrapped to the kit's public key. The whole header is context of the stream, so no part of one
backup passes for part of another; a backup that was cut off does not open. The database is encrypted once more under a
key of its own, so that its plaintext is never in a file, neither here nor while it is restored.
"""

from __future__ import annotations

import struct
from typing import IO, Annotated, Final

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from msgspec import Meta

from keys import domains
from keys.codec import Bytes16, Record, Uint, decode, encode
from keys.errors import FormatError, LocalError, OpenError
from keys.private import xwing
from keys.private.identity import random_bytes
from keys.private.kit import KitPublic, public_of, seal_seed
from keys.statements import Profile

MAX_HEADER_BYTES: Final = 4096
_MAGIC: Final = "sluss-backup"
_KEY_BYTES: Final = 32
_LENGTH: Final = struct.Struct(">I")
_CHUNK_BYTES: Final = 1024 * 1024


class Backup(Record, frozen=True):
    """What a backup says of itself."""

    magic: Annotated[str, Meta(max_length=20)]
    version: Uint
    profile: Profile
    made_at: Uint
    kit_id: Bytes16
    wrapped: Annotated[bytes, Meta(min_length=xwing.WRAPPED_BYTES, max_length=xwing.WRAPPED_BYTES)]


def seal_backup(database: IO[bytes], database_key: bytes, into: IO[bytes], *, kit: KitPublic, facts: Facts) -> None:
    """Write a backup of an encrypted database."""
    file_key = random_bytes(_KEY_BYTES)
    wrapped = xwing.wrap(file_key, kit.public, domains.BACKUP + kit.kit_id)
    header = encode(Backup(_MAGIC, 1, facts[0], facts[1], kit.kit_id, wrapped))
    into.write(_LENGTH.pack(len(header)) + header)
    encryptor = Cobblestone256Encryptor(file_key, domains.BACKUP + header)
    into.write(encryptor.update(database_key))
    while chunk := database.read(_CHUNK_BYTES):
        into.write(encryptor.update(chunk))
    into.write(encryptor.finalize())


Facts = tuple[Profile, int]  # what it was made for, and when (seconds)


def read_header(source: IO[bytes]) -> tuple[Backup, bytes]:
    """The header of a backup and its bytes; nothing of it is authenticated yet.

    Raises:
        LocalError: code ``BACKUP``.
    """
    try:
        (length,) = _LENGTH.unpack(source.read(_LENGTH.size))
        raw = source.read(min(length, MAX_HEADER_BYTES + 1))
        header = decode(raw, Backup, max_bytes=MAX_HEADER_BYTES)
    except (struct.error, FormatError) as error:
        raise LocalError("BACKUP") from error
    if (header.magic, header.version) != (_MAGIC, 1):
        raise LocalError("BACKUP")
    return header, raw


def open_backup(source: IO[bytes], into: IO[bytes], secret: bytes) -> tuple[Backup, bytes]:
    """Write the encrypted database of a backup to ``into``; of no use to anybody unless this returns.

    Returns:
        The header, and the database's key.

    Raises:
        LocalError: code ``KIT`` for another kit's backup, ``BACKUP`` when it is damaged or cut off.
    """
    header, raw = read_header(source)
    if header.kit_id != public_of(secret).kit_id:
        raise LocalError("KIT")
    try:
        file_key = xwing.unwrap(header.wrapped, seal_seed(secret), domains.BACKUP + header.kit_id)
        return header, _decrypt(source, into, Cobblestone256Decryptor(file_key, domains.BACKUP + raw))
    except (OpenError, InvalidTag, ValueError) as error:
        raise LocalError("BACKUP") from error


def _decrypt(source: IO[bytes], into: IO[bytes], decryptor: Cobblestone256Decryptor) -> bytes:
    key = b""
    while chunk := source.read(_CHUNK_BYTES):
        plain = key + decryptor.update(chunk) if len(key) < _KEY_BYTES else decryptor.update(chunk)
        if len(key) < _KEY_BYTES:
            key, plain = plain[:_KEY_BYTES], plain[_KEY_BYTES:]
        into.write(plain)
    rest = key + decryptor.finalize() if len(key) < _KEY_BYTES else decryptor.finalize()
    if len(key) < _KEY_BYTES:
        key, rest = rest[:_KEY_BYTES], rest[_KEY_BYTES:]
    into.write(rest)
    return key
