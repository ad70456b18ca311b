"""A vault that an older program wrote opens in this one with all that it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.engine import vault as vaults
from client.engine.clock import Clock
from client.engine.threads import Threads
from client.engine.vault import Vault
from keys.codec import encode_body
from keys.errors import LocalError
from tests.unit.casework.samples import SAMPLES

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
        await vault.write("INSERT INTO consent VALUES (?, NULL, ?, ?, x'02', 1, '')", b"k" * 16, b"u" * 16, b"e" * 32)
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


OLD_THREAD = "INSERT INTO thread VALUES (?, 'konsultation', ?, 'mottagare', ?, NULL, NULL, NULL, 1, 2)"
OLD_DOCUMENT = (
    "INSERT INTO document (document_id, direction, state, kind, kind_class, thread_id, unit_id, device_id, salt, body,"
    " consents, legal_basis, at) VALUES (?, ?, ?, ?, 'content', ?, ?, ?, x'', ?, x'', '', ?)"
)
OLD_EVENT = "INSERT INTO thread_event VALUES (?, ?, ?, ?, ?, ?)"


@pytest.mark.parametrize("is_answered", [False, True])
async def test_a_thread_from_before_stands_where_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_answered: bool
) -> None:
    """What documents had seen was not written then: each had seen what came before it, and a case stays taken."""
    before = {number: script for number, script in vaults._migrations().items() if number < 7}
    monkeypatch.setattr(vaults, "_migrations", lambda: before)
    thread_id, unit_id, asked, answered = b"t" * 16, b"u" * 16, b"q" * 16, b"a" * 16
    state = "besvarad" if is_answered else "pagar"
    vault = await Vault.open(tmp_path / "vault.db", KEY)
    async with vault.transaction():
        await vault.write(OLD_THREAD, thread_id, state, unit_id)
        question = (asked, "in", "accepted", "konsultation.fraga", thread_id, unit_id, b"v" * 16)
        await vault.write(OLD_DOCUMENT, *question, encode_body(SAMPLES["konsultation.fraga"]), 1)
        await vault.write(OLD_EVENT, thread_id, 0, "send", "tillganglig", asked, 1)
        await vault.write(OLD_EVENT, thread_id, 1, "take", "pagar", None, 2)
        if is_answered:
            answer = (answered, "out", "available", "konsultation.svar", thread_id, unit_id, b"w" * 16)
            await vault.write(OLD_DOCUMENT, *answer, encode_body(SAMPLES["konsultation.svar"]), 3)
            await vault.write(OLD_EVENT, thread_id, 2, "answer", "besvarad", answered, 3)
    await vault.close()
    monkeypatch.undo()
    vault = await Vault.open(tmp_path / "vault.db", KEY)
    threads = Threads(vault, Clock())
    async with vault.transaction():
        assert await threads.refold(thread_id)
    thread = await threads.get(thread_id)
    outcomes = {row[0] for row in await vault.all("SELECT outcome FROM document")}
    seen = await threads.seen(thread_id, local=False)
    await vault.close()
    assert thread is not None
    assert (thread.state, outcomes) == (state, {"applied"})
    assert seen == ([asked, answered] if is_answered else [asked])


def test_every_migration_has_a_number_of_its_own() -> None:
    """Of two files with one number, one would never be run."""
    folder = Path(vaults.__file__).parent / "schema"
    assert len(vaults._migrations()) == len(list(folder.glob("*.sql")))
