"""A package on disk: one ZIP file that is written piece by piece, with the SHA-256 of everything in it.

It is there whole or not at all, readable by its owner only, and never takes the place of a file that exists.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from client.engine.stream_writer import sync, told
from keys.errors import LocalError

MANIFEST: Final = "manifest-sha256.txt"
_PRIVATE: Final = 0o600 << 16


class PackageFile:
    """A package that is being written; use it as a context.

    Raises:
        LocalError: code ``EXISTS`` when there is a file, ``DISK`` when it cannot be written.
    """

    def __init__(self, path: Path, at: tuple[int, int, int, int, int, int]) -> None:
        """Begin one.

        Args:
            path: where; nothing may be there.
            at: date and time that the entries bear.
        """
        self._path = path
        self._at = at
        self.sums: dict[str, str] = {}
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError as error:
            raise LocalError("EXISTS") from error
        except OSError as error:
            raise LocalError("DISK") from error
        self._file = os.fdopen(descriptor, "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED)

    def add(self, name: str, pieces: Iterable[bytes]) -> str:
        """Write one file into it; returns its SHA-256, hexadecimal.

        Raises:
            LocalError: code ``DISK``, or what the pieces raise.
        """
        entry, digest = zipfile.ZipInfo(name, self._at), hashlib.sha256()
        entry.external_attr = _PRIVATE
        with told(), self._zip.open(entry, "w", force_zip64=True) as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
        self.sums[name] = digest.hexdigest()
        return self.sums[name]

    def _end(self) -> None:
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self.sums.items()))
        self.add(MANIFEST, [lines.encode()])
        with told():
            self._zip.close()
            sync(self._file)
            self._file.close()

    def __enter__(self) -> Self:
        """It is being written."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """It is whole with its manifest, or it is gone."""
        try:
            if kind is None:
                self._end()
                return
        except BaseException:
            self._drop()
            raise
        self._drop()

    def _drop(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._path.unlink()
