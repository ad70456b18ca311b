"""A vault on a stolen disk: without its key it is nothing (protocol 13)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from client.engine.vault import Vault
from keys.errors import LocalError

TEXT = "Hotbilden gäller två personer i Småköping"
KEY = bytes(range(32))


def _found(path: Path) -> bool:
    return any(TEXT.encode() in file.read_bytes() for file in path.iterdir())


async def test_a_closed_vault_shows_nothing_without_its_key(tmp_path: Path) -> None:
    """What was written stands in no file of the folder, journal included, and another key opens nothing."""
    vault = await Vault.open(tmp_path / "vault.db", KEY)
    async with vault.transaction():
        await vault.set_meta("text", TEXT.encode())
    assert not _found(tmp_path), "while it is open as well"
    await vault.close()
    assert not _found(tmp_path)
    with pytest.raises(LocalError) as caught:
        await Vault.open(tmp_path / "vault.db", bytes(32))
    assert caught.value.code == "FILE"
    vault = await Vault.open(tmp_path / "vault.db", KEY)
    assert await vault.meta("text") == TEXT.encode()
    await vault.close()


def test_control_a_plain_database_would_show_it(tmp_path: Path) -> None:
    """The search finds the text in a database that is not encrypted."""
    with sqlite3.connect(tmp_path / "plain.db") as plain:
        plain.execute("CREATE TABLE meta (value BLOB)")
        plain.execute("INSERT INTO meta VALUES (?)", (TEXT.encode(),))
    plain.close()
    assert _found(tmp_path)
