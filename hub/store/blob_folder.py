"""Blobs in a folder: bodies as files, what is known of them in a small database beside.

Files and not rows: a gigabyte goes through a database's log and its pages, is written twice, and the room does not come
back. File and row are put in place, and go, in one transaction of the index; a crash within leaves a file without a
row or a row without a file, which counts as not being there and goes at the next opening.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from hub.store.base import StoreError, StoreFullError
from hub.store.blobs import ALTERED, BlobsFull, Drop, Kept, NewBlob
from hub.store.writer import require_alive, settle_log, store_error
from keys.ids import digest
from keys.logging import get_logger

T = TypeVar("T")
_log = get_logger("blobs")
INDEX_NAME: Final = "index.sqlite"
BUSY_SECONDS: Final = 5.0
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS blob (
  name      BLOB PRIMARY KEY,  -- SHA-256 of the blob, 32 bytes
  mailbox   BLOB NOT NULL,     -- for the quota, 16 bytes
  hour      INTEGER NOT NULL,  -- hub's hour, for the expiry
  drop_hash BLOB NOT NULL      -- of the secret that has it deleted, 32 bytes
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS blob_by_hour ON blob (hour);
CREATE TABLE IF NOT EXISTS held (
  mailbox BLOB PRIMARY KEY,
  count   INTEGER NOT NULL     -- so that the quota costs no count
) WITHOUT ROWID;
"""


