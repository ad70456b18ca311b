"""A backup brings attached files along; without them an office knows what it lacks."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from client.engine.copying import restore_backup, write_backup
from client.engine.copying_files import copy_out, folder_beside
from client.engine.folder import Folder, open_keys
from client.engine.stream_files import StreamFiles
from client.engine.stream_writer import SealedFile
from client.engine.vault import Vault
from keys.private.kit import new_secret, public_of
from keys.statements import Profile

KEY = bytes(range(32))
WORDS = "en lång lösenfras"
DOCUMENT = b"d" * 16


async def kept(vault: Vault, sealed: SealedFile, position: int, state: str) -> None:
    """A row as the office has it."""
    await vault.write(
        "INSERT INTO attachment (file_id, document_id, position, state, file_name, media_type, size_bytes, sha256,"
        " pdfa, digest, key, fetched, blobs, done, at)"
        " VALUES (?, ?, ?, ?, 'a.bin', 'application/octet-stream', ?, ?, 0, ?, ?, 1, ?, ?, 1)",
        sealed.file_id, DOCUMENT, position, state, sealed.size_bytes, sealed.sha256, sealed.digest, sealed.key,
        sealed.blobs, sealed.blobs,
    )  # fmt: skip


@pytest.mark.parametrize("with_files", [True, False])
async def test_files_lie_beside_a_backup(tmp_path: Path, with_files: bool) -> None:
    """They come over as they were, encrypted; without them each is lacking, and what is half here is fetched."""
    old, data = StreamFiles(tmp_path / "attachments", KEY), os.urandom(300_000)
    vault = await Vault.open(tmp_path / "vault.db", KEY)
    whole, half, chosen = [old.seal([data]) for _ in range(3)]
    async with vault.transaction():
        await kept(vault, whole, 0, "here")
        await kept(vault, half, 1, "coming")
        await kept(vault, chosen, 2, "staged")
        await vault.write("INSERT INTO upload VALUES (x'01', x'02', 0, x'03', x'04', x'05', 0, 'put', '', 2, 2, 0, 0)")
        await vault.write("INSERT INTO upload VALUES (x'06', x'02', 1, x'03', x'04', x'05', 1, 'put', '', 2, 2, 0, 0)")
        await vault.write("INSERT INTO unwanted VALUES (x'07', x'08')")
    secret, backup = new_secret(), tmp_path / "b.slk"
    copied = copy_out(old.folder, [whole.file_id], backup)
    assert copied == old.path(whole.file_id).stat().st_size
    assert copy_out(old.folder, [whole.file_id], backup) == 0  # a second time nothing is to be copied
    write_backup(vault.apart(), backup, kit=public_of(secret), profile=Profile.DEMO, now=1)
    await vault.close()
    assert data[:50] not in b"".join(path.read_bytes() for path in folder_beside(backup).iterdir())
    if not with_files:
        await asyncio.to_thread(shutil.rmtree, folder_beside(backup))
    folder = Folder(tmp_path / "new")
    restore_backup(backup, secret, folder, WORDS, profile=Profile.DEMO)
    vault = await Vault.open(folder.vault, open_keys(folder, WORDS).vault_key)
    try:
        rows = await vault.all("SELECT position, state, key IS NULL FROM attachment ORDER BY position")
        assert rows == [(0, "here" if with_files else "lacking", int(not with_files)), (1, "coming", 0)]
        assert await vault.all("SELECT file_id, state, done FROM upload") == [(b"\x01", "going", 0)]
        assert await vault.all("SELECT name FROM unwanted") == []
        new = StreamFiles(folder.attachments, KEY)
        assert new.is_here(whole.file_id) is with_files
        if with_files:
            assert b"".join(new.pieces(whole.file_id, whole.key)) == data
    finally:
        await vault.close()
