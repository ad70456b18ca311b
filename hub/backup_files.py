"""Files of a backup: copied, summed, synced; errors in our words."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from keys.errors import LocalError
from keys.files import write_durably

LAST_NAME: Final = "backup.last"
"""In the hub's folder; as old as the newest backup that was made from it and read again."""
_CHUNK: Final = 1024 * 1024


def note_made(data: Path) -> None:
    """A backup counts from now on. Where the folder takes no file the backup stands, and looks older than it is."""
    with contextlib.suppress(LocalError):
        write_durably(data / LAST_NAME, b"")


def seconds_since(data: Path, now: float) -> float | None:
    """Since the newest backup of the hub in ``data``; None when none was made from this folder."""
    try:
        return now - (data / LAST_NAME).stat().st_mtime
    except OSError:
        return None


@contextlib.contextmanager
def folder(path: Path) -> Iterator[None]:
    """An empty folder for the time of the block; what is left in it goes when the block fails.

    Raises:
        LocalError: code ``DISK``.
    """
    shutil.rmtree(path, ignore_errors=True)
    try:
        path.mkdir(mode=0o700, parents=True)
        yield
    except OSError as error:
        raise LocalError("DISK", file=path.name) from error
    finally:
        shutil.rmtree(path, ignore_errors=True)


def copy(source: Path, target: Path) -> None:
    """Copy a file to where there is none, durably, for its owner only.

    Raises:
        LocalError: code ``FILE`` (no source) or ``DISK``.
    """
    try:
        with source.open("rb") as file, target.open("xb") as made:
            os.fchmod(made.fileno(), 0o600)
            shutil.copyfileobj(file, made, _CHUNK)
            made.flush()
            os.fsync(made.fileno())
    except FileNotFoundError as error:
        raise LocalError("FILE", file=source.name) from error
    except OSError as error:
        raise LocalError("DISK", file=target.name) from error


def sum_of(path: Path) -> str:
    """SHA-256 in hex.

    Raises:
        LocalError: code ``BACKUP``; the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LocalError("BACKUP", rule="files") from error


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_new(path: Path) -> None:
    """Refuse what is there already.

    Raises:
        LocalError: code ``EXISTS``.
    """
    if path.exists():
        raise LocalError("EXISTS", file=path.name)


def settle(path: Path) -> None:
    """Let every file of a folder be its owner's only, and wait until it is on the disk."""
    for file in path.iterdir():
        file.chmod(0o600)
        sync(file)
