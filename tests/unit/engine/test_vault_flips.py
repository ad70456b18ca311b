"""A bit that turned in a vault's file: what was written is read, or nothing."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from client.engine import vault as vaults
from client.engine.copying import write_backup
from client.engine.vault import Vault
from keys.errors import LocalError
from keys.private.kit import new_secret, public_of
from keys.statements import Profile

KEY = bytes(range(32))
LONG = b"\x55" * 40_000  # a row over three pages
COUNT = "SELECT count(*) FROM meta"
PAGE_BYTES = vaults._PAGE_BYTES


async def long_row(path: Path) -> None:
    """A vault with a row of three pages, all in the one file."""
    vault = await Vault.open(path, KEY)
    async with vault.transaction():
        await vault.set_meta("long", LONG)
    await vault.close()


async def test_what_a_crash_left_in_the_log_is_written_anew_when_a_vault_is_opened(tmp_path: Path) -> None:
    """A commit whose sync failed can still be seen after a crash; once the vault is open it is in the one file."""
    vault = await Vault.open(tmp_path / "vault.db", KEY)
    async with vault.transaction():
        await vault.set_meta("long", LONG)
    for end in ("", "-wal"):
        shutil.copy(tmp_path / f"vault.db{end}", tmp_path / f"crashed.db{end}")
    await vault.close()
    again = await Vault.open(tmp_path / "crashed.db", KEY)
    shutil.copy(tmp_path / "crashed.db", tmp_path / "alone.db")
    await again.close()
    alone = await Vault.open(tmp_path / "alone.db", KEY)
    assert await alone.meta("long") == LONG
    await alone.close()


async def test_a_commit_is_believed_only_where_changes_are_still_taken(tmp_path: Path) -> None:
    """A file system that gives up may say yes to the sync that runs just then: the hub is told nothing."""
    there = tmp_path / "there"
    there.mkdir()
    vault = await Vault.open(there / "vault.db", KEY)
    there.rename(tmp_path / "elsewhere")
    with pytest.raises(LocalError, match="DISK"):
        async with vault.transaction():
            await vault.set_meta("long", LONG)
    (tmp_path / "elsewhere").rename(there)
    async with vault.transaction():
        await vault.set_meta("long", LONG)
    await vault.close()


def last_page_of(path: Path) -> int:
    """Where the row's last page begins: the one whose loss SQLCipher tells nobody who reads the row."""
    raw = path.read_bytes()
    for page in range(PAGE_BYTES, len(raw), PAGE_BYTES):
        altered = path.with_name("trial")
        altered.write_bytes(turned(raw, page))
        try:
            with contextlib.closing(vaults.connect(altered, KEY)) as connection:
                rows = connection.execute("SELECT value FROM meta WHERE name = 'long'").fetchall()
        except vaults.sqlcipher.Error:
            continue
        if rows != [(LONG,)]:
            return page
    raise AssertionError("no page of the row is read as zeros: the check has become needless")


def turned(raw: bytes, page: int) -> bytes:
    """The file with a bit turned in the midst of a page."""
    place = page + PAGE_BYTES // 2
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


@pytest.fixture
async def altered(tmp_path: Path) -> Path:
    """A vault whose long row is not what was written."""
    path = tmp_path / "vault.db"
    await long_row(path)
    path.write_bytes(turned(path.read_bytes(), last_page_of(path)))
    return path


async def by_glance(vault: Vault) -> None:
    """In the caller's thread."""
    await vault.meta("long")


async def by_thread(vault: Vault) -> None:
    """On the reader's connection."""
    await vault.one("SELECT value FROM meta WHERE name = 'long'")


async def by_transaction(vault: Vault) -> None:
    """Over the writer."""
    async with vault.transaction():
        await vault.meta("long")


async def by_copy(vault: Vault) -> None:
    """Without that the value leaves SQLite."""
    async with vault.transaction():
        await vault.write("INSERT INTO meta SELECT 'copy', value FROM meta WHERE name = 'long'")


@pytest.mark.parametrize("way", [by_glance, by_thread, by_transaction, by_copy])
async def test_a_row_whose_last_page_was_altered_is_refused(
    altered: Path, way: Callable[[Vault], Awaitable[None]]
) -> None:
    """By each way to it; and nothing was written for it."""
    vault = await Vault.open(altered, KEY)
    rows = await vault.value(COUNT)
    with pytest.raises(LocalError) as refused:
        await way(vault)
    assert refused.value.code == "FILE"
    await vault.close()
    vault = await Vault.open(altered, KEY)
    assert await vault.value(COUNT) == rows
    await vault.close()


async def test_it_goes_into_no_backup(altered: Path) -> None:
    """A backup is sound, or there is none."""
    vault = await Vault.open(altered, KEY)
    source, backup = vault.apart(), altered.with_name("backup")
    with pytest.raises(LocalError) as refused:
        write_backup(source, backup, kit=public_of(new_secret()), profile=Profile.DEMO, now=1)
    assert refused.value.code == "FILE"
    assert not backup.exists()
    await vault.close()
