"""What is particular to the store on PostgreSQL: several processes on one database, its settings (PROTOCOL 8.7).

Two stores in one process stand for two processes: they share nothing but the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import random
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest

from hub.store.base import Place, Placed, StoreError
from hub.store.postgres import deposits, mail, migrations
from hub.store.postgres.connections import Line, Server
from hub.store.postgres.store import PostgresStore, migrate_postgres, open_postgres
from keys.ids import MailboxId
from tests.kit.postgres import Postgres
from tests.unit.hub.test_store import BOX, MOST, ONE, OTHER, PAGE, new, numbers

T = TypeVar("T")

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluss-hub'"


@pytest.fixture
def dsn(postgres: Postgres) -> str:
    """An empty database."""
    return postgres.database()


@pytest.fixture
async def pair(dsn: str) -> AsyncIterator[tuple[PostgresStore, PostgresStore]]:
    """Two stores on one database with two mailboxes."""
    await migrate_postgres(Server(dsn))
    one, two = await open_postgres(Server(dsn)), await open_postgres(Server(dsn))
    for mailbox in (BOX, OTHER):
        await one.add_mailbox(mailbox)
        await two.add_mailbox(mailbox)
    yield one, two
    await one.close()
    await two.close()


Pair = tuple[PostgresStore, PostgresStore]


async def test_no_cursor_passes_a_number_that_commits_later(pair: Pair) -> None:
    """Readers of both processes that follow a cursor while both write see every number of a mailbox once, in order."""
    total, seen = 600, {store: [0] for store in pair}

    async def read(store: PostgresStore) -> None:
        while seen[store][-1] < total:
            rows = (await store.page(BOX, seen[store][-1], limit=100, max_bytes=PAGE)).rows
            seen[store] += [row.n for row in rows]
            await asyncio.sleep(random.random() / 500)

    async def write(store: PostgresStore) -> None:
        for _ in range(total // 20):
            await store.deposit(new(mailbox=OTHER), MOST)
            await store.deposit(new(), MOST)

    await asyncio.gather(*map(read, pair), *(write(store) for store in pair for _ in range(10)))
    assert all(found == list(range(total + 1)) for found in seen.values())
    assert (await pair[0].standing(OTHER, ONE)).waiting == total


async def test_a_plain_sequence_would_be_passed(dsn: str) -> None:
    """The control: numbers taken before the commit and without a lock become visible out of order."""
    await migrate_postgres(Server(dsn))
    early, late = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    try:
        await early.execute("CREATE TABLE plain (n bigserial)")
        slow = early.transaction()
        await slow.start()
        await early.execute("INSERT INTO plain DEFAULT VALUES")
        await late.execute("INSERT INTO plain DEFAULT VALUES")
        assert [row["n"] for row in await late.fetch("SELECT n FROM plain")] == [2]
        await slow.commit()
    finally:
        await early.close()
        await late.close()


async def test_one_envelope_at_both_processes_is_one(pair: Pair) -> None:
    """A sender who repeats at another process gets the answer of the first time, also at the same moment."""
    for _ in range(20):
        envelope = new()
        results = await asyncio.gather(*(store.deposit(envelope, MOST) for store in (*pair, *pair)))
        assert sum(isinstance(result, Placed) and result.fresh for result in results) == 1
    assert await numbers(pair[0]) == list(range(1, 21))


async def test_the_quota_is_one_for_both(pair: Pair) -> None:
    """Two processes together let in no more than one would."""
    results = await asyncio.gather(*(store.deposit(new(), 5) for _ in range(20) for store in pair))
    assert sum(isinstance(result, Placed) for result in results) == 5


async def test_given_at_one_is_known_at_the_other(pair: Pair) -> None:
    """A fetch here and a recall there at the same time: who is told "withheld" is right."""
    one, two = pair
    for n in range(1, 41):
        await one.deposit(new(), MOST)
        page, withheld = await asyncio.gather(
            one.hand_out(BOX, n - 1, limit=1, max_bytes=PAGE), two.withhold(Place(BOX, n))
        )
        assert withheld is (page.rows[0].body is None)


async def test_alone_holds_across_processes(pair: Pair) -> None:
    """Whoever reads and writes under the lock appends to what the others appended; nothing is lost, nothing refused."""

    async def append(store: PostgresStore, name: bytes) -> None:
        async with store.alone():
            size = len(await store.leaves(0, limit=1000, max_bytes=PAGE))
            await store.append_leaf(size, name, b"note %d" % size)

    await asyncio.gather(*(append(pair[i % 2], b"leaf %d" % i) for i in range(30)))
    found = await pair[0].leaves(0, limit=1000, max_bytes=PAGE)
    assert {b"leaf %d" % i for i in range(30)} == set(found)
    assert await pair[1].checkpoint() == b"note 29"


async def test_without_the_lock_one_of_two_is_refused(pair: Pair) -> None:
    """The last defence: two leaves for one index are never both in the log."""
    results = await asyncio.gather(
        *(pair[i % 2].append_leaf(0, b"leaf %d" % i, b"note") for i in range(6)), return_exceptions=True
    )
    assert sum(result is None for result in results) == 1
    assert len(await pair[0].leaves(0, limit=9, max_bytes=PAGE)) == 1


async def test_a_lost_lock_fails_what_is_written_under_it(pair: Pair, postgres: Postgres) -> None:
    """When the connection with the lock is cut, another may be inside: nothing more is written here."""
    async with pair[0].alone():
        postgres.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'"
        )
        for _ in range(2):
            with pytest.raises(StoreError):
                await pair[0].append_leaf(0, b"late", b"note")
    assert await pair[1].leaves(0, limit=1, max_bytes=1) == []
    async with pair[0].alone():
        await pair[0].append_leaf(0, b"again", b"note")


async def test_nothing_is_answered_that_the_standby_does_not_have(dsn: str, postgres: Postgres) -> None:
    """While the standby is away nothing is answered or given out, also not on repetition, when a read would find it."""
    store = await _opened(Server(dsn, seconds=0.5))
    envelope = new()
    postgres.await_standby("nobody")
    try:
        for _ in range(2):
            with pytest.raises(StoreError):
                await store.deposit(envelope, MOST)
            with pytest.raises(StoreError):
                await store.hand_out(BOX, 0, limit=1, max_bytes=PAGE)
            with pytest.raises(StoreError):
                await store.move_cursor(ONE, BOX, 1)
            with pytest.raises(StoreError):
                await store.append_leaf(0, b"leaf", b"note")
            with pytest.raises(StoreError):
                await store.probe()
        assert await numbers(store) == [1]  # the control: it is there for whoever only looks
    finally:
        postgres.await_standby("")
    again = await store.deposit(envelope, MOST)
    assert isinstance(again, Placed)
    assert not again.fresh
    await store.close()


async def test_no_number_is_shown_that_the_standby_does_not_have(dsn: str, postgres: Postgres) -> None:
    """Also a page without anything new in it tells how far the mailbox is; a device may remember that."""
    store, other = await _opened(Server(dsn, seconds=1.5)), await _opened(Server(dsn, seconds=1.5))
    await store.deposit(new(), MOST)
    assert (await store.hand_out(BOX, 0, limit=9, max_bytes=PAGE)).last_n == 1
    postgres.await_standby("nobody")
    try:
        assert (await store.hand_out(BOX, 0, limit=9, max_bytes=PAGE)).last_n == 1, "that is settled"
        with pytest.raises(StoreError):
            await other.deposit(new(), MOST)
        with pytest.raises(StoreError):
            await store.hand_out(BOX, 2, limit=9, max_bytes=PAGE)
    finally:
        postgres.await_standby("")
    assert (await store.hand_out(BOX, 2, limit=9, max_bytes=PAGE)).last_n == 2
    await store.close()
    await other.close()


async def test_nobody_queues_at_a_mailbox_while_a_commit_waits(dsn: str, postgres: Postgres) -> None:
    """One process's deposit waits for its standby, and those of others are placed behind it; all in order."""
    stores = [await _opened(Server(dsn)) for _ in range(3)]
    postgres.await_standby("nobody")
    try:
        waiting = []
        for count, store in enumerate(stores, start=1):
            waiting.append(asyncio.create_task(store.deposit(new(), MOST)))
            async with asyncio.timeout(30):
                while len(await numbers(store)) < count:  # noqa: ASYNC110 - the database tells
                    await asyncio.sleep(0.01)
        assert not any(task.done() for task in waiting)
    finally:
        postgres.await_standby("")
    assert all(isinstance(placed, Placed) for placed in await asyncio.gather(*waiting))
    assert await numbers(stores[0]) == [1, 2, 3]
    for store in stores:
        await store.close()


