"""Deposit, by the steps of PROTOCOL 4.2."""

from __future__ import annotations

import asyncio
import dataclasses
import os

import msgspec
import pytest

from hub.quota import FairRate
from hub.wire.frame import frame
from hub.wire.requests import Deposit, Fetch
from hub.wire.responses import Code, Deposited, Fetched, Refused
from keys.envelope import deposit_statement
from keys.errors import SignatureError
from keys.ids import digest
from keys.public import verify_ed25519
from tests.unit.hub.conftest import Bench
from tests.unit.hub.device import Device, envelope


async def waiting(device: Device) -> list[int]:
    """Numbers that a device can fetch."""
    answer = await device.call(Fetch(device.bearer, 0, 256))
    assert isinstance(answer, Fetched)
    return [item.n for item in answer.items]


@pytest.mark.parametrize("size", [16 * 1024, 64 * 1024, 256 * 1024])
async def test_step_7_the_answer_is_the_hub_signed_hour(bench: Bench, size: int) -> None:
    """The hub signs envelope, mailbox and hour; nothing finer than the hour."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        request = device.deposit(size=size)
        answer = await link.call(request)
    assert isinstance(answer, Deposited)
    assert bench.clock.hour == answer.hour
    statement = deposit_statement(digest(request.envelope), device.mailbox, answer.hour)
    verify_ed25519(bench.federation.hub_keys.ed25519, answer.signature, statement)
    with pytest.raises(SignatureError):
        verify_ed25519(bench.federation.hub_keys.ed25519, answer.signature, statement + b"\x00")


@pytest.mark.parametrize("spoil", [b"SLU2", b"slu1", b"SLU1\x05", b"SLU1\x20"])
async def test_step_1_what_is_no_envelope_is_refused(bench: Bench, spoil: bytes) -> None:
    """A wrong magic, or a slot count that is not allowed or does not fit, never reaches the mailbox."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        good = device.deposit()
        bad = msgspec.structs.replace(good, envelope=spoil + good.envelope[len(spoil) :])
        assert Code.FORMAT is await link.refused(bad)
        assert await waiting(device) == []


@pytest.mark.parametrize("size", [16 * 1024 - 1 + 1024, 16 * 1024 + 1, 100_000])
async def test_step_1_other_sizes_are_refused(bench: Bench, size: int) -> None:
    """Only three sizes exist, so a size tells nothing about the content."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        assert Code.FORMAT is await link.refused(device.deposit(size=size))


@pytest.mark.parametrize(("apart", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_step_2_the_hour_is_at_most_one_apart(bench: Bench, apart: int, right: bool) -> None:
    """An envelope of another time is refused with a code of its own, because the sender can mend it."""
    async with bench.link() as link, bench.device() as device:
        hour = bench.clock.hour + apart
        await device.open_mailbox(hour)
        request = device.deposit(hour=hour)
        if right:
            assert isinstance(await link.call(request), Deposited)
        else:
            assert Code.HOUR is await link.refused(request)


async def test_step_3_refusals_are_identical(bench: Bench) -> None:
    """Unknown mailbox, wrong token, no token for the week, closed unit: the same bytes with the same status."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        bench.house.relay._mailboxes.set_open(bench.federation.units["bops"].mailbox_id, is_open=False)
        async with bench.device("bops") as closed:
            await closed.open_mailbox()
            requests = [
                Deposit(os.urandom(16), device.token(), envelope(bench.clock.hour)),
                Deposit(device.mailbox, os.urandom(32), envelope(bench.clock.hour)),
                Deposit(bench.federation.units["telefon"].mailbox_id, bytes(32), envelope(bench.clock.hour)),
                closed.deposit(),
            ]
        answers = {await link.post(frame(request)) for request in requests}
    assert {(403, frame(Refused(Code.DENIED, 0, "")))} == answers


async def test_step_4_a_full_mailbox_says_so(bench: Bench) -> None:
    """Beyond the quota deposits are refused until something was taken out, with the time to wait."""
    relay = bench.house.relay
    relay._limits = dataclasses.replace(relay._limits, max_waiting=2)
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        for _ in range(2):
            assert isinstance(await link.call(device.deposit()), Deposited)
        answer = await link.call(device.deposit())
        assert isinstance(answer, Refused)
        assert (answer.code, answer.retry_after > 0) == (Code.QUOTA, True)


async def test_step_5_the_same_bytes_get_the_same_answer(bench: Bench) -> None:
    """A deposit whose outcome was unknown is repeated without harm, also in the next hour."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        request = device.deposit()
        first = await link.call(request)
        bench.clock.now += 3600
        assert first == await link.call(request)
        device.bearer = await device.login()
        assert await waiting(device) == [1]


async def test_step_6_numbers_rise_without_gaps(bench: Bench) -> None:
    """Thirty senders at once: every number from 1 on, each once."""
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        answers = await asyncio.gather(*(link.call(device.deposit()) for _ in range(30)))
        assert all(isinstance(answer, Deposited) for answer in answers)
        assert list(range(1, 31)) == await waiting(device)


async def test_too_many_deposits_into_one_mailbox_must_wait(bench: Bench) -> None:
    """A mailbox has a rate of its own: one flooder cannot fill it in a minute, and gets half of it at once."""
    relay = bench.house.relay
    relay._rate = FairRate(0.5, 4)
    async with bench.link() as link, bench.device() as device:
        await device.open_mailbox()
        for _ in range(2):
            await link.call(device.deposit())
        answer = await link.call(device.deposit())
        assert isinstance(answer, Refused)
        assert (answer.code, 1 <= answer.retry_after <= 3) == (Code.RATE, True)
        bench.clock.now += 2
        assert isinstance(await link.call(device.deposit()), Deposited)
