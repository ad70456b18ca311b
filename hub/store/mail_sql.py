"""Mailboxes, tokens, envelopes and cursors in SQLite: plain functions of an open connection (PROTOCOL 4, 5, 8).

Each runs on the connection's own thread, the writing ones inside a transaction that somebody else opens and commits.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from typing import Final

from hub.store.base import (
    ROW_ROOM,
    MailboxFull,
    NewEnvelope,
    Page,
    Place,
    Placed,
    Queue,
    Standing,
    StoredEnvelope,
    StoreError,
    Token,
)
from keys.ids import DeviceId, EnvelopeId, MailboxId, digest

_N_BITS: Final = 32  # a mailbox takes four thousand million envelopes before its number runs into the next mailbox
_MAX_N: Final = (1 << _N_BITS) - 1
_Row = tuple[object, ...]
_MARKS: Final = "(?, ?, ?, ?, ?, ?, ?)"
_INSERT: Final = (
    "INSERT INTO envelope (place, mailbox, sealed, id, hour, recall_hash, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_INSERTS: Final = tuple((count, ", ".join([_INSERT, *[_MARKS] * (count - 1)])) for count in (16, 8, 4, 2, 1))
"""Rows and the statement that inserts so many."""


@dataclasses.dataclass(slots=True)
class _Box:
    """A mailbox's row while a group is placed."""

    number: int
    next_n: int
    waiting: int


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


def deposit_many(connection: sqlite3.Connection, deposits: list[tuple[NewEnvelope, int]]) -> list[Placed | MailboxFull]:
    """Steps 4 to 6 of many deposits (PROTOCOL 4.2): quota, known before, take a number and insert.

    Takes for granted that all are new and inserts them in one go; the unique index says when that was wrong, and then
    they are placed one by one. Repetitions are rare, and each statement less is a switch between threads less.
    """
    connection.execute("SAVEPOINT deposits")
    try:
        results = _place_all(connection, deposits)
    except sqlite3.IntegrityError:
        connection.execute("ROLLBACK TO deposits")
        results = [
            _known(connection, envelope) or _place_all(connection, [(envelope, most)])[0] for envelope, most in deposits
        ]
    connection.execute("RELEASE deposits")
    return results


def _place_all(connection: sqlite3.Connection, deposits: list[tuple[NewEnvelope, int]]) -> list[Placed | MailboxFull]:
    boxes: dict[MailboxId, _Box] = {}
    rows: list[_Row] = []
    results: list[Placed | MailboxFull] = []
    for envelope, max_waiting in deposits:
        box = boxes.get(envelope.mailbox)
        if box is None:
            box = boxes[envelope.mailbox] = _Box(*_mailbox(connection, envelope.mailbox))
        if box.waiting >= max_waiting:
            results.append(MailboxFull())
            continue
        envelope_id = EnvelopeId(digest(envelope.body))
        rows.append(_row(envelope, envelope_id, box))
        box.next_n += 1
        box.waiting += 1
        results.append(Placed(envelope_id, envelope.hour, fresh=True))
    _insert(connection, rows)
    taken = {row[1] for row in rows}  # a mailbox that was full is not written: a refusal costs no page
    connection.executemany(
        "UPDATE mailbox SET next_n = ?, waiting = ? WHERE no = ?",
        [(box.next_n, box.waiting, box.number) for box in boxes.values() if box.number in taken],
    )
    return results


def _insert(connection: sqlite3.Connection, rows: list[_Row]) -> None:
    """Insert many rows with few statements.

    ``executemany`` lets go of Python's lock and takes it back for every row, each time against the event loop. Not one
    statement for each count of rows: the cached statement keeps what was bound to it, and those would be many.
    """
    at = 0
    for count, statement in _INSERTS:
        while len(rows) - at >= count:
            connection.execute(statement, [value for row in rows[at : at + count] for value in row])
            at += count


def _row(envelope: NewEnvelope, envelope_id: EnvelopeId, box: _Box) -> _Row:
    place = box.number << _N_BITS | box.next_n
    return place, box.number, envelope.sealed_hour, envelope_id, envelope.hour, envelope.recall_hash, envelope.body


def _known(connection: sqlite3.Connection, envelope: NewEnvelope) -> Placed | None:
    envelope_id = EnvelopeId(digest(envelope.body))
    row = connection.execute(
        "SELECT hour FROM envelope JOIN mailbox AS owner ON no = mailbox"
        " WHERE sealed = ? AND envelope.id = ? AND owner.id = ?",
        (envelope.sealed_hour, envelope_id, envelope.mailbox),
    ).fetchone()
    return None if row is None else Placed(envelope_id, row[0], fresh=False)


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


def pass_all(connection: sqlite3.Connection) -> None:
    """Raise the mark of every mailbox to its end: whatever is there may have been given out."""
    connection.execute("UPDATE mailbox SET passed = next_n - 1")


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
        "SELECT place FROM envelope WHERE sealed = ? AND recall_hash = ?", (sealed_hour, recall_hash)
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


def queues(connection: sqlite3.Connection) -> list[Queue]:
    """What waits in each mailbox. The oldest has the lowest number, and the key finds it without a count."""
    rows = connection.execute(
        "SELECT id, waiting, (SELECT hour FROM envelope WHERE place > no << ? AND place < (no + 1) << ?"
        " AND recalled = 0 ORDER BY place LIMIT 1) FROM mailbox ORDER BY id",
        (_N_BITS, _N_BITS),
    ).fetchall()
    return [Queue(MailboxId(mailbox), waiting, oldest) for mailbox, waiting, oldest in rows]


def prune(connection: sqlite3.Connection, mailbox: MailboxId, upto: int, *, limit: int) -> int:
    """Delete what every device has."""
    number = _mailbox(connection, mailbox)[0]
    first = number << _N_BITS
    rows = connection.execute(
        "SELECT place FROM envelope WHERE place >= ? AND place <= ? AND recalled = 0 ORDER BY place LIMIT ?",
        (first, first | min(upto, _MAX_N), limit),
    ).fetchall()
    return _delete(connection, [row[0] for row in rows])


def purge_mailbox(connection: sqlite3.Connection, mailbox: MailboxId) -> int:
    """Delete everything that a mailbox holds, what was withheld too, and its tokens; the numbers go on."""
    number = _mailbox(connection, mailbox)[0]
    gone = connection.execute("DELETE FROM envelope WHERE mailbox = ?", (number,)).rowcount
    connection.execute("DELETE FROM token WHERE mailbox = ?", (number,))
    connection.execute("UPDATE mailbox SET waiting = 0 WHERE no = ?", (number,))
    return gone


def purge_envelope(connection: sqlite3.Connection, mailbox: MailboxId, envelope: EnvelopeId) -> int:
    """Delete one envelope, withheld or not."""
    number = _mailbox(connection, mailbox)[0]
    row = connection.execute(
        "SELECT place, recalled FROM envelope WHERE mailbox = ? AND id = ?", (number, envelope)
    ).fetchone()
    if row is None:
        return 0
    connection.execute("DELETE FROM envelope WHERE place = ?", (row[0],))
    connection.execute("UPDATE mailbox SET waiting = waiting - ? WHERE no = ?", (1 - row[1], number))
    return 1


def expire(connection: sqlite3.Connection, before_hour: int, *, limit: int) -> int:
    """Delete what is too old."""
    rows = connection.execute(  # the index is by `sealed`, which is at most one hour above `hour`
        "SELECT place FROM envelope WHERE sealed <= ? AND hour < ? AND recalled = 0 ORDER BY sealed LIMIT ?",
        (before_hour, before_hour, limit),
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