async def test_a_server_that_dies_between_the_two_commits_confirms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was placed and not settled is gone with the crash, and only the session that placed it may confirm it."""
    slow = {"wal_writer_delay": "10s"}  # else it would write within some milliseconds what nobody asked for
    settle, call = mail.settle, deposits._call
    placing: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="sluss-postgres-") as name, Postgres.running(Path(name), **slow) as server:
        store = await _opened(Server(server.database()))

        async def watched(line: Line, *rest: Any) -> Any:
            placing.append(line)
            try:
                return await call(line, *rest)
            finally:
                placing.remove(line)

        async def crash(line: Line) -> None:
            assert line in placing, "another session would be with the server that comes after the crash"
            server.kill()
            server.start()
            await settle(line)

        with monkeypatch.context() as patch:
            patch.setattr(mail, "settle", crash)
            patch.setattr(deposits, "_call", watched)
            with pytest.raises(StoreError):
                await store.deposit(new(), MOST)
        with contextlib.suppress(StoreError):  # the first call may find its connection dead
            await numbers(store)
        assert await numbers(store) == [], "the control: it is gone"
        again = await store.deposit(new(), MOST)
        assert isinstance(again, Placed)
        assert again.fresh
        await store.close()


async def insisted(work: Callable[[], Awaitable[T]]) -> T:
    """What it answers in the end, as somebody asks who tries again after an error; twenty seconds at most."""
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(StoreError):
                return await work()
            await asyncio.sleep(0.01)


async def test_connections_that_are_cut_are_made_again(pair: Pair, postgres: Postgres) -> None:
    """A fail-over cuts everything: what was under way has an error or is there, and then it goes on."""

    async def keep_on(store: PostgresStore) -> set[bytes]:
        answered = set()
        for _ in range(60):
            deposit = partial(store.deposit, new(), MOST)
            answered.add(bytes((await insisted(deposit)).envelope_id))  # type: ignore[union-attr]
        return answered

    async def cut() -> None:
        for _ in range(5):
            await asyncio.sleep(0.05)
            await asyncio.to_thread(postgres.sql, CUT)

    *answers, _ = await asyncio.gather(*(keep_on(store) for store in pair for _ in range(3)), cut())
    page = await insisted(partial(pair[0].page, BOX, 0, limit=1000, max_bytes=PAGE))  # the last cut may hit this one
    assert {bytes(row.envelope_id) for row in page.rows} == set().union(*answers)
    assert await insisted(partial(numbers, pair[1])) == list(range(1, 361))


async def test_a_server_that_does_not_sync_is_refused() -> None:
    """``fsync = off`` would make every "durable" a lie, and a session asks for a sync whatever the server's default is.

    And what was answered is there after kill -9 of the whole server.
    """
    unsafe = {"fsync": "off", "synchronous_commit": "off"}
    with (
        tempfile.TemporaryDirectory(prefix="sluss-postgres-") as name,
        Postgres.running(Path(name), **unsafe) as server,
    ):
        with pytest.raises(StoreError, match="fsync"):
            await migrate_postgres(Server(server.database()))
        server.settings = {"synchronous_commit": "off"}
        server.kill()
        server.start()
        store = await _opened(Server(server.database()))
        assert await store._run(lambda line: line.fetchval("SHOW synchronous_commit")) == "on"
        await asyncio.gather(*(store.deposit(new(os.urandom(16_384)), MOST) for _ in range(50)))
        server.kill()
        server.start()
        with contextlib.suppress(StoreError):  # the first call may find its connection dead; all are made anew
            await numbers(store)
        assert len(await numbers(store)) == 50
        await store.close()


async def test_what_was_not_settled_is_settled_before_it_is_given(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning came with the settling of a page: nothing was given, nor is the next one given without it."""
    store, settle, settled = pair[0], mail.settle, []
    await store.deposit(new(), MOST)

    async def cut_short(line: Line) -> None:
        settled.append(1)
        await settle(line)
        if len(settled) == 1:
            await line.execute("DO $$ BEGIN RAISE WARNING 'no standby'; END $$")

    monkeypatch.setattr(mail, "settle", cut_short)
    with pytest.raises(StoreError, match="warning"):
        await store.hand_out(BOX, 0, limit=9, max_bytes=PAGE)
    for _ in range(2):  # once it is settled it needs no more
        assert [row.n for row in (await store.hand_out(BOX, 0, limit=9, max_bytes=PAGE)).rows] == [1]
    assert len(settled) == 2


