"""What every store must do (PROTOCOL 8); the same tests for each implementation."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.store.base import (
    BatchHead,
    MailboxFull,
    NewEnvelope,
    Place,
    Placed,
    Queue,
    Standing,
    StoreBusyError,
    StoreError,
    StoreFullError,
    Token,
)
from hub.store.migrations import renew_incarnation
from hub.store.sqlite import SqliteStore, open_store
from keys.ids import DeviceId, MailboxId, digest

BOX, OTHER = MailboxId(b"m" * 16), MailboxId(b"o" * 16)
ONE, TWO = DeviceId(b"1" * 16), DeviceId(b"2" * 16)
MOST = 1_000_000
PAGE = 2**20


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """An empty store with two mailboxes."""
    opened = await open_store(tmp_path / "store")
    await opened.add_mailbox(BOX)
    await opened.add_mailbox(OTHER)
    yield opened
    await opened.close()


def new(
    body: bytes = b"", *, mailbox: MailboxId = BOX, hour: int = 100, sealed: int = 100, recall: bytes = b""
) -> NewEnvelope:
    """An envelope; the store does not look into it."""
    return NewEnvelope(mailbox, hour, sealed, recall or os.urandom(32), body or os.urandom(64))


async def numbers(store: SqliteStore, mailbox: MailboxId = BOX, after: int = 0) -> list[int]:
    """Numbers of what waits."""
    return [row.n for row in (await store.page(mailbox, after, limit=1000, max_bytes=PAGE)).rows]


async def test_deposit_and_page(store: SqliteStore) -> None:
    """What was placed comes back whole, in order, with the hub's hour."""
    bodies = [os.urandom(100) for _ in range(3)]
    for body in bodies:
        assert Placed(digest(body), 101, fresh=True) == await store.deposit(new(body, hour=101), MOST)  # type: ignore[arg-type]
    page = await store.page(BOX, 1, limit=10, max_bytes=PAGE)
    assert [(2, bodies[1]), (3, bodies[2])] == [(row.n, row.body) for row in page.rows]
    assert (3, 101, digest(bodies[1])) == (page.last_n, page.rows[0].hour, page.rows[0].envelope_id)


async def test_the_same_bytes_get_the_same_place(store: SqliteStore) -> None:
    """A repetition takes no number and says the first hour, also when the hub's hour has turned."""
    first = new(hour=100, sealed=100)
    await store.deposit(first, MOST)
    again = NewEnvelope(BOX, 101, 100, first.recall_hash, first.body)
    assert Placed(digest(first.body), 100, fresh=False) == await store.deposit(again, MOST)  # type: ignore[arg-type]
    assert await numbers(store) == [1]


async def test_repetitions_among_new_ones_in_one_group(store: SqliteStore) -> None:
    """One repetition in a group, or twice the same envelope in it, does not disturb the others."""
    known = new()
    await store.deposit(known, MOST)
    twice = new()
    group = [new(), known, twice, new(), twice]
    results = await asyncio.gather(*(store.deposit(envelope, MOST) for envelope in group))
    assert [result.fresh for result in results if isinstance(result, Placed)] == [True, False, True, True, False]
    assert await numbers(store) == [1, 2, 3, 4]
    assert (await store.standing(BOX, ONE)).waiting == 4


async def test_the_same_bytes_in_two_mailboxes_are_two(store: SqliteStore) -> None:
    """Mailboxes do not know of each other."""
    envelope = new(b"x" * 50)
    await store.deposit(envelope, MOST)
    await store.deposit(new(b"x" * 50, mailbox=OTHER), MOST)
    assert (await numbers(store), await numbers(store, OTHER)) == ([1], [1])


