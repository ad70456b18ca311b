"""Is a database of a hub whole? Asked of a backup before it counts, and of a hub's own by ``doctor``.

Steps, in order; the first that fails raises DAMAGED with its name:
1. ``pages``: SQLite's own check of every page and index.
2. ``schema``: this program or an older one wrote it.
3. ``log``: the leaves replay by the directory's rules, and their root is that of the newest checkpoint.
4. ``counts``: what each mailbox says that waits is what is there, and no number is beyond the mailbox's last.
5. ``bytes``: every envelope has the id that its bytes hash to (deep only: it reads everything).
"""

from __future__ import annotations

import dataclasses
import hashlib
import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

from hub.store import log_sql
from hub.store.migrations import scripts
from keys.checkpoint import parse_note
from keys.directory import Directory
from keys.errors import LocalError, PeerError

_LEAVES: Final = 256
_LEAVES_BYTES: Final = 16 * 1024 * 1024
_BUSY_SECONDS: Final = 5.0


@dataclasses.dataclass(frozen=True, slots=True)
class Inspected:
    """A database that is whole, in numbers."""

    schema: int
    log_size: int
    waiting: int


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write.

    Raises:
        LocalError: code ``STORE``; there is no such file.
    """
    try:
        return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=_BUSY_SECONDS)
    except sqlite3.Error as error:
        raise LocalError("STORE", file=path.name) from error


def inspect(connection: sqlite3.Connection, *, deep: bool) -> Inspected:
    """Look at a whole database.

    Args:
        connection: an open one; nothing is written.
        deep: verify the signatures of every statement, and read every envelope; else only pages, roots and counts.

    Raises:
        LocalError: code ``DAMAGED`` with the ``rule`` that does not hold, ``SCHEMA`` when it is of a newer program.
    """
    try:
        return _inspect(connection, deep=deep)
    except (sqlite3.Error, PeerError) as error:
        raise LocalError("DAMAGED", rule="pages" if isinstance(error, sqlite3.Error) else "log") from error


def _inspect(connection: sqlite3.Connection, *, deep: bool) -> Inspected:
    check = "integrity_check" if deep else "quick_check"
    require(connection.execute(f"PRAGMA {check}(1)").fetchone() == ("ok",), "pages")
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if schema > len(scripts()):
        raise LocalError("SCHEMA", found=schema, known=len(scripts()))
    require(schema >= 1, "schema")
    size = replay(connection, deep=deep).size
    (waiting,) = connection.execute("SELECT coalesce(sum(waiting), 0) FROM mailbox").fetchone()
    require(connection.execute(_WRONG_COUNTS).fetchone() is None, "counts")
    if deep:
        rows = connection.execute("SELECT id, body FROM envelope WHERE recalled = 0")
        require(all(hashlib.sha256(body).digest() == found for found, body in rows), "bytes")
    return Inspected(schema, size, waiting)


_WRONG_COUNTS: Final = """
SELECT 1 FROM mailbox LEFT JOIN (
  SELECT mailbox, count(*) FILTER (WHERE recalled = 0) AS there, max(place & 4294967295) AS last
  FROM envelope GROUP BY mailbox
) AS found ON found.mailbox = no
WHERE waiting != coalesce(there, 0) OR coalesce(last, 0) >= next_n LIMIT 1
"""


def replay(connection: sqlite3.Connection, *, deep: bool) -> Directory:
    """The directory that the leaves give; its root is that of the newest checkpoint.

    Raises:
        LocalError: code ``NOROOT`` or ``DAMAGED``.
        PeerError: a leaf that the directory's rules refuse.
    """
    first = log_sql.leaves(connection, 0, limit=1, max_bytes=1)
    if not first:
        raise LocalError("NOROOT")
    directory = Directory(first[0])
    while leaves := log_sql.leaves(connection, directory.size, limit=_LEAVES, max_bytes=_LEAVES_BYTES):
        for leaf in leaves:
            directory.apply(leaf, verified=not deep)
    checkpoint = parse_note(log_sql.meta(connection, "checkpoint") or b"")[0]
    require((checkpoint.size, checkpoint.root) == (directory.size, directory.tree.root()), "log")
    return directory


def require(holds: bool, rule: str) -> None:
    """Raise DAMAGED with the rule that does not hold.

    Raises:
        LocalError: code ``DAMAGED``.
    """
    if not holds:
        raise LocalError("DAMAGED", rule=rule)
