"""Mailboxes, tokens, envelopes and cursors in PostgreSQL: functions of an open connection (PROTOCOL 4, 5, 8).

Each that changes something opens its own transaction, locks the mailbox's row before anything else, and writes
something in any case: only a transaction that writes waits for sync and standby, so that an answer "it was so before"
is durable too.
"""

from __future__ import annotations

from typing import Final

import asyncpg

from hub.store.base import ROW_ROOM, Page, Place, Queue, Standing, StoredEnvelope, StoreError, Token
from hub.store.postgres.connections import Line
from keys.ids import DeviceId, EnvelopeId, MailboxId

MAX_N: Final = 2**62
_MESSAGE: Final = "SELECT pg_logical_emit_message(true, 'sluss', '')"
_GIVEN: Final = (
    "WITH noted AS (UPDATE mailbox SET given = greatest(given, $2) WHERE id = $1 RETURNING no)"
    " SELECT no, set_config('synchronous_commit', 'off', true) FROM noted"
)
_LOCK_BOX: Final = "SELECT no, next_n, passed, given FROM mailbox WHERE id = $1 FOR UPDATE"


async def add_mailbox(line: Line, mailbox: MailboxId) -> None:
    """Make a mailbox; nothing when it is there."""
    await line.execute("INSERT INTO mailbox (id) VALUES ($1) ON CONFLICT DO NOTHING", mailbox)


async def put_token(line: Line, token: Token) -> None:
    """Keep a token hash."""
    async with line.transaction():
        await line.execute(
            "INSERT INTO token (mailbox, week, hash) SELECT no, $2, $3 FROM mailbox WHERE id = $1"
            " ON CONFLICT (mailbox, week) DO UPDATE SET hash = excluded.hash",
            token.mailbox,
            token.week,
            token.token_hash,
        )
        await line.execute("UPDATE stamp SET n = n + 1 WHERE name = 'tokens'")


async def tokens(line: Line) -> list[Token]:
    """All token hashes."""
    rows = await line.fetch("SELECT id, week, hash FROM token JOIN mailbox ON no = mailbox")
    return [Token(MailboxId(row["id"]), row["week"], row["hash"]) for row in rows]


async def drop_tokens(line: Line, before_week: int) -> int:
    """Forget old tokens."""
    return len(await line.fetch("DELETE FROM token WHERE week < $1 RETURNING 1", before_week))


async def page(line: Line, mailbox: MailboxId, after: int, *, limit: int, max_bytes: int) -> Page:
    """Rows of one mailbox, as many as fit.

    Sizes first: the bytes of rows that do not fit are never read.
    """
    row = await line.fetchrow("SELECT no, next_n FROM mailbox WHERE id = $1", mailbox)
    if row is None:
        raise StoreError("STORE", rule="mailbox")
    start, end = min(after, MAX_N), row["next_n"]  # what comes meanwhile is not in this answer
    if start + 1 >= end:  # as nearly always when a device asks
        return Page(end - 1, ())
    sizes = await line.fetch(
        "SELECT n, octet_length(body) FROM envelope WHERE mailbox = $1 AND n > $2 AND n < $3 ORDER BY n LIMIT $4",
        row["no"],
        start,
        end,
        limit,
    )
    last, room = start, max_bytes
    for n, size in sizes:
        room -= size + ROW_ROOM
        if room < 0:
            break
        last = n
    found = await line.fetch(
        "SELECT n, id, hour, recalled, body FROM envelope WHERE mailbox = $1 AND n > $2 AND n <= $3 ORDER BY n",
        row["no"],
        start,
        last,
    )
    rows = [StoredEnvelope(n, EnvelopeId(id_), hour, None if gone else body) for n, id_, hour, gone, body in found]
    return Page(end - 1, tuple(rows))


async def settle(line: Line) -> None:
    """Return when all that this session saw or committed is on the disk and on the standby.

    A small commit that waits takes everything with it that was committed before. It writes a message into the
    write-ahead log and no row: nothing for vacuum to do, and no lock to queue for.
    """
    await line.execute(_MESSAGE)


async def note_given(line: Line, mailbox: MailboxId, n: int, *, after: int) -> set[int]:
    """Note that content up to ``n`` is about to be given out; returns the numbers that were withheld before that.

    Not settled yet; the lock of the row is held for no sync.
    """
    number = await line.fetchval(_GIVEN, mailbox, n)
    rows = await line.fetch(
        "SELECT n FROM envelope WHERE mailbox = $1 AND n > $2 AND n <= $3 AND recalled", number, min(after, MAX_N), n
    )
    return {row["n"] for row in rows}


async def move_cursor(line: Line, device: DeviceId, mailbox: MailboxId, n: int) -> int | None:
    """Raise a cursor, and with it the mark below which nothing can be recalled."""
    async with line.transaction():
        box = await _locked(line, mailbox)
        if n >= box["next_n"]:
            return None
        await line.execute("UPDATE mailbox SET passed = greatest(passed, $2) WHERE no = $1", box["no"], n)
        stands = await line.fetchval(
            "INSERT INTO cursor (device, n) VALUES ($1, $2)"
            " ON CONFLICT (device) DO UPDATE SET n = greatest(cursor.n, excluded.n) RETURNING n",
            device,
            n,
        )
    return int(stands)


