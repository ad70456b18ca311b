"""The ring on disk: one file under the keeper's key, replaced whole and durably on each change (FORMATS 9.2)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import nacl.bindings
import nacl.exceptions

from keys import domains
from keys.codec import decode, encode
from keys.errors import FormatError, LocalError
from keys.files import read_bounded, write_durably
from keys.private.identity import random_bytes
from keys.private.keeper import Ring

MAX_RING_BYTES: Final = 256 * 1024
_NONCE_BYTES: Final = 24


class RingFile:
    """Reads and writes a ring.

    Args:
        path: the file.
        key: 32 bytes, from the passphrase's key file.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key

    def save(self, ring: Ring) -> None:
        """Make the ring durable.

        Raises:
            LocalError: code ``DISK``; the old file is untouched.
        """
        nonce = random_bytes(_NONCE_BYTES)
        sealed = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(encode(ring), domains.RING, nonce, self._key)
        with _overwritten_afterwards(self._path):
            write_durably(self._path, nonce + sealed)

    def load(self) -> Ring:
        """Read the ring.

        Raises:
            LocalError: code ``FILE``; missing, altered, or under another key.
        """
        data = read_bounded(self._path, MAX_RING_BYTES)
        nonce, sealed = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
        try:
            opened = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, domains.RING, nonce, self._key)
            return decode(opened, Ring, max_bytes=MAX_RING_BYTES)
        except (nacl.exceptions.CryptoError, ValueError, FormatError) as error:
            raise LocalError("FILE") from error


@contextlib.contextmanager
def _overwritten_afterwards(path: Path) -> Iterator[None]:
    """Zero the blocks of the file that is being replaced: it is sealed under the same key, and holds deleted seeds.

    As far as the disk allows: a solid-state disk or a file system with snapshots may keep them (SECURITY.md).
    """
    try:
        old = path.open("r+b", buffering=0)
    except OSError:
        yield  # there is none yet
        return
    with old:
        yield
        with contextlib.suppress(OSError):  # on Windows an open file may refuse; the new ring is safe already
            size = old.seek(0, os.SEEK_END)
            old.seek(0)
            old.write(bytes(size))
            os.fsync(old.fileno())
