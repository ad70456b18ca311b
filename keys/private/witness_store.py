"""What a witness keeps: its key, the logs that it follows, the last checkpoint of each, and evidence.

    DIR/witness.key       canonical msgpack [version, name, seed], readable by its owner only
    DIR/witness.sqlite    logs, checkpoints, evidence

Who may lose what: without ``witness.key`` the roots name a new witness. An **older** ``witness.sqlite`` would let this
witness cosign a second history: never restore it from a backup; make a new witness instead.

Rules:
1. One transaction reads the held checkpoint, lets ``witness.judge`` decide, and writes the new one; it is synced to
   disk before the cosignature exists. Killed at any instant, it has signed nothing beyond what it holds.
2. Evidence is kept in the order it came, at most ``MAX_EVIDENCE`` a log: a log that lies without end fills no disk.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from keys.add_checkpoint import AddCheckpoint, parse_request
from keys.checkpoint import Checkpoint, parse_note
from keys.codec import Bytes32, Record, Uint, decode, encode
from keys.cosignature import NoteKey, parse_note_key
from keys.errors import FormatError, LocalError
from keys.files import read_bounded, write_durably
from keys.private.identity import random_bytes
from keys.private.witness import WitnessRefusedError, WitnessSigner, judge, origin_of_request
from keys.statements import WitnessName

KEY_NAME: Final = "witness.key"
STORE_NAME: Final = "witness.sqlite"
MAX_EVIDENCE: Final = 100
_VERSION: Final = 1
_MAX_KEY_BYTES: Final = 256
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS log (origin TEXT PRIMARY KEY, vkey TEXT NOT NULL, note BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS evidence (
  n INTEGER PRIMARY KEY, origin TEXT NOT NULL, held BLOB NOT NULL, shown BLOB NOT NULL
);
"""


class WitnessKeyFile(Record, frozen=True):
    """The file ``witness.key``."""

    version: Uint
    name: WitnessName
    seed: Bytes32


def create_witness(folder: Path, name: str) -> WitnessSigner:
    """Make a witness's folder and key.

    Raises:
        LocalError: code ``EXISTS``, ``DISK``, or ``FIELD`` for a name with a space or a plus.
    """
    if (folder / KEY_NAME).exists():
        raise LocalError("EXISTS", file=KEY_NAME)
    content = encode(WitnessKeyFile(_VERSION, name, random_bytes(32)))
    try:
        decode(content, WitnessKeyFile, max_bytes=_MAX_KEY_BYTES)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FormatError as error:
        raise LocalError("FIELD", record="WitnessKeyFile") from error
    except OSError as error:
        raise LocalError("DISK") from error
    write_durably(folder / KEY_NAME, content, mode=0o600)
    return load_witness(folder)


def load_witness(folder: Path) -> WitnessSigner:
    """Read ``witness.key``.

    Raises:
        LocalError: code ``KEYFILE``: missing or damaged; ``KEYMODE``: readable by others.
    """
    path = folder / KEY_NAME
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise LocalError("KEYMODE", file=KEY_NAME)
        content = decode(read_bounded(path, _MAX_KEY_BYTES), WitnessKeyFile, max_bytes=_MAX_KEY_BYTES)
    except (OSError, FormatError) as error:
        raise LocalError("KEYFILE", file=KEY_NAME) from error
    if content.version != _VERSION:
        raise LocalError("KEYFILE", file=KEY_NAME)
    return WitnessSigner(content.name, content.seed)


class WitnessStore:
    """The database of one witness; one process at a time writes to it.

    Args:
        path: the file; made if it is missing.

    Raises:
        LocalError: code ``STORE``.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=10.0)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise LocalError("STORE") from error

    def close(self) -> None:
        """Let go."""
        self._db.close()

    def follow(self, origin: str, key: NoteKey) -> None:
        """Follow a log; its checkpoint stays when it is followed already, under a new key."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO log (origin, vkey) VALUES (?, ?) ON CONFLICT DO UPDATE SET vkey = excluded.vkey",
                (origin, key.text()),
            )

    def logs(self) -> dict[str, NoteKey]:
        """Origin to key of every log that is followed."""
        return {origin: parse_note_key(vkey) for origin, vkey in self._db.execute("SELECT origin, vkey FROM log")}

    def held(self, origin: str) -> Checkpoint | None:
        """The checkpoint of a log that was allowed last."""
        note = self._held_note(origin)
        return None if note is None else parse_note(note)[0]

    def advance(self, request: AddCheckpoint) -> Checkpoint:
        """Judge a request and hold what it shows, durably.

        Raises:
            WitnessRefusedError: refused; what contradicts is kept as evidence.
            LocalError: code ``STORE``; the outcome is unknown and nothing may be signed.
        """
        origin = origin_of_request(request)
        try:
            with self._transaction():
                shown = judge(request, self.logs(), self.held(origin))
                self._db.execute("UPDATE log SET note = ? WHERE origin = ?", (request.note, origin))
        except WitnessRefusedError as refusal:
            if refusal.is_evidence:
                self._keep_evidence(origin, request.note)
            raise
        return shown

    def evidence(self) -> list[tuple[str, bytes, bytes]]:
        """What contradicted: origin, the note that was held, the note that was shown."""
        return list(self._db.execute("SELECT origin, held, shown FROM evidence ORDER BY n"))

    def _held_note(self, origin: str) -> bytes | None:
        row = self._db.execute("SELECT note FROM log WHERE origin = ?", (origin,)).fetchone()
        return None if row is None else row[0]

    def _keep_evidence(self, origin: str, shown: bytes) -> None:
        with self._transaction():
            self._db.execute(
                "INSERT INTO evidence (origin, held, shown) SELECT ?1, ?2, ?3 WHERE"
                " (SELECT count(*) FROM evidence WHERE origin = ?1) < ?4"
                " AND NOT EXISTS (SELECT 1 FROM evidence WHERE origin = ?1 AND shown = ?3)",
                (origin, self._held_note(origin) or b"", shown, MAX_EVIDENCE),
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise LocalError("STORE") from error


def add_checkpoint(signer: WitnessSigner, store: WitnessStore, body: bytes, now: int) -> bytes:
    """Judge a request, hold what it shows durably, then cosign; ``now`` in seconds.

    Raises:
        FormatError, WitnessRefusedError: refused.
        LocalError: code ``STORE``; nothing was signed.
    """
    return signer.cosign(store.advance(parse_request(body)), now)
