"""The doctor finds what is wrong, and says nothing that may not be said to strangers."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import time
from pathlib import Path

import pytest

from hub import doctor
from hub.backup_files import LAST_NAME
from hub.config import FILE_NAME as SETTINGS_NAME
from hub.doctor import CHECKS, as_text, examine, verdict
from hub.finding import Finding, Level
from hub.machine import file_system, measured_sync
from hub.signer import FILE_NAME as KEY_NAME
from hub.stores import STORE_NAME
from tests.kit.federation import Federation
from tests.kit.hub_process import found
from tests.unit.hub.test_figures import certificate
from tests.unit.hub.test_process import run


@pytest.fixture
def folder(data: Path, federation: Federation) -> Path:
    """A hub that does not serve."""
    found(data, federation, certificates=(str(certificate(data.parent / "hub.pem", days=90)),))
    data.chmod(0o700)
    return data


def bad(folder: Path, **given: object) -> list[str]:
    """Names of the checks that are bad; the file system of the test machine is not the hub's matter."""
    findings = examine(folder, **given)  # type: ignore[arg-type] # handed through
    return sorted({one.check for one in findings if one.level is Level.BAD and one.check != "durability"})


def test_a_hub_that_is_well(folder: Path) -> None:
    """Every check has something to say, and nothing is bad; the database is not changed."""
    before = (folder / STORE_NAME).read_bytes()
    findings = examine(folder, deep=True)
    assert bad(folder) == bad(folder, deep=True) == []
    named = {"settings", "primitives", *(check.__name__.strip("_") for check in CHECKS)}
    assert {finding.check for finding in findings} == named
    assert (folder / STORE_NAME).read_bytes() == before
    assert json.loads(run("doctor", "--data", folder, "--json").output)[0]["check"] == "settings"


def test_a_backup_that_is_too_old_is_said(folder: Path, tmp_path: Path) -> None:
    """None, a fresh one, an old one; and one that found the database damaged is none."""
    assert _of_backup(folder) == (Level.WARNING, "none was made from this folder: enable the timer")
    assert run("backup", "--data", folder, "--out", tmp_path / "one").exit_code == 0
    assert _of_backup(folder) == (Level.WELL, "the newest is 0 hours old")
    long_ago = time.time() - 40 * 3600
    os.utime(folder / LAST_NAME, (long_ago, long_ago))
    with sqlite3.connect(folder / STORE_NAME) as connection:
        connection.execute("UPDATE leaf SET body = zeroblob(length(body))")
    assert run("backup", "--data", folder, "--out", tmp_path / "two").exit_code != 0
    assert _of_backup(folder) == (Level.WARNING, "the newest is 40 hours old")


def _of_backup(folder: Path) -> tuple[Level, str]:
    (found,) = [one for one in examine(folder) if one.check == "backup"]
    return found.level, found.text


def test_it_names_nobody(folder: Path, federation: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    """No id, path, address, name of the machine or of its user is in the text, whole or broken."""
    settings = folder / SETTINGS_NAME
    settings.write_text(settings.read_text("utf-8").replace("http://127.0.0.1", "https://hub.lillkoping.example"))
    text = run("doctor", "--data", folder, "--deep").output
    (folder / STORE_NAME).write_bytes(b"nothing")
    (folder / KEY_NAME).chmod(0o644)
    settings.write_text("hub_id = 3\n", "utf-8")
    monkeypatch.setenv("USER", "maj-britt")
    text += run("doctor", "--data", folder).output
    unit = federation.units["sav"]
    ids = [federation.hub_id, unit.mailbox_id, unit.unit_id, federation.directory.federation]
    words = [str(folder), folder.parent.name, "lillkoping", "127.0.0.1", socket.gethostname(), "maj-britt", "hub.pem"]
    for word in [*(one.hex() for one in ids), *words]:
        assert word not in text


def test_each_fault_is_found(folder: Path, tmp_path: Path) -> None:
    """One fault at a time, and the check that must notice it."""
    settings = (folder / SETTINGS_NAME).read_text("utf-8")
    (folder / SETTINGS_NAME).write_text(settings + "colour = 1\n", "utf-8")
    assert bad(folder) == ["settings"]
    (folder / SETTINGS_NAME).write_text(settings.replace("hub.pem", "missing.pem"), "utf-8")
    assert bad(folder) == ["certificates"]
    (folder / SETTINGS_NAME).write_text(settings + "min_free_mib = 10000000\n", "utf-8")
    assert bad(folder) == ["disk"]
    (folder / SETTINGS_NAME).write_text(settings, "utf-8")
    (folder / KEY_NAME).chmod(0o640)
    assert bad(folder) == ["permissions"]
    (folder / KEY_NAME).chmod(0o600)
    folder.chmod(0o755)
    assert bad(folder) == ["permissions"]
    folder.chmod(0o700)
    (folder / STORE_NAME).chmod(0o666)
    assert bad(folder) == ["permissions"]
    (folder / STORE_NAME).chmod(0o600)
    assert bad(folder, now=1e9) == ["clock"]
    assert bad(folder, now=time.time() + 100 * 86_400) == ["certificates"]
    with sqlite3.connect(folder / STORE_NAME) as connection:
        connection.execute("UPDATE mailbox SET waiting = 5")
    connection.close()
    assert bad(folder) == ["database"]
    (folder / STORE_NAME).unlink()
    assert bad(folder) == ["clock", "database"]
    assert bad(tmp_path / "nowhere") == ["clock", "database", "disk", "permissions", "settings"]


def test_a_real_hub_needs_tls(folder: Path) -> None:
    """An address without https is bad for real, and fine in the demonstration."""
    settings = folder / SETTINGS_NAME
    assert bad(folder) == []
    settings.write_text(settings.read_text("utf-8").replace('"demo"', '"real"'), "utf-8")
    assert bad(folder) == ["network"]


def test_a_disk_that_forgets_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system in memory, a mount without barriers, a sync that is too quick: each is named."""
    assert file_system(Path("/proc"))[0] == "proc"
    assert file_system(folder)[0] not in {"proc", "sysfs", "unknown"}
    assert measured_sync(folder) > 0
    monkeypatch.setattr(doctor, "file_system", lambda _: ("ext4", frozenset({"rw", "relatime"})))
    monkeypatch.setattr(doctor, "measured_sync", lambda _: 4e-4)
    assert _durability(folder) == {Level.WELL}
    forgetful = ("tmpfs", {"rw"}), ("fuse.sshfs", {"rw"}), ("ext4", {"nobarrier"}), ("ext4", {"data=writeback"})
    for kind, options in forgetful:
        monkeypatch.setattr(doctor, "file_system", lambda _, seen=(kind, frozenset(options)): seen)
        assert Level.BAD in _durability(folder), kind
    monkeypatch.setattr(doctor, "file_system", lambda _: ("ext4", frozenset()))
    monkeypatch.setattr(doctor, "measured_sync", lambda _: 4e-6)
    assert Level.WARNING in _durability(folder)


def _durability(folder: Path) -> set[Level]:
    return {one.level for one in examine(folder) if one.check == "durability"}


def test_the_exit_code_and_the_order() -> None:
    """Bad first; 1 only when something is bad."""
    well, warning, worst = (Finding("check", level, level.value) for level in Level)
    assert (verdict([well, warning]), verdict([well, worst])) == (0, 1)
    assert [line.split()[0] for line in as_text([well, warning, worst]).splitlines()] == ["bad", "warning", "ok"]
    assert os.name == "posix"
