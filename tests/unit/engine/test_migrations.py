"""A vault that an older program wrote opens in this one with all that it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.engine import vault as vaults
from client.engine.vault import Vault
from keys.errors import LocalError

KEY = bytes(range(32))
DOCUMENT = (
    "INSERT INTO document (document_id, direction, state, kind, kind_class, thread_id, unit_id, device_id, salt, body,"
    " consents, legal_basis, at) VALUES (?, 'in', 'accepted', 'konsultation.fraga', 'content', ?, ?, ?, x'', x'80',"
    " x'', '', 1)"
)


def only_schema_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a program that knows the first migration alone."""
    first = {1: vaults._migrations()[1]}
    monkeypatch.setattr(vaults, "_migrations", lambda: first)


async def old_vault(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vault of schema 1 with a row in several tables."""
    only_schema_1(monkeypatch)
    vault = await Vault.open(path, KEY)
    async with vault.transaction():
        await vault.write(DOCUMENT, b"d" * 16, b"t" * 16, b"u" * 16, b"v" * 16)
        await vault.write("INSERT INTO consent VALUES (?, NULL, ?, ?, x'01', 1)", b"c" * 16, b"u" * 16, b"e" * 32)
        await vault.set_meta("cursor", b"\x07")
    await vault.close()
    monkeypatch.undo()


async def test_a_vault_of_schema_1_opens_as_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows are there, the new tables too, and what comes from now on is noted for siblings."""
    path = tmp_path / "vault.db"
    await old_vault(path, monkeypatch)
    vault = await Vault.open(path, KEY)
    assert await vault.value("PRAGMA user_version") == max(vaults._migrations()) >= 3
    assert await vault.all("SELECT document_id FROM document") == [(b"d" * 16,)]
    assert await vault.number("cursor") == 7
    units = ("letter", "letter_receipt", "letter_seen", "carried", "setting", "note", "draft", "need", "answer")
    for table in (*units, "contact"):
        assert await vault.all(f"SELECT * FROM {table}") == []  # noqa: S608 - constant names
    async with vault.transaction():
        await vault.write("INSERT INTO consent VALUES (?, NULL, ?, ?, x'02', 1)", b"k" * 16, b"u" * 16, b"e" * 32)
    assert await vault.all("SELECT what, item FROM untold") == [("consent", b"\x02")]
    await vault.close()


async def test_an_older_program_refuses_a_newer_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would overlook what the newer one wrote."""
    path = tmp_path / "vault.db"
    await (await Vault.open(path, KEY)).close()
    only_schema_1(monkeypatch)
    with pytest.raises(LocalError) as caught:
        await Vault.open(path, KEY)
    assert caught.value.code == "VERVAULT"


def test_every_migration_has_a_number_of_its_own() -> None:
    """Of two files with one number, one would never be run."""
    folder = Path(vaults.__file__).parent / "schema"
    assert len(vaults._migrations()) == len(list(folder.glob("*.sql")))
