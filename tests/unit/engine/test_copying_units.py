"""A backup of a unit's device: what the unit agreed on comes over; what the device owes, and its log, do not."""

from __future__ import annotations

from pathlib import Path

from client.engine.copying import restore_backup, write_backup
from client.engine.folder import Folder, open_keys
from client.engine.vault import Vault
from keys.private.kit import new_secret, public_of
from keys.statements import Profile

KEY = bytes(range(32))
WORDS = "en lång lösenfras"
LEFT_OUT = ("letter", "letter_receipt", "answer", "telling", "leaf", "batch")


async def test_letters_stay_behind_and_notes_come_over(tmp_path: Path) -> None:
    """A letter that the new device signed would speak for the old one; siblings would refuse it."""
    vault = await Vault.open(tmp_path / "vault.db", KEY)
    async with vault.transaction():
        await vault.write("INSERT INTO letter (document_id, salt, body, next_at, at) VALUES (x'01', x'', x'', 0, 0)")
        await vault.write("INSERT INTO letter_receipt VALUES (x'01', x'02')")
        await vault.write("INSERT INTO answer VALUES (x'01', x'02', NULL, 0)")
        await vault.write("INSERT INTO telling VALUES (x'01', 0, 1, 0)")
        await vault.write("INSERT INTO note VALUES (x'05', x'06', x'07', 1, 'Ring.')")
        await vault.write("INSERT INTO consent VALUES (x'0a', NULL, x'0b', x'0c', x'0d', 1, '')")
        await vault.write("INSERT INTO contact VALUES (x'08', x'09', 1)")
        await vault.set_meta("history", b"done")
        await vault.write("INSERT INTO leaf VALUES (1, x'00')")
        await vault.write("INSERT INTO batch VALUES (x'02', 1, x'00')")
        for name in ("checkpoint", "fork", "snapshot_number"):
            await vault.set_meta(name, b"shown by a hub that lied")
        for code in ("FORK", "EQUIV"):
            await vault.write("INSERT INTO alarm (code, evidence, at) VALUES (?, x'0e', 1)", code)
    secret = new_secret()
    write_backup(vault.apart(), tmp_path / "b.slk", kit=public_of(secret), profile=Profile.DEMO, now=1)
    await vault.close()
    folder = Folder(tmp_path / "new")
    restore_backup(tmp_path / "b.slk", secret, folder, WORDS, profile=Profile.DEMO)
    vault = await Vault.open(folder.vault, open_keys(folder, WORDS).vault_key)
    assert [await vault.value(f"SELECT count(*) FROM {name}") for name in LEFT_OUT] == [0] * 6  # noqa: S608
    assert await vault.value("SELECT text FROM note") == "Ring."
    assert await vault.value("SELECT count(*) FROM contact") == 1
    assert await vault.all("SELECT what, item FROM untold") == [("consent", b"\x0d")]
    assert await vault.all("SELECT name FROM meta") == []
    open_still = "SELECT code, evidence, cleared_at IS NULL FROM alarm ORDER BY n"
    assert await vault.all(open_still) == [("FORK", b"\x0e", 0), ("EQUIV", b"\x0e", 1)]
    await vault.close()
