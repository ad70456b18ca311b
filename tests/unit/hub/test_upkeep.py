"""Keeping a hub well: backup, restore, purge. What is damaged is found, what goes is gone, what stays is whole."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub import purge as purging
from hub.backup import BLOB_ROWS_NAME, MANIFEST_NAME, make_backup, verify_backup
from hub.clock import hour_of
from hub.config import FILE_NAME as SETTINGS_NAME
from hub.config import load_config
from hub.inspection import inspect, read_only
from hub.purge import LOG_NAME, purge, read_purges
from hub.restoring import restore_backup
from hub.signer import FILE_NAME as KEY_NAME
from hub.store.base import NewEnvelope
from hub.stores import STORE_NAME, open_stores
from hub.wire.requests import Fetch, Hello, PublishBatch, ReadLog
from hub.wire.responses import Deposited, Fetched, HelloIs, Leaves
from keys.entry_bundle import read_bundle
from keys.errors import LocalError
from keys.ids import EnvelopeId, MailboxId, digest
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess, found
from tests.unit.hub.device import Device, Link
from tests.unit.hub.test_process import run


@pytest.fixture
def settings() -> dict[str, Any]:
    """Jobs run at once, and nothing waits for an hour."""
    return {}


@pytest.fixture
def resting(data: Path, federation: Federation) -> Path:
    """The folder of a hub that does not serve."""
    found(data, federation)
    return data


@pytest.fixture
def filled(hub_process: HubProcess, federation: Federation) -> list[bytes]:
    """Three envelopes that wait at a hub that serves."""
    return asyncio.run(_fill(hub_process, federation, 3))


async def _fill(hub: HubProcess, federation: Federation, count: int, *, unit: str = "sav") -> list[bytes]:
    bodies = []
    async with Link(hub.url) as link, Device(hub.url, federation, federation.units[unit].keepers[0]) as device:
        await device.open_mailbox()
        for _ in range(count):
            request = device.deposit()
            assert isinstance(await link.call(request), Deposited)
            bodies.append(request.envelope)
    return bodies


async def _waiting(hub: HubProcess, federation: Federation, unit: str = "sav") -> Fetched:
    async with Device(hub.url, federation, federation.units[unit].keepers[0]) as device:
        answer = await device.call(Fetch(device.bearer, 0, 256))
    assert isinstance(answer, Fetched)
    return answer


def _bytes(found: Fetched) -> list[bytes]:
    return [item.envelope for item in found.items]  # type: ignore[union-attr] # nothing is withheld here


async def _ask(hub: HubProcess, request: Hello | ReadLog) -> object:
    async with Link(hub.url) as link:
        return await link.call(request)


# -- backup and restore -----------------------------------------------------------------------------------------------


def test_a_backup_of_a_serving_hub_makes_a_hub(
    tmp_path: Path, hub_process: HubProcess, federation: Federation, filled: list[bytes]
) -> None:
    """Taken while it serves; the hub made from it has the log, the envelopes, and an incarnation of its own."""
    before = asyncio.run(_ask(hub_process, Hello()))
    out = tmp_path / "backup"
    done = run("backup", "--data", hub_process.data, "--out", out)
    assert (done.exit_code, "3 envelopes" in done.output) == (0, True), done.output
    assert out.stat().st_mode & 0o077 == 0
    assert {path.name for path in out.iterdir()} == {STORE_NAME, BLOB_ROWS_NAME, SETTINGS_NAME, MANIFEST_NAME}
    assert run("restore", out, "--verify").exit_code == 0
    log = asyncio.run(_ask(hub_process, ReadLog(0, 1024)))
    key = tmp_path / "kept.key"
    shutil.copy(hub_process.data / KEY_NAME, key)
    hub_process.stop()
    new = HubProcess(tmp_path / "new")
    made = run("restore", out, "--data", new.data, "--key", key)
    assert (made.exit_code, "FORK" in made.output) == (0, True), made.output
    assert (new.data / KEY_NAME).stat().st_mode & 0o777 == 0o600
    with new.running():
        after = asyncio.run(_ask(new, Hello()))
        assert isinstance(before, HelloIs)
        assert isinstance(after, HelloIs)
        assert (after.federation, after.hub_id) == (before.federation, before.hub_id)
        assert after.incarnation != before.incarnation
        again = asyncio.run(_ask(new, ReadLog(0, 1024)))
        assert isinstance(log, Leaves)
        assert isinstance(again, Leaves)
        assert again.leaves[: len(log.leaves)] == log.leaves
        assert _bytes(asyncio.run(_waiting(new, federation))) == filled


def test_the_log_goes_on_from_bundles(tmp_path: Path, hub_process: HubProcess, federation: Federation) -> None:
    """A backup of yesterday and the log that a cache has: nobody sees a shorter log, and nothing foreign gets in."""
    out, bundle = tmp_path / "backup", tmp_path / "000"
    asyncio.run(make_backup(hub_process.data, out, with_key=True))
    asyncio.run(_publish(hub_process, federation))
    bundle.write_bytes(asyncio.run(_entries(hub_process)))
    leaves = read_bundle(bundle)
    hub_process.stop()
    other = Federation.demo(now=int(time.time()), devices=0)
    with pytest.raises(LocalError, match="LEAVES"):
        asyncio.run(restore_backup(out, tmp_path / "foreign", key=None, leaves=[other.founding.statement, *leaves[1:]]))
    assert not (tmp_path / "foreign" / STORE_NAME).exists()
    altered = [*leaves[:-1], leaves[-1][:-1] + bytes([leaves[-1][-1] ^ 1])]
    with pytest.raises(LocalError, match="LEAVES"):
        asyncio.run(restore_backup(out, tmp_path / "altered", key=None, leaves=altered))
    made = run("restore", out, "--data", tmp_path / "new", "--log", bundle)
    assert (made.exit_code, "1 of them from the bundles" in made.output) == (0, True), made.output
    with HubProcess(tmp_path / "new").running() as new:
        again = asyncio.run(_ask(new, ReadLog(0, 1024)))
    assert isinstance(again, Leaves)
    assert again.leaves[: len(leaves)] == leaves


async def _publish(hub: HubProcess, federation: Federation) -> None:
    """A device's first batch, and the snapshot that covers it."""
    keeper = federation.units["sav"].keepers[0]
    before = (await _log(hub)).size
    async with Device(hub.url, federation, keeper) as device:
        answer = await device.call(PublishBatch(device.bearer, keeper.new_batch(hour_of(time.time()), before)))
        assert not hasattr(answer, "code"), answer
    async with asyncio.timeout(30):
        while (await _log(hub)).size == before:  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.1)


