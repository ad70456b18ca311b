"""Fetch, acknowledge, recall, forget (PROTOCOL 4.3, 5.2, 5.3, 8)."""

from __future__ import annotations

import asyncio
import os

import pytest

from hub.relay import KEEP_HOURS
from hub.wire.requests import Ack, Fetch, Recall, RegisterToken, Status, Submit
from hub.wire.responses import Acked, Code, Deposited, Fetched, RecallIs, StatusIs, Waiting, Withheld
from keys.envelope import deposit_statement
from keys.ids import digest
from keys.public import verify_ed25519
from tests.unit.hub.conftest import Bench
from tests.unit.hub.device import Device, Link


async def fetch(device: Device, after: int = 0, limit: int = 256) -> Fetched:
    """What a device can fetch."""
    answer = await device.call(Fetch(device.bearer, after, limit))
    assert isinstance(answer, Fetched)
    return answer


async def fill(link: Link, device: Device, count: int, *, secret: bytes = b"") -> list[bytes]:
    """Deposit into the device's mailbox; returns the envelopes."""
    await device.open_mailbox()
    requests = [device.deposit(secret=secret) for _ in range(count)]
    for request in requests:
        assert isinstance(await link.call(request), Deposited)
    return [request.envelope for request in requests]


async def test_fetch_gives_what_was_deposited(bench: Bench) -> None:
    """Every envelope with its number and the hub's signed hour, to each device of the unit."""
    async with bench.link() as link, bench.device(number=0) as one, bench.device(number=1) as two:
        sent = await fill(link, one, 3)
        answers = [await fetch(one), await fetch(two)]
    assert answers[0] == answers[1]
    assert (3, bench.house.relay.incarnation) == (answers[0].last_n, answers[0].incarnation)
    for item, raw in zip(answers[0].items, sent, strict=True):
        assert isinstance(item, Waiting)
        assert raw == item.envelope
        statement = deposit_statement(digest(raw), one.mailbox, item.hour)
        verify_ed25519(bench.federation.hub_keys.ed25519, item.signature, statement)


async def test_a_device_sees_its_own_unit_only(bench: Bench) -> None:
    """A bearer opens one mailbox; there is no way to name another."""
    async with bench.link() as link, bench.device() as device, bench.device("bops") as other:
        await fill(link, device, 1)
        assert ((await fetch(other)).last_n, (await fetch(other)).items) == (0, [])


async def test_a_long_drain_goes_in_pages(bench: Bench) -> None:
    """One answer holds 63 envelopes of 16 KiB at most; the cursor leads on."""
    async with bench.link() as link, bench.device() as device:
        await fill(link, device, 70)
        first = await fetch(device)
        rest = await fetch(device, after=first.items[-1].n)
    assert (len(first.items), len(rest.items), rest.items[-1].n) == (63, 7, 70)


async def test_acknowledge_moves_the_own_cursor(bench: Bench) -> None:
    """An acknowledgement counts for one device, never goes back and never beyond what there is."""
    async with bench.link() as link, bench.device(number=0) as one, bench.device(number=1) as two:
        await fill(link, one, 2)
        assert Acked(2) == await one.call(Ack(one.bearer, 2))
        assert Acked(2) == await one.call(Ack(one.bearer, 1))
        assert Code.CURSOR is await one.refused(Ack(one.bearer, 3))
        status = await two.call(Status(two.bearer))
    assert isinstance(status, StatusIs)
    assert (status.waiting, status.last_n, status.cursor) == (2, 2, 0)


async def test_envelopes_go_when_all_active_devices_have_them(bench: Bench) -> None:
    """One device of two is not enough; both are."""
    async with bench.link() as link, bench.device(number=0) as one, bench.device(number=1) as two:
        await fill(link, one, 3)
        await one.call(Ack(one.bearer, 3))
        assert await bench.house.relay.prune() == 0
        await two.call(Ack(two.bearer, 2))
        assert await bench.house.relay.prune() == 2
        assert [item.n for item in (await fetch(two)).items] == [3]


async def test_a_revoked_device_holds_nothing_up(bench: Bench) -> None:
    """After a revocation the remaining devices alone decide what may go."""
    async with bench.link() as link, bench.device(number=0) as one:
        await fill(link, one, 1)
        await one.call(Ack(one.bearer, 1))
        lost = bench.federation.units["sav"].keepers[1].device_id
        await link.call(Submit(bench.federation.revoke("sav", lost)))
        assert await bench.house.relay.prune() == 1


