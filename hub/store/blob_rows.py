"""Blobs as rows: out of the hub's folder, into and out of the one file of a backup, and into a folder again.

The file has one table, ``blob``, in the order of names, which are random. A row: name, mailbox, hour, drop hash, body.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import quote

from hub.store.base import StoreError
from hub.store.blob_folder import INDEX_NAME, open_blobs
from hub.store.blobs import Kept, NewBlob
from keys.ids import MailboxId, digest

BlobRow: TypeAlias = tuple[bytes, bytes, int, bytes, bytes]

_PAGE_BYTES: Final = 65_536  # a blob is 256 KiB
_NO_LIMIT: Final = 2**62
_TABLE: Final = """
CREATE TABLE blob (
  name      BLOB PRIMARY KEY,  -- SHA-256 of body, 32 bytes
  mailbox   BLOB NOT NULL,     -- 16 bytes
  hour      INTEGER NOT NULL,  -- hub's hour of the first put
  drop_hash BLOB NOT NULL,     -- of the secret that has it deleted, 32 bytes
  body      BLOB NOT NULL
)
"""


def folder_rows(folder: Path, *, after: bytes = b"") -> Iterator[BlobRow]:
    """The blobs of a folder that are there whole, by rising name above ``after``; also beside a hub that serves.

    One that goes meanwhile is left out: somebody has it. So is one that was altered: its sender still has it, and a
    backup with it in would never be verified.
    """
    if not (folder / INDEX_NAME).exists():
        return
    with contextlib.closing(_read_only(folder / INDEX_NAME)) as index:
        query = "SELECT name, mailbox, hour, drop_hash FROM blob WHERE name > ? ORDER BY name"
        for name, mailbox, hour, drop_hash in index.execute(query, (after,)):
            text = name.hex()
            with contextlib.suppress(FileNotFoundError):  # dropped just now, or a crash left the row
                body = (folder / text[:2] / text).read_bytes()
                if digest(body) == name:
                    yield name, mailbox, hour, drop_hash, body


def new_file(path: Path) -> sqlite3.Connection:
    """A file for ``blob`` rows; it is synced by whoever closes it.

    Raises:
        sqlite3.Error: not to be made.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(_TABLE)
    return connection


def write_rows(target: sqlite3.Connection, rows: Iterable[BlobRow]) -> None:
    """Put rows into a file.

    Raises:
        sqlite3.Error: the disk does not take them.
    """
    target.execute("BEGIN")
    target.executemany("INSERT INTO blob VALUES (?, ?, ?, ?, ?)", rows)
    target.execute("COMMIT")


def file_rows(path: Path) -> Iterator[BlobRow]:
    """The rows of a file, each body with the name that it hashes to.

    Raises:
        StoreError: code ``DAMAGED``; pages or bytes are not what they were.
    """
    try:
        with contextlib.closing(_read_only(path)) as connection:
            if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                raise StoreError("DAMAGED", rule="pages")
            for row in connection.execute("SELECT name, mailbox, hour, drop_hash, body FROM blob ORDER BY name"):
                if digest(row[4]) != row[0]:
                    raise StoreError("DAMAGED", rule="bytes")
                yield row
    except sqlite3.Error as error:
        raise StoreError("DAMAGED", rule="pages") from error


async def fill_folder(folder: Path, rows: Iterable[BlobRow]) -> int:
    """Put rows into a hub's folder, each durably; those that are there stay. Returns how many.

    Raises:
        StoreError: the disk does not take them.
    """
    count = 0
    with contextlib.closing(open_blobs(folder)) as blobs:
        for _, mailbox, hour, drop_hash, body in rows:
            blob = NewBlob(MailboxId(mailbox), hour, drop_hash, body)
            kept = await blobs.put(blob, most=_NO_LIMIT, most_in_all=_NO_LIMIT)
            count += isinstance(kept, Kept)
    return count


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=5.0)