async def _log(hub: HubProcess) -> Leaves:
    answer = await _ask(hub, ReadLog(0, 1024))
    assert isinstance(answer, Leaves)
    return answer


async def _entries(hub: HubProcess) -> bytes:
    width = (await _log(hub)).size
    url = f"{hub.url}/tile/entries/000.p/{width}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200
        return await answer.read()


def test_a_backup_that_was_altered_does_not_count(tmp_path: Path, hub_process: HubProcess, filled: list[bytes]) -> None:
    """Each file, each byte, a file too many, a file too few: BACKUP, and no hub is made from it."""
    out = tmp_path / "backup"
    asyncio.run(make_backup(hub_process.data, out, with_key=True))
    assert filled
    for number, spoil in enumerate((_flip(STORE_NAME), _flip(SETTINGS_NAME), _flip(KEY_NAME), _drop, _add, _lie)):
        copy = tmp_path / f"copy-{number}"
        shutil.copytree(out, copy)
        spoil(copy)
        with pytest.raises(LocalError, match="BACKUP"):
            verify_backup(copy)
        with pytest.raises(LocalError, match="BACKUP"):
            asyncio.run(restore_backup(copy, tmp_path / "new", key=None, leaves=[]))
        assert not (tmp_path / "new").exists()
    assert "BACKUP" in run("restore", tmp_path / "copy-0", "--verify").output
    verify_backup(out)


def _flip(name: str):  # type: ignore[no-untyped-def] # a spoiler of one file
    def spoil(folder: Path) -> None:
        raw = bytearray((folder / name).read_bytes())
        raw[len(raw) // 2] ^= 1
        (folder / name).write_bytes(raw)

    return spoil


def _drop(folder: Path) -> None:
    (folder / SETTINGS_NAME).unlink()


def _add(folder: Path) -> None:
    (folder / "stranger").write_bytes(b"")


def _lie(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST_NAME).read_text())
    (folder / MANIFEST_NAME).write_text(json.dumps({**manifest, "waiting": manifest["waiting"] + 1}))


def test_a_restore_takes_nobody_s_place(tmp_path: Path, hub_process: HubProcess) -> None:
    """Neither over a hub nor over a backup, and without a key there is no hub."""
    out = tmp_path / "backup"
    asyncio.run(make_backup(hub_process.data, out, with_key=False))
    for refused in (
        run("backup", "--data", hub_process.data, "--out", out),
        run("restore", out, "--data", hub_process.data),
    ):
        assert (refused.exit_code, "EXISTS" in refused.output) == (1, True)
    without = run("restore", out, "--data", tmp_path / "new")
    assert (without.exit_code, "KEYFILE" in without.output) == (1, True)
    assert not (tmp_path / "new" / STORE_NAME).exists()
    assert run("restore", out).exit_code == run("restore", out, "--verify", "--data", tmp_path / "x").exit_code == 2


