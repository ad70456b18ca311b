"""Deleting what waits in a mailbox, or one envelope, because somebody who may decided it; and saying so for ever.

The hub cannot know what it deletes. Whoever decides names a decision (a diary number), and ``purge.log`` keeps who
decided what when: one line of JSON each, with the SHA-256 of the line before, so that a line that went is missed.

Order: a line "begun" is on the disk, the rows go in one transaction, the pages that they were on are overwritten and
the write-ahead log is cut, a line "done" says how many went. A line "begun" without "done" was cut off: run it again.

What stays: the mailbox itself with its next number, because a number that is given twice would hide a document from a
device; cursors; and the log. The sender's outbox may deposit a document again: the decision must reach the sender.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sqlite3
from pathlib import Path
from typing import Any, Final

from hub.clock import hour_of
from hub.config import load_config
from hub.house import only_one
from hub.store.blob_folder import open_blobs
from hub.store.mail_sql import purge_envelope, purge_mailbox
from hub.stores import BLOBS_NAME, STORE_NAME, require_sqlite
from keys.errors import LocalError
from keys.ids import EnvelopeId, MailboxId

LOG_NAME: Final = "purge.log"
_DECISION: Final = re.compile(r"[A-Za-zÅÄÖåäö0-9][A-Za-zÅÄÖåäö0-9 ./:_-]{2,63}")
_BEGIN: Final = "0" * 64


def purge(data: Path, decision: str, mailbox: MailboxId, *, envelope: EnvelopeId | None, now: float) -> int:
    """Delete by decision. Not while the hub serves: what it was about to give out would be in its memory.

    Args:
        data: the hub's folder.
        decision: the name of the decision, 3 to 64 characters, such as a diary number.
        mailbox: whose.
        envelope: one only; by default everything that the mailbox holds, its blobs and its tokens.
        now: seconds since 1970; kept as the hour.

    Returns:
        How many envelopes and blobs went.

    Raises:
        LocalError: code ``DECISION`` (not a name of one), ``RUNNING``, ``NOMAILBOX``, ``PURGELOG`` (the log is not
            whole), ``DISK`` or ``STORE``. Only the last two may have deleted something: run it again.
    """
    if not _DECISION.fullmatch(decision):
        raise LocalError("DECISION")
    with only_one(data):
        require_sqlite(load_config(data))
        facts = {"decision": decision, "mailbox": mailbox.hex(), "what": "envelope" if envelope else "mailbox"}
        if not (data / STORE_NAME).exists():
            raise LocalError("STORE", file=STORE_NAME)
        with contextlib.closing(sqlite3.connect(data / STORE_NAME, isolation_level=None)) as connection:
            _require_mailbox(connection, mailbox)
            _note(data, {"at": "begun", "hour": hour_of(now), **facts})
            count = _delete(connection, mailbox, envelope)
        if envelope is None:
            with contextlib.closing(open_blobs(data / BLOBS_NAME)) as blobs:
                count += blobs.purge(mailbox)
        _note(data, {"at": "done", "hour": hour_of(now), **facts, "count": count})
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


def _note(data: Path, entry: dict[str, str | int]) -> None:
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
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise LocalError("STORE") from error
    return count
