"""What every store must do (PROTOCOL 8); the same tests for each implementation."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
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
    Store,
    StoreBusyError,
    StoreError,
    Token,
)
from hub.store.postgres.connections import Server
from hub.store.postgres.store import migrate_postgres, open_postgres
from hub.store.sqlite import open_store
from keys.ids import DeviceId, MailboxId, digest

BOX, OTHER = MailboxId(b"m" * 16), MailboxId(b"o" * 16)
ONE, TWO = DeviceId(b"1" * 16), DeviceId(b"2" * 16)
MOST = 1_000_000
PAGE = 2**20

Opener = Callable[[int], Awaitable[Store]]


@pytest.fixture(params=["sqlite", "postgres"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the store of this test, again and again the same; takes how many writes may wait."""
    if request.param == "sqlite":
        return lambda most: open_store(tmp_path / "store", max_queued=most, gives=True)
    dsn = request.getfixturevalue("postgres").database()
    asyncio.run(migrate_postgres(Server(dsn)))
    return lambda most: open_postgres(Server(dsn, max_waiting=most))


@pytest.fixture
async def store(opener: Opener) -> AsyncIterator[Store]:
    """An empty store with two mailboxes."""
    opened = await opener(4096)
    await opened.add_mailbox(BOX)
    await opened.add_mailbox(OTHER)
    yield opened
    await opened.close()


def new(
    body: bytes = b"", *, mailbox: MailboxId = BOX, hour: int = 100, sealed: int = 100, recall: bytes = b""
) -> NewEnvelope:
    """An envelope; the store does not look into it."""
    return NewEnvelope(mailbox, hour, sealed, recall or os.urandom(32), body or os.urandom(64))


async def numbers(store: Store, mailbox: MailboxId = BOX, after: int = 0) -> list[int]:
    """Numbers of what waits."""
    return [row.n for row in (await store.page(mailbox, after, limit=1000, max_bytes=PAGE)).rows]


async def test_deposit_and_page(store: Store) -> None:
    """What was placed comes back whole, in order, with the hub's hour."""
    bodies = [os.urandom(100) for _ in range(3)]
    for body in bodies:
        assert Placed(digest(body), 101, fresh=True) == await store.deposit(new(body, hour=101), MOST)  # type: ignore[arg-type]
    page = await store.page(BOX, 1, limit=10, max_bytes=PAGE)
    assert [(2, bodies[1]), (3, bodies[2])] == [(row.n, row.body) for row in page.rows]
    assert (3, 101, digest(bodies[1])) == (page.last_n, page.rows[0].hour, page.rows[0].envelope_id)


async def test_the_same_bytes_get_the_same_place(store: Store) -> None:
    """A repetition takes no number and says the first hour, also when the hub's hour has turned."""
    first = new(hour=100, sealed=100)
    await store.deposit(first, MOST)
    again = NewEnvelope(BOX, 101, 100, first.recall_hash, first.body)
    assert Placed(digest(first.body), 100, fresh=False) == await store.deposit(again, MOST)  # type: ignore[arg-type]
    assert await numbers(store) == [1]


async def test_repetitions_among_new_ones_in_one_group(store: Store) -> None:
    """One repetition in a group, or twice the same envelope in it, does not disturb the others."""
    known = new()
    await store.deposit(known, MOST)
    twice = new()
    group = [new(), known, twice, new(), twice]
    results = await asyncio.gather(*(store.deposit(envelope, MOST) for envelope in group))
    assert [result.fresh for result in results if isinstance(result, Placed)] == [True, False, True, True, False]
    assert await numbers(store) == [1, 2, 3, 4]
    assert (await store.standing(BOX, ONE)).waiting == 4


async def test_the_same_bytes_in_two_mailboxes_are_two(store: Store) -> None:
    """Mailboxes do not know of each other."""
    envelope = new(b"x" * 50)
    await store.deposit(envelope, MOST)
    await store.deposit(new(b"x" * 50, mailbox=OTHER), MOST)
    assert (await numbers(store), await numbers(store, OTHER)) == ([1], [1])


async def test_numbers_have_no_gaps_under_load(store: Store) -> None:
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


