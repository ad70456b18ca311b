"""Backup, restore, purge and doctor on both stores: one form of backup, and the same guarantees."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.backup import BLOB_ROWS_NAME, MANIFEST_NAME, make_backup, verify_backup
from hub.config import FILE_NAME as SETTINGS_NAME
from hub.config import load_config
from hub.doctor import examine
from hub.doctor_postgres import look
from hub.finding import Level
from hub.moving import move_hub
from hub.purge import purge, read_purges
from hub.restoring import restore_backup
from hub.store import given
from hub.store.base import NewEnvelope, Page, Place, Placed, StoreError, Token
from hub.store.blobs import Kept, NewBlob
from hub.store.postgres import dumping
from hub.store.postgres.store import open_postgres
from hub.stores import BLOBS_NAME, STORE_NAME, Stores, open_stores, server_of
from keys.errors import LocalError
from keys.ids import DeviceId, MailboxId, digest
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess, found
from tests.kit.postgres import Postgres
from tests.unit.hub.test_blob_store import turn_a_bit
from tests.unit.hub.test_process import run

MOST, MUCH = 1000, 2**30
DEVICE = DeviceId(b"d" * 16)
HASH = b"h" * 32
HOUR = int(time.time()) // 3600


@dataclasses.dataclass(frozen=True)
class Seen:
    """All that a hub must have again after a restore."""

    pages: tuple[Page, Page]
    cursors: list[int]
    tokens: list[Token]
    leaves: list[bytes]
    blobs: list[bytes | None]


@dataclasses.dataclass
class Hub:
    """A hub's folder, its mailboxes, and what was put into them."""

    data: Path
    boxes: tuple[MailboxId, MailboxId]
    bodies: list[bytes] = dataclasses.field(default_factory=list)
    names: list[bytes] = dataclasses.field(default_factory=list)

    def opened(self, data: Path | None = None) -> contextlib.AbstractAsyncContextManager[Stores]:
        """Its stores, or those of a hub that was made from it."""
        folder = data or self.data
        return open_stores(folder, load_config(folder))

    async def fill(self) -> None:
        """Envelopes, one of them withheld; a cursor, a token, blobs of both mailboxes."""
        first = self.boxes[0]
        async with self.opened() as stores:
            for number in range(5):
                self.bodies.append(os.urandom(16_384))
                await stores.mail.deposit(self.envelope(self.boxes[number == 4], self.bodies[-1]), MOST)
            assert await stores.mail.withhold(Place(first, 4))
            await stores.mail.move_cursor(DEVICE, first, 1)
            await stores.mail.put_token(Token(first, 3000, HASH))
            for number in range(3):
                blob = NewBlob(self.boxes[number == 2], HOUR, HASH, os.urandom(2**18))
                self.names.append(digest(blob.body))
                assert await stores.blobs.put(blob, most=MOST, most_in_all=MOST) == Kept(HOUR)

    def envelope(self, mailbox: MailboxId, body: bytes) -> NewEnvelope:
        """One of this hour."""
        return NewEnvelope(mailbox, HOUR, HOUR, os.urandom(32), body)

    async def seen(self, data: Path | None = None) -> tuple[Seen, bytes]:
        """What there is, and the incarnation."""
        async with self.opened(data) as stores:
            one, two = [await stores.mail.page(box, 0, limit=99, max_bytes=MUCH) for box in self.boxes]
            leaves = await stores.mail.leaves(0, limit=999, max_bytes=MUCH)
            blobs = [await stores.blobs.get(name) for name in self.names]
            tokens, cursors = await stores.mail.tokens(), await stores.mail.cursors([DEVICE])
            return Seen((one, two), cursors, tokens, leaves, blobs), await stores.mail.incarnation()


@pytest.fixture
def made(tmp_path: Path, federation: Federation, request: pytest.FixtureRequest) -> Callable[[str], Hub]:
    """Makes a hub on this store, filled."""

    def make(kind: str) -> Hub:
        database = request.getfixturevalue("postgres").database() if kind == "postgres" else ""
        boxes = [MailboxId(federation.units[unit].mailbox_id) for unit in ("sav", "bops")]
        hub = Hub(tmp_path / "hub", (boxes[0], boxes[1]))
        found(hub.data, federation, database=database)
        asyncio.run(hub.fill())
        return hub

    return make


@pytest.fixture
def on_postgres(made: Callable[[str], Hub]) -> Hub:
    """A hub on PostgreSQL."""
    return made("postgres")


