"""Blobs at the hub, by the steps of PROTOCOL 4.9."""

from __future__ import annotations

import os
import time
from typing import Any

import msgspec
import pytest

from hub.blobs import KEEP_HOURS
from hub.wire.requests import DropBlobs, FindBlobs, GetBlob, LoginBegin, PutBlob
from hub.wire.responses import BlobIs, BlobPut, BlobsDropped, BlobsFound, Code
from keys.attachment import BLOB_BYTES, drop_hash
from keys.ids import digest
from tests.unit.hub.conftest import Bench
from tests.unit.hub.device import Device, Link

SECRET = b"s" * 32
SMALL = {"max_blobs": 3, "max_blobs_in_all": 5}


def blob_for(device: Device, body: bytes = b"", secret: bytes = SECRET) -> PutBlob:
    """A blob for a device's own mailbox."""
    hour = int(time.time()) // 3600
    body = body or os.urandom(BLOB_BYTES)
    return PutBlob(device.mailbox, device.token(hour), hour, drop_hash(secret), body)


async def get(link: Link, name: bytes) -> bytes:
    """What the hub gives under a name."""
    answer = await link.call(GetBlob(name))
    assert isinstance(answer, BlobIs)
    return answer.blob


async def dropped(link: Link, *pairs: bytes) -> int:
    """How many the hub deleted."""
    answer = await link.call(DropBlobs(b"".join(pairs)))
    assert isinstance(answer, BlobsDropped)
    return answer.count


async def test_step_1_what_was_put_is_there_and_the_answer_is_the_hour(bench: Bench) -> None:
    """A blob comes back byte for byte under its SHA-256; the same again gets the same answer, also in another hour."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        request = blob_for(device)
        first = await link.call(request)
        bench.clock.now += 3600
        assert await link.call(request) == first == BlobPut(bench.clock.hour - 1)
        assert await get(link, digest(request.blob)) == request.blob
        assert await get(link, digest(b"another")) == b""


async def test_step_1_a_blob_needs_the_mailbox_s_token_and_the_hour(bench: Bench) -> None:
    """Another token, an unknown mailbox and an hour that is off are refused, and nothing is kept."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        good = blob_for(device)
        assert await link.refused(msgspec.structs.replace(good, token=bytes(32))) is Code.DENIED
        assert await link.refused(msgspec.structs.replace(good, mailbox_id=bytes(16))) is Code.DENIED
        assert await link.refused(msgspec.structs.replace(good, hour=good.hour - 2)) is Code.HOUR
        assert await get(link, digest(good.blob)) == b""


async def test_blobs_are_anonymous(bench: Bench) -> None:
    """On a connection that logged in none of the four is served."""
    async with bench.device() as device:
        await device.call(LoginBegin(device.keeper.device_id))
        for request in (blob_for(device), GetBlob(bytes(32)), FindBlobs(bytes(32)), DropBlobs(bytes(64))):
            assert await device.refused(request) is Code.ANONYMOUS


async def test_step_2_other_lengths_are_no_frames(bench: Bench) -> None:
    """A blob has exactly one length; names and drops come whole."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        good = blob_for(device)
        for body in (good.blob[:-1], good.blob + b"x"):
            assert await link.refused(msgspec.structs.replace(good, blob=body)) is Code.FORMAT
        assert await link.refused(FindBlobs(bytes(33))) is Code.FORMAT
        assert await link.refused(DropBlobs(bytes(65))) is Code.FORMAT


async def test_step_3_the_hub_says_which_it_has(bench: Bench) -> None:
    """One byte a name, in the order of the question."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        request = blob_for(device)
        await link.call(request)
        names = [bytes(32), digest(request.blob), digest(b"")]
        assert await link.call(FindBlobs(b"".join(names))) == BlobsFound(b"\x00\x01\x00")


async def test_step_4_only_the_secret_deletes(bench: Bench) -> None:
    """With another secret the blob stays; with its own it goes, and can be put again."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        request = blob_for(device)
        name = digest(request.blob)
        await link.call(request)
        assert await dropped(link, name + b"x" * 32) == 0
        assert await get(link, name) == request.blob
        assert await dropped(link, name + SECRET, name + SECRET, bytes(64)) == 1
        assert await get(link, name) == b""
        await link.call(request)
        assert await get(link, name) == request.blob


class TestFull:
    """Quotas."""

    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        """A hub with room for three blobs a mailbox and five in all."""
        return {"job_seconds": 3600.0, "snapshot_delay_seconds": 3600.0, **SMALL}

    async def test_a_flood_fills_one_mailbox_and_no_other(self, bench: Bench) -> None:
        """The fourth blob for a mailbox is refused, another takes some, and what is deleted makes room."""
        async with bench.link() as link, bench.device("sav") as one, bench.device("bops") as other:
            await one.open_mailbox()
            await other.open_mailbox()
            requests = [blob_for(one) for _ in range(3)]
            for request in requests:
                assert isinstance(await link.call(request), BlobPut)
            assert await link.refused(blob_for(one)) is Code.QUOTA
            assert isinstance(await link.call(requests[0]), BlobPut)  # known: takes no room
            assert isinstance(await link.call(blob_for(other)), BlobPut)
            assert isinstance(await link.call(blob_for(other)), BlobPut)
            assert await link.refused(blob_for(other)) is Code.QUOTA  # the hub is full
            assert await dropped(link, digest(requests[0].blob) + SECRET) == 1
            assert isinstance(await link.call(blob_for(other)), BlobPut)


class TestRate:
    """Floods."""

    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        """A hub that takes four blobs at once, two of them from one address, and then one in a long time."""
        return {"job_seconds": 3600.0, "snapshot_delay_seconds": 3600.0, "blob_rate": 0.01, "blob_burst": 4}

    async def test_blobs_have_a_rate_of_their_own(self, bench: Bench) -> None:
        """The third blob at once is refused with the seconds to wait, and envelopes still come in."""
        async with bench.link() as link, bench.device() as device:
            await device.open_mailbox()
            for _ in range(2):
                assert isinstance(await link.call(blob_for(device)), BlobPut)
            assert await link.refused(blob_for(device)) is Code.RATE
            assert not hasattr(await link.call(device.deposit()), "code")


async def test_blobs_go_after_33_days(bench: Bench) -> None:
    """Not an hour before, and whatever their number."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        request = blob_for(device)
        await link.call(request)
        bench.clock.now += KEEP_HOURS * 3600
        assert await bench.house.blobs.expire() == 0
        bench.clock.now += 3600
        assert await bench.house.blobs.expire() == 1
        assert await get(link, digest(request.blob)) == b""