async def test_numbers_have_no_gaps_under_load(store: SqliteStore) -> None:
    """A reader that follows a cursor while many write sees every number once, in order."""
    seen: list[int] = []
    total = 400

    async def read() -> None:
        while len(seen) < total:
            seen.extend(await numbers(store, after=seen[-1] if seen else 0))
            await asyncio.sleep(0)

    async def write() -> None:
        for _ in range(total // 20):
            await store.deposit(new(), MOST)

    await asyncio.gather(read(), *(write() for _ in range(20)))
    assert list(range(1, total + 1)) == seen


async def test_a_full_mailbox_takes_no_more(store: SqliteStore) -> None:
    """The quota counts what waits, also within one group."""
    results = await asyncio.gather(*(store.deposit(new(), 2) for _ in range(4)))
    assert sum(isinstance(result, MailboxFull) for result in results) == 2
    await store.prune(BOX, 1, limit=10)
    assert isinstance(await store.deposit(new(), 2), Placed)


async def test_a_page_respects_its_bytes(store: SqliteStore) -> None:
    """Rows that would not fit the frame stay for the next page."""
    for _ in range(3):
        await store.deposit(new(os.urandom(1000)), MOST)
    page = await store.page(BOX, 0, limit=10, max_bytes=2500)
    assert ([row.n for row in page.rows], page.last_n) == ([1, 2], 3)


async def test_cursors_only_rise(store: SqliteStore) -> None:
    """A late acknowledgement does not move a cursor back, and none goes beyond the last number."""
    for _ in range(3):
        await store.deposit(new(), MOST)
    assert await store.move_cursor(ONE, BOX, 2) == 2
    assert await store.move_cursor(ONE, BOX, 1) == 2
    assert await store.move_cursor(ONE, BOX, 4) is None
    assert await store.cursors([ONE, TWO]) == [2, 0]


async def test_prune_in_steps(store: SqliteStore) -> None:
    """Pruning deletes up to the given number, a bounded count at a time, in that mailbox only."""
    for _ in range(5):
        await store.deposit(new(), MOST)
        await store.deposit(new(mailbox=OTHER), MOST)
    assert (
        await store.prune(BOX, 3, limit=2),
        await store.prune(BOX, 3, limit=2),
        await store.prune(BOX, 3, limit=2),
    ) == (2, 1, 0)
    assert (await numbers(store), await numbers(store, OTHER)) == ([4, 5], [1, 2, 3, 4, 5])
    assert (await store.standing(BOX, ONE)).waiting == 2


async def test_expiry_goes_by_the_hub_hour(store: SqliteStore) -> None:
    """Rows of hours below the bound go; the header's hour does not decide."""
    for hour, sealed in ((10, 11), (11, 10), (11, 12), (12, 12)):
        await store.deposit(new(hour=hour, sealed=sealed), MOST)
    assert await store.expire(11, limit=10) == 1
    assert await numbers(store) == [2, 3, 4]
    assert await store.expire(12, limit=10) == 2


async def test_withhold_empties_for_good(store: SqliteStore) -> None:
    """A withheld envelope keeps its number, id and hour, loses its bytes, and is neither pruned nor expired."""
    envelope = new(recall=b"r" * 32)
    await store.deposit(envelope, MOST)
    place = await store.find_recall(b"r" * 32, 100)
    assert Place(BOX, 1) == place
    assert await store.withhold(Place(BOX, 1), given=0)
    assert await store.withhold(Place(BOX, 1), given=5)  # it was withheld before
    assert await store.prune(BOX, 9, limit=9) + await store.expire(9999, limit=9) == 0
    row = (await store.page(BOX, 0, limit=1, max_bytes=PAGE)).rows[0]
    assert (1, digest(envelope.body), 100, None) == (row.n, row.envelope_id, row.hour, row.body)
    assert (await store.standing(BOX, ONE)).waiting == 0


async def test_withhold_comes_too_late(store: SqliteStore) -> None:
    """A cursor that passed, or an envelope that was given out, stops a recall; so does an unknown place."""
    await store.deposit(new(), MOST)
    await store.deposit(new(), MOST)
    await store.move_cursor(ONE, BOX, 1)
    assert not await store.withhold(Place(BOX, 1), given=0)
    assert not await store.withhold(Place(BOX, 2), given=2)
    assert not await store.withhold(Place(MailboxId(bytes(16)), 0), given=0)
    assert await store.find_recall(b"?" * 32, 100) is None


async def test_tokens(store: SqliteStore) -> None:
    """Token hashes are kept by week, replaced, and forgotten."""
    for week, value in ((1, b"a"), (2, b"b"), (2, b"c")):
        await store.put_token(Token(BOX, week, value * 32))
    assert await store.drop_tokens(2) == 1
    assert [Token(BOX, 2, b"c" * 32)] == await store.tokens()


async def test_leaves_are_appended_in_order(store: SqliteStore) -> None:
    """A leaf has the next index or is refused; the same leaf at its index again is nothing new."""
    await store.append_leaf(0, b"zero", b"note0")
    await store.append_leaf(0, b"zero", b"note0")
    await store.append_leaf(1, b"one", b"note1")
    with pytest.raises(StoreError):
        await store.append_leaf(1, b"other", b"note")
    with pytest.raises(StoreError):
        await store.append_leaf(3, b"gap", b"note")
    assert await store.leaves(0, limit=10, max_bytes=100) == [b"zero", b"one"]
    assert await store.leaves(1, limit=10, max_bytes=1) == [b"one"]
    assert await store.checkpoint() == b"note1"


async def test_batches_and_their_snapshots(store: SqliteStore) -> None:
    """A snapshot covers the newest batch of each kept device and drops all others, with its leaf in one step."""
    for device, number in ((ONE, 1), (ONE, 2), (TWO, 1)):
        body = device + bytes([number])
        await store.put_batch(BatchHead(device, number, digest(body), None), body)
    await store.append_snapshot(0, b"leaf", b"note", number=7, kept=[ONE])
    assert [(head.device, head.number, head.revision) for head in await store.batch_heads()] == [(ONE, 2, 7)]
    await store.put_batch(BatchHead(ONE, 3, digest(b"3"), None), b"3")
    wanted = [(ONE, ONE + b"\x02")]
    assert wanted == await store.covered(above=0, after=DeviceId(bytes(16)), limit=9, max_bytes=1)
    assert await store.covered(above=7, after=DeviceId(bytes(16)), limit=9, max_bytes=1) == []
    assert await store.covered(above=0, after=ONE, limit=9, max_bytes=1) == []


async def test_totals(store: SqliteStore) -> None:
    """The operator sees sums."""
    await store.deposit(new(), MOST)
    totals = await store.totals()
    assert (totals.mailboxes, totals.waiting, totals.withheld, totals.batches) == (2, 1, 0, 0)


async def test_queues(store: SqliteStore) -> None:
    """What waits in each mailbox and the hour of the oldest; what was withheld waits no more."""
    assert await store.queues() == [Queue(BOX, 0, None), Queue(OTHER, 0, None)]
    await store.deposit(new(hour=101, sealed=101), MOST)
    await store.deposit(new(hour=103, sealed=103), MOST)
    await store.deposit(new(mailbox=OTHER, hour=102, sealed=102), MOST)
    assert await store.queues() == [Queue(BOX, 2, 101), Queue(OTHER, 1, 102)]
    assert await store.withhold(Place(BOX, 1), given=0)
    assert await store.queues() == [Queue(BOX, 1, 103), Queue(OTHER, 1, 102)]
    await store.prune(OTHER, 1, limit=9)
    assert await store.queues() == [Queue(BOX, 1, 103), Queue(OTHER, 0, None)]


async def test_a_probe_writes_and_changes_nothing(store: SqliteStore) -> None:
    """It needs a store that writes, and leaves no trace in it."""
    before = await store.incarnation()
    await store.probe()
    assert (await store.incarnation(), store.queued) == (before, 0)


async def test_unknown_mailbox_is_an_error(store: SqliteStore) -> None:
    """The relay asks for mailboxes that exist; anything else is a fault of the hub, not an empty answer."""
    with pytest.raises(StoreError):
        await store.deposit(new(mailbox=MailboxId(bytes(16))), MOST)
    assert isinstance(await store.deposit(new(), MOST), Placed)


# -- SQLite alone -----------------------------------------------------------------------------------------------------


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


async def test_what_waits_is_bounded(tmp_path: Path) -> None:
    """Beyond its queue the store refuses at once instead of taking all memory."""
    store = await open_store(tmp_path / "small", max_queued=5)
    await store.add_mailbox(BOX)
    results = await asyncio.gather(*(store.deposit(new(), MOST) for _ in range(9)), return_exceptions=True)
    assert sum(isinstance(result, StoreBusyError) for result in results) == 4
    await store.close()
    with pytest.raises(StoreBusyError):
        await store.deposit(new(), MOST)


async def test_closing_writes_what_waits(tmp_path: Path) -> None:
    """A deposit that was queued before the end is there after it."""
    store = await open_store(tmp_path / "store")
    await store.add_mailbox(BOX)
    waiting = [asyncio.ensure_future(store.deposit(new(), MOST)) for _ in range(10)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*waiting)
    store = await open_store(tmp_path / "store")
    assert list(range(1, 11)) == await numbers(store)
    await store.close()


async def test_a_waiter_that_left_does_not_stop_the_group(store: SqliteStore) -> None:
    """A request that was cancelled is written all the same; the others are answered."""
    gone = asyncio.ensure_future(store.deposit(new(), MOST))
    await asyncio.sleep(0)
    gone.cancel()
    await store.deposit(new(), MOST)
    assert await numbers(store) == [1, 2]


async def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    """Envelopes, cursors, tokens, numbers and the incarnation outlive the process."""
    store = await open_store(tmp_path / "store")
    await store.add_mailbox(BOX)
    await store.deposit(new(), MOST)
    await store.move_cursor(ONE, BOX, 1)
    incarnation = await store.incarnation()
    await store.close()
    store = await open_store(tmp_path / "store")
    assert Standing(waiting=1, last_n=1, cursor=1) == await store.standing(BOX, ONE)
    assert incarnation == await store.incarnation()
    await store._writer.run(renew_incarnation)
    assert incarnation != await store.incarnation()
    await store.close()


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
