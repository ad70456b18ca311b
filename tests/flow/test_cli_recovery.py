"""Kit, backup, restore, locking and fingerprints at the command line, with real processes."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from client.engine import folder as folders
from client.engine.folder import Folder
from keys.private import kit as kits
from keys.private.keeper import LocalKeeper
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import ALL_ROLES, QUICK, redirect
from tests.kit.scanner import at_terminal
from tests.kit.today import CONTENTS
from tests.kit.traces import found, texts
from tests.unit.cli.terminal import PASSPHRASE, Desk, Dialogue, acquaint, wait_for

STAFF = {"sav": "Eva Ek", "sodermalm": "Olle Ohlin"}


@pytest.fixture
def federation() -> Federation:
    """A federation of which nobody has a device yet."""
    return Federation.demo(devices=0, now=int(time.time()))


@pytest.fixture
def hub(tmp_path: Path, federation: Federation) -> Iterator[HubProcess]:
    """Its hub."""
    with socket.socket() as listener:  # the same port over restarts
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with HubProcess.create(tmp_path / "hub", federation, port=port).running() as running:
        yield running


@pytest.fixture
def desks(tmp_path: Path, hub: HubProcess, federation: Federation) -> dict[str, Desk]:
    """Two offices that know each other's keys."""
    made = {unit: Desk.enrolled(tmp_path / unit, federation, unit, name, hub.url) for unit, name in STAFF.items()}
    acquaint(made.values())
    return made


@pytest.fixture
def desk(desks: dict[str, Desk]) -> Desk:
    """``sodermalm``."""
    return desks["sodermalm"]


@pytest.fixture
def shares(desk: Desk, tmp_path: Path) -> list[Path]:
    """A kit of ``sodermalm``'s, each share in a file."""
    return _write_shares(tmp_path, desk.json("kit")["shares"])


def _write_shares(path: Path, shares: list[str]) -> list[Path]:
    files = [path / f"share-{number}" for number in range(len(shares))]
    for file, share in zip(files, shares, strict=True):
        file.write_text(share + "\n", encoding="utf-8")
    return files


def _let_vouch(federation: Federation, unit: str, desk: Desk) -> bytes:
    """The unit's device approves its next one; returns its id."""
    unlocked = folders.open_keys(Folder(desk.folder), PASSPHRASE)
    keeper = LocalKeeper(unlocked.ring_file.load(), unlocked.ring_file)
    federation.units[unit].keepers.append(keeper)
    return keeper.device_id


def _given(files: list[Path]) -> list[str]:
    return [word for file in files[:2] for word in ("--share-file", str(file))]


def _asked(desk: Desk, tmp_path: Path) -> Any:
    file = tmp_path / "fraga.json"
    file.write_text(json.dumps(CONTENTS["konsultation.fraga"]), encoding="utf-8")
    return desk.json("new", "konsultation.fraga", "--to", "Sav", "--file", str(file))


# -- kit --------------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(120)
def test_a_kit_is_shown_once_and_rehearsed(desk: Desk, tmp_path: Path) -> None:
    """Three shares on the terminal; two of them, which chance names, are typed back; a mistyped one is asked again."""
    (tmp_path / "qr").mkdir(mode=0o755)
    dialogue = Dialogue(desk.command("kit", "--svg", str(tmp_path / "qr")))
    shown: list[str] = []
    for number in (1, 2, 3):
        dialogue.expect(f"Del {number} av 3")
        dialogue.answer("Tryck Retur", "")
        shown.append(_words(dialogue._told))
        (scanned,) = at_terminal(dialogue._told.rpartition(" av 3")[2])
        assert scanned.lower() == shown[-1], "the drawing says what the words say"
    dialogue.expect("papperet.\r\n")
    first = _asked_for(dialogue)
    _type(dialogue, " ".join(["academic"] * 33))
    dialogue.expect("Läs igen.")
    assert _asked_for(dialogue) == first
    _type(dialogue, shown[first - 1])
    _type(dialogue, shown[_asked_for(dialogue) - 1])
    said = dialogue.end()
    assert said.code == 0
    assert "två behövs" in said.words.lower()
    assert not set(shown[0].split()) & set(said.out.split()), "a secret goes to the terminal only"
    with desk.open() as api:
        assert api.post("kit")[1]["kit_id"] == kits.public_of(kits.join(shown[:2])).kit_id.hex()
    drawn = sorted((tmp_path / "qr").iterdir())
    assert [path.name for path in drawn] == [f"share-{one}.svg" for one in (1, 2, 3)]
    assert {path.stat().st_mode & 0o777 for path in drawn} == {0o600}, "also in a folder that others may read"