async def test_a_full_mailbox_takes_no_more(store: Store) -> None:
    """The quota counts what waits, also within one group."""
    results = await asyncio.gather(*(store.deposit(new(), 2) for _ in range(4)))
    assert sum(isinstance(result, MailboxFull) for result in results) == 2
    await store.prune(BOX, 1, limit=10)
    assert isinstance(await store.deposit(new(), 2), Placed)


async def test_a_page_respects_its_bytes(store: Store) -> None:
    """Rows that would not fit the frame stay for the next page."""
    for _ in range(3):
        await store.deposit(new(os.urandom(1000)), MOST)
    page = await store.page(BOX, 0, limit=10, max_bytes=2500)
    assert ([row.n for row in page.rows], page.last_n) == ([1, 2], 3)


async def test_cursors_only_rise(store: Store) -> None:
    """A late acknowledgement does not move a cursor back, and none goes beyond the last number."""
    for _ in range(3):
        await store.deposit(new(), MOST)
    assert await store.move_cursor(ONE, BOX, 2) == 2
    assert await store.move_cursor(ONE, BOX, 1) == 2
    assert await store.move_cursor(ONE, BOX, 4) is None
    assert await store.cursors([ONE, TWO]) == [2, 0]


async def test_prune_in_steps(store: Store) -> None:
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


async def test_expiry_goes_by_the_hub_hour(store: Store) -> None:
    """Rows of hours below the bound go; the header's hour does not decide."""
    for hour, sealed in ((10, 11), (11, 10), (11, 12), (12, 12)):
        await store.deposit(new(hour=hour, sealed=sealed), MOST)
    assert await store.expire(11, limit=10) == 1
    assert await numbers(store) == [2, 3, 4]
    assert await store.expire(12, limit=10) == 2


async def test_withhold_empties_for_good(store: Store) -> None:
    """A withheld envelope keeps its number, id and hour, loses its bytes, and is neither pruned nor expired."""
    envelope = new(recall=b"r" * 32)
    await store.deposit(envelope, MOST)
    place = await store.find_recall(b"r" * 32, 100)
    assert Place(BOX, 1) == place
    assert await store.withhold(Place(BOX, 1))
    await store.hand_out(BOX, 0, limit=9, max_bytes=PAGE)
    assert await store.withhold(Place(BOX, 1))  # it was withheld before
    assert await store.prune(BOX, 9, limit=9) + await store.expire(9999, limit=9) == 0
    row = (await store.page(BOX, 0, limit=1, max_bytes=PAGE)).rows[0]
    assert (1, digest(envelope.body), 100, None) == (row.n, row.envelope_id, row.hour, row.body)
    assert (await store.standing(BOX, ONE)).waiting == 0


async def test_withhold_comes_too_late(store: Store) -> None:
    """A cursor that passed, or an envelope that was given out, stops a recall; so does an unknown place."""
    for _ in range(4):
        await store.deposit(new(), MOST)
    await store.move_cursor(ONE, BOX, 1)
    assert not await store.withhold(Place(BOX, 1))
    await store.hand_out(BOX, 1, limit=1, max_bytes=PAGE)
    assert not await store.withhold(Place(BOX, 2))
    await store.page(BOX, 0, limit=9, max_bytes=PAGE)
    assert await store.withhold(Place(BOX, 3))  # looking is not giving
    assert not await store.withhold(Place(MailboxId(bytes(16)), 0))
    assert await store.find_recall(b"?" * 32, 100) is None


async def test_tokens(store: Store) -> None:
    """Token hashes are kept by week, replaced, and forgotten."""
    for week, value in ((1, b"a"), (2, b"b"), (2, b"c")):
        await store.put_token(Token(BOX, week, value * 32))
    assert await store.drop_tokens(2) == 1
    assert [Token(BOX, 2, b"c" * 32)] == await store.tokens()


async def test_leaves_are_appended_in_order(store: Store) -> None:
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


async def test_batches_and_their_snapshots(store: Store) -> None:
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


async def test_totals(store: Store) -> None:
    """The operator sees sums."""
    await store.deposit(new(), MOST)
    totals = await store.totals()
    assert (totals.mailboxes, totals.waiting, totals.withheld, totals.batches) == (2, 1, 0, 0)


