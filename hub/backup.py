"""A backup of a hub (PROTOCOL 8.4); its form is one, whatever the hub stands on.

    FOLDER/hub.sqlite      the database at one moment, taken beside a hub that serves
    FOLDER/blobs.sqlite    the blobs, read after that moment; left out when asked for
    FOLDER/hub.toml        the settings
    FOLDER/purge.log       what was deleted by decision, when anything was
    FOLDER/hub.key         only when asked for: whoever has it can sign as the hub
    FOLDER/manifest.json   SHA-256 of each, the schema, the log's size; written last, so that a folder with it is whole

Rules:
1. A backup counts when it was read again from the disk and inspected; before that it has another name.
2. Blobs after envelopes: senders put blobs before the document that names them, so what the envelopes need is there,
   or went because a recipient has it.
3. The password of a database is not in it.

Not here: making a hub of it (restoring).
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from hub.backup_files import copy, folder, note_made, require_new, settle, sum_of, sync
from hub.config import FILE_NAME as SETTINGS_NAME
from hub.config import Config, load_config
from hub.inspection import inspect, read_only
from hub.purge import LOG_NAME as PURGES_NAME
from hub.secret_files import secret_path
from hub.signer import FILE_NAME as KEY_NAME
from hub.store.blob_rows import file_rows, folder_rows, new_file, write_rows
from hub.store.postgres.dumping import dump
from hub.store.sqlite import PAGE_BYTES
from hub.stores import BLOBS_NAME, STORE_NAME, on_postgres
from keys.errors import LocalError
from keys.files import read_bounded, write_durably

MANIFEST_NAME: Final = "manifest.json"
BLOB_ROWS_NAME: Final = "blobs.sqlite"
MAX_MANIFEST_BYTES: Final = 4096
_VERSION: Final = 2


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds: SHA-256 in hex by file name, and the database in numbers; ``blobs`` is None without them."""

    version: int
    files: dict[str, Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]]
    schema: int
    log_size: int
    waiting: int
    blobs: int | None


async def make_backup(data: Path, out: Path, *, with_key: bool, with_blobs: bool = True) -> Manifest:
    """Write a backup of the hub in ``data``; also while it serves.

    Args:
        data: the hub's folder.
        out: a folder that is not there yet; readable by its owner only.
        with_key: put ``hub.key`` in too.
        with_blobs: put the blobs in; without them senders put again what nobody has, within a day.

    Raises:
        LocalError: code ``EXISTS``, ``STORE``, ``DISK``, or ``DAMAGED`` when the hub's own database is not whole.
    """
    require_new(out)
    settings = load_config(data)
    unfinished = out.with_name(out.name + ".unfinished")
    with folder(unfinished):
        await _write(data, settings, unfinished, with_blobs=with_blobs)
        copy(data / SETTINGS_NAME, unfinished / SETTINGS_NAME)
        if (data / PURGES_NAME).exists():
            copy(data / PURGES_NAME, unfinished / PURGES_NAME)
        if with_key:
            copy(secret_path(data, settings.key_file, KEY_NAME), unfinished / KEY_NAME)
        manifest = _read(unfinished)
        settle(unfinished)
        write_durably(unfinished / MANIFEST_NAME, msgspec.json.encode(manifest))
        unfinished.rename(out)
        sync(out.parent)
    note_made(data)
    return manifest


def verify_backup(backup: Path) -> Manifest:
    """Read a whole backup again: sums, pages, log with all its signatures, counts, each envelope's and blob's bytes.

    Raises:
        LocalError: code ``BACKUP`` when a file is missing, strange or altered; ``DAMAGED`` when the database is not.
    """
    try:
        raw = read_bounded(backup / MANIFEST_NAME, MAX_MANIFEST_BYTES)
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (LocalError, msgspec.DecodeError) as error:
        raise LocalError("BACKUP", rule="manifest") from error
    if manifest.version != _VERSION or not {STORE_NAME, SETTINGS_NAME} <= set(manifest.files):
        raise LocalError("BACKUP", rule="manifest")
    if {path.name for path in backup.iterdir()} != {*manifest.files, MANIFEST_NAME}:
        raise LocalError("BACKUP", rule="files")
    for name, wanted in manifest.files.items():
        if sum_of(backup / name) != wanted:
            raise LocalError("BACKUP", rule="sum", file=name)
    load_config(backup)
    if _read(backup, manifest.files) != manifest:
        raise LocalError("BACKUP", rule="numbers")
    return manifest


def _read(backup: Path, sums: dict[str, str] | None = None) -> Manifest:
    """What the manifest of this folder must say; everything but the sums is read anew."""
    with contextlib.closing(read_only(backup / STORE_NAME)) as connection:
        found = inspect(connection, deep=True)
    rows = backup / BLOB_ROWS_NAME
    blobs = sum(1 for _ in file_rows(rows)) if rows.exists() else None
    files = sums or {path.name: sum_of(path) for path in sorted(backup.iterdir())}
    return Manifest(_VERSION, files, found.schema, found.log_size, found.waiting, blobs)


async def _write(data: Path, settings: Config, unfinished: Path, *, with_blobs: bool) -> None:
    """The database, then the blobs."""
    store = unfinished / STORE_NAME
    try:
        with contextlib.ExitStack() as stack:
            blobs = None
            if with_blobs:
                blobs = stack.enter_context(contextlib.closing(new_file(unfinished / BLOB_ROWS_NAME)))
            if settings.database:
                target = stack.enter_context(contextlib.closing(_new_store(store)))
                await on_postgres(data, settings, lambda line: dump(line, target, blobs))
            else:
                with contextlib.closing(read_only(data / STORE_NAME)) as source:
                    source.execute("VACUUM INTO ?", (str(store),))
                if blobs is not None:
                    write_rows(blobs, folder_rows(data / BLOBS_NAME))
    except sqlite3.Error as error:
        raise LocalError("DISK", file=STORE_NAME) from error


def _new_store(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("PRAGMA synchronous = OFF")  # it is synced as a whole
    return connection