def _words(told: str) -> str:
    last = told.rpartition(" av 3")[2]
    return " ".join(re.findall(r"\d+ ([a-z]{4,8})\b", last))


def _asked_for(dialogue: Dialogue) -> int:
    """The number of the share that is asked for next; what was typed and echoed has none."""
    while not (found := re.search(r"Del (\d): ", dialogue._seen)):
        dialogue._seen += os.read(dialogue._master, 65536).decode("utf-8", "replace")
    dialogue._seen = dialogue._seen[found.end() :]
    return int(found[1])


def _type(dialogue: Dialogue, text: str) -> None:
    os.write(dialogue._master, f"{text}\n".encode())


def test_a_second_kit_needs_a_word(desk: Desk, shares: list[Path]) -> None:
    """A kit that exists is not replaced by accident: old backups would need the old one."""
    assert len(shares) == 3
    said = desk.run("kit")
    assert (said.code, said.error["code"]) == (4, "EXISTS")
    assert desk.json("kit", "--renew")["kit_id"]


# -- backup and restore -----------------------------------------------------------------------------------------------


def test_a_backup_needs_a_kit_and_a_new_file(desk: Desk, tmp_path: Path) -> None:
    """Without a kit there is nothing to seal it to; a file that exists is not written over."""
    file = tmp_path / "backup.slk"
    said = desk.run("backup", str(file))
    assert (said.code, said.error["code"]) == (4, "NOKIT")
    desk.json("kit")
    assert desk.json("backup", str(file))["bytes"] == file.stat().st_size
    said = desk.run("backup", str(file))
    assert (said.code, said.error["code"]) == (4, "EXISTS")
    assert not list(tmp_path.glob("*.part"))


def test_a_backup_holds_no_key_and_no_word(desk: Desk, shares: list[Path], tmp_path: Path) -> None:
    """Neither text nor private keys nor SQLite's own mark stand in the file; the office may be open meanwhile."""
    _asked(desk, tmp_path)
    with desk.open() as api:
        status, done = api.post("backup", {"path": str(tmp_path / "backup.slk")})
        assert status == 200, done
    data = (tmp_path / "backup.slk").read_bytes()
    unlocked = folders.open_keys(Folder(desk.folder), PASSPHRASE)
    ring = unlocked.ring_file.load()
    secrets = [ring.signing.ed25519_seed, ring.login_seed, ring.enrol_seed, ring.directory_key, unlocked.vault_key]
    secrets += [secret.seed for secret in ring.epochs]
    assert not [one for one in (*secrets, b"SQLite format") if one and one in data]
    assert not found(texts([CONTENTS["konsultation.fraga"], *STAFF.values()]), data)


def test_verify_tells_what_a_backup_holds(desk: Desk, shares: list[Path], tmp_path: Path) -> None:
    """With two shares; a wrong kit, a mistyped word and a broken file have sentences of their own."""
    _asked(desk, tmp_path)
    file = tmp_path / "backup.slk"
    desk.json("backup", str(file))
    found = desk.json("restore", str(file), "--verify", *_given(shares))
    assert (found["document"], found["thread"], found["profile"]) == (1, 1, "demo")
    assert desk.json("restore", str(file), "--verify", *_given(shares[1:]))["document"] == 1
    other = _write_shares(tmp_path, kits.split(kits.new_secret()))
    said = desk.run("restore", str(file), "--verify", *_given(other))
    assert (said.code, said.error["code"]) == (4, "KIT")
    other[0].write_text("academic " * 33, encoding="utf-8")
    said = desk.run("restore", str(file), "--verify", *_given(other))
    assert (said.code, said.error["code"]) == (4, "KITWORD")


