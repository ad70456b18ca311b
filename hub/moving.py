"""Moving a hub from SQLite to PostgreSQL: one command, nothing lost, the source untouched (PROTOCOL 8.8).

Order: the hub stands still; the database is claimed for this hub; all rows and blobs go over; both sides are read again
and compared; the settings name the database; the database lets hubs in. Cut off anywhere, the same command goes on.
Devices notice nothing: numbers, cursors, log and incarnation are the same.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from hub.config import Config, write_config
from hub.house import only_one
from hub.inspection import read_only
from hub.store import given
from hub.store.blob_folder import INDEX_NAME
from hub.store.blob_rows import folder_rows
from hub.store.postgres import filling
from hub.store.postgres.connections import Connections
from hub.store.postgres.filling import Row, Table
from hub.store.postgres.migrations import migrate
from hub.stores import BLOBS_NAME, STORE_NAME, server_of
from keys.errors import LocalError

_N_BITS: Final = 32  # as in mail_sql: place = mailbox.no * 2^32 + n
_VALUES: Final = ("checkpoint", "cosigned", "incarnation")


@dataclasses.dataclass(frozen=True, slots=True)
class Moved:
    """Rows by table, compared on both sides; and how many of them this run brought over."""

    rows: dict[str, int]
    brought: int


async def move_hub(data: Path, config: Config, database: str) -> Moved:
    """Move a hub that does not serve, and let its settings name the database.

    Args:
        data: the hub's folder.
        config: its settings.
        database: ``postgresql://…`` of an empty database, or of the one that an earlier run began to fill.

    Raises:
        LocalError: code ``RUNNING``, ``CONFIG``, ``EXISTS`` (the database is in use), ``MOVED`` (both sides
            differ; the hub stays where it was), or any of a store.
    """
    if config.database not in {"", database}:
        raise LocalError("EXISTS", file="database")
    settings = _with(config, database)
    with only_one(data), contextlib.closing(read_only(data / STORE_NAME)) as source:
        values = {name: value for name in _VALUES if (value := _meta(source, name)) is not None}
        connections = Connections(server_of(data, settings))
        try:
            async with connections.held() as line:
                await connections.on(line, migrate)
                await connections.on(line, lambda line: filling.begin(line, values["incarnation"]))
                tables, brought, rows = [*_tables(source), *_blobs(data / BLOBS_NAME)], 0, {}
                for table in tables:
                    brought += await connections.on(line, functools.partial(filling.fill, table=table))
                for table in tables:
                    rows[table.name] = await connections.on(line, functools.partial(filling.compare, table=table))
                write_config(data, settings)
                await connections.on(line, lambda line: filling.finish(line, values))
        finally:
            await connections.close()
    return Moved(rows, brought)


async def require_empty(data: Path, config: Config, database: str) -> None:
    """Find out whether a hub could move there; writes nothing.

    Raises:
        LocalError: code ``EXISTS`` (the database holds something), or any of a store that cannot be reached.
    """
    connections = Connections(server_of(data, _with(config, database)))
    try:
        await connections.run(filling.require_empty)
    finally:
        await connections.close()


def _with(config: Config, database: str) -> Config:
    values = msgspec.to_builtins(config) | {"database": database}
    try:
        return msgspec.convert(values, Config, strict=True)
    except msgspec.ValidationError as error:
        raise LocalError("CONFIG", file="database", reason=str(error)[:200]) from error


def _meta(source: sqlite3.Connection, name: str) -> bytes | None:
    row = source.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else bytes(row[0])


def _tables(source: sqlite3.Connection) -> Iterator[Table]:
    """The tables of the store of envelopes and log."""

    def table(name: str, columns: str, keys: int, wanted: str = "") -> Table:
        names = tuple(column.strip() for column in columns.split(","))
        key = ", ".join(names[:keys])
        marks = ", ".join("?" * keys)
        query = f"SELECT {wanted or columns} FROM {name}"  # noqa: S608 - names from this module
        after = f"{query} WHERE ({key}) > ({marks}) ORDER BY {key}"

        def rows(last: Row | None) -> Iterator[Row]:
            found = source.execute(f"{query} ORDER BY {key}") if last is None else source.execute(after, last)
            return iter(found)

        return Table(name, names, keys, rows)

    def envelopes(last: Row | None) -> Iterator[Row]:
        place = -1 if last is None else last[0] << _N_BITS | last[1]
        for at, *others, recalled, body in source.execute(
            "SELECT place, sealed, id, hour, recall_hash, recalled, body FROM envelope WHERE place > ? ORDER BY place",
            (place,),
        ):
            yield (at >> _N_BITS, at & (1 << _N_BITS) - 1, *others, bool(recalled), body)

    passed = "passed" if given.is_settled(source) else "next_n - 1"  # cut off: what was given out is not known
    yield table("mailbox", "no, id, next_n, waiting, passed", 1, f"no, id, next_n, waiting, {passed}")
    yield table("token", "mailbox, week, hash", 2)
    yield table("leaf", "i, body", 1)
    columns = ("mailbox", "n", "sealed", "id", "hour", "recall_hash", "recalled", "body")
    yield Table("envelope", columns, 2, envelopes)
    yield table("cursor", "device, n", 1)
    yield table("batch", "device, no, digest, revision, body", 2)


def _blobs(folder: Path) -> Iterator[Table]:
    """The blobs that are there whole, and how many each mailbox has."""
    if not (folder / INDEX_NAME).exists():
        return

    def listed(last: Row | None) -> Iterator[Row]:
        return folder_rows(folder, after=b"" if last is None else last[0])

    def held(last: Row | None) -> Iterator[Row]:
        counts: dict[bytes, int] = {}
        for _, mailbox, *_rest in folder_rows(folder):
            counts[mailbox] = counts.get(mailbox, 0) + 1
        return iter(sorted(row for row in counts.items() if last is None or row[0] > last[0]))

    yield Table("blob", ("name", "mailbox", "hour", "drop_hash", "body"), 1, listed)
    yield Table("held", ("mailbox", "count"), 1, held)