async def test_a_warning_makes_a_write_unknown(pair: Pair) -> None:
    """A commit that gave up waiting for its standby is reported as done, with a warning: that is no success here."""
    with pytest.raises(StoreError, match="warning"):
        await pair[0]._run(lambda line: line.execute("DO $$ BEGIN RAISE WARNING 'no standby'; END $$"))
    assert isinstance(await pair[0].deposit(new(), MOST), Placed)


async def test_a_statement_has_a_time_limit(dsn: str) -> None:
    """A server that does not answer costs a caller some seconds and an error, not for ever."""
    store = await _opened(Server(dsn, seconds=1.0))
    with pytest.raises(StoreError):
        await store._run(lambda line: line.execute("SELECT pg_sleep(30)"))
    await store.close()


async def test_migrations_are_applied_once_by_many(dsn: str) -> None:
    """Several at the same time make one schema, and one incarnation."""
    results = await asyncio.gather(*(migrate_postgres(Server(dsn)) for _ in range(4)))
    assert set(results) == {len(migrations.scripts())}
    store = await open_postgres(Server(dsn))
    incarnation = await store.incarnation()
    assert await migrate_postgres(Server(dsn)) == len(migrations.scripts())
    assert await store.incarnation() == incarnation
    await store._run(migrations.renew_incarnation)
    assert await store.incarnation() != incarnation
    await store.close()