def test_a_broken_backup_is_told(desk: Desk, shares: list[Path], tmp_path: Path) -> None:
    """Cut off in the middle."""
    file = tmp_path / "backup.slk"
    desk.json("backup", str(file))
    file.write_bytes(file.read_bytes()[:-100])
    said = desk.run("restore", str(file), "--verify", *_given(shares))
    assert (said.code, said.error["code"]) == (4, "BACKUP")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_restored_machine_is_a_new_device_with_the_old_documents(
    desks: dict[str, Desk], shares: list[Path], tmp_path: Path, federation: Federation, hub: HubProcess
) -> None:
    """New keys, a new enrolment, the old documents; what was only queued is stopped; it writes and receives."""
    old = desks["sodermalm"]
    sent = _asked(old, tmp_path)
    wait_for(lambda: old.json("sync") and desks["sav"].json("sync") and old.json("status")["outbox"] == 0)
    hub.stop()
    waiting = old.run("new", "konsultation.fraga", "--to", "Sav", "--file", str(tmp_path / "fraga.json"))
    assert waiting.code == 0
    old.json("backup", str(tmp_path / "backup.slk"))
    hub.start()
    new = Desk.fresh(tmp_path / "new")
    request = tmp_path / "new.request"
    done = new.json(
        "restore", str(tmp_path / "backup.slk"), *_given(shares), "--out", str(request), "--profile", "demo"
    )
    assert done["document"] == 2
    again = new.run("restore", str(tmp_path / "backup.slk"), *_given(shares), "--out", str(tmp_path / "x"))
    assert (again.code, again.error["code"]) == (4, "EXISTS")
    sibling = _let_vouch(federation, "sodermalm", old)
    approval = tmp_path / "new.approval"
    approval.write_bytes(
        redirect(federation.approve("sodermalm", request.read_bytes(), "Olle Ohlin", roles=ALL_ROLES), hub.url)
    )
    new.json("enrol", "--approval", str(approval), "--yes")
    (new.folder / "office.toml").write_text(QUICK, encoding="utf-8")
    ring = folders.open_keys(Folder(new.folder), PASSPHRASE).ring_file.load()
    assert ring.device_id != sibling
    listed = {row["document_id"]: row for row in new.json("list")}
    assert sent["document_id"] in listed
    assert [row["state"] for row in listed.values()].count("stopped") == 1
    acquaint([new, desks["sav"]])
    fresh = new.json("new", "konsultation.fraga", "--to", "Sav", "--file", str(tmp_path / "fraga.json"))
    wait_for(
        lambda: (
            desks["sav"].json("sync")
            and new.json("sync")
            and new.json("show", fresh["document_id"])["state"] == "available"
        )
    )


def test_the_profile_of_a_backup_counts(desk: Desk, shares: list[Path], tmp_path: Path) -> None:
    """A demonstration's backup makes no real office, and nothing stays behind."""
    desk.json("backup", str(tmp_path / "backup.slk"))
    new = Desk.fresh(tmp_path / "new")
    said = new.run("restore", str(tmp_path / "backup.slk"), *_given(shares), "--out", str(tmp_path / "x"))
    assert (said.code, said.error["code"]) == (4, "PROFILE")
    assert not new.folder.exists() or not list(new.folder.iterdir())


# -- locking ----------------------------------------------------------------------------------------------------------


