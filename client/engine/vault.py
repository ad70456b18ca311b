"""The vault: one SQLCipher database per device, opened with a raw 32-byte key.

Rules:
1. Writes happen inside ``transaction`` and are durable when it ends (``synchronous=FULL``). The task that holds the
   transaction reads its own writes; every other task reads, on other connections, what is committed.
2. What is small is done at once, in the caller's thread: statements inside a transaction and ``glance``. They take some
   6 µs; handing them to a connection's thread and back takes 35, and far more beside busy neighbours (measured). What
   may be long or waits for the disk goes to a thread: the begin and the end of a transaction, many rows, other reads.
   Long transactions give the other tasks a turn themselves.
3. Migrations are numbered SQL files, each in its own transaction; a vault from a newer program is refused.
4. SQLCipher's errors are not ``sqlite3.Error``: they are turned into ours here and nowhere else.
5. No row leaves here, and no transaction ends, before SQLCipher was asked whether each page so far passed its check:
   where the last page of a long row does not, it gives the row with zeros in place of that page, and no error.
6. What an earlier process left in the write-ahead log is written anew when a vault is opened: a commit whose sync
   failed is still seen in memory after a crash, is not on the disk, and would take what is committed after it along.
7. After each commit the file system is asked whether it still takes changes: a sync that runs while it gives up its
   journal may end with a yes.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.resources
import os
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import aiosqlite
from sqlcipher3 import dbapi2 as sqlcipher

from keys.errors import LocalError

_BUSY_SECONDS: Final = 5.0
_PAGE_BYTES: Final = 16 * 1024  # bodies of some KiB then stay on one page
_FEW_ROWS: Final = 64  # so many take some 0.3 ms, no longer than a statement that reads a thread
_CACHE_KIB: Final = 16 * 1024  # at most, per connection; a page that is read again is decrypted again, some 50 µs
_STATUS: Final = "PRAGMA cipher_status"

Row = Sequence[Any]


class Vault:
    """An open vault. Use ``Vault.open``."""

    def __init__(self, apart: Callable[[], Any], writer: Any, reader: Any, glancer: Any, *, folder: Path) -> None:
        self._folder = folder
        self._apart = apart
        self._near_writer = writer  # the same connection as ``_writer``, without its thread
        self._glancer = glancer
        self._writer = aiosqlite.Connection(lambda: writer, iter_chunk_size=256)
        self._reader = aiosqlite.Connection(lambda: reader, iter_chunk_size=256)
        self._writing = asyncio.Lock()
        self._owner: asyncio.Task[Any] | None = None
        self.commits = 0  # changes with every transaction, for whoever shows the vault
        self.watchers: set[Callable[[], None]] = set()  # called after every transaction; they must not raise

    @classmethod
    async def open(cls, path: Path, key: bytes) -> Vault:
        """Open or create a vault.

        Args:
            path: the database file; its folder must exist.
            key: 32 bytes.

        Raises:
            LocalError: code ``FILE`` when the file is no vault under this key, ``VERVAULT`` when it is from a newer
                program, ``DISK`` when it cannot be written.
        """
        try:
            apart = functools.partial(connect, path, key)
            writer, reader, glancer = [await asyncio.to_thread(apart) for _ in range(3)]
            vault = cls(apart, writer, reader, glancer, folder=path.parent)
        except sqlcipher.Error as error:
            raise our_error(error) from error
        try:
            await vault._writer
            await vault._prepare()
            await vault._reader
        except BaseException as error:
            await vault.close()
            if isinstance(error, sqlcipher.Error):
                raise our_error(error) from error
            raise
        return vault

    async def close(self) -> None:
        """Close all connections; an open transaction is rolled back."""
        for connection in (self._reader, self._writer):
            with contextlib.suppress(ValueError):  # never opened
                await connection.close()
        self._glancer.close()

    def apart(self) -> Any:
        """A connection of its own to the same file, for work that takes long; whoever asks closes it."""
        return self._apart()

    async def all(self, sql: str, *values: object) -> list[Row]:
        """All rows of a query."""
        if self.is_inside():
            return self.glance(sql, *values)
        try:
            rows: list[Row] = list(await self._reader.execute_fetchall(sql, values))
            _require_whole(await self._reader.execute_fetchall(_STATUS))
        except sqlcipher.Error as error:
            raise our_error(error) from error
        return rows

    async def one(self, sql: str, *values: object) -> Row | None:
        """The first row of a query, or None."""
        rows = await self.all(sql, *values)
        return rows[0] if rows else None

    async def value(self, sql: str, *values: object) -> Any:
        """The first column of the first row, or None."""
        row = await self.one(sql, *values)
        return None if row is None else row[0]

    def glance(self, sql: str, *values: object) -> list[Row]:
        """As ``all``, for a query that an index answers at once with a row or two."""
        connection = self._near_writer if self.is_inside() else self._glancer
        try:
            rows = list(connection.execute(sql, values).fetchall())
            require_whole(connection)
        except sqlcipher.Error as error:
            raise our_error(error) from error
        return rows

    async def write(self, sql: str, *values: object) -> int:
        """One statement inside a transaction; returns how many rows it changed."""
        try:
            cursor = self._near_writer.execute(sql, values)
        except sqlcipher.Error as error:
            raise our_error(error) from error
        return int(cursor.rowcount)

    async def write_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """One statement for each of some rows inside a transaction."""
        rows = list(rows)
        if not rows:
            return  # as with the gaps of nearly every document
        try:
            if len(rows) <= _FEW_ROWS:
                self._near_writer.executemany(sql, rows)
            else:
                await self._writer.executemany(sql, rows)
        except sqlcipher.Error as error:
            raise our_error(error) from error

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """All writes inside become durable together when the block ends, or none do.

        Raises:
            LocalError: code ``DISK``, ``FILE``; nothing of the block was written.
        """
        async with self._writing:
            try:  # around the begin as well: when this task is cancelled the thread begins all the same
                await self._handed_over("BEGIN IMMEDIATE")
                self._owner = asyncio.current_task()
                yield
                require_whole(self._near_writer)
                await self._handed_over("COMMIT")
                self._require_alive()
                self.commits += 1
                for watcher in self.watchers:
                    watcher()
            except BaseException:
                with contextlib.suppress(LocalError):
                    await self._handed_over("ROLLBACK")
                raise
            finally:
                self._owner = None

    async def meta(self, name: str) -> bytes | None:
        """A single fact."""
        found = self.glance("SELECT value FROM meta WHERE name = ?", name)
        return found[0][0] if found else None

    async def set_meta(self, name: str, value: bytes) -> None:
        """Set a single fact, inside a transaction."""
        await self.write("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", name, value)

    async def number(self, name: str) -> int:
        """A single unsigned number; 0 when it was never set."""
        return int.from_bytes(await self.meta(name) or b"")

    async def set_number(self, name: str, value: int) -> None:
        """Set a single unsigned number, inside a transaction."""
        await self.set_meta(name, value.to_bytes(8))

    async def _handed_over(self, sql: str) -> None:
        """A statement that may wait, in the writer's thread."""
        try:
            await self._writer.execute(sql)
        except sqlcipher.Error as error:
            raise our_error(error) from error

    def _require_alive(self) -> None:
        try:
            os.utime(self._folder)  # in memory alone, some 3 µs
        except OSError as error:
            raise LocalError("DISK") from error

    def is_inside(self) -> bool:
        """Whether the task that asks holds the transaction."""
        return self._owner is not None and self._owner is asyncio.current_task()

    async def _prepare(self) -> None:
        version = await self._read_version()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            await self._handed_over(f"PRAGMA {pragma}")
        await self._settle_log()
        scripts = _migrations()
        if version > max(scripts):
            raise LocalError("VERVAULT", schema=version)
        for number in sorted(scripts):
            if number > version:
                await self._migrate(number, scripts[number])

    async def _settle_log(self) -> None:
        try:
            async with self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
                row = await cursor.fetchone()
        except sqlcipher.Error as error:
            raise our_error(error) from error
        if row is None or row[0]:
            raise LocalError("DISK")  # somebody reads beside

    async def _read_version(self) -> int:
        try:
            async with self._writer.execute("PRAGMA user_version") as cursor:
                row = await cursor.fetchone()
            async with self._writer.execute("SELECT count(*) FROM sqlite_master"):  # the first that needs the key
                return int(row[0]) if row else 0
        except sqlcipher.Error as error:
            raise our_error(error) from error

    async def _migrate(self, number: int, script: str) -> None:
        async with self.transaction():
            for statement in script.split(";\n"):
                await self.write(statement)
            await self.write(f"PRAGMA user_version = {number}")


def _migrations() -> dict[int, str]:
    """The numbered SQL files; the highest number is the version of the schema."""
    folder = importlib.resources.files("client.engine").joinpath("schema")
    return {int(file.name[:4]): file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".sql")}


def connect(path: Path, key: bytes) -> Any:
    """A bare connection to a database under a key of 32 bytes."""
    connection = sqlcipher.connect(str(path), isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False)
    connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to standard error
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute(f"PRAGMA cipher_page_size = {_PAGE_BYTES}")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return connection


def require_whole(connection: Any) -> None:
    """Refuse what was read over a connection when a page did not pass its check; some 2 µs.

    Raises:
        LocalError: code ``FILE``.
    """
    _require_whole(connection.execute(_STATUS).fetchall())


def _require_whole(status: Iterable[Row]) -> None:
    if list(status) != [("1",)]:
        raise LocalError("FILE")


def our_error(error: Exception) -> LocalError:
    """Turn SQLCipher's error into ours, without its text: that may hold values."""
    text = str(error)
    if "full" in text or "disk I/O" in text or "readonly" in text:
        return LocalError("DISK")
    if "not a database" in text or "malformed" in text:
        return LocalError("FILE")
    return LocalError("VAULT", error_type=type(error).__name__)