class BlobFolder:
    """Blobs in a folder. Made by ``open_blobs``; ``close`` when done."""

    def __init__(self, folder: Path, index: sqlite3.Connection) -> None:
        self._folder = folder
        self._index = index
        self._lock = threading.Lock()  # the index has one connection, and each call comes on a thread of its own

    def close(self) -> None:
        """Let go of the index."""
        with self._lock:
            self._index.close()

    async def put(self, blob: NewBlob, *, most: int, most_in_all: int) -> Kept | BlobsFull:
        """See BlobStore. Written and synced beside, then put in its place and into the index in one step."""

        def work() -> Kept | BlobsFull:
            name = digest(blob.body)
            with self._transaction() as index:
                verdict = self._known(index, name) or self._full(index, blob.mailbox, most, most_in_all)
            return verdict or self._place(name, blob, most, most_in_all)

        return await _run(work)

    async def get(self, name: bytes) -> bytes | None:
        """See BlobStore."""

        def work() -> bytes | None:
            with self._transaction() as index:
                known = self._known(index, name)
            body = None if known is None else self._read(name)
            if body is None or digest(body) == name:
                return body
            with self._transaction() as index:
                self._drop_altered(index, name)
            return None

        return await _run(work)

    async def find(self, names: list[bytes]) -> set[bytes]:
        """See BlobStore."""

        def work() -> set[bytes]:
            with self._transaction() as index:
                return {name for name in names if self._known(index, name) is not None}

        return await _run(work)

    async def drop(self, drops: list[Drop]) -> int:
        """See BlobStore."""

        def work() -> int:
            with self._transaction() as index:
                rows = [
                    index.execute(
                        "SELECT name, mailbox FROM blob WHERE name = ? AND drop_hash = ?", (one.name, one.drop_hash)
                    ).fetchone()
                    for one in drops
                ]
                return self._delete(index, list({row[0]: row for row in rows if row is not None}.values()))

        return await _run(work)

    async def expire(self, before_hour: int, *, limit: int) -> int:
        """See BlobStore."""

        def work() -> int:
            with self._transaction() as index:
                rows = index.execute("SELECT name, mailbox FROM blob WHERE hour < ? LIMIT ?", (before_hour, limit))
                return self._delete(index, rows.fetchall())

        return await _run(work)

    async def count(self) -> int:
        """See BlobStore."""

        def work() -> int:
            with self._transaction() as index:
                return int(index.execute("SELECT coalesce(sum(count), 0) FROM held").fetchone()[0])

        return await _run(work)

    def purge(self, mailbox: bytes) -> int:
        """Delete all that is held for a mailbox; returns how many."""
        with self._transaction() as index:
            return self._delete(
                index, index.execute("SELECT name, mailbox FROM blob WHERE mailbox = ?", (mailbox,)).fetchall()
            )

    def sweep(self) -> int:
        """Make folder and index agree after a crash: files without a row go, and rows without a file; returns how many.

        Only while nobody puts.
        """
        with self._transaction() as index:
            rows = index.execute("SELECT name, mailbox FROM blob").fetchall()
            known = {name.hex() for name, _ in rows}
            strays = [path for path in self._folder.glob("??/*") if path.name not in known]
            for path in strays:
                path.unlink()
            return len(strays) + self._delete(index, [row for row in rows if not self._path(row[0]).exists()])

    def _read(self, name: bytes) -> bytes | None:
        with contextlib.suppress(FileNotFoundError):  # dropped just now
            return self._path(name).read_bytes()
        return None

    def _drop_altered(self, index: sqlite3.Connection, name: bytes) -> None:
        """Read again: it may have been dropped and put meanwhile."""
        row = index.execute("SELECT mailbox FROM blob WHERE name = ?", (name,)).fetchone()
        body = self._read(name)
        if row is not None and body is not None and digest(body) != name:
            self._delete(index, [(name, row[0])])
            _log.error(ALTERED)

    def _path(self, name: bytes) -> Path:
        text = name.hex()
        return self._folder / text[:2] / text

    def _known(self, index: sqlite3.Connection, name: bytes) -> Kept | None:
        row = index.execute("SELECT hour FROM blob WHERE name = ?", (name,)).fetchone()
        return None if row is None or not self._path(name).exists() else Kept(row[0])

    def _full(self, index: sqlite3.Connection, mailbox: bytes, most: int, most_in_all: int) -> BlobsFull | None:
        held = index.execute("SELECT count FROM held WHERE mailbox = ?", (mailbox,)).fetchone()
        (in_all,) = index.execute("SELECT coalesce(sum(count), 0) FROM held").fetchone()
        return BlobsFull() if in_all >= most_in_all or (held is not None and held[0] >= most) else None

    def _place(self, name: bytes, blob: NewBlob, most: int, most_in_all: int) -> Kept | BlobsFull:
        path = self._path(name)
        part = path.with_name(f"{path.name}.{threading.get_ident()}.part")
        try:
            with part.open("xb") as file:
                file.write(blob.body)
                file.flush()
                os.fsync(file.fileno())
            with self._transaction() as index:  # others came in between
                verdict = self._known(index, name) or self._full(index, blob.mailbox, most, most_in_all)
                if verdict is not None:
                    return verdict
                part.replace(path)
                _sync(path.parent)
                return self._insert(index, name, blob)
        finally:
            part.unlink(missing_ok=True)

    def _insert(self, index: sqlite3.Connection, name: bytes, blob: NewBlob) -> Kept:
        fresh = index.execute(
            "INSERT INTO blob VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (name, blob.mailbox, blob.hour, blob.drop_hash),
        ).rowcount
        index.execute(
            "INSERT INTO held VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
            (blob.mailbox, fresh),
        )
        (hour,) = index.execute("SELECT hour FROM blob WHERE name = ?", (name,)).fetchone()
        return Kept(hour)

    def _delete(self, index: sqlite3.Connection, gone: list[tuple[bytes, bytes]]) -> int:
        """Rows and files in one transaction: a put of the same bytes comes before or after, never in between."""
        index.executemany("DELETE FROM blob WHERE name = ?", [(name,) for name, _ in gone])
        index.executemany("UPDATE held SET count = count - 1 WHERE mailbox = ?", [(mailbox,) for _, mailbox in gone])
        for name, _ in gone:
            self._path(name).unlink(missing_ok=True)
        return len(gone)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._index.execute("BEGIN IMMEDIATE")
            try:
                yield self._index
            except BaseException:
                self._index.execute("ROLLBACK")
                raise
            self._index.execute("COMMIT")
            require_alive(self._folder)


def open_blobs(folder: Path) -> BlobFolder:
    """Open a folder of blobs, make it if it is not there, and sweep out what a crash left.

    Raises:
        StoreError: the folder or its index cannot be used.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for number in range(256):
            (folder / f"{number:02x}").mkdir(exist_ok=True)
        index = sqlite3.connect(
            folder / INDEX_NAME, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
        )
        index.execute("PRAGMA journal_mode = WAL")
        index.execute("PRAGMA synchronous = FULL")
        settle_log(index)
        index.execute("PRAGMA secure_delete = FAST")
        index.executescript(_TABLE)
        blobs = BlobFolder(folder, index)
        blobs.sweep()
    except (OSError, sqlite3.Error) as error:
        raise _our_error(error) from error
    return blobs


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _run(work: Callable[[], T]) -> T:
    """On a thread: a file of 256 KiB is written and synced there.

    Raises:
        StoreError: the disk or the index refused.
    """
    try:
        return await asyncio.to_thread(work)
    except (OSError, sqlite3.Error) as error:
        raise _our_error(error) from error


def _our_error(error: OSError | sqlite3.Error) -> StoreError:
    if isinstance(error, sqlite3.Error):
        return store_error(error)
    return StoreFullError() if error.errno in {errno.ENOSPC, errno.EDQUOT} else StoreError()
