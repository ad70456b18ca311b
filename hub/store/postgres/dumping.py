"""One moment of the database as the two files of a backup (PROTOCOL 8.4).

Rules:
1. Everything is read in one transaction that sees one moment, beside hubs that serve; it writes nothing and locks
   nothing that they want.
2. The file has the tables of the store on SQLite: one form of backup, whatever the hub stands on.
3. What was given out is left out: after a restore everything counts as given out (restoring).
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from hub.store.migrations import migrate

if TYPE_CHECKING:
    from hub.store.postgres.connections import Line

ISOLATION: Final = "repeatable_read"
CHUNK: Final = 64  # rows of at most 256 KiB
_TABLES: Final = {
    "meta": "SELECT name, value FROM meta ORDER BY name",
    "leaf": "SELECT i, body FROM leaf ORDER BY i",
    "mailbox": "SELECT no, id, next_n, waiting, passed FROM mailbox ORDER BY no",
    "token": "SELECT mailbox, week, hash FROM token ORDER BY mailbox, week",
    # The place is that of mail_sql.
    "envelope": "SELECT mailbox::bigint << 32 | n, mailbox, sealed, id, hour, recall_hash, recalled::integer, body"
    " FROM envelope ORDER BY mailbox, n",
    "cursor": "SELECT device, n FROM cursor ORDER BY device",
    "batch": "SELECT device, no, digest, revision, body FROM batch ORDER BY device, no",
}
_BLOBS: Final = "SELECT name, mailbox, hour, drop_hash, body FROM blob WHERE sha256(body) = name ORDER BY name"


async def dump(line: Line, target: sqlite3.Connection, blobs: sqlite3.Connection | None) -> None:
    """Write all there is.

    Args:
        line: where from; the schema is this program's.
        target: an empty file; gets the schema of the store on SQLite.
        blobs: a file with the table ``blob``, or None: without them.

    Raises:
        sqlite3.Error: the disk does not take it.
    """
    migrate(target)
    target.execute("DELETE FROM meta")  # the incarnation that migrate made
    async with line.transaction(isolation=ISOLATION, readonly=True):
        for table, query in _TABLES.items():
            await _copy(line, query, target, table)
        if blobs is not None:
            await _copy(line, _BLOBS, blobs, "blob")


async def _copy(line: Line, query: str, target: sqlite3.Connection, table: str) -> None:
    target.execute("BEGIN")
    cursor = await line.cursor(query)
    while rows := await cursor.fetch(CHUNK):
        marks = ", ".join("?" * len(rows[0]))
        target.executemany(f"INSERT INTO {table} VALUES ({marks})", map(tuple, rows))  # noqa: S608 - ours
    target.execute("COMMIT")
