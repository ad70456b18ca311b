"""A hub from a backup (PROTOCOL 8.4).

Rules:
1. A restore makes a hub in a folder where there is none, and gives it a new incarnation: every device reads its mailbox
   from the start and deposits again what has no receipt. What waits in it may have been given out, before the backup or
   after it: nobody is told of any of it that it was withheld.
2. The log never becomes shorter for anybody: leaves that the hub published after the backup are taken from bundles of
   entries (PROTOCOL 4.8) that a monitor or a cache has, and verified like any others. Without them every device that
   saw more stops with FORK, rightly.
3. The hub is made on SQLite first, whole; where it shall stand on PostgreSQL it then moves there as any hub does
   (moving), and the files go when both sides were compared. Cut off in between it is a hub on SQLite: ``sluss-hub
   move`` goes on.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import shutil
import sqlite3
from pathlib import Path
from types import ModuleType
from typing import Final

import msgspec

from hub.backup import BLOB_ROWS_NAME, verify_backup
from hub.backup_files import copy, require_new, sync
from hub.config import FILE_NAME as SETTINGS_NAME
from hub.config import Config, load_config, write_config
from hub.inspection import replay
from hub.purge import LOG_NAME as PURGES_NAME
from hub.signer import FILE_NAME as KEY_NAME
from hub.signer import load_signer
from hub.store import log_sql, mail_sql
from hub.store.blob_rows import file_rows, fill_folder
from hub.store.migrations import renew_incarnation
from hub.stores import BLOBS_NAME, STORE_NAME
from keys.checkpoint import Checkpoint, origin_of
from keys.errors import LocalError, PeerError

ON_SQLITE: Final = "sqlite"


@dataclasses.dataclass(frozen=True, slots=True)
class Restored:
    """A hub made from a backup: its log's size, how many leaves came from bundles, and how many blobs are there."""

    log_size: int
    added: int
    blobs: int


async def restore_backup(
    backup: Path, data: Path, *, key: Path | None, leaves: list[bytes], to: str | None = None
) -> Restored:
    """Make a hub in ``data`` from a backup.

    Args:
        backup: the backup; verified first.
        data: a folder without a hub.
        key: ``hub.key``; by default that of the backup, or the one that lies in ``data``.
        leaves: the hub's log from leaf 0, from entry bundles, as far as somebody has it; empty: that of the backup.
        to: ``sqlite``, or ``postgresql://…`` of an empty database; by default where the backup's hub stood.

    Raises:
        LocalError: code ``EXISTS``, ``BACKUP``, ``DAMAGED``, ``KEYFILE``; ``LEAVES``: these are not of this log; or any
            of a database that cannot be used.
    """
    verify_backup(backup)
    require_new(data / STORE_NAME)
    settings = _make_folder(backup, data, key)
    # A restore that was cut off has left settings without it.
    stood = settings.database or load_config(backup).database
    database = stood if to is None else "" if to == ON_SQLITE else to
    if database:
        await _moving().require_empty(data, settings, database)  # before anything is made
    if settings.database:
        settings = msgspec.structs.replace(settings, database="")
        write_config(data, settings)
    restored = await _restore_files(backup, data, leaves)
    if database:
        await _move(data, settings, database)
    return restored


def _make_folder(backup: Path, data: Path, key: Path | None) -> Config:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    given = key or backup / KEY_NAME
    if not (data / KEY_NAME).exists() and given.exists():
        copy(given, data / KEY_NAME)
    for name in (SETTINGS_NAME, PURGES_NAME):
        if not (data / name).exists() and (backup / name).exists():
            copy(backup / name, data / name)
    return load_config(data)


async def _move(data: Path, settings: Config, database: str) -> None:
    await _moving().move_hub(data, settings, database)
    (data / STORE_NAME).unlink()
    shutil.rmtree(data / BLOBS_NAME, ignore_errors=True)
    sync(data)


def _moving() -> ModuleType:
    """A hub on SQLite lacks the library for PostgreSQL."""
    try:
        return importlib.import_module("hub.moving")
    except ModuleNotFoundError as error:
        raise LocalError("NOPOSTGRES") from error


async def _restore_files(backup: Path, data: Path, leaves: list[bytes]) -> Restored:
    blobs = 0
    if (backup / BLOB_ROWS_NAME).exists():  # before the database, as senders do
        blobs = await fill_folder(data / BLOBS_NAME, file_rows(backup / BLOB_ROWS_NAME))
    unfinished = data / (STORE_NAME + ".unfinished")
    unfinished.unlink(missing_ok=True)
    copy(backup / STORE_NAME, unfinished)
    try:
        size, added = _renew(unfinished, data, leaves)
        sync(unfinished)
        unfinished.rename(data / STORE_NAME)
        sync(data)
    finally:
        unfinished.unlink(missing_ok=True)
    return Restored(size, added, blobs)


def _renew(database: Path, data: Path, leaves: list[bytes]) -> tuple[int, int]:
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
        mail_sql.pass_all(connection)
        connection.execute("COMMIT")
    return directory.size, directory.size - before