async def test_queues(store: Store) -> None:
    """What waits in each mailbox and the hour of the oldest; what was withheld waits no more."""
    assert await store.queues() == [Queue(BOX, 0, None), Queue(OTHER, 0, None)]
    await store.deposit(new(hour=101, sealed=101), MOST)
    await store.deposit(new(hour=103, sealed=103), MOST)
    await store.deposit(new(mailbox=OTHER, hour=102, sealed=102), MOST)
    assert await store.queues() == [Queue(BOX, 2, 101), Queue(OTHER, 1, 102)]
    assert await store.withhold(Place(BOX, 1))
    assert await store.queues() == [Queue(BOX, 1, 103), Queue(OTHER, 1, 102)]
    await store.prune(OTHER, 1, limit=9)
    assert await store.queues() == [Queue(BOX, 1, 103), Queue(OTHER, 0, None)]


async def test_a_probe_writes_and_changes_nothing(store: Store) -> None:
    """It needs a store that writes, and leaves no trace in it."""
    before = await store.incarnation()
    await store.probe()
    assert (await store.incarnation(), store.queued) == (before, 0)


async def test_unknown_mailbox_is_an_error(store: Store) -> None:
    """The relay asks for mailboxes that exist; anything else is a fault of the hub, not an empty answer."""
    with pytest.raises(StoreError):
        await store.deposit(new(mailbox=MailboxId(bytes(16))), MOST)
    assert isinstance(await store.deposit(new(), MOST), Placed)


async def test_given_or_withheld_and_never_both(store: Store) -> None:
    """A recall and a fetch at the same time: who is told "withheld" is right, also when the database was slow."""
    for n in range(1, 61):
        await store.deposit(new(), MOST)
        page, withheld = await asyncio.gather(
            store.hand_out(BOX, n - 1, limit=1, max_bytes=PAGE), store.withhold(Place(BOX, n))
        )
        assert withheld is (page.rows[0].body is None)


async def test_what_waits_is_bounded(opener: Opener) -> None:
    """Beyond its queue the store refuses at once instead of taking all memory."""
    store = await opener(5)
    await store.add_mailbox(BOX)
    results = await asyncio.gather(*(store.deposit(new(), MOST) for _ in range(9)), return_exceptions=True)
    assert sum(isinstance(result, StoreBusyError) for result in results) == 4
    await store.close()
    with pytest.raises(StoreBusyError):
        await store.deposit(new(), MOST)


async def test_closing_writes_what_waits(opener: Opener) -> None:
    """A deposit that was queued before the end is there after it."""
    store = await opener(4096)
    await store.add_mailbox(BOX)
    waiting = [asyncio.ensure_future(store.deposit(new(), MOST)) for _ in range(10)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*waiting)
    store = await opener(4096)
    assert list(range(1, 11)) == await numbers(store)
    await store.close()


async def test_a_waiter_that_left_does_not_stop_the_group(store: Store) -> None:
    """A request that was cancelled is written all the same; the others are answered."""
    gone = asyncio.ensure_future(store.deposit(new(), MOST))
    await asyncio.sleep(0)
    gone.cancel()
    await store.deposit(new(), MOST)
    assert await numbers(store) == [1, 2]


async def test_a_restart_keeps_everything(opener: Opener) -> None:
    """Envelopes, cursors, tokens, numbers and the incarnation outlive the process."""
    store = await opener(4096)
    await store.add_mailbox(BOX)
    await store.deposit(new(), MOST)
    await store.move_cursor(ONE, BOX, 1)
    incarnation = await store.incarnation()
    await store.close()
    store = await opener(4096)
    assert Standing(waiting=1, last_n=1, cursor=1) == await store.standing(BOX, ONE)
    assert incarnation == await store.incarnation()
    await store.close()


async def test_a_restart_remembers_what_was_given_out(opener: Opener) -> None:
    """A recall after it knows what a device was given before it, and withholds what nobody was given."""
    store = await opener(4096)
    await store.add_mailbox(BOX)
    for _ in range(2):
        await store.deposit(new(), MOST)
    await store.hand_out(BOX, 0, limit=1, max_bytes=PAGE)
    await store.close()
    store = await opener(4096)
    assert [await store.withhold(Place(BOX, n)) for n in (1, 2)] == [False, True]
    await store.close()


async def test_alone_may_be_nested(store: Store) -> None:
    """A step inside a step works under the same lock, and writes."""
    async with store.alone():
        async with store.alone():
            await store.append_leaf(0, b"zero", b"note0")
        await store.append_leaf(1, b"one", b"note1")
    assert await store.checkpoint() == b"note1"