async def test_envelopes_expire_after_33_days(bench: Bench) -> None:
    """What nobody fetched goes after 33 days, not an hour before."""
    async with bench.link() as link, bench.device() as device:
        await fill(link, device, 2)
        bench.clock.now += KEEP_HOURS * 3600
        assert await bench.house.relay.expire() == 0
        bench.clock.now += 3600
        assert await bench.house.relay.expire() == 2
        device.bearer = await device.login()
        assert ((await fetch(device)).last_n, (await fetch(device)).items) == (2, [])


async def test_recall_before_anybody_has_it(bench: Bench) -> None:
    """The content is gone; the recipient sees that there was something, and when."""
    secret = os.urandom(32)
    async with bench.link() as link, bench.device() as device:
        (raw,) = await fill(link, device, 1, secret=secret)
        assert RecallIs(True) == await link.call(Recall(secret, bench.clock.hour))
        assert RecallIs(True) == await link.call(Recall(secret, bench.clock.hour))
        (item,) = (await fetch(device)).items
    assert isinstance(item, Withheld)
    assert (1, digest(raw), bench.clock.hour) == (item.n, item.envelope_id, item.hour)


async def test_a_withheld_row_stays(bench: Bench) -> None:
    """Neither acknowledgements nor time remove the trace of a recall."""
    secret = os.urandom(32)
    async with bench.link() as link, bench.device(number=0) as one, bench.device(number=1) as two:
        await fill(link, one, 1, secret=secret)
        await link.call(Recall(secret, bench.clock.hour))
        for device in (one, two):
            await device.call(Ack(device.bearer, 1))
        assert await bench.house.relay.prune() == 0
        bench.clock.now += 40 * 86_400
        assert await bench.house.relay.expire() == 0


async def test_recall_after_an_acknowledgement_is_too_late(bench: Bench) -> None:
    """Too late, unknown and wrong hour are one answer."""
    secret = os.urandom(32)
    async with bench.link() as link, bench.device() as device:
        await fill(link, device, 1, secret=secret)
        await device.call(Ack(device.bearer, 1))
        assert RecallIs(False) == await link.call(Recall(secret, bench.clock.hour))
        assert RecallIs(False) == await link.call(Recall(os.urandom(32), bench.clock.hour))
        assert RecallIs(False) == await link.call(Recall(secret, bench.clock.hour - 1))
        assert isinstance((await fetch(device)).items[0], Waiting)


async def test_recall_after_a_fetch_is_too_late(bench: Bench) -> None:
    """`withheld` is a promise that nobody has the content: a device that was given it counts before it acknowledges."""
    secret = os.urandom(32)
    async with bench.link() as link, bench.device() as device:
        await fill(link, device, 1, secret=secret)
        await fetch(device)
        assert RecallIs(False) == await link.call(Recall(secret, bench.clock.hour))


async def test_recall_against_fetch_never_both(bench: Bench) -> None:
    """Whatever the order, either the content was given out or the sender is told that it was withheld."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        for _ in range(20):
            secret = os.urandom(32)
            answer = await link.call(device.deposit(secret=secret))
            assert isinstance(answer, Deposited)
            after = (await bench.house.store.standing(device.mailbox, device.keeper.device_id)).last_n - 1
            recall, page = await asyncio.gather(link.call(Recall(secret, bench.clock.hour)), fetch(device, after))
            given = isinstance(page.items[0], Waiting)
            assert RecallIs(not given) == recall


@pytest.mark.parametrize(("ahead", "right"), [(-2, False), (-1, True), (0, True), (8, True), (9, False)])
async def test_tokens_are_registered_for_near_weeks(bench: Bench, ahead: int, right: bool) -> None:
    """A unit registers this week and eight ahead; the list of weeks shows in its status."""
    week = bench.clock.hour // 168 + ahead
    async with bench.device() as device:
        request = RegisterToken(device.bearer, week, bytes(32))
        if not right:
            assert Code.FORMAT is await device.refused(request)
            return
        await device.call(request)
        status = await device.call(Status(device.bearer))
    assert isinstance(status, StatusIs)
    assert [week] == status.weeks


async def test_old_tokens_are_forgotten(bench: Bench) -> None:
    """A token of a week that is over opens nothing and is not kept."""
    async with bench.device() as device:
        await device.open_mailbox(bench.clock.hour)
        bench.clock.now += 8 * 86_400
        await bench.house.relay.expire()
    assert await bench.house.store.tokens() == []
