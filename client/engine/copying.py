"""The vault into a backup, and out of one into a new device (FORMATS 9.6).

A backup holds what the office wrote and received, and the evidence of alarms. It holds no private key: the vault has
none. Left out is what belongs to the device and not to the work: sealed envelopes on their way, letters to siblings and
what it owes them, cursors, its own standing with the hub. So is its copy of the directory: a device that was shown a
false one ends that by enrolling anew, and must not bring it along.

A device that is made from a backup is a new device: new keys, a new enrolment. What the old one had signed and not
delivered is sent again as it was. What was only queued is stopped and shown: the old device may have sent it after the
backup was made, and the same document signed twice would look like an attack.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from sqlcipher3 import dbapi2 as sqlcipher

from client.engine import copying_files
from client.engine import folder as folders
from client.engine.folder import Folder
from client.engine.vault import connect, our_error, require_whole
from keys.errors import LocalError
from keys.private.backup import open_backup, seal_backup
from keys.private.identity import random_bytes
from keys.private.keeper import Ring
from keys.private.kit import KitPublic
from keys.statements import Profile

_LEFT_OUT: Final = """
DELETE FROM copy.meta WHERE name NOT IN ('kit');
DELETE FROM copy.leaf;
DELETE FROM copy.batch;
DELETE FROM copy.attempt;
DELETE FROM copy.letter;
DELETE FROM copy.letter_receipt;
DELETE FROM copy.answer;
DELETE FROM copy.telling;
UPDATE copy.receipt_due SET attempt_id = NULL WHERE attempt_id IS NOT x'66696c6573';
"""
_ANEW: Final = """
INSERT INTO alarm (code, document_id, at) SELECT 'STOPPED', document_id, unixepoch() FROM document
    WHERE direction = 'out' AND state = 'queued' AND signed IS NULL;
UPDATE document SET state = 'stopped', code = 'RESTORED'
    WHERE direction = 'out' AND state = 'queued' AND signed IS NULL;
DELETE FROM outbox WHERE document_id IN (SELECT document_id FROM document WHERE state = 'stopped');
UPDATE outbox SET next_at = 0;
UPDATE alarm SET cleared_at = unixepoch() WHERE cleared_at IS NULL
    AND code IN ('FORK', 'ROLLBACK', 'REVOKED', 'LOG', 'WITNESS', 'SNAPSHOT', 'DIRKEY');
"""
_COUNTED: Final = ("document", "thread", "consent", "withdrawal")


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What a backup holds."""

    made_at: int
    profile: Profile
    counts: dict[str, int]


def write_backup(source: Any, path: Path, *, kit: KitPublic, profile: Profile, now: int) -> int:
    """Write a backup of an open vault, complete or not at all; returns its size in bytes.

    Args:
        source: ``Vault.apart()``; closed here.
        path: must not exist.
        kit: the unit's recovery kit.
        profile: of the federation.
        now: seconds.

    Raises:
        LocalError: code ``EXISTS``, ``DISK``.
    """
    part = path.with_name(path.name + ".part")
    try:
        if path.exists():
            raise LocalError("EXISTS")
        with contextlib.closing(source), _scratch(path.parent) as scratch, part.open("xb") as file:
            key = random_bytes(32)
            _copy(source, scratch, key, _LEFT_OUT.rstrip() + copying_files.LEFT_OUT)
            with scratch.open("rb") as database:
                seal_backup(database, key, file, kit=kit, facts=(profile, now))
            _sync(file)
        part.rename(path)
        return path.stat().st_size
    except FileExistsError as error:
        raise LocalError("EXISTS") from error
    except OSError as error:
        raise LocalError("DISK") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def verify_backup(path: Path, secret: bytes) -> Report:
    """Open a backup whole and check its database; keeps nothing.

    Raises:
        LocalError: code ``KIT``, ``BACKUP``, ``FILE``.
    """
    with _scratch(None) as scratch:
        report, _ = _opened(path, secret, scratch)
    return report


def restore_backup(
    path: Path, secret: bytes, folder: Folder, passphrase: str, *, profile: Profile
) -> tuple[Ring, Report]:
    """Make a new device with the documents of a backup; its ring, and what came over.

    Raises:
        LocalError: code ``EXISTS``, ``KIT``, ``BACKUP``, ``PROFILE``, ``PASSSHORT``, ``DISK``.
    """
    if folder.passphrase.exists() or folder.vault.exists():
        raise LocalError("EXISTS")
    with _scratch(None) as scratch:
        report, key = _opened(path, secret, scratch)
        if report.profile is not profile:
            raise LocalError("PROFILE")
        ring, keys = folders.create(folder, passphrase, profile)
        try:
            with contextlib.closing(connect(scratch, key)) as source:
                _copy(source, folder.vault, keys.vault_key, "")
            with contextlib.closing(connect(folder.vault, keys.vault_key)) as vault, _atomic(vault):
                _run(vault, _ANEW)
                copying_files.copy_in(path, folder.attachments, vault)
        except BaseException:
            for made in (folder.passphrase, folder.ring, folder.vault):
                made.unlink(missing_ok=True)
            raise
    return ring, report


def _opened(path: Path, secret: bytes, scratch: Path) -> tuple[Report, bytes]:
    try:
        with path.open("rb") as source, scratch.open("xb") as database:
            header, key = open_backup(source, database, secret)
    except OSError as error:
        raise LocalError("FILE") from error
    with contextlib.closing(connect(scratch, key)) as vault:
        try:
            sound = vault.execute("PRAGMA quick_check").fetchall() == [("ok",)]
            sound = sound and not vault.execute("PRAGMA cipher_integrity_check").fetchall()
            counts = {name: vault.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _COUNTED}  # noqa: S608
        except sqlcipher.Error as error:
            raise LocalError("BACKUP") from error
    if not sound:
        raise LocalError("BACKUP")
    return Report(header.made_at, header.profile, counts), key


def _copy(source: Any, target: Path, key: bytes, after: str) -> None:
    """Everything into another file under another key, as of one instant."""
    try:
        (page_bytes,) = source.execute("PRAGMA cipher_page_size").fetchone()
        (version,) = source.execute("PRAGMA user_version").fetchone()
        source.execute("ATTACH DATABASE ? AS copy KEY ?", (str(target), f"x'{key.hex()}'"))
        source.execute(f"PRAGMA copy.cipher_page_size = {int(page_bytes)}")
        with _atomic(source):
            source.execute("SELECT sqlcipher_export('copy')").fetchall()
            require_whole(source)
            _run(source, after)
            source.execute(f"PRAGMA copy.user_version = {int(version)}")
        source.execute("DETACH DATABASE copy")
    except sqlcipher.Error as error:
        raise our_error(error) from error


def _run(connection: Any, script: str) -> None:
    """Statement by statement: ``executescript`` would commit first."""
    for statement in script.split(";\n"):
        connection.execute(statement)


@contextlib.contextmanager
def _atomic(connection: Any) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextlib.contextmanager
def _scratch(beside: Path | None) -> Iterator[Path]:
    """A path for an encrypted copy that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sluss-", dir=beside) as name:
        yield Path(name) / "copy.db"


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
