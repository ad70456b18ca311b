"""Writing a file so that it is either the old one or the new one, also after a power cut."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from keys.errors import LocalError


def write_durably(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace ``path`` by ``data``: temporary file beside it, fsync, rename, fsync of the folder.

    Raises:
        LocalError: code ``DISK`` when it cannot be written; the old file is untouched.
    """
    temporary = path.with_name(path.name + ".new")
    try:
        # O_EXCL on a fresh name: a file left by a crash, or laid there by somebody, would keep its own permissions.
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise LocalError("DISK") from error


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Read a file of at most ``max_bytes``.

    Raises:
        LocalError: code ``FILE`` when it is missing, unreadable or too long.
    """
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise LocalError("FILE") from error
    if len(data) > max_bytes:
        raise LocalError("FILE")
    return data


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(PermissionError, IsADirectoryError):  # Windows cannot open a folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
