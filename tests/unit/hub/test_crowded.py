"""Members who hold connections, over real sockets: nobody has all places, and who comes still comes in."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp
import pytest

from hub.config import ClientAddress
from hub.wire.frame import unframe_response
from hub.wire.requests import Hello
from hub.wire.responses import HelloIs, Something
from tests.unit.hub.conftest import Bench
from tests.unit.hub.device import Device

pytestmark = pytest.mark.timeout(120)

MOST: Final = 16
HEADER: Final = "X-Forwarded-For"


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Room for sixteen connections."""
    how = ClientAddress.HEADER if "header" in request.node.name else ClientAddress.CONNECTION
    room = {"max_connections": MOST, "source_connections": 400, "client_address": how, "wake_seconds": 3600.0}
    return {"job_seconds": 3600.0, "snapshot_delay_seconds": 3600.0, **room}


class Placed(Device):
    """A device, or whoever has not logged in, on one connection from an address; ``by_header`` behind a proxy."""

    def __init__(self, bench: Bench, unit: str, address: str, *, by_header: bool) -> None:
        super().__init__(bench.url, bench.federation, bench.federation.units[unit].keepers[0])
        self._local, self._headers = ("127.0.0.1", {HEADER: address}) if by_header else (address, {})

    async def __aenter__(self) -> Placed:
        connector = aiohttp.TCPConnector(limit=1, local_addr=(self._local, 0))
        self._session = aiohttp.ClientSession(connector=connector, headers=self._headers)
        return self


class Crowd:
    """Connections that stay open until the end of the test."""

    def __init__(self, bench: Bench, stack: contextlib.AsyncExitStack, *, by_header: bool) -> None:
        self._bench, self._stack, self._by_header = bench, stack, by_header

    async def seat(self, unit: str, address: str) -> Placed:
        """One more connection; it is open when somebody asks something on it."""
        return await self._stack.enter_async_context(Placed(self._bench, unit, address, by_header=self._by_header))

    async def log_in(self, unit: str, address: str) -> Placed:
        """A device logs in on a connection of its own."""
        placed = await self.seat(unit, address)
        placed.bearer = await placed.login()
        return placed

    async def asks(self, address: str) -> bool:
        """A stranger comes with a question, and stays; returns whether it was answered."""
        try:
            return isinstance(await (await self.seat("sav", address)).call(Hello()), HelloIs)
        except aiohttp.ClientError:
            return False

    async def listen(self, unit: str, address: str) -> aiohttp.ClientWebSocketResponse:
        """A device logs in and opens its wake connection."""
        device = await self.log_in(unit, address)
        socket = await self._stack.enter_async_context(await device.wake(device.bearer))
        assert await _is_woken(socket)
        return socket


async def _is_woken(socket: aiohttp.ClientWebSocketResponse) -> bool:
    message = await socket.receive(60)
    return message.type is aiohttp.WSMsgType.BINARY and isinstance(unframe_response(message.data), Something)


@contextlib.asynccontextmanager
async def crowd_of(bench: Bench, *, by_header: bool) -> AsyncIterator[Crowd]:
    """All of them leave in the end."""
    async with contextlib.AsyncExitStack() as stack:
        yield Crowd(bench, stack, by_header=by_header)


async def _strangers_come_in(crowd: Crowd) -> bool:
    """Twice as many as there is room for; who was silent goes for them."""
    return all([await crowd.asks(f"127.{100 + number}.0.1") for number in range(2 * MOST)])


async def _others_come_in(bench: Bench, crowd: Crowd) -> None:
    """A device from where nobody was, and it stays while strangers come."""
    socket = await crowd.listen("bops", "127.99.0.1")
    assert await _strangers_come_in(crowd)
    bench.house.wakers.wake(bench.device("bops").mailbox)
    assert await _is_woken(socket)


async def test_one_device_cannot_keep_all_behind_a_header(bench: Bench) -> None:
    """A login keeps a place, but only the first eight of a device: addresses are not counted there."""
    async with crowd_of(bench, by_header=True) as crowd:
        for _ in range(2 * MOST):
            await crowd.log_in("sav", "192.0.2.7")
        await _others_come_in(bench, crowd)
        assert bench.house.connections.count <= MOST


async def test_one_device_cannot_keep_places_at_each_address_it_was_at(bench: Bench) -> None:
    """From address to address, with connections left behind at each: what is known no more keeps nothing."""
    async with crowd_of(bench, by_header=False) as crowd:
        for number in range(MOST):
            await crowd.log_in("sav", f"127.{10 + number}.0.1")
            assert await crowd.asks(f"127.{10 + number}.0.1")
        await _others_come_in(bench, crowd)


async def test_many_devices_cannot_keep_all(bench: Bench) -> None:
    """Each within what it may have: a quarter is kept for nobody, and a device from elsewhere comes in as well."""
    async with crowd_of(bench, by_header=False) as crowd:
        for number in range(MOST):
            await crowd.log_in(("sav", "sodermalm", "telefon")[number % 3], "127.0.0.1")
        assert bench.house.connections.kept == MOST - MOST // 4
        assert await _strangers_come_in(crowd)
        await crowd.listen("bops", "127.99.0.1")


async def test_a_revoked_device_keeps_nothing(bench: Bench) -> None:
    """Its connections go as a stranger's do."""
    async with crowd_of(bench, by_header=False) as crowd:
        for _ in range(MOST // 2):
            await crowd.log_in("sav", "127.0.0.1")
        kept = bench.house.connections.kept
        await bench.house._device_revoked(bench.device("sav").keeper.device_id)
        assert (kept, bench.house.connections.kept) == (MOST // 2, 0)
