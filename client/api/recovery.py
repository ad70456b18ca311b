"""The recovery kit and backups.

The kit's secret never comes here: the command line makes it and hands in its public half.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from client.api.arguments import Arguments, BackupTo, KitMade
from client.engine.copying import write_backup
from client.engine.copying_files import copy_out
from client.engine.office import Desk
from client.engine.reading import Facts
from keys.codec import decode, encode
from keys.errors import LocalError
from keys.private.kit import KitPublic

_KIT = "kit"


async def kit(desk: Desk, _arguments: Arguments) -> Facts:
    """Which kit backups are made for."""
    raw = await desk.context.vault.meta(_KIT)
    return {"kit_id": "" if raw is None else _read(raw).kit_id.hex()}


async def kit_made(desk: Desk, arguments: KitMade) -> Facts:
    """From here on backups are made for this kit."""
    made = KitPublic(bytes.fromhex(arguments.kit_id), bytes.fromhex(arguments.public))
    async with desk.context.vault.transaction():
        await desk.context.vault.set_meta(_KIT, encode(made))
    return {"kit_id": arguments.kit_id}


async def backup(desk: Desk, arguments: BackupTo) -> Facts:
    """Write a backup to a new file.

    Raises:
        LocalError: code ``NOKIT``, ``EXISTS``, ``DISK``, ``ARGUMENT`` when the path is not a whole one.
    """
    raw, path = await desk.context.vault.meta(_KIT), Path(arguments.path)
    if raw is None:
        raise LocalError("NOKIT")
    if not path.is_absolute():
        raise LocalError("ARGUMENT", command="BackupTo")
    profile, now = desk.context.replica.directory.profile, desk.context.clock.now()
    await _copy_files(desk, path)
    size = await asyncio.to_thread(
        write_backup, desk.context.vault.apart(), path, kit=_read(raw), profile=profile, now=now
    )
    await _copy_files(desk, path)  # what came meanwhile may be in it
    return {"path": str(path), "bytes": size, "kit_id": _read(raw).kit_id.hex()}


async def _copy_files(desk: Desk, path: Path) -> None:
    rows = await desk.context.vault.all("SELECT file_id FROM attachment WHERE state = 'here'")
    folder = desk.attachments.files.folder
    await asyncio.to_thread(copy_out, folder, [file_id for (file_id,) in rows], path)


def _read(raw: bytes) -> KitPublic:
    return decode(raw, KitPublic, max_bytes=len(raw))
