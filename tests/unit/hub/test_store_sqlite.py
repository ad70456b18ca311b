"""What is particular to the store on SQLite: group commit, a full disk, its settings (PROTOCOL 8)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hub.store.base import MailboxFull, Place, Placed, StoreError, StoreFullError
from hub.store.migrations import renew_incarnation
from hub.store.sqlite import SqliteStore, open_store
from hub.store.writer import PROOF_NAME, settle_log
from tests.unit.hub.test_store import BOX, MOST, OTHER, new, numbers


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """An empty store with two mailboxes."""
    opened = await open_store(tmp_path / "store")
    await opened.add_mailbox(BOX)
    await opened.add_mailbox(OTHER)
    yield opened
    await opened.close()


async def commits(store: SqliteStore, count: int) -> int:
    """Commits that ``count`` deposits of one moment take."""
    statements: list[str] = []
    await store._writer.run(lambda connection: connection.set_trace_callback(statements.append))
    await asyncio.gather(*(store.deposit(new(), MOST) for _ in range(count)))
    return statements.count("COMMIT")


async def test_group_commit(store: SqliteStore) -> None:
    """What queues together is committed together, at most 256 at a time."""
    assert await commits(store, 200) == 1
    assert await commits(store, 300) == 2


async def test_one_commit_per_row_when_asked(tmp_path: Path) -> None:
    """The setting of the figures: a group of one."""
    store = await open_store(tmp_path / "single", max_group=1)
    await store.add_mailbox(BOX)
    assert await commits(store, 30) == 30
    await store.close()


async def test_a_failing_work_fails_its_whole_group(store: SqliteStore) -> None:
    """When one write of a group fails, every waiter gets an error and nothing of the group is there."""

    def fail(_: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError

    results = await asyncio.gather(
        store.deposit(new(), MOST), store._group.submit(fail), store.deposit(new(), MOST), return_exceptions=True
    )
    assert all(isinstance(result, StoreError) for result in results)
    assert await numbers(store) == []
    assert isinstance(await store.deposit(new(), MOST), Placed)


async def test_a_full_disk_is_said_and_survived(store: SqliteStore) -> None:
    """No room: code DISK, nothing half-written, and the store goes on when there is room."""
    (pages,) = await store._writer.run(lambda connection: connection.execute("PRAGMA page_count").fetchone())
    await store._writer.run(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall())
    results = await asyncio.gather(
        *(store.deposit(new(os.urandom(16_384)), MOST) for _ in range(20)), return_exceptions=True
    )
    assert all(isinstance(result, StoreFullError) and result.code == "DISK" for result in results)
    await store._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 100000").fetchall())
    assert isinstance(await store.deposit(new(os.urandom(16_384)), MOST), Placed)
    assert await numbers(store) == [1]


@contextlib.contextmanager
def _no_file_grows() -> Iterator[None]:
    """Each write to a file is an error of the disk, for this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_after_an_error_the_disk_must_show_that_it_keeps_something(store: SqliteStore, tmp_path: Path) -> None:
    """A file system that lost its journal may say yes to a sync: nothing is answered until it takes a new name."""
    assert isinstance(await store.deposit(new(), MOST), Placed)
    (tmp_path / PROOF_NAME).write_bytes(b"")  # where the proof would be made: from now on there is none
    assert isinstance(await store.deposit(new(), MOST), Placed)
    with _no_file_grows(), pytest.raises(StoreError):
        await store.deposit(new(), MOST)
    for _ in range(2):
        with pytest.raises(StoreError) as caught:
            await store.deposit(new(), MOST)
        assert caught.value.fields["rule"] == "disk"
    (tmp_path / PROOF_NAME).unlink()
    assert isinstance(await store.deposit(new(), MOST), Placed)
    assert not (tmp_path / PROOF_NAME).exists()
    assert await numbers(store) == [1, 2, 3]


async def test_a_sync_is_believed_only_where_changes_are_still_taken(tmp_path: Path) -> None:
    """A file system that gives up may say yes to the sync that runs just then: what it said is not passed on."""
    there, elsewhere = tmp_path / "there", tmp_path / "elsewhere"
    there.mkdir()
    store = await open_store(there / "store")
    await store.add_mailbox(BOX)
    assert isinstance(await store.deposit(new(), MOST), Placed)
    there.rename(elsewhere)  # the database goes on where it is open; a change at its place is refused
    asked = new()
    for _ in range(2):
        with pytest.raises(StoreError) as caught:
            await store.deposit(asked, MOST)
        assert caught.value.fields["rule"] == "disk"
    elsewhere.rename(there)
    assert isinstance(await store.deposit(asked, MOST), Placed)
    assert await numbers(store) == [1, 2]
    await store.close()