# -- backup and restore -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
@pytest.mark.parametrize("source", ["sqlite", "postgres"])
def test_a_backup_of_either_makes_a_hub_on_either(
    source: str, target: str, made: Callable[[str], Hub], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Envelopes, withheld ones, numbers, cursors, tokens, log and blobs; a new incarnation; and it serves."""
    hub, out, new = made(source), tmp_path / "backup", tmp_path / "new"
    before, incarnation = asyncio.run(hub.seen())
    backed = run("backup", "--data", hub.data, "--out", out, "--with-key")
    assert (backed.exit_code, "4 envelopes waiting, 3 blobs" in backed.output) == (0, True), backed.output
    assert "3 blobs" in run("restore", out, "--verify").output
    assert {path.stat().st_mode & 0o777 for path in out.iterdir() if path.name != "manifest.json"} == {0o600}
    database = request.getfixturevalue("postgres").database() if target == "postgres" else ""
    done = run("restore", out, "--data", new, "--to", database or "sqlite")
    assert done.exit_code == 0, done.output
    assert load_config(new).database == database
    assert (new / STORE_NAME).exists() is (new / BLOBS_NAME).exists() is (target == "sqlite")
    after, another = asyncio.run(hub.seen(new))
    assert after == before
    assert another != incarnation
    assert [one for one in examine(new, deep=True) if one.level is Level.BAD and one.check == "database"] == []
    if source != target:
        with HubProcess(new).running():
            assert "waiting        4" in run("status", "--data", new).output


@pytest.mark.parametrize("source", ["sqlite", "postgres"])
def test_a_blob_that_was_altered_is_left_out_of_a_backup(
    source: str, made: Callable[[str], Hub], tmp_path: Path
) -> None:
    """The others are in it, and it is sound; with the altered one in it no backup would be verified any more."""
    hub, out = made(source), tmp_path / "backup"

    async def alter() -> None:
        async with hub.opened() as stores:
            await turn_a_bit(stores.blobs, hub.names[1], hub.data)

    asyncio.run(alter())
    assert "2 blobs" in run("backup", "--data", hub.data, "--out", out).output
    assert "2 blobs" in run("restore", out, "--verify").output


def test_a_backup_sees_one_moment(on_postgres: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is deposited while the tables are read is in none of them; read one by one they would not fit (control)."""
    hub, copy = on_postgres, dumping._copy

    async def disturbed(line: Any, query: str, target: Any, table: str) -> None:
        await copy(line, query, target, table)
        if table == "mailbox":
            async with hub.opened() as stores:
                done = await stores.mail.deposit(hub.envelope(hub.boxes[0], os.urandom(16_384)), MOST)
                assert isinstance(done, Placed)

    monkeypatch.setattr(dumping, "_copy", disturbed)
    assert asyncio.run(make_backup(hub.data, tmp_path / "whole", with_key=False)).waiting == 4
    monkeypatch.setattr(dumping, "ISOLATION", "read_committed")
    with pytest.raises(LocalError, match="counts"):
        asyncio.run(make_backup(hub.data, tmp_path / "torn", with_key=False))
    assert not (tmp_path / "torn").exists()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_was_given_out_is_not_recalled_after_a_restore(
    kind: str, made: Callable[[str], Hub], tmp_path: Path
) -> None:
    """A device may have read it, before the backup or after it: nobody is told "withheld", but of what comes then."""
    hub, out, new = made(kind), tmp_path / "backup", tmp_path / "new"
    box = hub.boxes[0]

    async def give(limit: int) -> None:
        async with hub.opened() as stores:
            await stores.mail.hand_out(box, 0, limit=limit, max_bytes=MUCH)

    async def recall(n: int) -> bool:
        async with hub.opened(new) as stores:
            return await stores.mail.withhold(Place(box, n))

    async def deposit() -> None:
        async with hub.opened(new) as stores:
            await stores.mail.deposit(hub.envelope(box, os.urandom(16_384)), MOST)

    asyncio.run(give(2))
    asyncio.run(make_backup(hub.data, out, with_key=True))
    asyncio.run(give(3))
    asyncio.run(restore_backup(out, new, key=None, leaves=[], to="sqlite"))
    asyncio.run(deposit())
    assert [asyncio.run(recall(n)) for n in (2, 3, 5)] == [False, False, True]


@pytest.mark.parametrize(("cut_off", "third"), [(False, True), (True, False)])
def test_a_move_takes_along_what_was_given_out(
    cut_off: bool, third: bool, made: Callable[[str], Hub], postgres: Postgres
) -> None:
    """A hub that stopped knows it; of one that was killed everything counts, there as here."""
    hub = made("sqlite")

    async def give() -> None:
        async with hub.opened() as stores:
            await stores.mail.hand_out(hub.boxes[0], 0, limit=2, max_bytes=MUCH)

    async def recalled() -> list[bool]:
        async with hub.opened() as stores:
            return [await stores.mail.withhold(Place(hub.boxes[0], n)) for n in (2, 3)]

    asyncio.run(give())
    if cut_off:
        with contextlib.closing(sqlite3.connect(hub.data / STORE_NAME, isolation_level=None)) as connection:
            given.begin(connection)  # as a hub that began and was killed
    asyncio.run(move_hub(hub.data, load_config(hub.data), postgres.database()))
    assert asyncio.run(recalled()) == [False, third]


def test_a_restore_that_was_refused_still_goes_where_the_hub_stood(
    on_postgres: Hub, postgres: Postgres, tmp_path: Path
) -> None:
    """Leaves of another log stop it half-way; the same command without them makes the hub on PostgreSQL."""
    out, new = tmp_path / "backup", tmp_path / "new"
    asyncio.run(make_backup(on_postgres.data, out, with_key=True))
    settings, database = out / SETTINGS_NAME, postgres.database()
    text = settings.read_text("utf-8").replace(load_config(out).database, database)
    settings.write_text(text, encoding="utf-8")
    manifest = json.loads((out / MANIFEST_NAME).read_bytes())
    manifest["files"][SETTINGS_NAME] = digest(text.encode()).hex()
    (out / MANIFEST_NAME).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(LocalError, match="LEAVES"):
        asyncio.run(restore_backup(out, new, key=None, leaves=[b"another"]))
    asyncio.run(restore_backup(out, new, key=None, leaves=[]))
    assert load_config(new).database == database
    assert [path.name for path in new.glob("hub.sqlite*")] == []


def test_blobs_may_be_left_out_and_none_may_be_missing(made: Callable[[str], Hub], tmp_path: Path) -> None:
    """Without them the hub is whole but for them; with them each has to be there."""
    hub = made("sqlite")
    without = asyncio.run(make_backup(hub.data, tmp_path / "without", with_key=True, with_blobs=False))
    assert without.blobs is None
    asyncio.run(restore_backup(tmp_path / "without", tmp_path / "new", key=None, leaves=[]))
    assert asyncio.run(hub.seen(tmp_path / "new"))[0].blobs == [None] * 3
    some = hub.data / BLOBS_NAME / hub.names[0].hex()[:2] / hub.names[0].hex()
    some.unlink()
    assert asyncio.run(make_backup(hub.data, tmp_path / "gone", with_key=True)).blobs == 2
    (tmp_path / "gone" / BLOB_ROWS_NAME).unlink()
    with pytest.raises(LocalError, match="BACKUP rule=files"):
        verify_backup(tmp_path / "gone")


def test_nothing_is_made_where_the_database_cannot_be(on_postgres: Hub, tmp_path: Path) -> None:
    """Occupied, as the backup's own still is, or nobody there: an error before anything is written but the settings."""
    out = tmp_path / "backup"
    asyncio.run(make_backup(on_postgres.data, out, with_key=True))
    for number, (to, code) in enumerate(((None, "EXISTS"), ("postgresql://sluss@127.0.0.1:1/x", "STORE"))):
        with pytest.raises(LocalError, match=code):
            asyncio.run(restore_backup(out, tmp_path / str(number), key=None, leaves=[], to=to))
        assert not (tmp_path / str(number) / STORE_NAME).exists()
    assert asyncio.run(on_postgres.seen())[0].cursors == [1]


# -- purge ------------------------------------------------------------------------------------------------------------


def test_purge_on_postgres_deletes_and_says_so(on_postgres: Hub, postgres: Postgres) -> None:
    """Not while a process is connected; then bytes leave the tables, numbers go on, others keep theirs.

    The write-ahead log keeps what it has, as SECURITY says.
    """
    hub, box = on_postgres, on_postgres.boxes[0]
    words = ("purge", "--data", hub.data, "--mailbox", box.hex(), "--decision", "SAV 2026/17", "--yes")

    async def beside() -> str:
        async with hub.opened():
            return str((await asyncio.to_thread(run, *words)).output)

    assert "RUNNING" in asyncio.run(beside())
    assert read_purges(hub.data) == []
    postgres.sql("CHECKPOINT")
    assert in_tables(postgres, hub.bodies[0])
    one = run(*words, "--envelope", digest(hub.bodies[0]).hex())
    assert ("1 gone" in one.output, "write-ahead log" in one.output) == (True, True), one.output
    postgres.sql("CHECKPOINT")
    assert not in_tables(postgres, hub.bodies[0])
    assert in_tables(postgres, hub.bodies[1])
    assert "5 gone" in run(*words).output, "two that wait, a withheld one, two blobs"
    postgres.sql("CHECKPOINT")
    assert not any(in_tables(postgres, body) for body in hub.bodies[:4])
    assert in_tables(postgres, hub.bodies[4])
    after, _ = asyncio.run(hub.seen())
    assert [(page.last_n, len(page.rows)) for page in after.pages] == [(4, 0), (1, 1)]
    assert ([blob is None for blob in after.blobs], after.tokens) == ([True, True, False], [])

    async def again() -> int:
        async with hub.opened() as stores:
            await stores.mail.deposit(hub.envelope(box, os.urandom(64)), MOST)
            return (await stores.mail.page(box, 0, limit=9, max_bytes=MUCH)).rows[0].n

    assert asyncio.run(again()) == 5
    entries = read_purges(hub.data)
    assert [entry["at"] for entry in entries] == ["begun", "done"] * 2
    assert "NOMAILBOX" in run(*words[:4], "00" * 16, *words[5:]).output
    assert [one for one in examine(hub.data, deep=True) if (one.check, one.level) == ("database", Level.BAD)] == []


def in_tables(server: Postgres, body: bytes) -> bool:
    """Whether some bytes of an envelope lie in a file of a table."""
    return any(body[4100:4600] in path.read_bytes() for path in (server.data / "base").rglob("*") if path.is_file())


def test_nobody_connects_while_a_purge_is_at_work(on_postgres: Hub) -> None:
    """A hub that starts meanwhile is refused, by the lock that the purge holds; afterwards it starts."""
    hub = on_postgres

    async def both() -> None:
        began, go_on = asyncio.Event(), asyncio.Event()

        async def slow(line: Any, *_: Any) -> int:
            began.set()
            await go_on.wait()
            return int(await line.fetchval("SELECT 0"))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("hub.purge.purging.purge", slow)
            work = asyncio.create_task(purge(hub.data, "SAV 1", hub.boxes[0], envelope=None, now=time.time()))
            await began.wait()
            with pytest.raises(StoreError, match="RUNNING"):
                await open_postgres(server_of(hub.data, load_config(hub.data)))
            go_on.set()
            await work
        async with hub.opened():
            pass

    asyncio.run(both())


# -- doctor -----------------------------------------------------------------------------------------------------------


def test_the_doctor_looks_at_postgres(on_postgres: Hub, postgres: Postgres) -> None:
    """One fault at a time, and the rule that must notice it; the text names nobody."""
    hub = on_postgres
    settings = load_config(hub.data)
    schema = settings.database.rpartition("=")[2]

    def told(*, deep: bool = True) -> str:
        try:
            findings = look(hub.data, settings, deep=deep, hour=HOUR)
        except LocalError as error:
            return f"{error.code} {error.fields.get('rule')}"
        return " | ".join(f"{one.level.value} {one.text}" for one in findings if one.level is not Level.WARNING)

    assert told().startswith("ok on PostgreSQL, whole (all of it); schema ")
    assert "bad" not in told()
    spoilt = (
        ("leaf", "UPDATE leaf SET body = set_byte(body, 9, 7) WHERE i = 1", "DAMAGED log", False),
        ("leaf", "DELETE FROM leaf WHERE i = (SELECT max(i) FROM leaf)", "DAMAGED log", False),
        ("mailbox", "UPDATE mailbox SET waiting = waiting + 1", "DAMAGED counts", False),
        ("mailbox", "UPDATE mailbox SET next_n = 2 WHERE waiting > 1", "DAMAGED counts", False),
        ("held", "UPDATE held SET count = count + 1", "DAMAGED blobs", False),
        ("envelope", "UPDATE envelope SET body = set_byte(body, 9, 7) WHERE n = 1", "DAMAGED bytes", True),
        ("envelope", "UPDATE envelope SET hour = hour + 9, sealed = sealed + 9", "hours to come", False),
        ("blob", "UPDATE blob SET body = set_byte(body, 9, (get_byte(body, 9) + 1) % 256)", "DAMAGED bytes", True),
        ("version", "UPDATE version SET n = 99", "SCHEMA", False),
    )
    for table, statement, rule, only_deep in spoilt:
        postgres.sql(f"SET search_path = {schema}; CREATE TABLE kept AS TABLE {table}; {statement}")
        assert rule in told(), (rule, told())
        assert (rule in told(deep=False)) is not only_deep
        postgres.sql(
            f"SET search_path = {schema}; TRUNCATE {table}; INSERT INTO {table} OVERRIDING SYSTEM VALUE"
            f" TABLE kept; DROP TABLE kept"
        )
    assert "bad" not in told()
    text = run("doctor", "--data", hub.data).output
    for word in ("127.0.0.1", str(postgres.port), schema, "sluss@", hub.boxes[0].hex()):
        assert word not in text
    (hub.data / "hub.toml").write_text((hub.data / "hub.toml").read_text("utf-8").replace(schema, "nosuch"), "utf-8")
    assert "bad      database      MIGRATE" in run("doctor", "--data", hub.data).output