async def cursors(line: Line, devices: list[DeviceId]) -> list[int]:
    """Where the cursors stand."""
    rows = await line.fetch("SELECT device, n FROM cursor WHERE device = ANY ($1)", devices)
    found = {row["device"]: row["n"] for row in rows}
    return [found.get(device, 0) for device in devices]


async def standing(line: Line, mailbox: MailboxId, device: DeviceId) -> Standing:
    """A mailbox and a device in numbers."""
    row = await line.fetchrow(
        "SELECT waiting, next_n - 1 AS last_n, coalesce((SELECT n FROM cursor WHERE device = $2), 0) AS cursor"
        " FROM mailbox WHERE id = $1",
        mailbox,
        device,
    )
    if row is None:
        raise StoreError("STORE", rule="mailbox")
    return Standing(row["waiting"], row["last_n"], row["cursor"])


async def find_recall(line: Line, recall_hash: bytes, sealed_hour: int) -> Place | None:
    """The envelope that a recall secret belongs to."""
    row = await line.fetchrow(
        "SELECT mailbox.id, n FROM envelope JOIN mailbox ON no = mailbox WHERE sealed = $1 AND recall_hash = $2",
        sealed_hour,
        recall_hash,
    )
    return None if row is None else Place(MailboxId(row["id"]), row["n"])


async def withhold(line: Line, place: Place) -> bool:
    """Empty an envelope unless it was given out or a cursor passed. The same statements whether it exists or not."""
    async with line.transaction():
        box = await line.fetchrow(_LOCK_BOX, place.mailbox)
        number, reached = (0, MAX_N) if box is None else (box["no"], max(box["passed"], box["given"]))
        changed = await line.fetch(
            "UPDATE envelope SET recalled = true, body = '' WHERE mailbox = $1 AND n = $2 AND NOT recalled AND $3 < $2"
            " RETURNING 1",
            number,
            place.n,
            reached,
        )
        await line.execute("UPDATE mailbox SET waiting = waiting - $2 WHERE no = $1", number, len(changed))
        withheld = await line.fetchval("SELECT recalled FROM envelope WHERE mailbox = $1 AND n = $2", number, place.n)
    return bool(withheld)


async def queues(line: Line) -> list[Queue]:
    """What waits in each mailbox. The oldest has the lowest number, and the key finds it without a count."""
    rows = await line.fetch(
        "SELECT id, waiting, (SELECT hour FROM envelope WHERE mailbox = no AND NOT recalled ORDER BY n LIMIT 1)"
        " AS oldest FROM mailbox ORDER BY id"
    )
    return [Queue(MailboxId(row["id"]), row["waiting"], row["oldest"]) for row in rows]


async def prune(line: Line, mailbox: MailboxId, upto: int, *, limit: int) -> int:
    """Delete what every device has."""
    async with line.transaction():
        box = await _locked(line, mailbox)
        gone = await line.fetch(
            "DELETE FROM envelope WHERE mailbox = $1 AND n IN (SELECT n FROM envelope"
            " WHERE mailbox = $1 AND n <= $2 AND NOT recalled ORDER BY n LIMIT $3) RETURNING 1",
            box["no"],
            min(upto, MAX_N),
            limit,
        )
        await line.execute("UPDATE mailbox SET waiting = waiting - $2 WHERE no = $1", box["no"], len(gone))
    return len(gone)


async def expire(line: Line, before_hour: int, *, limit: int) -> int:
    """Delete what is too old."""
    async with line.transaction():
        old = await line.fetch(  # the index is by `sealed`, which is at most one hour above `hour`
            "SELECT mailbox, n FROM envelope WHERE sealed <= $1 AND hour < $1 AND NOT recalled"
            " ORDER BY sealed LIMIT $2",
            before_hour,
            limit,
        )
        await line.execute(  # in the order of every other transaction that locks several
            "SELECT FROM mailbox WHERE no = ANY ($1) ORDER BY no FOR UPDATE", [row["mailbox"] for row in old]
        )
        await line.execute(
            "WITH gone AS (DELETE FROM envelope USING unnest($1::integer[], $2::bigint[]) AS old (mailbox, n)"
            "  WHERE envelope.mailbox = old.mailbox AND envelope.n = old.n AND NOT recalled"
            "  RETURNING envelope.mailbox),"
            " counted AS (SELECT mailbox, count(*) AS count FROM gone GROUP BY mailbox)"
            " UPDATE mailbox SET waiting = waiting - count FROM counted WHERE no = counted.mailbox",
            [row["mailbox"] for row in old],
            [row["n"] for row in old],
        )
    return len(old)


async def _locked(line: Line, mailbox: MailboxId) -> asyncpg.Record:
    box = await line.fetchrow(_LOCK_BOX, mailbox)
    if box is None:
        raise StoreError("STORE", rule="mailbox")
    return box