async def test_other_schemas_are_refused(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty or older database is not served, a newer one not even migrated."""
    with pytest.raises(StoreError, match="MIGRATE"):
        await open_postgres(Server(dsn))
    await migrate_postgres(Server(dsn))
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "scripts", list)
        for attempt in (open_postgres, migrate_postgres):
            with pytest.raises(StoreError, match="SCHEMA"):
                await attempt(Server(dsn))


async def test_a_migration_that_fails_changes_nothing(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a migration is none."""
    await migrate_postgres(Server(dsn))
    with monkeypatch.context() as patch:
        wanted = [*migrations.scripts(), "CREATE TABLE extra (i int); SELECT nonsense;"]
        patch.setattr(migrations, "scripts", lambda: wanted)
        with pytest.raises(StoreError):
            await migrate_postgres(Server(dsn))
    store = await open_postgres(Server(dsn))
    assert await store._run(lambda line: line.fetchval("SELECT to_regclass('extra')")) is None
    await store.close()


async def test_the_schema_has_no_room_for_a_sender(dsn: str, postgres: Postgres) -> None:
    """Nothing in the database is named like a sender, an address or a time finer than an hour (PROTOCOL 7)."""
    await migrate_postgres(Server(dsn))
    schema = dsn.rpartition("=")[2]
    found = postgres.sql(
        f"SELECT DISTINCT column_name FROM information_schema.columns WHERE table_schema = '{schema}'"  # noqa: S608
    )
    allowed = {
        "name", "value", "i", "body", "no", "id", "next_n", "waiting", "passed", "given", "mailbox", "week", "hash",
        "sealed", "hour", "recall_hash", "recalled", "device", "n", "digest", "revision", "drop_hash", "count",
    }  # fmt: skip
    assert set(found.split()) == allowed


async def test_nobody_there_is_an_error_with_a_code() -> None:
    """No server, or no sense in the address: STORE, at once."""
    for dsn in ("postgresql://sluss@127.0.0.1:1/none", "nonsense://"):
        with pytest.raises(StoreError, match="STORE"):
            await open_postgres(Server(dsn))


async def _opened(server: Server) -> PostgresStore:
    await migrate_postgres(dataclasses.replace(server, seconds=30.0))
    store = await open_postgres(server)
    await store.add_mailbox(MailboxId(BOX))
    return store


async def test_a_writer_that_just_ended_is_not_waited_for(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever deposits in the moment in which the writer found nothing more to do is written all the same."""
    monkeypatch.setattr(deposits, "WRITERS", 1)
    store = await _opened(Server(dsn))
    async with asyncio.timeout(30):
        for _ in range(5):
            await store.deposit(new(), MOST)
    assert await numbers(store) == [1, 2, 3, 4, 5]
    await store.close()