def test_a_damaged_database_is_found(tmp_path: Path, hub_process: HubProcess, filled: list[bytes]) -> None:
    """Each rule of the inspection notices its own damage; only the deep form reads every envelope."""
    assert filled
    hub_process.stop()
    for number, (statement, rule, deep) in enumerate(
        (
            ("UPDATE leaf SET body = x'00' WHERE i = 1", "log", False),
            ("DELETE FROM leaf WHERE i = (SELECT max(i) FROM leaf)", "log", False),
            ("UPDATE mailbox SET waiting = waiting + 1", "counts", False),
            ("UPDATE mailbox SET next_n = 2 WHERE waiting > 0", "counts", False),
            (
                "UPDATE envelope SET body = zeroblob(16384) WHERE place IN (SELECT max(place) FROM envelope)",
                "bytes",
                True,
            ),
            ("PRAGMA user_version = 0", "schema", False),
        )
    ):
        copy = tmp_path / f"{number}.sqlite"
        shutil.copy(hub_process.data / STORE_NAME, copy)
        connection = sqlite3.connect(copy)
        inspect(connection, deep=True)
        connection.execute(statement)
        connection.commit()
        if deep:
            inspect(connection, deep=False)
        with pytest.raises(LocalError, match="DAMAGED") as caught:
            inspect(connection, deep=deep)
        connection.close()
        assert caught.value.fields["rule"] == rule
    with pytest.raises(LocalError, match="DAMAGED"):
        _garbled(tmp_path / "garbled", hub_process.data / STORE_NAME)


def _garbled(path: Path, source: Path) -> None:
    raw = bytearray(source.read_bytes())
    raw[8192 * 3 : 8192 * 6] = bytes(3 * 8192)
    path.write_bytes(raw)
    connection = read_only(path)
    try:
        inspect(connection, deep=False)
    finally:
        connection.close()


# -- purge ------------------------------------------------------------------------------------------------------------


def test_purge_deletes_and_says_so(hub_process: HubProcess, federation: Federation, filled: list[bytes]) -> None:
    """One envelope, then all of the mailbox; the bytes leave the disk, the numbers go on, others keep theirs."""
    others = asyncio.run(_fill(hub_process, federation, 1, unit="bops"))
    data, mailbox = hub_process.data, MailboxId(federation.units["sav"].mailbox_id)
    words = ("purge", "--data", data, "--mailbox", mailbox.hex(), "--decision", "SAV 2026/17", "--yes")
    assert "RUNNING" in run(*words).output
    hub_process.stop()
    assert _on_disk(data, filled[0])
    assert "1 gone" in run(*words, "--envelope", digest(filled[0]).hex()).output
    assert not _on_disk(data, filled[0])
    hub_process.start()
    assert _bytes(asyncio.run(_waiting(hub_process, federation))) == filled[1:]
    hub_process.stop()
    assert "2 gone" in run(*words).output
    assert not any(_on_disk(data, body) for body in filled)
    with hub_process.running():
        left = asyncio.run(_waiting(hub_process, federation))
        assert (left.items, left.last_n) == ([], 3)
        assert _bytes(asyncio.run(_waiting(hub_process, federation, "bops"))) == others
        fresh = asyncio.run(_fill(hub_process, federation, 1))
        assert [item.n for item in asyncio.run(_waiting(hub_process, federation)).items] == [4]
        assert _bytes(asyncio.run(_waiting(hub_process, federation))) == fresh
    entries = read_purges(data)
    assert [(entry["at"], entry["what"], entry.get("count")) for entry in entries] == [
        ("begun", "envelope", None), ("done", "envelope", 1), ("begun", "mailbox", None), ("done", "mailbox", 2),
    ]  # fmt: skip
    assert {(entry["decision"], entry["mailbox"]) for entry in entries} == {("SAV 2026/17", mailbox.hex())}
    assert digest(filled[0]).hex() not in (data / LOG_NAME).read_text("utf-8")
    with read_only(data / STORE_NAME) as connection:
        inspect(connection, deep=True)
    connection.close()


