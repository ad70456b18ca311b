"""Deleting what waits in a mailbox, or one envelope, because somebody who may decided it; and saying so for ever.

The hub cannot know what it deletes. Whoever decides names a decision (a diary number), and ``purge.log`` keeps who
decided what when: one line of JSON each, with the SHA-256 of the line before, so that a line that went is missed.

Order: a line "begun" is on the disk, the rows go in one transaction, the pages that they were on are overwritten and
the write-ahead log is cut, a line "done" says how many went. A line "begun" without "done" was cut off: run it again.
On PostgreSQL the tables are written anew; what its write-ahead log and other copies keep, it does not reach (SECURITY).

What stays: the mailbox itself with its next number, because a number that is given twice would hide a document from a
device; cursors; and the log. The sender's outbox may deposit a document again: the decision must reach the sender.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hub.clock import hour_of
from hub.config import load_config
from hub.house import only_one
from hub.store.blob_folder import open_blobs
from hub.store.mail_sql import purge_envelope, purge_mailbox
from hub.store.postgres import purging
from hub.stores import BLOBS_NAME, STORE_NAME, on_postgres
from keys.errors import LocalError
from keys.ids import EnvelopeId, MailboxId

if TYPE_CHECKING:
    from hub.store.postgres.connections import Line

Facts: TypeAlias = dict[str, str | int]
LOG_NAME: Final = "purge.log"
_DECISION: Final = re.compile(r"[A-Za-zÅÄÖåäö0-9][A-Za-zÅÄÖåäö0-9 ./:_-]{2,63}")
_BEGIN: Final = "0" * 64
_READER_SECONDS: Final = 1.0  # how long somebody who reads the file may make a purge wait; no hub writes to it


async def purge(data: Path, decision: str, mailbox: MailboxId, *, envelope: EnvelopeId | None, now: float) -> int:
    """Delete by decision. Not while a hub serves: what it was about to give out would be in its memory.

    Args:
        data: the hub's folder; of several processes on PostgreSQL always the same one's, for the log lies there.
        decision: the name of the decision, 3 to 64 characters, such as a diary number.
        mailbox: whose.
        envelope: one only; by default everything that the mailbox holds, its blobs and its tokens.
        now: seconds since 1970; kept as the hour.

    Returns:
        How many envelopes and blobs went.

    Raises:
        LocalError: code ``DECISION`` (not a name of one), ``RUNNING``, ``NOMAILBOX``, ``PURGELOG`` (the log is not
            whole), ``DISK`` or ``STORE``. Only the last two, and ``RUNNING`` with the rule ``reader``, may have deleted
            something: run it again.
    """
    if not _DECISION.fullmatch(decision):
        raise LocalError("DECISION")
    order = _Order(data, mailbox, envelope, {"decision": decision, "hour": hour_of(now)})
    with only_one(data):
        settings = load_config(data)
        if settings.database:
            return await on_postgres(data, settings, lambda line: _on_line(line, order), alone=True)
        return _on_files(order)


@dataclasses.dataclass(frozen=True, slots=True)
class _Order:
    data: Path
    mailbox: MailboxId
    envelope: EnvelopeId | None
    facts: Facts

    def note(self, at: str, more: Facts) -> None:
        what = "mailbox" if self.envelope is None else "envelope"
        _note(self.data, {"at": at, "what": what, "mailbox": self.mailbox.hex(), **self.facts, **more})


async def _on_line(line: Line, order: _Order) -> int:
    await purging.require_mailbox(line, order.mailbox)
    order.note("begun", {})
    count = await purging.purge(line, order.mailbox, order.envelope)
    order.note("done", {"count": count})
    return count


def _on_files(order: _Order) -> int:
    store = order.data / STORE_NAME
    if not store.exists():
        raise LocalError("STORE", file=STORE_NAME)
    with contextlib.closing(sqlite3.connect(store, isolation_level=None, timeout=_READER_SECONDS)) as connection:
        _require_mailbox(connection, order.mailbox)
        order.note("begun", {})
        count = _delete(connection, order.mailbox, order.envelope)
    if order.envelope is None:
        with contextlib.closing(open_blobs(order.data / BLOBS_NAME)) as blobs:
            count += blobs.purge(order.mailbox)
    order.note("done", {"count": count})
    return count


def read_purges(data: Path) -> list[dict[str, Any]]:
    """All lines of ``purge.log``, oldest first.

    Raises:
        LocalError: code ``PURGELOG``; a line is altered, or one that others follow is missing.
    """
    try:
        lines = (data / LOG_NAME).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    before, entries = _BEGIN, []
    for number, line in enumerate(lines, start=1):
        entry = _parsed(line)
        if entry.pop("before", "") != before:
            raise LocalError("PURGELOG", line=number)
        before = hashlib.sha256(line).hexdigest()
        entries.append(entry)
    return entries


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _note(data: Path, entry: Facts) -> None:
    """Append a line, durably."""
    read_purges(data)
    path = data / LOG_NAME
    lines = path.read_bytes().splitlines() if path.exists() else []
    before = hashlib.sha256(lines[-1]).hexdigest() if lines else _BEGIN
    line = json.dumps({**entry, "before": before}, ensure_ascii=False, sort_keys=True) + "\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LocalError("DISK", file=LOG_NAME) from error


def _require_mailbox(connection: sqlite3.Connection, mailbox: MailboxId) -> None:
    try:
        found = connection.execute("SELECT 1 FROM mailbox WHERE id = ?", (mailbox,)).fetchone()
    except sqlite3.Error as error:
        raise LocalError("STORE") from error
    if found is None:
        raise LocalError("NOMAILBOX")


def _delete(connection: sqlite3.Connection, mailbox: MailboxId, envelope: EnvelopeId | None) -> int:
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")  # the hub's FAST leaves whole freed pages as they are
        connection.execute("BEGIN IMMEDIATE")
        count = (
            purge_mailbox(connection, mailbox) if envelope is None else purge_envelope(connection, mailbox, envelope)
        )
        connection.execute("COMMIT")
        connection.execute("VACUUM")  # pages that were freed earlier, by the hub itself
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error as error:
        raise LocalError("STORE") from error
    if busy:  # somebody reads the database as it was, a backup for example: then its pages stay
        raise LocalError("RUNNING", rule="reader")
    return count
