"""Logins: one answer to everything that is wrong, and an end to everything that is right (PROTOCOL 5.1)."""

from __future__ import annotations

import os

import pytest

from hub.auth import BEARERS_PER_DEVICE, NONCE_SECONDS
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


async def test_bearers_per_device_are_bounded(bench: Bench) -> None:
    """Logging in again and again drops the device's own oldest bearer and nobody else's."""
    async with bench.device(number=0) as one, bench.device(number=1) as two:
        for _ in range(BEARERS_PER_DEVICE):
            bench.clock.now += 1
            await one.login()
        assert Code.LOGIN is await one.refused(Status(one.bearer))
        assert isinstance(await two.call(Status(two.bearer)), StatusIs)
    assert len(bench.house.auth) == BEARERS_PER_DEVICE + 1


async def test_a_revoked_device_is_out_at_once(bench: Bench) -> None:
    """The revocation ends its bearers and refuses its next login."""
    async with bench.link() as link, bench.device() as device:
        await link.call(Submit(bench.federation.revoke("sav", device.keeper.device_id)))
        assert Code.LOGIN is await device.refused(Status(device.bearer))
        assert Code.DENIED is await device.refused(await proof(device))


async def test_a_device_whose_time_is_over_is_out(bench: Bench) -> None:
    """A certificate ends by itself."""
    async with bench.device() as device:
        bench.clock.now += 366 * 86_400
        bench.house.auth.sweep()
        assert len(bench.house.auth) == 0
        assert Code.DENIED is await device.refused(await proof(device))


@pytest.mark.parametrize("later", [NONCE_SECONDS + 1])
async def test_what_ran_out_is_forgotten(bench: Bench, later: int) -> None:
    """Used nonces and ended bearers do not pile up in memory."""
    async with bench.device():
        assert len(bench.house.auth._used) == 1
        bench.clock.now += later
        bench.house.auth.sweep()
        assert (len(bench.house.auth._used), len(bench.house.auth)) == (0, 1)
        bench.clock.now += BEARER_SECONDS
        bench.house.auth.sweep()
        assert len(bench.house.auth) == 0
