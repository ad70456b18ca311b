"""Attached files at rest: each one encrypted under a key of its own, as the very blobs that travel (FORMATS 6.3).

    attachments/<random id in hex>    index blob ‖ blobs of the stream; ``.part`` while it is being sealed

What lies here is what the hub gets, so sending seals nothing anew and fetching decrypts nothing: a blob is written when
its hash is right. Plaintext is never written here, and the keys are in the vault. Whatever the size, some blobs are in
memory.

All of it blocks; the engine calls it in threads.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from client.casework.media import HEAD_BYTES, media_type
from client.engine.stream_writer import SealedFile, StreamWriter, sync, told
from keys.attachment import BLOB_BYTES, Index, names_of
from keys.errors import LocalError, PeerError
from keys.ids import digest
from keys.private.stream import Opener, open_index


class StreamFiles:
    """The folder of attached files.

    Args:
        folder: made when the first file comes.
        federation: 32 bytes.
    """

    def __init__(self, folder: Path, federation: bytes) -> None:
        self.folder = folder
        self._federation = federation

    def path(self, file_id: bytes) -> Path:
        """Where a file lies."""
        return self.folder / file_id.hex()

    def writer(self) -> StreamWriter:
        """Begin to seal a file.

        Raises:
            LocalError: code ``DISK``.
        """
        with told():
            self.folder.mkdir(mode=0o700, exist_ok=True)
            return StreamWriter(self.folder, self._federation)

    def seal(self, pieces: Iterable[bytes]) -> SealedFile:
        """Seal a file that comes in pieces.

        Raises:
            LocalError: code ``DISK``, ``ATTBIG``, ``ATTEMPTY``; nothing of it stays.
        """
        writer = self.writer()
        try:
            for piece in pieces:
                writer.feed(piece)
            return writer.finish()
        except BaseException:
            writer.abort()
            raise

    # -- blobs ---------------------------------------------------------------------------------------------------------

    def read_blob(self, file_id: bytes, number: int) -> bytes:
        """One blob; number 0 is the index.

        Raises:
            LocalError: code ``ATTLACK``; the file is not there, or shorter.
        """
        with told(), self.path(file_id).open("rb") as file:
            file.seek(number * BLOB_BYTES)
            blob = file.read(BLOB_BYTES)
        if len(blob) != BLOB_BYTES:
            raise LocalError("ATTLACK")
        return blob

    def write_blobs(self, file_id: bytes, first: int, blobs: list[bytes]) -> None:
        """Write blobs that were verified, and sync them.

        Raises:
            LocalError: code ``DISK``.
        """
        with told():
            self.folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(self.path(file_id), os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.seek(first * BLOB_BYTES)
                file.writelines(blobs)
                sync(file)

    def index(self, file_id: bytes, key: bytes) -> Index:
        """The index of a file that lies here.

        Raises:
            LocalError: code ``ATTLACK``. PeerError: it does not open.
        """
        return open_index(key, self._federation, self.read_blob(file_id, 0))

    def open_index(self, key: bytes, blob: bytes) -> Index:
        """The index in a blob whose name was compared.

        Raises:
            PeerError: it does not open.
        """
        return open_index(key, self._federation, blob)

    def names(self, file_id: bytes, key: bytes) -> list[bytes]:
        """The names of all blobs, that of the index first.

        Raises:
            LocalError: code ``ATTLACK``. PeerError: it does not open.
        """
        blob = self.read_blob(file_id, 0)
        return [digest(blob), *names_of(open_index(key, self._federation, blob))]

    # -- plaintext -----------------------------------------------------------------------------------------------------

    def pieces(self, file_id: bytes, key: bytes) -> Iterator[bytes]:
        """The file itself, piece by piece; each was verified before it comes, and the last ends a whole file.

        Raises:
            LocalError: code ``ATTLACK``, or ``ATTBAD``: what lies here was altered.
        """
        try:
            index = self.index(file_id, key)
            opener = Opener(key, index)
            for number in range(1, len(names_of(index)) + 1):
                yield opener.feed(self.read_blob(file_id, number))
            yield opener.finish()
        except PeerError as error:
            raise LocalError("ATTBAD") from error

    def check(self, file_id: bytes, key: bytes, *, size: int, sha256: bytes, media: str) -> str:
        """Steps 4 to 6 of FORMATS 6.3 for a file that has come whole; the code of what is wrong, or nothing."""
        summed, head, found = hashlib.sha256(), b"", 0
        try:
            for piece in self.pieces(file_id, key):
                summed.update(piece)
                head = (head + piece)[:HEAD_BYTES] if len(head) < HEAD_BYTES else head
                found += len(piece)
        except LocalError as error:
            return error.code
        if (found, summed.digest()) != (size, sha256):
            return "ATTBAD"
        return "" if media_type(head) == media else "ATTTYPE"

    def is_sound(self, file_id: bytes, key: bytes) -> bool:
        """Whether every blob still has the name that it had when it came."""
        try:
            names = self.names(file_id, key)
            return all(digest(self.read_blob(file_id, number)) == name for number, name in enumerate(names))
        except (LocalError, PeerError):
            return False

    def save(self, file_id: bytes, key: bytes, path: Path) -> None:
        """Write the plaintext to a path that does not exist yet, whole or not at all.

        Raises:
            LocalError: code ``EXISTS``, ``DISK``, ``ATTLACK``, ``ATTBAD``.
        """
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError as error:
            raise LocalError("EXISTS") from error
        except OSError as error:
            raise LocalError("DISK") from error
        try:
            with told(), os.fdopen(descriptor, "wb") as file:
                for piece in self.pieces(file_id, key):
                    file.write(piece)
                sync(file)
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise

    def keep_index(self, file_id: bytes) -> None:
        """Let go of all but the index.

        Raises:
            LocalError: code ``ATTLACK``, ``DISK``.
        """
        with told():
            os.truncate(self.path(file_id), BLOB_BYTES)

    # -- room ----------------------------------------------------------------------------------------------------------

    def is_here(self, file_id: bytes) -> bool:
        """Whether there is a file."""
        return self.path(file_id).exists()

    def remove(self, file_id: bytes) -> None:
        """Delete a file; nothing when there is none."""
        with contextlib.suppress(OSError):
            self.path(file_id).unlink(missing_ok=True)

    def sweep(self, known: set[bytes]) -> int:
        """Delete what the vault knows nothing of: a crash left it. Returns how many."""
        strays = [path for path in self.folder.glob("*") if path.name not in {one.hex() for one in known}]
        for path in strays:
            with contextlib.suppress(OSError):
                path.unlink()
        return len(strays)
