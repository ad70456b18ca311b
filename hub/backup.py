"""A backup of a hub, and a hub from a backup (PROTOCOL 8.4).

    FOLDER/hub.sqlite      VACUUM INTO: one moment of the database, taken beside a hub that serves
    FOLDER/hub.toml        the settings
    FOLDER/hub.key         only when asked for: whoever has it can sign as the hub
    FOLDER/manifest.json   SHA-256 of each, the schema, the log's size; written last, so that a folder with it is whole

Rules:
1. A backup counts when it was read again from the disk and inspected; before that it has another name.
2. A restore makes a hub in a folder where there is none, and gives it a new incarnation: every device reads its mailbox
   from the start and deposits again what has no receipt.
3. The log never becomes shorter for anybody: leaves that the hub published after the backup are taken from bundles of
   entries (PROTOCOL 4.8) that a monitor or a cache has, and verified like any others. Without them every device that
   saw more stops with FORK, rightly.
4. Blobs are not in it: they are the senders' files in pieces, and senders put again what nobody has fetched.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from hub.config import FILE_NAME as SETTINGS_NAME
from hub.config import load_config
from hub.inspection import inspect, read_only, replay
from hub.secret_files import secret_path
from hub.signer import FILE_NAME as KEY_NAME
from hub.signer import load_signer
from hub.store import log_sql
from hub.store.migrations import renew_incarnation
from hub.stores import STORE_NAME, require_sqlite
from keys.checkpoint import Checkpoint, origin_of
from keys.errors import LocalError, PeerError
from keys.files import read_bounded, write_durably

MANIFEST_NAME: Final = "manifest.json"
MAX_MANIFEST_BYTES: Final = 4096
_VERSION: Final = 1
_CHUNK: Final = 1024 * 1024


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds: SHA-256 in hex by file name, and the database in numbers."""

    version: int
    files: dict[str, Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]]
    schema: int
    log_size: int
    waiting: int


@dataclasses.dataclass(frozen=True, slots=True)
class Restored:
    """A hub made from a backup: its log's size, and how many leaves came from bundles."""

    log_size: int
    added: int


def make_backup(data: Path, out: Path, *, with_key: bool) -> Manifest:
    """Write a backup of the hub in ``data``; also while it serves.

    Args:
        data: the hub's folder.
        out: a folder that is not there yet; readable by its owner only.
        with_key: put ``hub.key`` in too.

    Raises:
        LocalError: code ``EXISTS``, ``STORE``, ``DISK``, or ``DAMAGED`` when the hub's own database is not whole.
    """
    if out.exists():
        raise LocalError("EXISTS", file=out.name)
    settings = load_config(data)
    require_sqlite(settings)
    unfinished = out.with_name(out.name + ".unfinished")
    with _folder(unfinished):
        with contextlib.closing(read_only(data / STORE_NAME)) as source:
            _vacuum(source, unfinished / STORE_NAME)
        _copy(data / SETTINGS_NAME, unfinished / SETTINGS_NAME)
        if with_key:
            _copy(secret_path(data, settings.key_file, KEY_NAME), unfinished / KEY_NAME)
        with contextlib.closing(read_only(unfinished / STORE_NAME)) as copy:
            found = inspect(copy, deep=True)
        sums = {path.name: _sum(path) for path in sorted(unfinished.iterdir())}
        manifest = Manifest(_VERSION, sums, found.schema, found.log_size, found.waiting)
        for path in unfinished.iterdir():
            _sync(path)
        write_durably(unfinished / MANIFEST_NAME, msgspec.json.encode(manifest))
        unfinished.rename(out)
        _sync(out.parent)
    return manifest


