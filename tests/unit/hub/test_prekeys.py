"""Prekey batches and snapshots (PROTOCOL 3.4, 4.6, 5.4)."""

from __future__ import annotations

import asyncio

import pytest

from hub.wire.requests import PublishBatch, ReadSnapshot, Status, Submit
from hub.wire.responses import Code, Published, SnapshotPage, StatusIs
from keys.domains import SignedType
from keys.ids import digest
from keys.log_tree import root_of
from keys.signed import parse_signed, read_payload
from keys.statements import Batch, Snapshot
from tests.unit.hub.conftest import Bench
from tests.unit.hub.device import Device, Link

NOBODY = bytes(16)


def batch(device: Device, bench: Bench) -> bytes:
    """A fresh batch of a device."""
    return device.keeper.new_batch(bench.clock.hour, bench.house.log.size)


async def publish(device: Device, bench: Bench) -> bytes:
    """Publish a fresh batch; returns it."""
    raw = batch(device, bench)
    assert isinstance(await device.call(PublishBatch(device.bearer, raw)), Published)
    return raw


async def pages(link: Link, have: int = 0) -> list[bytes]:
    """All batches that came after snapshot ``have``."""
    found: list[bytes] = []
    after = NOBODY
    while True:
        page = await link.call(ReadSnapshot(have, after))
        assert isinstance(page, SnapshotPage)
        found += page.batches
        if page.last:
            return found
        after = owner(page.batches[-1])


def owner(raw: bytes) -> bytes:
    """Device id of a batch."""
    return read_payload(parse_signed(raw), SignedType.BATCH, Batch).device_id


def snapshot(bench: Bench) -> Snapshot:
    """The newest snapshot."""
    newest = bench.house.log.directory.snapshot
    assert newest is not None
    return newest


async def test_a_reader_recomputes_the_root(bench: Bench) -> None:
    """The pages hold exactly what the snapshot's root commits to."""
    async with bench.link() as link, bench.device("sav") as one, bench.device("bops") as two:
        for device in (one, two, one):
            await publish(device, bench)
        assert await pages(link) == []
        await bench.house.prekeys.make_snapshot()
        batches = await pages(link)
    leaves = sorted(owner(raw) + digest(raw) for raw in batches)
    newest = snapshot(bench)
    assert (newest.root, newest.batches, newest.number) == (root_of(leaves), 2, 1)
    assert newest.dir_size == bench.house.log.size - 1


async def test_a_reader_gets_what_changed(bench: Bench) -> None:
    """With the number it has, a reader gets only batches that came later."""
    async with bench.link() as link, bench.device("sav") as one, bench.device("bops") as two:
        await publish(one, bench)
        await bench.house.prekeys.make_snapshot()
        second = await publish(two, bench)
        assert await pages(link, 1) == []
        await bench.house.prekeys.make_snapshot()
        assert (await pages(link, 1), len(await pages(link)), await pages(link, 2)) == ([second], 2, [])


async def test_pages_are_cut(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches that do not fit one frame come on several pages, each device once."""
    monkeypatch.setattr("hub.prekeys._PAGE_BYTES", 30_000)
    async with bench.link() as link:
        sent = set()
        for unit in bench.federation.units:
            async with bench.device(unit) as device:
                sent.add(await publish(device, bench))
        await bench.house.prekeys.make_snapshot()
        assert set(await pages(link)) == sent


async def test_a_revoked_device_leaves_the_snapshot(bench: Bench) -> None:
    """Its batch is not covered and not handed out any more."""
    async with bench.link() as link, bench.device("sav") as one, bench.device("bops") as two:
        await publish(one, bench)
        kept = await publish(two, bench)
        await bench.house.prekeys.make_snapshot()
        await link.call(Submit(bench.federation.revoke("sav", one.keeper.device_id)))
        await bench.house.prekeys.make_snapshot()
        assert await pages(link) == [kept]
    assert snapshot(bench).batches == 1


async def test_numbers_rise(bench: Bench) -> None:
    """An old batch is refused, the newest again is answered as before."""
    async with bench.device() as device:
        first, second = batch(device, bench), batch(device, bench)
        assert await device.call(PublishBatch(device.bearer, second)) == Published(2)
        assert await device.call(PublishBatch(device.bearer, second)) == Published(2)
        assert await device.refused(PublishBatch(device.bearer, first)) is Code.BATCH
        status = await device.call(Status(device.bearer))
    assert isinstance(status, StatusIs)
    assert (status.batch_no, status.covered_no, status.snapshot) == (2, 0, 0)


async def test_a_batch_is_the_device_own(bench: Bench) -> None:
    """Another's batch, an altered one, or one about a future log is refused."""
    async with bench.device(number=0) as one, bench.device(number=1) as two:
        raw = batch(two, bench)
        assert await one.refused(PublishBatch(one.bearer, raw)) is Code.SIGNATURE
        altered = raw[:-1] + bytes([raw[-1] ^ 1])
        assert await two.refused(PublishBatch(two.bearer, altered)) is Code.SIGNATURE
        assert await two.refused(PublishBatch(two.bearer, b"\x90")) is Code.FORMAT
        future = two.keeper.new_batch(bench.clock.hour, bench.house.log.size + 1)
        assert await two.refused(PublishBatch(two.bearer, future)) is Code.TRUST


async def test_when_a_snapshot_is_due(bench: Bench) -> None:
    """Every hour while batches change, every six while none does, and at once for the first."""
    prekeys = bench.house.prekeys
    assert not await prekeys.is_due()
    async with bench.device() as device:
        await publish(device, bench)
        assert await prekeys.is_due()
        await prekeys.make_snapshot()
        assert not await prekeys.is_due()
        bench.clock.now += 3600
        assert not await prekeys.is_due()
        device.bearer = await device.login()
        await publish(device, bench)
        assert await prekeys.is_due()
        await prekeys.make_snapshot()
    async with bench.device() as newcomer:
        await publish(newcomer, bench)
        assert not await prekeys.is_due()
        assert await prekeys.is_due(newcomer=True)
        await prekeys.make_snapshot()
        assert not await prekeys.is_due(newcomer=True)  # covered: nobody needs another leaf
    bench.clock.now += 6 * 3600
    assert await prekeys.is_due()


@pytest.mark.parametrize("settings", [{"job_seconds": 3600.0}])
async def test_a_newcomer_need_not_wait(bench: Bench) -> None:
    """A device without a covered batch gets a snapshot after the short delay; one that has one does not."""
    async with bench.device() as device:
        await publish(device, bench)
        for _ in range(100):
            if bench.house.prekeys.number:
                break
            await asyncio.sleep(0.02)
        assert bench.house.prekeys.number == 1
        await publish(device, bench)
        await asyncio.sleep(0.2)
        assert bench.house.prekeys.number == 1


async def test_a_clock_that_was_put_back_stops_no_snapshot(bench: Bench) -> None:
    """The time in snapshots never falls, so the log goes on accepting them."""
    await bench.house.prekeys.make_snapshot()
    bench.clock.now -= 86_400
    await bench.house.prekeys.make_snapshot()
    assert snapshot(bench).number == 2


async def test_reading_keys_takes_nothing_away(bench: Bench) -> None:
    """Every reader gets the very same bytes, however often: there is nothing to drain, to claim or to lose."""
    async with bench.link() as link, bench.link() as other, bench.device("sav") as one, bench.device("bops") as two:
        for device in (one, two):
            await publish(device, bench)
        await bench.house.prekeys.make_snapshot()
        first = await pages(link)
        assert len(first) == 2
        for reader in (link, other) * 10:
            assert await pages(reader) == first
