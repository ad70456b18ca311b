"""One HTTP session to the hub that carries frames, and turns whatever goes wrong into our errors."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from hub.wire.frame import frame, unframe_response
from hub.wire.limits import HTTP_PATH, LARGE_BYTES
from hub.wire.requests import Request
from hub.wire.responses import Code, Refused, Response
from keys.errors import FormatError, LocalError, PeerError

TIMEOUT_SECONDS: Final = 30.0
_OUTCOME_UNKNOWN: Final = frozenset({Code.BUSY, Code.DISK, Code.FAULT, Code.RATE})


class HubError(LocalError):
    """The hub cannot be reached, is busy, or answered nonsense: the outcome is unknown."""

    default_code = "HUB"


class HubRefusedError(PeerError):
    """The hub understood and said no; ``code`` is the hub's, one of PROTOCOL 6."""

    default_code = "DENIED"

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code.value, retry_after=refused.retry_after, rule=refused.detail)


def check_address(address: str) -> str:
    """The address without a trailing slash, when it may be used.

    Raises:
        LocalError: code ``ADDRESS``; not HTTPS and not on this machine.
    """
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        return address.rstrip("/")
    raise LocalError("ADDRESS")


class Session:
    """A session with at most ``connections`` connections to one hub.

    Args:
        address: ``https://…``, or ``http://`` on loopback.
        connections: how many requests may be under way at once.
    """

    def __init__(self, address: str, *, connections: int) -> None:
        self._address = check_address(address)
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            trace_configs=[_no_redirects()],
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    async def call(self, request: Request) -> Response:
        """One frame there, one frame back.

        Raises:
            HubError: unreachable, too slow, busy, or not a frame that answers this.
            HubRefusedError: the hub said no.
        """
        try:
            async with self._http.post(self._address + HTTP_PATH, data=frame(request)) as answer:
                data = await _read_bounded(answer.content)
            response = unframe_response(data)
        except (aiohttp.ClientError, OSError, TimeoutError, FormatError) as error:
            raise HubError("HUB", error_type=type(error).__name__) from error
        if isinstance(response, Refused):
            if response.code in _OUTCOME_UNKNOWN:
                raise HubError("HUB", status=response.code.value, retry_after=response.retry_after)
            raise HubRefusedError(response)
        return response

    async def websocket(self, path: str) -> aiohttp.ClientWebSocketResponse:
        """Open a WebSocket.

        Raises:
            HubError: unreachable or refused.
        """
        try:
            return await self._http.ws_connect(self._address + path, max_msg_size=LARGE_BYTES, heartbeat=None)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise HubError("HUB", error_type=type(error).__name__) from error


def _no_redirects() -> aiohttp.TraceConfig:
    """A hub that sends us elsewhere, bearer and all, is not followed: not to plain HTTP, not into our own network."""

    async def refuse(*_: object) -> None:
        raise aiohttp.ClientError

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(refuse)
    return trace


async def _read_bounded(stream: aiohttp.StreamReader) -> bytes:
    data = await stream.read(LARGE_BYTES + 1)
    while len(data) <= LARGE_BYTES and not stream.at_eof():
        data += await stream.read(LARGE_BYTES + 1 - len(data))
    if len(data) > LARGE_BYTES:
        raise FormatError("FMT", rule="length")
    return data


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
