"""Is a hub's database on PostgreSQL whole? The same questions as of SQLite's (inspection), asked of one moment.

Pages are PostgreSQL's own matter: with checksums it notices a damaged one when it reads it; the deep form reads all.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from hub.inspection import Inspected, require
from keys.checkpoint import parse_note
from keys.directory import Directory
from keys.errors import LocalError, PeerError

if TYPE_CHECKING:
    from hub.store.postgres.connections import Line

_CHUNK: Final = 64
_WRONG_COUNTS: Final = """
SELECT 1 FROM mailbox LEFT JOIN (
  SELECT mailbox, count(*) FILTER (WHERE NOT recalled) AS there, max(n) AS last FROM envelope GROUP BY mailbox
) AS found ON found.mailbox = no
WHERE waiting <> coalesce(there, 0) OR coalesce(last, 0) >= next_n LIMIT 1
"""
_WRONG_BLOBS: Final = """
SELECT 1 FROM (SELECT mailbox, count(*) AS there FROM blob GROUP BY mailbox) AS found
FULL JOIN held ON held.mailbox = found.mailbox WHERE coalesce(there, 0) <> coalesce(held.count, 0) LIMIT 1
"""


async def inspect_line(line: Line, *, deep: bool) -> Inspected:
    """Look at a whole database.

    Args:
        line: a connection; nothing is written.
        deep: verify the signatures of every statement, and read every envelope and blob.

    Raises:
        LocalError: code ``DAMAGED`` with the ``rule`` that does not hold.
    """
    async with line.transaction(isolation="repeatable_read", readonly=True):
        try:
            size = await _replay(line, deep=deep)
        except PeerError as error:
            raise LocalError("DAMAGED", rule="log") from error
        require(await line.fetchval(_WRONG_COUNTS) is None, "counts")
        require(await line.fetchval(_WRONG_BLOBS) is None, "blobs")
        if deep:
            await _read(line, "SELECT id, body FROM envelope WHERE NOT recalled ORDER BY mailbox, n")
            await _read(line, "SELECT name, body FROM blob ORDER BY name")
        waiting = await line.fetchval("SELECT coalesce(sum(waiting), 0)::bigint FROM mailbox")
        schema = await line.fetchval("SELECT n FROM version")
    return Inspected(schema, size, waiting)


async def _replay(line: Line, *, deep: bool) -> int:
    cursor = await line.cursor("SELECT i, body FROM leaf ORDER BY i")
    directory = None
    while rows := await cursor.fetch(_CHUNK):
        for number, leaf in rows:
            directory = directory or Directory(leaf)
            if number:
                require(number == directory.size, "log")
                directory.apply(leaf, verified=not deep)
    if directory is None:
        raise LocalError("NOROOT")
    note = await line.fetchval("SELECT value FROM meta WHERE name = 'checkpoint'")
    checkpoint = parse_note(note or b"")[0]
    require((checkpoint.size, checkpoint.root) == (directory.size, directory.tree.root()), "log")
    return directory.size


async def _read(line: Line, query: str) -> None:
    cursor = await line.cursor(query)
    while rows := await cursor.fetch(_CHUNK):
        require(all(hashlib.sha256(body).digest() == name for name, body in rows), "bytes")
