"""Sealing one attached file to disk: piece by piece, encrypted before it is written, named and durable at the end.

All of it blocks; the engine calls it in threads.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from client.casework.media import HEAD_BYTES, media_type
from keys.attachment import BLOB_BYTES
from keys.errors import LocalError
from keys.ids import ID_BYTES, digest
from keys.private.identity import random_bytes
from keys.private.stream import Sealer

_PDFA_MARK: Final = b"pdfaid:part"  # in the metadata of every PDF/A (ISO 19005), which are never compressed


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class SealedFile:
    """A file that was sealed: where it lies, its key, and what is told of it. ``blobs`` counts the index too."""

    file_id: bytes
    key: bytes
    digest: bytes
    size_bytes: int
    sha256: bytes
    media_type: str
    pdfa: bool
    blobs: int


class StreamWriter:
    """A file that is being sealed. Made by ``StreamFiles.writer``; ends with ``finish`` or ``abort``."""

    def __init__(self, folder: Path, federation: bytes) -> None:
        self._file_id, self._key = random_bytes(ID_BYTES), random_bytes(32)
        self._sealer = Sealer(self._key, federation)
        self._path = folder / self._file_id.hex()
        self._part = self._path.with_name(self._path.name + ".part")
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._file.seek(BLOB_BYTES)
        self._sha256 = hashlib.sha256()
        self._head = b""
        self._tail = b""
        self._pdfa = False
        self._blobs = 1

    def feed(self, piece: bytes) -> None:
        """Take some of the file.

        Raises:
            LocalError: code ``ATTBIG``, ``DISK``.
        """
        self._sha256.update(piece)
        self._head = (self._head + piece)[:HEAD_BYTES] if len(self._head) < HEAD_BYTES else self._head
        self._pdfa = self._pdfa or _PDFA_MARK in self._tail + piece
        self._tail = (self._tail + piece)[-len(_PDFA_MARK) :]
        self._keep(self._sealer.feed(piece))

    def finish(self) -> SealedFile:
        """End the file; it is durable.

        Raises:
            LocalError: code ``ATTEMPTY``, ``DISK``.
        """
        for blob in self._sealer.finish():
            self._keep([blob])
        index = self._sealer.index()
        with told():
            self._file.seek(0)
            self._file.write(index)
            sync(self._file)
            self._file.close()
            self._part.replace(self._path)
            _sync_folder(self._path.parent)
        kind = media_type(self._head)
        return SealedFile(
            file_id=self._file_id,
            key=self._key,
            digest=digest(index),
            size_bytes=self._sealer.size,
            sha256=self._sha256.digest(),
            media_type=kind,
            pdfa=self._pdfa and kind == "application/pdf",
            blobs=self._blobs,
        )

    def abort(self) -> None:
        """Leave nothing."""
        with contextlib.suppress(OSError):
            self._file.close()
            self._part.unlink(missing_ok=True)

    def _keep(self, blobs: list[bytes]) -> None:
        self._blobs += len(blobs)
        with told():
            self._file.writelines(blobs)


@contextlib.contextmanager
def told() -> Iterator[None]:
    """What the system says of a file, as an error of ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise LocalError("ATTLACK") from error
    except OSError as error:
        raise LocalError("DISK") from error


def sync(file: IO[bytes]) -> None:
    """Bring what was written to the disk."""
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(PermissionError, IsADirectoryError):  # Windows cannot open a folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
