"""Mailboxes, tokens, envelopes and cursors in SQLite: plain functions of an open connection (PROTOCOL 4, 5, 8).

Each runs on the connection's own thread, the writing ones inside a transaction that somebody else opens and commits.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from hub.store.base import (
    ROW_ROOM,
    MailboxFull,
    NewEnvelope,
    Page,
    Place,
    Placed,
    Standing,
    StoredEnvelope,
    StoreError,
    Token,
)
from keys.ids import DeviceId, EnvelopeId, MailboxId

_N_BITS: Final = 32  # a mailbox takes four thousand million envelopes before its number runs into the next mailbox
_MAX_N: Final = (1 << _N_BITS) - 1


def add_mailbox(connection: sqlite3.Connection, mailbox: MailboxId) -> None:
    """Make a mailbox; nothing when it is there."""
    connection.execute("INSERT INTO mailbox (id) VALUES (?) ON CONFLICT DO NOTHING", (mailbox,))


def put_token(connection: sqlite3.Connection, token: Token) -> None:
    """Keep a token hash."""
    connection.execute(
        "INSERT INTO token (mailbox, week, hash) SELECT no, ?, ? FROM mailbox WHERE id = ?"
        " ON CONFLICT DO UPDATE SET hash = excluded.hash",
        (token.week, token.token_hash, token.mailbox),
    )


def tokens(connection: sqlite3.Connection) -> list[Token]:
    """All token hashes."""
    rows = connection.execute("SELECT id, week, hash FROM token JOIN mailbox ON no = mailbox").fetchall()
    return [Token(MailboxId(mailbox), week, token_hash) for mailbox, week, token_hash in rows]


def drop_tokens(connection: sqlite3.Connection, before_week: int) -> int:
    """Forget old tokens."""
    return connection.execute("DELETE FROM token WHERE week < ?", (before_week,)).rowcount


def deposit(connection: sqlite3.Connection, envelope: NewEnvelope, max_waiting: int) -> Placed | MailboxFull:
    """Steps 4 to 6 of a deposit (PROTOCOL 4.2): quota, known before, take a number and insert."""
    number, next_n, waiting = _mailbox(connection, envelope.mailbox)
    if waiting >= max_waiting:
        return MailboxFull()
    hour = envelope.sealed_hour
    known = connection.execute(
        "SELECT hour FROM envelope WHERE hour IN (?, ?, ?) AND id = ? AND place BETWEEN ? AND ?",
        (hour - 1, hour, hour + 1, envelope.envelope_id, number << _N_BITS, number << _N_BITS | _MAX_N),
    ).fetchone()
    if known is not None:
        return Placed(known[0], fresh=False)
    connection.execute("UPDATE mailbox SET next_n = next_n + 1, waiting = waiting + 1 WHERE no = ?", (number,))
    connection.execute(
        "INSERT INTO envelope (place, id, hour, recall_hash, body) VALUES (?, ?, ?, ?, ?)",
        (number << _N_BITS | next_n, envelope.envelope_id, envelope.hour, envelope.recall_hash, envelope.body),
    )
    return Placed(envelope.hour, fresh=True)


def page(connection: sqlite3.Connection, mailbox: MailboxId, after: int, *, limit: int, max_bytes: int) -> Page:
    """Rows of one mailbox, as many as fit."""
    number, next_n, _ = _mailbox(connection, mailbox)
    rows, size = [], 0
    cursor = connection.execute(
        "SELECT place, id, hour, recalled, body FROM envelope WHERE place > ? AND place <= ? ORDER BY place LIMIT ?",
        (number << _N_BITS | min(after, _MAX_N), number << _N_BITS | _MAX_N, limit),
    )
    for place, envelope_id, hour, recalled, body in cursor:
        size += len(body) + ROW_ROOM
        if size > max_bytes:
            break
        rows.append(StoredEnvelope(place & _MAX_N, EnvelopeId(envelope_id), hour, None if recalled else body))
    cursor.close()
    return Page(next_n - 1, tuple(rows))


def move_cursor(connection: sqlite3.Connection, device: DeviceId, mailbox: MailboxId, n: int) -> int | None:
    """Raise a cursor, and with it the mark below which nothing can be recalled."""
    number, next_n, _ = _mailbox(connection, mailbox)
    if n >= next_n:
        return None
    connection.execute(
        "INSERT INTO cursor (device, n) VALUES (?, ?) ON CONFLICT DO UPDATE SET n = max(n, excluded.n)", (device, n)
    )
    connection.execute("UPDATE mailbox SET passed = max(passed, ?) WHERE no = ?", (n, number))
    return cursors(connection, [device])[0]


def cursors(connection: sqlite3.Connection, devices: list[DeviceId]) -> list[int]:
    """Where the cursors stand."""
    found = [connection.execute("SELECT n FROM cursor WHERE device = ?", (device,)).fetchone() for device in devices]
    return [0 if row is None else row[0] for row in found]


def standing(connection: sqlite3.Connection, mailbox: MailboxId, device: DeviceId) -> Standing:
    """A mailbox and a device in numbers."""
    _, next_n, waiting = _mailbox(connection, mailbox)
    return Standing(waiting, next_n - 1, cursors(connection, [device])[0])


def find_recall(connection: sqlite3.Connection, recall_hash: bytes, sealed_hour: int) -> Place | None:
    """The envelope that a recall secret belongs to."""
    row = connection.execute(
        "SELECT place FROM envelope WHERE hour IN (?, ?, ?) AND recall_hash = ?",
        (sealed_hour - 1, sealed_hour, sealed_hour + 1, recall_hash),
    ).fetchone()
    if row is None:
        return None
    owner = connection.execute("SELECT id FROM mailbox WHERE no = ?", (row[0] >> _N_BITS,)).fetchone()
    return Place(MailboxId(owner[0]), row[0] & _MAX_N)


def withhold(connection: sqlite3.Connection, place: Place, given: int) -> bool:
    """Empty an envelope unless a cursor or ``given`` reached it. The same statements whether it exists or not."""
    row = connection.execute("SELECT no, passed FROM mailbox WHERE id = ?", (place.mailbox,)).fetchone()
    number, passed = (0, _MAX_N) if row is None else row
    at = number << _N_BITS | place.n
    changed = connection.execute(
        "UPDATE envelope SET recalled = 1, body = x'' WHERE place = ? AND recalled = 0 AND ? < ?",
        (at, max(passed, given), place.n),
    ).rowcount
    connection.execute("UPDATE mailbox SET waiting = waiting - ? WHERE no = ? AND ? > 0", (changed, number, changed))
    withheld = connection.execute("SELECT recalled FROM envelope WHERE place = ?", (at,)).fetchone()
    return withheld is not None and bool(withheld[0])


def prune(connection: sqlite3.Connection, mailbox: MailboxId, upto: int, *, limit: int) -> int:
    """Delete what every device has."""
    number = _mailbox(connection, mailbox)[0]
    first = number << _N_BITS
    rows = connection.execute(
        "SELECT place FROM envelope WHERE place >= ? AND place <= ? AND recalled = 0 ORDER BY place LIMIT ?",
        (first, first | min(upto, _MAX_N), limit),
    ).fetchall()
    return _delete(connection, [row[0] for row in rows])


def expire(connection: sqlite3.Connection, before_hour: int, *, limit: int) -> int:
    """Delete what is too old."""
    rows = connection.execute(
        "SELECT place FROM envelope WHERE hour < ? AND recalled = 0 ORDER BY hour LIMIT ?", (before_hour, limit)
    ).fetchall()
    return _delete(connection, [row[0] for row in rows])


def _delete(connection: sqlite3.Connection, places: list[int]) -> int:
    connection.executemany("DELETE FROM envelope WHERE place = ?", ((place,) for place in places))
    connection.executemany(
        "UPDATE mailbox SET waiting = waiting - 1 WHERE no = ?", ((place >> _N_BITS,) for place in places)
    )
    return len(places)


def _mailbox(connection: sqlite3.Connection, mailbox: MailboxId) -> tuple[int, int, int]:
    row = connection.execute("SELECT no, next_n, waiting FROM mailbox WHERE id = ?", (mailbox,)).fetchone()
    if row is None:
        raise StoreError("STORE", rule="mailbox")
    return row[0], row[1], row[2]
