"""The vault: one SQLCipher database per device, opened with a raw 32-byte key.

Rules:
1. Writes happen inside ``transaction`` and are durable when it ends (``synchronous=FULL``). The task that holds the
   transaction reads its own writes; every other task reads, on a second connection, what is committed.
2. Migrations are numbered SQL files, each in its own transaction; a vault from a newer program is refused.
3. SQLCipher's errors are not ``sqlite3.Error``: they are turned into ours here and nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.resources
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import aiosqlite
from sqlcipher3 import dbapi2 as sqlcipher

from keys.errors import LocalError

SCHEMA_VERSION: Final = 1
_BUSY_SECONDS: Final = 5.0
_PAGE_BYTES: Final = 16 * 1024  # bodies of some KiB then stay on one page

Row = Sequence[Any]


class Vault:
    """An open vault. Use ``Vault.open``."""

    def __init__(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self._writer = writer
        self._reader = reader
        self._writing = asyncio.Lock()
        self._owner: asyncio.Task[Any] | None = None

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
        connections = [aiosqlite.Connection(_connector(path, key), iter_chunk_size=256) for _ in range(2)]
        vault = cls(connections[0], connections[1])
        try:
            await connections[0]
            await vault._prepare()
            await connections[1]
        except BaseException as error:
            await vault.close()
            if isinstance(error, sqlcipher.Error):
                raise LocalError("FILE") from error
            raise
        return vault

    async def close(self) -> None:
        """Close both connections; an open transaction is rolled back."""
        for connection in (self._reader, self._writer):
            with contextlib.suppress(ValueError):  # never opened
                await connection.close()

    async def all(self, sql: str, *values: object) -> list[Row]:
        """All rows of a query."""
        try:
            return list(await self._mine().execute_fetchall(sql, values))
        except sqlcipher.Error as error:
            raise _ours(error) from error

    async def one(self, sql: str, *values: object) -> Row | None:
        """The first row of a query, or None."""
        rows = await self.all(sql, *values)
        return rows[0] if rows else None

    async def value(self, sql: str, *values: object) -> Any:
        """The first column of the first row, or None."""
        row = await self.one(sql, *values)
        return None if row is None else row[0]

    async def write(self, sql: str, *values: object) -> int:
        """One statement inside a transaction; returns how many rows it changed."""
        try:
            cursor = await self._writer.execute(sql, values)
        except sqlcipher.Error as error:
            raise _ours(error) from error
        return cursor.rowcount

    async def write_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """One statement for many rows inside a transaction."""
        try:
            await self._writer.executemany(sql, rows)
        except sqlcipher.Error as error:
            raise _ours(error) from error

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """All writes inside become durable together when the block ends, or none do.

        Raises:
            LocalError: code ``DISK``; nothing of the block was written.
        """
        async with self._writing:
            await self.write("BEGIN IMMEDIATE")
            self._owner = asyncio.current_task()
            try:
                yield
                await self.write("COMMIT")
            except BaseException:
                with contextlib.suppress(LocalError):
                    await self.write("ROLLBACK")
                raise
            finally:
                self._owner = None

    async def meta(self, name: str) -> bytes | None:
        """A single fact."""
        value: bytes | None = await self.value("SELECT value FROM meta WHERE name = ?", name)
        return value

    async def set_meta(self, name: str, value: bytes) -> None:
        """Set a single fact, inside a transaction."""
        await self.write("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", name, value)

    async def number(self, name: str) -> int:
        """A single unsigned number; 0 when it was never set."""
        return int.from_bytes(await self.meta(name) or b"")

    async def set_number(self, name: str, value: int) -> None:
        """Set a single unsigned number, inside a transaction."""
        await self.set_meta(name, value.to_bytes(8))

    def _mine(self) -> aiosqlite.Connection:
        inside = self._owner is not None and self._owner is asyncio.current_task()
        return self._writer if inside else self._reader

    async def _prepare(self) -> None:
        version = await self._read_version()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cipher_memory_security = ON"):
            await self.write(f"PRAGMA {pragma}")
        if version > SCHEMA_VERSION:
            raise LocalError("VERVAULT", schema=version)
        for number in range(version + 1, SCHEMA_VERSION + 1):
            await self._migrate(number)

    async def _read_version(self) -> int:
        try:
            async with self._writer.execute("PRAGMA user_version") as cursor:
                row = await cursor.fetchone()
            async with self._writer.execute("SELECT count(*) FROM sqlite_master"):  # the first that needs the key
                return int(row[0]) if row else 0
        except sqlcipher.Error as error:
            raise LocalError("FILE") from error

    async def _migrate(self, number: int) -> None:
        folder = importlib.resources.files("client.engine").joinpath("schema")
        script = next(file for file in folder.iterdir() if file.name.startswith(f"{number:04d}_"))
        async with self.transaction():
            for statement in script.read_text("utf-8").split(";\n"):
                await self.write(statement)
            await self.write(f"PRAGMA user_version = {number}")


def _connector(path: Path, key: bytes) -> Callable[[], Any]:
    def connect() -> Any:
        connection = sqlcipher.connect(str(path), isolation_level=None, timeout=_BUSY_SECONDS)
        connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to standard error
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute(f"PRAGMA cipher_page_size = {_PAGE_BYTES}")
        return connection

    return connect


def _ours(error: Exception) -> LocalError:
    """Turn SQLCipher's error into ours, without its text: that may hold values."""
    text = str(error)
    if "full" in text or "disk I/O" in text or "readonly" in text:
        return LocalError("DISK")
    if "not a database" in text or "malformed" in text:
        return LocalError("FILE")
    return LocalError("VAULT", error_type=type(error).__name__)
