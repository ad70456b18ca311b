"""Logins: one answer to everything that is wrong, and an end to everything that is right (PROTOCOL 5.1)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub.auth import BEARER_PURPOSE, NONCE_SECONDS, Auth, Session
from hub.refusal import RefusalError
from hub.signer import load_signer
from hub.wire.frame import frame
from hub.wire.limits import BEARER_SECONDS
from hub.wire.requests import LoginBegin, LoginProve, Status, Submit
from hub.wire.responses import Code, NonceIs, Refused, StatusIs
from tests.unit.hub.conftest import Bench
from tests.unit.hub.device import Device


async def proof(device: Device) -> LoginProve:
    """A right proof with a fresh nonce."""
    nonce = await device.call(LoginBegin(device.keeper.device_id))
    assert isinstance(nonce, NonceIs)
    signature = device.keeper.login(device.federation.hub_id, nonce.nonce)
    return LoginProve(device.keeper.device_id, nonce.nonce, signature)


async def test_a_bearer_ends_after_15_minutes(bench: Bench) -> None:
    """A bearer works until its time is over, and is then as good as unknown."""
    async with bench.device() as device:
        bench.clock.now += BEARER_SECONDS - 1
        assert isinstance(await device.call(Status(device.bearer)), StatusIs)
        bench.clock.now += 1
        assert Code.LOGIN is await device.refused(Status(device.bearer))
        assert Code.LOGIN is await device.refused(Status(os.urandom(32)))


async def test_everything_wrong_is_one_answer(bench: Bench) -> None:
    """Unknown device, wrong signature, another's nonce, another hub's login: the same bytes."""
    async with bench.device(number=0) as one, bench.device(number=1) as two:
        right = await proof(one)
        other_hub = one.keeper.login(os.urandom(16), right.nonce)
        stranger = os.urandom(16)
        nonce = await one.call(LoginBegin(stranger))
        assert isinstance(nonce, NonceIs)
        wrong = [
            LoginProve(right.device_id, right.nonce, os.urandom(64)),
            LoginProve(right.device_id, right.nonce, other_hub),
            LoginProve(right.device_id, os.urandom(32), right.signature),
            LoginProve(two.keeper.device_id, right.nonce, two.keeper.login(one.federation.hub_id, right.nonce)),
            LoginProve(stranger, nonce.nonce, right.signature),
        ]
        answers = {await one.post(frame(request)) for request in wrong}
    assert {(403, frame(Refused(Code.DENIED, 0, "")))} == answers


async def test_a_nonce_serves_once_and_for_a_minute(bench: Bench) -> None:
    """A login that somebody recorded does not work again, and an old nonce never does."""
    async with bench.device() as device:
        right = await proof(device)
        await device.call(right)
        assert Code.DENIED is await device.refused(right)
        late = await proof(device)
        bench.clock.now += NONCE_SECONDS + 1
        assert Code.DENIED is await device.refused(late)


async def test_a_bearer_is_good_at_every_process_of_the_hub_and_nowhere_else(bench: Bench, data: Path) -> None:
    """Another process with the hub's key knows it, a hub with another key does not; and a restart ends nothing."""
    house = bench.house
    async with bench.device() as device:
        ends_at = house.auth.session(device.bearer).ends_at
        key = load_signer(data).secret_for(BEARER_PURPOSE)
        other = Auth(house.log.directory, house.log.hub_id, bench.clock, bearer_key=key)
        assert other.session(device.bearer) == Session(device.keeper.device_id, device.mailbox, ends_at)
        stranger = Auth(house.log.directory, house.log.hub_id, bench.clock, bearer_key=bytes(32))
        with pytest.raises(RefusalError, match="AUTH"):
            stranger.session(device.bearer)


async def test_an_altered_bearer_is_none(bench: Bench) -> None:
    """No bit of it can be changed: not its end, not its device, not the MAC."""
    async with bench.device() as device:
        for at in range(8 * len(device.bearer)):
            altered = bytearray(device.bearer)
            altered[at // 8] ^= 1 << at % 8
            with pytest.raises(RefusalError, match="AUTH"):
                bench.house.auth.session(bytes(altered))
        assert isinstance(await device.call(Status(device.bearer)), StatusIs)


async def test_a_revoked_device_is_out_at_once(bench: Bench) -> None:
    """The revocation ends its bearers and refuses its next login."""
    async with bench.link() as link, bench.device() as device:
        await link.call(Submit(bench.federation.revoke("sav", device.keeper.device_id)))
        assert Code.LOGIN is await device.refused(Status(device.bearer))
        assert Code.DENIED is await device.refused(await proof(device))


async def test_a_device_whose_time_is_over_is_out(bench: Bench) -> None:
    """A certificate ends by itself, and with it what was logged in."""
    async with bench.device() as device:
        entry = bench.house.log.directory.devices[device.keeper.device_id]
        bench.clock.now = float(entry.statement.not_after - 60)
        bearer = await device.login()
        bench.clock.now += 120
        assert Code.LOGIN is await device.refused(Status(bearer))
        assert Code.DENIED is await device.refused(await proof(device))


async def test_what_ran_out_is_forgotten(bench: Bench) -> None:
    """Used nonces do not pile up in memory, and bearers are not in memory at all."""
    async with bench.device():
        assert len(bench.house.auth._used) == 1
        bench.clock.now += NONCE_SECONDS + 1
        bench.house.auth.sweep()
        assert len(bench.house.auth._used) == 0
