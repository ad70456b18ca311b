"""The directory log, its checkpoint and the prekey batches in SQLite: plain functions of an open connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import TypeVar

from hub.store.base import BatchHead, StoreError
from keys.ids import DeviceId, Digest

Row = TypeVar("Row")


def append_leaf(connection: sqlite3.Connection, index: int, leaf: bytes, note: bytes) -> None:
    """Append one leaf with the note that commits to it; nothing when this very leaf stands at ``index`` already."""
    if connection.execute("SELECT 1 FROM leaf WHERE i = ? AND body = ?", (index, leaf)).fetchone():
        return
    if connection.execute("SELECT coalesce(max(i) + 1, 0) FROM leaf").fetchone()[0] != index:
        raise StoreError("STORE", rule="log-index")
    connection.execute("INSERT INTO leaf (i, body) VALUES (?, ?)", (index, leaf))
    put_meta(connection, "checkpoint", note)


def leaves(connection: sqlite3.Connection, start: int, *, limit: int, max_bytes: int) -> list[bytes]:
    """Leaves in order, as many as fit."""
    rows = connection.execute("SELECT body FROM leaf WHERE i >= ? ORDER BY i LIMIT ?", (min(start, 2**62), limit))
    return [body for (body,) in _fitting(((row, len(row[0])) for row in rows), max_bytes)]


def meta(connection: sqlite3.Connection, name: str) -> bytes | None:
    """One value of the table ``meta``."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else bytes(row[0])


def put_meta(connection: sqlite3.Connection, name: str, value: bytes) -> None:
    """Set one value of the table ``meta``."""
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value)
    )


def put_batch(connection: sqlite3.Connection, head: BatchHead, body: bytes) -> None:
    """Keep a batch for the next snapshot."""
    connection.execute("DELETE FROM batch WHERE device = ? AND revision IS NULL", (head.device,))
    connection.execute(
        "INSERT INTO batch (device, no, digest, revision, body) VALUES (?, ?, ?, NULL, ?)",
        (head.device, head.number, head.digest, body),
    )


def batch_heads(connection: sqlite3.Connection) -> list[BatchHead]:
    """All batches without their bytes."""
    rows = connection.execute("SELECT device, no, digest, revision FROM batch ORDER BY device, no").fetchall()
    return [BatchHead(DeviceId(device), no, Digest(digest), revision) for device, no, digest, revision in rows]


def cover(connection: sqlite3.Connection, number: int, kept: list[DeviceId]) -> None:
    """Mark the newest batch of each device in ``kept`` as covered, and delete every other batch."""
    keep = frozenset(kept)
    newest = {head.device: head.number for head in batch_heads(connection)}
    gone = [
        (head.device, head.number)
        for head in batch_heads(connection)
        if head.device not in keep or head.number != newest[head.device]
    ]
    connection.executemany("DELETE FROM batch WHERE device = ? AND no = ?", gone)
    connection.execute("UPDATE batch SET revision = ? WHERE revision IS NULL", (number,))


def covered(
    connection: sqlite3.Connection, *, above: int, after: DeviceId, limit: int, max_bytes: int
) -> list[tuple[DeviceId, bytes]]:
    """Covered batches in order, as many as fit."""
    rows = connection.execute(
        "SELECT device, body FROM batch WHERE revision > ? AND device > ? ORDER BY device LIMIT ?",
        (min(above, 2**62), after, limit),
    )
    return [(DeviceId(device), body) for device, body in _fitting(((row, len(row[1])) for row in rows), max_bytes)]


def _fitting(sized: Iterable[tuple[Row, int]], max_bytes: int) -> list[Row]:
    """The first rows whose sizes together stay within ``max_bytes``; always one if there is one, or no reader moves."""
    taken: list[Row] = []
    total = 0
    for row, size in sized:
        total += size
        if taken and total > max_bytes:
            break
        taken.append(row)
    return taken


def rewrite_incarnation(connection: sqlite3.Connection) -> None:
    """Write the incarnation over itself: a change for the disk and none for anybody else."""
    connection.execute("UPDATE meta SET value = value WHERE name = 'incarnation'")