def test_a_purge_beside_a_reader_does_not_say_done(resting: Path, federation: Federation) -> None:
    """While somebody reads the database as it was, its pages stay on the disk: the same command once more."""
    data, mailbox, body = resting, MailboxId(federation.units["sav"].mailbox_id), os.urandom(16_384)

    async def deposit() -> None:
        async with open_stores(data, load_config(data)) as stores:
            await stores.mail.deposit(NewEnvelope(mailbox, 1, 1, bytes(32), body), 9)

    def purged() -> int:
        return asyncio.run(purge(data, "SAV 2026/17", mailbox, envelope=None, now=time.time()))

    asyncio.run(deposit())
    with contextlib.closing(read_only(data / STORE_NAME)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM envelope").fetchone()
        with pytest.raises(LocalError, match="RUNNING rule=reader"):
            purged()
        assert _on_disk(data, body)
    assert [entry["at"] for entry in read_purges(data)] == ["begun"]
    assert purged() == 0
    assert not _on_disk(data, body)
    assert [entry["at"] for entry in read_purges(data)] == ["begun", "begun", "done"]


def test_what_was_decided_comes_with_the_backup(resting: Path, federation: Federation, tmp_path: Path) -> None:
    """The hub made from it still says who had something deleted, and goes on in the same chain."""
    data, mailbox = resting, MailboxId(federation.units["sav"].mailbox_id)
    out, new = tmp_path / "backup", tmp_path / "new"
    asyncio.run(purge(data, "SAV 2026/17", mailbox, envelope=None, now=time.time()))
    asyncio.run(make_backup(data, out, with_key=True))
    asyncio.run(restore_backup(out, new, key=None, leaves=[]))
    assert len(read_purges(data)) == 2
    assert read_purges(new) == read_purges(data)
    assert (new / LOG_NAME).stat().st_mode & 0o777 == 0o600
    asyncio.run(purge(new, "SAV 2026/18", mailbox, envelope=None, now=time.time()))
    assert [entry["decision"] for entry in read_purges(new)] == ["SAV 2026/17"] * 2 + ["SAV 2026/18"] * 2


def _on_disk(data: Path, body: bytes) -> bool:
    return any(body[4000:4600] in path.read_bytes() for path in data.glob("hub.sqlite*"))


def test_a_purge_without_a_decision_is_none(resting: Path, federation: Federation) -> None:
    """No decision, an unknown mailbox, no answer to the question: nothing happens, and nothing is written."""
    data, mailbox = resting, federation.units["sav"].mailbox_id.hex()
    bare = ("purge", "--data", data, "--mailbox", mailbox)
    assert run(*bare, "--yes").exit_code == 2
    assert "DECISION" in run(*bare, "--yes", "--decision", "x").output
    assert "NOMAILBOX" in run("purge", "--data", data, "--mailbox", "00" * 16, "--decision", "SAV 1", "--yes").output
    assert run("purge", "--data", data, "--mailbox", "zz", "--decision", "SAV 1", "--yes").exit_code == 2
    assert run(*bare, "--decision", "SAV 1").exit_code == 1
    assert read_purges(data) == []


def test_a_line_that_went_is_missed(resting: Path, federation: Federation) -> None:
    """Every line stands on the one before: altered, taken out or put in, and the next purge stops at once."""
    data, mailbox = resting, MailboxId(federation.units["sav"].mailbox_id)
    for number in range(2):
        assert asyncio.run(purge(data, f"SAV {number}", mailbox, envelope=None, now=time.time())) == 0
    good = (data / LOG_NAME).read_bytes()
    lines = good.splitlines(keepends=True)
    spoilings: tuple[list[bytes], ...] = (
        lines[1:], [lines[0], *lines[2:]], [good.replace(b"SAV 0", b"SAV 9")], [b"{}\n", *lines], [b"[]\n"],
    )  # fmt: skip
    for spoilt in spoilings:
        (data / LOG_NAME).write_bytes(b"".join(spoilt))
        with pytest.raises(LocalError, match="PURGELOG"):
            asyncio.run(purge(data, "SAV 3", mailbox, envelope=None, now=time.time()))
        assert (data / LOG_NAME).read_bytes() == b"".join(spoilt)


def test_a_purge_that_is_cut_off_shows(
    hub_process: HubProcess, federation: Federation, filled: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The word "begun" is on the disk before anything goes; run again, it ends."""
    data, mailbox = hub_process.data, MailboxId(federation.units["sav"].mailbox_id)
    hub_process.stop()

    def cut(*_: object) -> int:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(purging, "purge_mailbox", cut)
        with pytest.raises(LocalError, match="STORE"):
            asyncio.run(purge(data, "SAV 1", mailbox, envelope=None, now=3600.0))
    assert [entry["at"] for entry in read_purges(data)] == ["begun"]
    assert asyncio.run(purge(data, "SAV 1", mailbox, envelope=None, now=7200.0)) == len(filled)
    assert [(entry["at"], entry["hour"]) for entry in read_purges(data)] == [("begun", 1), ("begun", 2), ("done", 2)]
    assert asyncio.run(purge(data, "SAV 1", mailbox, envelope=EnvelopeId(digest(filled[0])), now=7200.0)) == 0
    assert hour_of(7200.0) == 2
