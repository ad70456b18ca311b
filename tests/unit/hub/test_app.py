"""The HTTP edge: connections, limits, wake, errors (PROTOCOL 1, 2, 5.7, 6)."""

from __future__ import annotations

import asyncio
import os
import random

import aiohttp
import pytest

from hub.wire.frame import frame, unframe_response
from hub.wire.limits import BEARER_SECONDS, HTTP_PATH, LARGE_BYTES, SMALL_BYTES
from hub.wire.requests import (
    Fetch,
    Hello,
    LoginBegin,
    ReadCheckpoint,
    ReadLog,
    ReadSnapshot,
    Recall,
    Status,
    Submit,
    Wake,
)
from hub.wire.responses import Code, HelloIs, Refused, Something, StatusIs, StillHere
from tests.unit.hub.conftest import Bench


async def receive(socket: aiohttp.ClientWebSocketResponse) -> object:
    """The next frame of a wake connection, or None when it was closed."""
    message = await asyncio.wait_for(socket.receive(), 5)
    return unframe_response(message.data) if message.type is aiohttp.WSMsgType.BINARY else None


async def test_hello(bench: Bench) -> None:
    """Federation, hub, incarnation and time."""
    async with bench.link() as link:
        answer = await link.call(Hello())
    federation = bench.federation
    assert isinstance(answer, HelloIs)
    assert (answer.version, answer.federation, answer.hub_id) == (1, federation.directory.federation, federation.hub_id)
    assert (answer.seconds, answer.incarnation) == (int(bench.clock.now), bench.house.relay.incarnation)


async def test_anonymous_operations_never_on_a_connection_that_logged_in(bench: Bench) -> None:
    """Whoever logged in on a connection cannot deposit on it: the two would be linked."""
    async with bench.device() as device:
        anonymous = [
            Hello(),
            device.deposit(),
            Recall(bytes(32), 1),
            ReadLog(0, 1),
            ReadCheckpoint(),
            ReadSnapshot(0, bytes(16)),
            Submit(b"x"),
        ]
        for request in anonymous:
            assert await device.refused(request) is Code.ANONYMOUS


@pytest.mark.parametrize("request_", [LoginBegin(bytes(16)), Status(bytes(32))])
async def test_even_a_try_marks_the_connection(bench: Bench, request_: LoginBegin | Status) -> None:
    """Beginning a login or showing any bearer is enough; another connection is free."""
    async with bench.link() as link, bench.link() as other:
        assert isinstance(await link.call(Hello()), HelloIs)
        await link.call(request_)
        assert await link.refused(Hello()) is Code.ANONYMOUS
        assert isinstance(await other.call(Hello()), HelloIs)


async def test_logging_in_after_anonymous_work_is_fine(bench: Bench) -> None:
    """The other way around nothing is refused; the client keeps them apart by itself."""
    async with bench.link() as link:
        await link.call(Hello())
        assert not isinstance(await link.call(LoginBegin(bytes(16))), Refused)


@pytest.mark.parametrize("size", [0, 1, SMALL_BYTES - 1, SMALL_BYTES + 1, LARGE_BYTES, 3_000_000])
async def test_other_lengths_are_refused_unread(bench: Bench, size: int) -> None:
    """Only the five sizes, and of them only those that a request may have."""
    async with bench.link() as link:
        status, body = await link.post(bytes(size))
    assert (status, unframe_response(body)) == (400, Refused(Code.FORMAT, 0, "frame-size"))


async def test_malformed_frames_are_declared_errors(bench: Bench) -> None:
    """Any bytes, and right frames with one byte changed, at the real server: a frame with a code, never a 5xx."""
    chance = random.Random(5)
    async with bench.device() as device, bench.link() as link:
        right = [frame(Hello()), frame(Fetch(device.bearer, 0, 1)), frame(Submit(bytes(50))), frame(Wake(bytes(32)))]
        broken = [raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :] for raw in right for at in range(60)]
        noise = [chance.randbytes(SMALL_BYTES) for _ in range(50)]
        lengths = [bytes(3) + bytes([length]) + chance.randbytes(length) for length in range(0, 250, 5)]
        for raw in broken + noise + [raw + bytes(SMALL_BYTES - len(raw)) for raw in lengths]:
            status, body = await link.post(raw)
            answer = unframe_response(body)
            assert status < 500
            assert isinstance(answer, Refused) == (status != 200)


async def test_other_paths_and_methods(bench: Bench) -> None:
    """Three doors; nothing says what stands behind."""
    async with aiohttp.ClientSession() as session:
        async with session.get(bench.url + "/healthz") as response:
            assert (response.status, await response.text()) == (200, "ok\n")
        for method, path in (("GET", HTTP_PATH), ("POST", "/"), ("GET", "/metrics"), ("PUT", HTTP_PATH)):
            async with session.request(method, bench.url + path) as response:
                assert (response.status, await response.read()) == (404, b"")
                assert response.headers["Server"] == "sluss"


