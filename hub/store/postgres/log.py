"""The directory log, its checkpoint and the prekey batches in PostgreSQL: functions of an open connection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hub.store.base import BatchHead, StoreError
from hub.store.postgres.connections import Line
from keys.ids import DeviceId, Digest

_STAMP = "UPDATE stamp SET n = n + 1 WHERE name = 'directory'"


async def append_leaf(line: Line, index: int, leaf: bytes, note: bytes) -> None:
    """Append one leaf with the note that commits to it; only the note when this very leaf stands there already."""
    async with line.transaction():
        await _append(line, index, leaf, note)


async def append_snapshot(
    line: Line, index: int, leaf: bytes, note: bytes, *, number: int, kept: list[DeviceId]
) -> None:
    """Append a snapshot; cover the newest batch of each device in ``kept``, and delete every other batch."""
    async with line.transaction():
        await _append(line, index, leaf, note)
        await line.execute(
            "DELETE FROM batch WHERE device <> ALL ($1)"
            " OR no < (SELECT max(no) FROM batch AS newer WHERE newer.device = batch.device)",
            kept,
        )
        await line.execute("UPDATE batch SET revision = $1 WHERE revision IS NULL", number)


async def _append(line: Line, index: int, leaf: bytes, note: bytes) -> None:
    if not await line.fetchval("SELECT true FROM leaf WHERE i = $1 AND body = $2", index, leaf):
        if await line.fetchval("SELECT coalesce(max(i) + 1, 0) FROM leaf") != index:
            raise StoreError("STORE", rule="log-index")
        # Two transactions that both came this far want the same primary key, and one of them fails.
        await line.execute("INSERT INTO leaf (i, body) VALUES ($1, $2)", index, leaf)
    await put_meta(line, "checkpoint", note)


async def put_meta(line: Line, name: str, value: bytes) -> None:
    """Set one value of the table ``meta`` that tells something about the directory."""
    async with line.transaction():
        await line.execute(
            "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            value,
        )
        await line.execute(_STAMP)


async def meta(line: Line, name: str) -> bytes | None:
    """One value of the table ``meta``."""
    value: bytes | None = await line.fetchval("SELECT value FROM meta WHERE name = $1", name)
    return value


async def probe(line: Line) -> None:
    """Write a row as it is; the commit waits for sync and standby."""
    await line.execute("UPDATE meta SET value = value WHERE name = 'incarnation'")


async def leaves(line: Line, start: int, *, limit: int, max_bytes: int) -> list[bytes]:
    """Leaves in order, as many as fit."""
    rows = await line.fetch("SELECT body FROM leaf WHERE i >= $1 ORDER BY i LIMIT $2", min(start, 2**62), limit)
    return [row["body"] for row in _fitting(rows, max_bytes)]


async def put_batch(line: Line, head: BatchHead, body: bytes) -> None:
    """Keep a batch for the next snapshot."""
    async with line.transaction():
        await line.execute("DELETE FROM batch WHERE device = $1 AND revision IS NULL", head.device)
        await line.execute(
            "INSERT INTO batch (device, no, digest, revision, body) VALUES ($1, $2, $3, NULL, $4)",
            head.device,
            head.number,
            head.digest,
            body,
        )


async def batch_heads(line: Line) -> list[BatchHead]:
    """All batches without their bytes."""
    rows = await line.fetch("SELECT device, no, digest, revision FROM batch ORDER BY device, no")
    return [BatchHead(DeviceId(device), no, Digest(digest), revision) for device, no, digest, revision in rows]


async def covered(
    line: Line, *, above: int, after: DeviceId, limit: int, max_bytes: int
) -> list[tuple[DeviceId, bytes]]:
    """Covered batches in order, as many as fit."""
    rows = await line.fetch(
        "SELECT device, body FROM batch WHERE revision > $1 AND device > $2 ORDER BY device LIMIT $3",
        min(above, 2**62),
        after,
        limit,
    )
    return [(DeviceId(row["device"]), row["body"]) for row in _fitting(rows, max_bytes)]


def _fitting(rows: Iterable[Any], max_bytes: int) -> list[Any]:
    """The first rows whose sizes together stay within ``max_bytes``; always one if there is one, or no reader moves."""
    taken: list[Any] = []
    total = 0
    for row in rows:
        total += len(row["body"])
        if taken and total > max_bytes:
            break
        taken.append(row)
    return taken
