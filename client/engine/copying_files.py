"""Attached files beside a backup: copied as they lie, encrypted; their keys are in the backup itself (FORMATS 9.6).

A backup ``kontor.slk`` has its files in the folder ``kontor.slk.bilagor``. What is there is not copied twice: a file
never changes once it is here. A file that a restored office does not find is lacking, and siblings are asked for it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from keys.errors import LocalError

LEFT_OUT = """
DELETE FROM copy.attachment WHERE state = 'staged';
DELETE FROM copy.attachment_answer;
DELETE FROM copy.unwanted;
DELETE FROM copy.upload WHERE shared = 1;
UPDATE copy.upload SET state = 'going', done = 0, next_at = 0 WHERE state = 'put';
"""
"""What of files belongs to the device and not to the work; what was not receipted is put to the hub again."""

_HERE = "SELECT file_id FROM attachment WHERE state = 'here'"


def folder_beside(backup: Path) -> Path:
    """Where the files of a backup lie."""
    return backup.with_name(backup.name + ".bilagor")


def copy_out(source: Path, file_ids: Iterable[bytes], backup: Path) -> int:
    """Copy files into the folder beside a backup; returns how many bytes were copied.

    Args:
        source: the office's folder of files.
        file_ids: of files that are here whole.
        backup: the backup's path.

    Raises:
        LocalError: code ``DISK``.
    """
    target, copied = folder_beside(backup), 0
    for file_id in file_ids:
        there = target / file_id.hex()
        if not there.exists():
            target.mkdir(mode=0o700, exist_ok=True)
            copied += _copy(source / file_id.hex(), there)
    return copied


def copy_in(backup: Path, target: Path, vault: Any) -> int:
    """Take over what lies beside a backup, inside a transaction; what is not there is lacking from here on.

    Args:
        backup: the backup's path.
        target: the new office's folder of files.
        vault: the new office's open database.

    Returns:
        How many files are lacking.

    Raises:
        LocalError: code ``DISK``.
    """
    source, lacking = folder_beside(backup), 0
    for (file_id,) in vault.execute(_HERE).fetchall():
        if (source / file_id.hex()).is_file():
            target.mkdir(mode=0o700, exist_ok=True)
            _copy(source / file_id.hex(), target / file_id.hex())
            continue
        lacking += 1
        vault.execute(
            "UPDATE attachment SET state = 'lacking', code = 'ATTLACK', key = NULL, blobs = 0, done = 0, tries = 0,"
            " next_at = 0 WHERE file_id = ?",
            (file_id,),
        )
    return lacking


def _copy(source: Path, target: Path) -> int:
    """Whole or not at all."""
    part = target.with_name(target.name + ".part")
    try:
        shutil.copyfile(source, part)
        part.chmod(0o600)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
        return target.stat().st_size
    except OSError as error:
        part.unlink(missing_ok=True)
        raise LocalError("DISK") from error