@pytest.mark.parametrize("settings", [{"source_rate": 0.5, "source_burst": 2, "job_seconds": 3600.0}])
async def test_a_source_has_a_rate(bench: Bench) -> None:
    """Too many requests from one address: RATE with the seconds to wait, and then it goes on."""
    async with bench.link() as link:
        for _ in range(2):
            await link.call(Hello())
        answer = await link.call(Hello())
        assert isinstance(answer, Refused)
        assert (answer.code, 1 <= answer.retry_after <= 3) == (Code.RATE, True)
        bench.clock.now += answer.retry_after
        assert isinstance(await link.call(Hello()), HelloIs)


@pytest.mark.parametrize("settings", [{"source_connections": 2, "job_seconds": 3600.0}])
async def test_a_source_has_so_many_connections(bench: Bench) -> None:
    """One connection too many is closed; when another ends there is room again."""
    async with bench.link() as one:
        await one.call(Hello())
        async with bench.link() as two:
            await two.call(Hello())
            async with bench.link() as three:
                with pytest.raises(aiohttp.ClientError):
                    await three.call(Hello())
        await asyncio.sleep(0.05)
        async with bench.link() as four:
            assert isinstance(await four.call(Hello()), HelloIs)


@pytest.mark.parametrize("settings", [{"request_seconds": 0.2, "job_seconds": 3600.0}])
async def test_a_slow_body_is_cut_off(bench: Bench) -> None:
    """Whoever announces a frame and does not send it is refused after the deadline."""
    host, port = bench.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST {HTTP_PATH} HTTP/1.1\r\nHost: h\r\nContent-Length: 1024\r\n\r\nslow".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)
    assert b"503" in head
    writer.close()
    await writer.wait_closed()


async def test_wake_at_once_and_for_each_deposit(bench: Bench) -> None:
    """The first frame comes at once; then one for what arrives; all are the same bytes."""
    async with bench.link() as link, bench.link() as listener, bench.device() as device:
        await device.open_mailbox()
        socket = await listener.wake(device.bearer)
        assert await receive(socket) == Something()
        await link.call(device.deposit())
        assert await receive(socket) == Something()
        await socket.close()
    for _ in range(50):
        if not len(bench.house.wakers):
            break
        await asyncio.sleep(0.02)
    assert len(bench.house.wakers) == 0


async def test_wake_is_for_the_own_mailbox(bench: Bench) -> None:
    """Another unit's mail wakes nobody here."""
    async with bench.link() as link, bench.link() as listener, bench.device() as device, bench.device("bops") as other:
        await other.open_mailbox()
        socket = await listener.wake(device.bearer)
        assert await receive(socket) == Something()
        await link.call(other.deposit())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.receive(), 0.2)
        await socket.close()


@pytest.mark.parametrize("settings", [{"wake_seconds": 0.1, "job_seconds": 3600.0}])
async def test_signs_of_life_and_the_end_of_a_bearer(bench: Bench) -> None:
    """A listener hears that the hub is there, and is hung up when its bearer ends."""
    async with bench.link() as listener, bench.device() as device:
        socket = await listener.wake(device.bearer)
        assert await receive(socket) == Something()
        assert await receive(socket) == StillHere()
        bench.clock.now += BEARER_SECONDS
        while (heard := await receive(socket)) is not None:
            assert heard == StillHere()


async def test_a_wake_without_a_bearer_is_refused(bench: Bench) -> None:
    """Unknown bearer: AUTH and closed; another frame, or text: FMT and closed."""
    async with bench.link() as link:
        socket = await link.wake(os.urandom(32))
        assert await receive(socket) == Refused(Code.LOGIN, 0, "")
        assert await receive(socket) is None
        assert link._session is not None
        socket = await link._session.ws_connect(bench.url + "/v1/wake")
        await socket.send_bytes(frame(Hello()))
        assert await receive(socket) == Refused(Code.FORMAT, 0, "")
        socket = await link._session.ws_connect(bench.url + "/v1/wake")
        await socket.send_str("hello")
        assert await receive(socket) == Refused(Code.FORMAT, 0, "")


async def test_wake_by_post_is_refused(bench: Bench) -> None:
    """Wake has a path of its own."""
    async with bench.device() as device:
        assert await device.refused(Wake(device.bearer)) is Code.FORMAT
        assert isinstance(await device.call(Status(device.bearer)), StatusIs)


async def test_a_revoked_listener_is_hung_up(bench: Bench) -> None:
    """A lost laptop does not go on hearing when its unit gets mail."""
    async with bench.link() as link, bench.link() as listener, bench.device() as device:
        socket = await listener.wake(device.bearer)
        assert await receive(socket) == Something()
        await link.call(Submit(bench.federation.revoke("sav", device.keeper.device_id)))
        assert await receive(socket) is None


async def test_a_fault_is_a_frame_without_reason(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's own fault says FAULT and nothing else."""
    monkeypatch.setattr(bench.house.log, "read", None)
    async with bench.link() as link:
        assert await link.call(ReadLog(0, 1)) == Refused(Code.FAULT, 5, "")


async def test_counters_have_no_names(bench: Bench) -> None:
    """The last whole hour in sums, by operation and by code."""
    async with bench.link() as link:
        await link.call(Hello())
        await link.call(Recall(bytes(32), 1))
    assert bench.house.metrics.last_hour(bench.clock.now) == {}
    assert bench.house.metrics.last_hour(bench.clock.now + 3600) == {"Hello": 1, "Recall": 1}
    assert bench.house.metrics.last_hour(bench.clock.now + 3 * 3600) == {}