async def test_what_a_crash_left_in_the_log_is_written_anew_at_the_start(store: SqliteStore, tmp_path: Path) -> None:
    """A commit whose sync failed can still be seen after a crash: before anything is answered it is in the database."""
    assert isinstance(await store.deposit(new(), MOST), Placed)
    crashed, alone = tmp_path / "crashed", tmp_path / "alone"
    for end in ("", "-wal"):
        shutil.copy(tmp_path / f"store{end}", f"{crashed}{end}")
    again = await open_store(crashed, gives=True)
    shutil.copy(crashed, alone)  # what lies there without a log
    await again.close()
    looked = await open_store(alone)
    assert await numbers(looked) == [1]
    await looked.close()


async def test_a_log_that_cannot_be_written_anew_ends_the_start(store: SqliteStore, tmp_path: Path) -> None:
    """Somebody reads beside for too long, or the disk refuses: no hub begins on it."""
    with contextlib.closing(sqlite3.connect(tmp_path / "store", isolation_level=None, timeout=0)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM mailbox").fetchall()
        await store.deposit(new(), MOST)
        with (
            contextlib.closing(sqlite3.connect(tmp_path / "store", timeout=0)) as other,
            pytest.raises(StoreError, match="STORE"),
        ):
            settle_log(other)
        reader.execute("ROLLBACK")
    with contextlib.closing(sqlite3.connect(tmp_path / "store", timeout=0)) as other:
        await store.deposit(new(), MOST)
        with _no_file_grows(), pytest.raises(StoreError):
            settle_log(other)
        settle_log(other)
    assert await numbers(store) == [1, 2]


async def test_a_restore_renews_the_incarnation(store: SqliteStore) -> None:
    """What a device saw before is not taken for what it sees now."""
    incarnation = await store.incarnation()
    await store._writer.run(renew_incarnation)
    assert incarnation != await store.incarnation()


async def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """An older program does not touch what a newer one wrote."""
    store = await open_store(tmp_path / "store")
    await store._writer.run(lambda connection: connection.execute("PRAGMA user_version = 99").fetchall())
    await store.close()
    with pytest.raises(StoreError, match="SCHEMA"):
        await open_store(tmp_path / "store")


async def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    """A file of something else is an error with a code."""
    path = tmp_path / "store"
    path.write_bytes(b"not a database, not at all" * 1000)
    with pytest.raises(StoreError, match="STORE"):
        await open_store(path)


async def test_durability_settings_hold(store: SqliteStore) -> None:
    """Write-ahead log, a sync at every commit, pages of 8 KiB."""

    def read(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "page_size")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await store._writer.run(read) == ["wal", 2, 8_192]


async def test_the_schema_has_no_room_for_a_sender(store: SqliteStore) -> None:
    """Nothing in the database is named like a sender, an address or a time finer than an hour (PROTOCOL 7)."""

    def read(connection: sqlite3.Connection) -> set[str]:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {column[1] for table in tables for column in connection.execute(f"PRAGMA table_info({table})")}

    allowed = {
        "name", "value", "i", "body", "no", "id", "next_n", "waiting", "passed", "mailbox", "week", "hash", "place",
        "sealed", "hour", "recall_hash", "recalled", "device", "n", "digest", "revision",
    }  # fmt: skip
    assert allowed == await store._writer.run(read)


async def test_a_full_mailbox_is_not_written(store: SqliteStore) -> None:
    """A refusal costs no page: nothing is changed, not even to what it was."""
    await store.deposit(new(), 1)
    before = await store._writer.run(lambda connection: connection.total_changes)
    assert await store.deposit(new(), 1) == MailboxFull()
    assert await store._writer.run(lambda connection: connection.total_changes) == before


async def recalled_after_a_cut(store: SqliteStore, path: Path, number: int) -> bool:
    """What a hub tells of a recall that begins on the files as they lie there now."""
    copy = path.with_name(f"cut-{number}")
    for end in ("", "-wal"):
        shutil.copy(f"{path}{end}", f"{copy}{end}")
    cut = await open_store(copy, gives=True)
    try:
        return await cut.withhold(Place(BOX, number))
    finally:
        await cut.close()


async def test_after_a_cut_all_that_was_there_counts_as_given_out(tmp_path: Path) -> None:
    """Nobody wrote down what was given: whatever is there may have been, also when somebody else closed it beside."""
    path = tmp_path / "store"
    first = await open_store(path, gives=True)
    await first.add_mailbox(BOX)
    await first.close()
    store = await open_store(path, gives=True)
    await store.deposit(new(), MOST)
    assert not await recalled_after_a_cut(store, path, 1)
    await (await open_store(path)).close()
    assert not await recalled_after_a_cut(store, path, 1)
    assert await store.withhold(Place(BOX, 1)), "this hub gave it to nobody, and knows"
    await store.close()


async def test_a_full_disk_at_the_end_is_no_settled_end(tmp_path: Path) -> None:
    """What could not be written down counts as given out; the store closes all the same."""
    path = tmp_path / "store"
    store = await open_store(path, gives=True)
    await store.add_mailbox(BOX)
    await store.deposit(new(), MOST)
    await store._writer.run(lambda connection: connection.execute("PRAGMA query_only = 1").fetchall())
    await store.close()
    store = await open_store(path, gives=True)
    assert not await store.withhold(Place(BOX, 1))
    await store.close()