def test_a_locked_office_answers_nothing_until_it_is_unlocked(desk: Desk) -> None:
    """LOCKEDKEYS to every command but status; a wrong passphrase brings nothing back; the right one does."""
    with desk.open() as api:
        assert api.post("status")[1]["locked"] is False
        assert api.post("lock") == (200, {"locked": True})
        status, told = api.post("list")
        assert (status, told["code"]) == (423, "LOCKEDKEYS")
        assert api.post("status")[1]["locked"] is True
        wait_for(lambda: api.post("status")[1]["trouble"] == "LOCKEDKEYS")
        assert api.post("unlock", {"passphrase": "inte den rätta alls"})[1]["code"] == "PASS"
        assert desk.json("unlock") == {"locked": False}
        assert api.post("list") == (200, [])
        wait_for(lambda: not api.post("status")[1]["trouble"])


def test_an_office_locks_itself_when_nobody_asks_for_anything(desk: Desk) -> None:
    """``lock_after_minutes``; looking at the status and the sync loop's own work are nobody."""
    with (desk.folder / "office.toml").open("a", encoding="utf-8") as settings:
        settings.write("lock_after_minutes = 0.05\n")
    with desk.open() as api:
        assert api.post("list")[0] == 200
        wait_for(lambda: api.post("status")[1]["locked"])
        assert api.post("list")[1]["code"] == "LOCKEDKEYS"
        assert desk.json("unlock") == {"locked": False}
        assert api.post("list")[0] == 200


# -- fingerprints -----------------------------------------------------------------------------------------------------


def test_two_units_read_the_same_words(desks: dict[str, Desk]) -> None:
    """Each computes the other's from its own directory; compared words leave a mark, wrong ones do not."""
    asker, other = desks["sodermalm"], desks["sav"]
    own = other.json("fingerprint")
    seen = asker.json("fingerprint", "Sav")
    assert (seen["words"], seen["compared"]) == (own["words"], "no")
    assert len(own["words"].split()) == 12
    wrong = asker.run("fingerprint", "Sav", "--words", " ".join(reversed(own["words"].split())))
    assert (wrong.code, wrong.error["code"]) == (4, "WORDS")
    assert asker.json("fingerprint", "Sav", "--words", own["words"].upper())["compared"] == "yes"
    assert asker.json("fingerprint", "Sav")["compared"] == "yes"


def test_a_unit_with_new_keys_has_changed(
    desks: dict[str, Desk], tmp_path: Path, federation: Federation, hub: HubProcess
) -> None:
    """Another device in the unit: the mark says that the keys are others now."""
    asker = desks["sodermalm"]
    words = asker.json("fingerprint", "Sav")["words"]
    assert asker.json("fingerprint", "Sav", "--words", words)["compared"] == "yes"
    _let_vouch(federation, "sav", desks["sav"])
    second = Desk.enrolled(tmp_path / "second", federation, "sav", "Eva Ek", hub.url)
    second.json("sync")
    asker.json("sync")
    changed = asker.json("fingerprint", "Sav")
    assert changed["compared"] == "changed"
    assert changed["words"] != words


def test_at_a_terminal_the_words_are_asked_about(desk: Desk) -> None:
    """Yes marks them, anything else does not."""
    dialogue = Dialogue([one for one in desk.command("fingerprint", "Sav") if one != "--json"])
    dialogue.answer("samma ord", "n")
    assert dialogue.end().code == 0
    assert desk.json("fingerprint", "Sav")["compared"] == "no"
    dialogue = Dialogue(desk.command("fingerprint", "Sav"))
    dialogue.answer("samma ord", "j")
    assert dialogue.end().code == 0
    assert desk.json("fingerprint", "Sav")["compared"] == "yes"


def test_a_hub_learns_nothing_of_kits_and_marks(desk: Desk, shares: list[Path], hub: HubProcess) -> None:
    """What is compared and what is backed up stays in the office."""
    kit_id = bytes.fromhex(desk.json("kit", "--renew")["kit_id"])
    hub.stop()
    store = hub.data / "hub.sqlite"
    with sqlite3.connect(store) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert kit_id not in store.read_bytes()
