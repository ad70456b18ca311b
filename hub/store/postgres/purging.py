"""Deleting by decision in PostgreSQL: functions of an open connection whose process is alone (hub/purge).

A deleted row's bytes stay in its page until a vacuum and until the page is used again. So the tables are written anew,
and the old files go. What this does not reach: the write-ahead log, its archive, and other copies of the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.store.base import StoreError

if TYPE_CHECKING:
    from hub.store.postgres.connections import Line
    from keys.ids import EnvelopeId, MailboxId


async def require_mailbox(line: Line, mailbox: MailboxId) -> None:
    """Refuse an unknown mailbox.

    Raises:
        StoreError: code ``NOMAILBOX``.
    """
    if await line.fetchval("SELECT no FROM mailbox WHERE id = $1", mailbox) is None:
        raise StoreError("NOMAILBOX")


async def purge(line: Line, mailbox: MailboxId, envelope: EnvelopeId | None) -> int:
    """Delete one envelope, withheld or not; or all envelopes, tokens and blobs of a mailbox. Its numbers go on.

    Returns:
        How many envelopes and blobs went.
    """
    async with line.transaction():
        number = await line.fetchval("SELECT no FROM mailbox WHERE id = $1 FOR UPDATE", mailbox)
        count = await (_all(line, mailbox, number) if envelope is None else _one(line, number, envelope))
        # Also when nothing was there: only a transaction that writes waits for sync and standby.
        await line.execute(
            "UPDATE mailbox SET waiting = (SELECT count(*) FROM envelope WHERE mailbox = $1 AND NOT recalled)"
            " WHERE no = $1",
            number,
        )
    for table in ("envelope", "blob"):
        await line.execute(f"VACUUM (FULL) {table}")
    return count


async def _one(line: Line, number: int, envelope: EnvelopeId) -> int:
    return len(await line.fetch("DELETE FROM envelope WHERE mailbox = $1 AND id = $2 RETURNING 1", number, envelope))


async def _all(line: Line, mailbox: MailboxId, number: int) -> int:
    envelopes = await line.fetch("DELETE FROM envelope WHERE mailbox = $1 RETURNING 1", number)
    await line.execute("DELETE FROM token WHERE mailbox = $1", number)
    await line.execute("UPDATE stamp SET n = n + 1 WHERE name = 'tokens'")
    blobs = await line.fetch("DELETE FROM blob WHERE mailbox = $1 RETURNING 1", mailbox)
    await line.execute("DELETE FROM held WHERE mailbox = $1", mailbox)
    return len(envelopes) + len(blobs)