def verify_backup(folder: Path) -> Manifest:
    """Read a whole backup again: sums, pages, log with all its signatures, counts, and every envelope's bytes.

    Raises:
        LocalError: code ``BACKUP`` when a file is missing, strange or altered; ``DAMAGED`` when the database is not.
    """
    try:
        raw = read_bounded(folder / MANIFEST_NAME, MAX_MANIFEST_BYTES)
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (LocalError, msgspec.DecodeError) as error:
        raise LocalError("BACKUP", rule="manifest") from error
    if manifest.version != _VERSION or not {STORE_NAME, SETTINGS_NAME} <= set(manifest.files):
        raise LocalError("BACKUP", rule="manifest")
    if {path.name for path in folder.iterdir()} != {*manifest.files, MANIFEST_NAME}:
        raise LocalError("BACKUP", rule="files")
    for name, wanted in manifest.files.items():
        if _sum(folder / name) != wanted:
            raise LocalError("BACKUP", rule="sum", file=name)
    load_config(folder)
    with contextlib.closing(read_only(folder / STORE_NAME)) as connection:
        found = inspect(connection, deep=True)
    if (found.schema, found.log_size, found.waiting) != (manifest.schema, manifest.log_size, manifest.waiting):
        raise LocalError("BACKUP", rule="numbers")
    return manifest


def restore_backup(folder: Path, data: Path, *, key: Path | None, leaves: list[bytes]) -> Restored:
    """Make a hub in ``data`` from a backup.

    Args:
        folder: the backup; verified first.
        data: a folder without a hub.
        key: ``hub.key``; by default that of the backup, or the one that lies in ``data``.
        leaves: the hub's log from leaf 0, from entry bundles, as far as somebody has it; empty: that of the backup.

    Raises:
        LocalError: code ``EXISTS``, ``BACKUP``, ``DAMAGED``, ``KEYFILE``; or ``LEAVES``: these are not of this log.
    """
    verify_backup(folder)
    if (data / STORE_NAME).exists():
        raise LocalError("EXISTS", file=STORE_NAME)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    given = key or folder / KEY_NAME
    if not (data / KEY_NAME).exists() and given.exists():
        _copy(given, data / KEY_NAME)
    if not (data / SETTINGS_NAME).exists():
        _copy(folder / SETTINGS_NAME, data / SETTINGS_NAME)
    unfinished = data / (STORE_NAME + ".unfinished")
    unfinished.unlink(missing_ok=True)
    _copy(folder / STORE_NAME, unfinished)
    try:
        restored = _renew(unfinished, data, leaves)
        _sync(unfinished)
        unfinished.rename(data / STORE_NAME)
        _sync(data)
    finally:
        unfinished.unlink(missing_ok=True)
    return restored


def _renew(database: Path, data: Path, leaves: list[bytes]) -> Restored:
    config = load_config(data)
    signer = load_signer(data, config.key_file)
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        directory = replay(connection, deep=False)
        before = directory.size
        if leaves and log_sql.leaves(connection, 0, limit=before, max_bytes=2**62) != leaves[:before]:
            raise LocalError("LEAVES", rule="other-log")
        for leaf in leaves[before:]:
            try:
                directory.apply(leaf)
            except PeerError as error:
                raise LocalError("LEAVES", rule=str(error.fields.get("rule", error.code))) from error
            checkpoint = Checkpoint(origin_of(directory.federation), directory.size, directory.tree.root())
            note = signer.sign_checkpoint(checkpoint, config.hub_id)
            log_sql.append_leaf(connection, directory.size - 1, leaf, note)
        renew_incarnation(connection)
        connection.execute("COMMIT")
    return Restored(directory.size, directory.size - before)


def _vacuum(source: sqlite3.Connection, target: Path) -> None:
    try:
        source.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise LocalError("DISK", file=target.name) from error
    target.chmod(0o600)


@contextlib.contextmanager
def _folder(path: Path) -> Iterator[None]:
    """An empty folder for the time of the block; what is left in it goes when the block fails."""
    shutil.rmtree(path, ignore_errors=True)
    try:
        path.mkdir(mode=0o700, parents=True)
        yield
    except OSError as error:
        raise LocalError("DISK", file=path.name) from error
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    try:
        with source.open("rb") as file, target.open("xb") as copy:
            os.fchmod(copy.fileno(), 0o600)
            shutil.copyfileobj(file, copy, _CHUNK)
            copy.flush()
            os.fsync(copy.fileno())
    except FileNotFoundError as error:
        raise LocalError("FILE", file=source.name) from error
    except OSError as error:
        raise LocalError("DISK", file=target.name) from error


def _sum(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LocalError("BACKUP", rule="files") from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
