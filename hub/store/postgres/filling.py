"""Filling an empty database from another store, row by row, and holding both against each other (PROTOCOL 8.8).

Rules:
1. While it is being filled the database says so (``meta``, 'moving'), and no hub serves from it.
2. Rows go over in the order of their keys, a chunk per transaction. Whoever begins again goes on after the last one.
3. At the end every table is read on both sides in that order: counts and SHA-256 over all values must agree.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

from hub.store.base import StoreError
from hub.store.postgres.connections import Line
from hub.store.postgres.migrations import schema_of, scripts

CHUNK: Final = 64  # rows of at most 256 KiB
MOVING: Final = "moving"
_TICKET: Final = "SELECT value FROM meta WHERE name = $1"
_USED: Final = "SELECT EXISTS (SELECT FROM mailbox) OR EXISTS (SELECT FROM leaf) OR EXISTS (SELECT FROM blob)"

Row = tuple[Any, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """A table and where its rows come from.

    Attributes:
        name: of the table here.
        columns: in the order of the rows; the first ``keys`` of them are the key.
        rows: rows of the source with a key above the given one, None for all, by rising key.
    """

    name: str
    columns: tuple[str, ...]
    keys: int
    rows: Callable[[Row | None], Iterator[Row]]

    @property
    def listed(self) -> str:
        """The columns, for SQL."""
        return ", ".join(self.columns)

    @property
    def key(self) -> str:
        """The columns of the key, for SQL."""
        return ", ".join(self.columns[: self.keys])


async def begin(line: Line, ticket: bytes) -> None:
    """Claim an empty database, or go on with one that ``ticket`` claimed before.

    Raises:
        StoreError: code ``EXISTS``; there is something else in it.
    """
    async with line.transaction():
        found = await line.fetchval(_TICKET, MOVING)
        if found is None:
            if await line.fetchval(_USED):
                raise StoreError("EXISTS", file="database")
            await line.execute("INSERT INTO meta (name, value) VALUES ($1, $2)", MOVING, ticket)
        elif found != ticket:
            raise StoreError("EXISTS", file="database")


async def require_empty(line: Line) -> None:
    """Refuse a database that holds something, or that somebody is filling; writes nothing.

    Raises:
        StoreError: code ``EXISTS``; or ``SCHEMA``, when a newer program made it.
    """
    schema = await schema_of(line)
    if schema > len(scripts()):
        raise StoreError("SCHEMA", found=schema, known=len(scripts()))
    if schema and (await line.fetchval(_TICKET, MOVING) is not None or await line.fetchval(_USED)):
        raise StoreError("EXISTS", file="database")


async def fill(line: Line, table: Table) -> int:
    """Bring over what is not there yet; returns how many rows."""
    marks = ", ".join(f"${at}" for at in range(1, len(table.columns) + 1))
    insert = f"INSERT INTO {table.name} ({table.listed}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - ours
    order = ", ".join(f"{column} DESC" for column in table.columns[: table.keys])
    last = await line.fetchrow(f"SELECT {table.key} FROM {table.name} ORDER BY {order} LIMIT 1")  # noqa: S608 - ours
    rows, count = table.rows(None if last is None else tuple(last)), 0
    while chunk := list(itertools.islice(rows, CHUNK)):
        await line.executemany(insert, chunk)  # atomic
        count += len(chunk)
    return count


async def compare(line: Line, table: Table) -> int:
    """Read both sides; returns how many rows there are.

    Raises:
        StoreError: code ``MOVED``; they differ.
    """
    here, there = hashlib.sha256(), hashlib.sha256()
    count = 0
    for row in table.rows(None):
        _feed(there, row)
        count += 1
    found = 0
    async for row in _all(line, table):
        _feed(here, row)
        found += 1
    if (count, there.digest()) != (found, here.digest()):
        raise StoreError("MOVED", table=table.name, count=count, found=found)
    return count


async def finish(line: Line, values: dict[str, bytes]) -> None:
    """Take over single values, let numbers go on where they stood, and let hubs in."""
    async with line.transaction():
        for name, value in values.items():
            await line.execute(
                "INSERT INTO meta (name, value) VALUES ($1, $2)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                name,
                value,
            )
        await line.execute(
            "SELECT setval(pg_get_serial_sequence('mailbox', 'no'), greatest((SELECT max(no) FROM mailbox), 1))"
        )
        await line.execute("DELETE FROM meta WHERE name = $1", MOVING)


async def refuse_unfinished(line: Line) -> None:
    """Refuse a database that is still being filled.

    Raises:
        StoreError: code ``MOVING``.
    """
    if await line.fetchval(_TICKET, MOVING) is not None:
        raise StoreError("MOVING")


async def _all(line: Line, table: Table) -> AsyncIterator[Row]:
    query = f"SELECT {table.listed} FROM {table.name} ORDER BY {table.key}"  # noqa: S608 - ours
    async with line.transaction(readonly=True, isolation="repeatable_read"):
        async for row in line.cursor(query, prefetch=CHUNK):
            yield tuple(row)


def _feed(digest: Any, row: Row) -> None:
    for value in row:
        data = value if isinstance(value, bytes) else str(value).encode()
        digest.update(f"{type(value).__name__} {len(data)} ".encode())
        digest.update(data)
