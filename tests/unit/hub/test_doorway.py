"""Where a connection comes from: the proxy's line, the header, and what strangers may not say."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from hub.config import ClientAddress
from hub.proxy_line import MAX_LINE_BYTES, network_of, parse_line, source_of
from hub.wire.frame import frame, unframe_response
from hub.wire.requests import Hello
from hub.wire.responses import HelloIs
from keys.errors import FormatError
from tests.unit.hub.conftest import Bench

ASK = frame(Hello())
REQUEST = b"POST /v1 HTTP/1.1\r\nHost: hub\r\nContent-Length: %d\r\n\r\n" % len(ASK) + ASK


@pytest.mark.parametrize(
    ("line", "source"),
    [
        (b"PROXY TCP4 192.0.2.7 192.0.2.1 51234 443", "192.0.2.7"),
        (b"PROXY TCP6 2001:db8:1:2:3::4 2001:db8::1 51234 443", "2001:db8:1:2::"),
        (b"PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2", "192.0.2.7"),
        (b"PROXY UNKNOWN", None),
        (b"PROXY UNKNOWN ffff::1 ffff::2 1 2", None),
    ],
)
def test_a_line_names_an_address(line: bytes, source: str | None) -> None:
    """Version 4 as it is, version 6 by its network, and the proxy's own check."""
    assert parse_line(line) == source


@pytest.mark.parametrize(
    ("one", "other", "is_one_network"),
    [
        ("192.0.2.7", "192.0.2.8", True),
        ("192.0.2.7", "192.0.3.7", False),
        ("2001:db8:1:2::", "2001:db8:1:3::", True),
        ("2001:db8:1:2::", "2001:db8:2:2::", False),
        ("127.0.0.1 50001", "127.0.0.1 50002", False),  # a proxy's connections, which only the proxy can tell apart
        (":: 50001", ":: 50002", False),
        ("", "192.0.2.7", False),
    ],
)
def test_addresses_of_one_network(one: str, other: str, is_one_network: bool) -> None:
    """A /24, a /48; what is no address stands for itself."""
    assert (network_of(one) == network_of(other)) is is_one_network


@pytest.mark.parametrize(
    "line",
    [
        b"", b"PROXY", b"PROXY TCP4", b"proxy TCP4 192.0.2.7 192.0.2.1 1 2", b"PROXY TCP4 192.0.2.777 192.0.2.1 1 2",
        b"PROXY TCP4 192.0.2.7  192.0.2.1 1 2", b"PROXY TCP4 192.0.2.7 192.0.2.1 1", b"PROXY UNKNOWNX",
        b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2 ", b"PROXY TCP5 192.0.2.7 192.0.2.1 1 2", b"\x0d\x0a\x0d\x0a\x00",
        b"POST /v1 HTTP/1.1",
    ],
)  # fmt: skip
def test_a_wrong_line_is_refused(line: bytes) -> None:
    """One form, no other."""
    with pytest.raises(FormatError):
        parse_line(line)
    with pytest.raises(FormatError):
        source_of("hub.example")


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A hub behind a proxy; three requests for each address."""
    how = ClientAddress.HEADER if "header" in request.node.name else ClientAddress.PROXY_LINE
    strict = {"source_rate": 1e-6, "source_burst": 3, "source_connections": 5}
    return {"job_seconds": 3600.0, "snapshot_delay_seconds": 3600.0, "client_address": how, **strict}


async def talk(bench: Bench, *pieces: bytes, local: str = "127.0.0.1") -> bytes:
    """Send bytes over a fresh connection, each piece by itself; returns what comes until the end or one answer."""
    port = int(bench.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(local, 0))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[16:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length: "))
        return head[9:12] + await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    finally:
        writer.close()


def _line(address: str) -> bytes:
    return f"PROXY TCP4 {address} 192.0.2.1 51234 443\r\n".encode()


async def test_the_line_decides_whose_rate_it_is(bench: Bench) -> None:
    """Each address behind the proxy has its own; a line in pieces, or with the request behind it, is a line."""
    line = _line("192.0.2.7")
    for pieces in ((line + REQUEST,), (line, REQUEST), (line[:6], line[6:], REQUEST)):
        answer = await talk(bench, *pieces)
        assert (answer[:3], type(unframe_response(answer[3:]))) == (b"200", HelloIs)
    assert (await talk(bench, _line("192.0.2.7") + REQUEST))[:3] == b"429"
    assert (await talk(bench, _line("192.0.2.8") + REQUEST))[:3] == b"200"
    assert (await talk(bench, b"PROXY UNKNOWN\r\n" + REQUEST))[:3] == b"200"


async def test_no_line_and_no_proxy_get_nothing(bench: Bench) -> None:
    """Neither a request without a line, nor a line that is too long, nor a line from somebody who is not the proxy."""
    assert await talk(bench, REQUEST) == b""
    assert await talk(bench, b"PROXY TCP4 " + b"1" * MAX_LINE_BYTES) == b""
    assert await talk(bench, _line("192.0.2.9") + REQUEST, local="127.0.0.9") == b""
    assert (await talk(bench, _line("192.0.2.9") + REQUEST))[:3] == b"200"
    assert bench.house.metrics.troubles["CONNECTIONS"] == 1


async def test_connections_are_counted_by_the_line(bench: Bench) -> None:
    """The sixth connection from one address is closed, that of another is not; all are forgotten when they end."""
    port = int(bench.url.rpartition(":")[2])
    held = []
    for _ in range(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_line("192.0.2.7"))
        held.append((reader, writer))
    await asyncio.sleep(0.2)
    assert await talk(bench, _line("192.0.2.7") + REQUEST) == b""
    assert (await talk(bench, _line("192.0.2.8") + REQUEST))[:3] == b"200"
    for _, writer in held:
        writer.close()
    async with asyncio.timeout(30):
        while bench.house.connections.count:  # noqa: ASYNC110 - the server's own work
            await asyncio.sleep(0.02)
    assert (await talk(bench, _line("192.0.2.7") + REQUEST))[:3] == b"200"


async def test_a_header_decides_for_each_request(bench: Bench) -> None:
    """The last address counts, because the ones before it may be a stranger's; without one nothing is done."""
    for forwarded in ("192.0.2.7", "192.0.2.8, 192.0.2.7", "10.0.0.1,192.0.2.7"):
        assert await _status(bench, forwarded) == 200
    assert await _status(bench, "192.0.2.8, 192.0.2.7") == 429
    assert await _status(bench, "192.0.2.8") == 200
    for wrong in ("", "hub.example", "192.0.2.8,"):
        assert await _status(bench, wrong) == 400
        assert await _status(bench, wrong, path="/checkpoint") == await _status(bench, wrong, path="/v1/wake") == 400
    assert await talk(bench, REQUEST, local="127.0.0.9") == b""


async def _status(bench: Bench, forwarded: str, *, path: str = "") -> int:
    headers = {"X-Forwarded-For": forwarded}
    async with aiohttp.ClientSession() as session:
        asking = session.get(bench.url + path, headers=headers) if path else None
        async with asking or session.post(bench.url + "/v1", data=ASK, headers=headers) as answer:
            return answer.status
