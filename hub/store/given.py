"""What was given out, across the ends of a process on SQLite (PROTOCOL 4.3, 8.9).

A recall may be answered ``withheld`` only for what no device was given. While a hub serves, that number is in memory: a
sync for every fetch would cost what the fetch costs. A hub that stops in order writes it down, with a row that says so.
One that begins and does not find the row was killed, or lost its power: anything that is there may have been given out,
and all of it counts as given. The row goes, durably, before the first fetch is served.

So after a crash a recall may be told "too late" although it was not; it is never told "withheld" although it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

from hub.store.mail_sql import pass_all
from keys.ids import MailboxId

_SETTLED: Final = "settled"


def is_settled(connection: sqlite3.Connection) -> bool:
    """Whether the last hub on this database stopped in order, so that ``mailbox.passed`` holds all that was given."""
    return connection.execute("SELECT 1 FROM meta WHERE name = ?", (_SETTLED,)).fetchone() is not None


def begin(connection: sqlite3.Connection) -> None:
    """Before anything is given out: take all for given if nobody settled it, and let nobody believe it settled."""
    connection.execute("BEGIN IMMEDIATE")
    if not is_settled(connection):
        pass_all(connection)
    connection.execute("DELETE FROM meta WHERE name = ?", (_SETTLED,))
    connection.execute("COMMIT")


def settle(connection: sqlite3.Connection, given: Mapping[MailboxId, int]) -> None:
    """When nothing will be given out any more: write down how far it went.

    Args:
        connection: in a transaction that somebody else commits.
        given: highest number given out, by mailbox.
    """
    connection.executemany(
        "UPDATE mailbox SET passed = max(passed, ?) WHERE id = ?", ((n, mailbox) for mailbox, n in given.items())
    )
    connection.execute("INSERT INTO meta (name, value) VALUES (?, x'') ON CONFLICT DO NOTHING", (_SETTLED,))
