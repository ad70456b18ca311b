"""HTTP around the operations: decode, authorise the connection, call, encode (PROTOCOL 1, 2). Nothing else.

aiohttp's low-level server, because there are three paths and the router costs more than a deposit's own work. What
aiohttp would write about a request, it does not: no access log, no server name, no traceback with data in it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from typing import Final, assert_never

from aiohttp import WSMsgType, web
from aiohttp.web_protocol import RequestHandler

from hub.clock import Clock
from hub.config import ClientAddress
from hub.doorway import Connection, Doorway, LineHandler
from hub.metrics import Metrics
from hub.notify import Waker, Wakers
from hub.operations import Operations
from hub.quota import SourceRate
from hub.refusal import RefusalError
from hub.reply import SERVER, FrameReply
from hub.store.base import StoreBusyError, StoreError
from hub.tiles import CHECKPOINT_PATH, TILE_PREFIX, entries, has_entries, hashes, parse_path
from hub.wire.frame import frame, unframe_request
from hub.wire.limits import FRAME_BYTES, HTTP_PATH, MAX_REQUEST_BYTES, SMALL_BYTES, WAKE_PATH
from hub.wire.requests import (
    AnonymousRequest,
    BearerRequest,
    Deposit,
    LoginProve,
    LoginRequest,
    Request,
    Wake,
)
from hub.wire.responses import Code, Refused, Response
from keys.errors import FormatError, LocalError
from keys.ids import DeviceId
from keys.logging import get_logger

HEALTH_PATH: Final = "/healthz"
KEEPALIVE_SECONDS: Final = 75.0  # longer than a proxy's 60, so that it is the proxy who closes
STORE_RETRY_SECONDS: Final = 5
TILE_SECONDS: Final = 120.0  # for 16 MiB at most, to the slowest reader that we wait for

_OWN_FAULTS: Final = frozenset({Code.BUSY, Code.DISK, Code.FAULT})

_STATUS: Final = {
    Code.FORMAT: 400,
    Code.ANONYMOUS: 403,
    Code.LOGIN: 401,
    Code.DENIED: 403,
    Code.HOUR: 409,
    Code.QUOTA: 429,
    Code.RATE: 429,
    Code.CURSOR: 409,
    Code.BATCH: 409,
    Code.SIGNATURE: 422,
    Code.TRUST: 422,
    Code.BUSY: 503,
    Code.DISK: 503,
    Code.FAULT: 500,
}

# What has an index never changes; the checkpoint is old within seconds.
_TILE_HEADERS: Final = {
    "Content-Type": "application/octet-stream",
    "Cache-Control": "public, max-age=31536000, immutable",
    "Server": "sluss",
}
_CHECKPOINT_HEADERS: Final = {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "public, max-age=2",
    "Server": "sluss",
}

_log = get_logger("app")
_silent = logging.getLogger("hub.aiohttp")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


@dataclasses.dataclass(frozen=True, slots=True)
class AppParts:
    """What the server stands on."""

    operations: Operations
    wakers: Wakers
    metrics: Metrics
    clock: Clock
    rate: SourceRate
    doorway: Doorway
    request_seconds: float


class HubServer(web.Server):
    """The HTTP server of one hub.

    Args:
        parts: what it stands on.
    """

    def __init__(self, parts: AppParts) -> None:
        super().__init__(
            self._serve,
            access_log=None,
            logger=_silent,
            keepalive_timeout=KEEPALIVE_SECONDS,
            lingering_time=0.0,
        )
        self._parts = parts

    def __call__(self) -> RequestHandler:
        """A handler for a new connection."""
        if self._parts.doorway.how is ClientAddress.PROXY_LINE:
            return LineHandler(self, self._parts.doorway, loop=self._loop, **self._kwargs)
        return super().__call__()

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Count a new connection, and close it when there are too many."""
        super().connection_made(handler, transport)
        self._parts.doorway.opened(handler, transport)

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        """Forget a connection."""
        super().connection_lost(handler, exc)
        self._parts.doorway.closed(handler)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == HTTP_PATH and request.method == "POST":
            return await self._post(request)
        if request.path == WAKE_PATH and request.method == "GET":
            return await self._wake(request)
        if request.method == "GET" and (request.path == CHECKPOINT_PATH or request.path.startswith(TILE_PREFIX)):
            return await self._static(request)
        if request.path == HEALTH_PATH and request.method == "GET":
            return web.Response(text="ok\n", headers={"Server": SERVER})
        return web.Response(status=404, headers={"Server": SERVER})

    async def _post(self, request: web.BaseRequest) -> FrameReply:
        response = await self._answer(request)
        status = 200
        if isinstance(response, Refused):
            status = _STATUS[response.code]
            self._parts.metrics.count(response.code.value, self._parts.clock())
            if response.code in _OWN_FAULTS:
                self._parts.metrics.troubles[response.code.value] += 1
        self._parts.doorway.answered(request.protocol)
        return FrameReply(status, frame(response))

    async def _answer(self, request: web.BaseRequest) -> Response:
        """Whatever happens becomes a response record; nothing of the request is in what is logged."""
        try:
            return await self._perform(request)
        except ConnectionError:
            raise
        except Exception as error:
            return _refused(error)

    async def _perform(self, request: web.BaseRequest) -> Response:
        connection = self._parts.doorway.of(request)
        self._parts.rate.take(connection.source, self._parts.clock())
        if request.content_length not in FRAME_BYTES or request.content_length > MAX_REQUEST_BYTES:
            raise FormatError("FMT", rule="frame-size")
        message = unframe_request(await self._read(request))
        self._parts.metrics.count(type(message).__name__, self._parts.clock())
        if isinstance(message, Deposit):
            self._parts.metrics.count(f"Deposit/{len(message.envelope) // 1024}", self._parts.clock())
        response = await self._dispatch(message, connection)
        if isinstance(message, LoginProve):
            self._parts.doorway.logged_in(request.protocol, DeviceId(message.device_id))
        return response

    async def _read(self, request: web.BaseRequest) -> bytes:
        if request.content.is_eof():  # came with the header: nothing to wait for, and a timer costs as much as a hash
            return request.content.read_nowait()  # what came in one piece is handed over without a copy
        async with asyncio.timeout(self._parts.request_seconds):
            return await request.read()

    async def _dispatch(self, message: Request, connection: Connection) -> Response:
        operations = self._parts.operations
        if isinstance(message, AnonymousRequest):
            if connection.logged_in:
                raise RefusalError(Code.ANONYMOUS)
            return await operations.anonymous(message, self._parts.doorway.sender(connection))
        connection.logged_in = True
        if isinstance(message, BearerRequest):
            return await operations.bearer(message)
        if isinstance(message, LoginRequest):
            return await operations.login(message)
        if isinstance(message, Wake):
            raise FormatError("FMT", rule="wake-path")
        assert_never(message)

    async def _static(self, request: web.BaseRequest) -> web.StreamResponse:
        """The log as static resources (PROTOCOL 4.8); what fails before the first byte is a status without a body."""
        try:
            connection = self._parts.doorway.of(request)
            self._parts.rate.take(connection.source, self._parts.clock())
            if connection.logged_in:
                raise RefusalError(Code.ANONYMOUS)
            return await self._tile(request)
        except (RefusalError, FormatError, LocalError) as error:
            return web.Response(status=_STATUS[_refused(error).code], headers={"Server": "sluss"})

    async def _tile(self, request: web.BaseRequest) -> web.StreamResponse:
        log = self._parts.operations.log
        await self._parts.operations.following.refresh()
        if request.path == CHECKPOINT_PATH:
            return web.Response(body=log.note, headers=_CHECKPOINT_HEADERS)
        tile = parse_path(request.path)
        if tile is None or (tile.level is None and not has_entries(log, tile)):
            return web.Response(status=404, headers={"Server": "sluss"})
        if tile.level is not None:
            body = hashes(log, tile)
            missing = web.Response(status=404, headers={"Server": "sluss"})
            return missing if body is None else web.Response(body=body, headers=_TILE_HEADERS)
        response = web.StreamResponse(headers=_TILE_HEADERS)
        async with asyncio.timeout(TILE_SECONDS):
            await response.prepare(request)
            async for piece in entries(log, tile):
                await response.write(piece)
            await response.write_eof()
        return response

    async def _wake(self, request: web.BaseRequest) -> web.StreamResponse:
        """The wake connection (PROTOCOL 5.7): one frame in, then only frames out."""
        try:
            connection = self._parts.doorway.of(request)
        except FormatError:
            return web.Response(status=400, headers={"Server": SERVER})
        connection.logged_in = True
        socket = web.WebSocketResponse(compress=False, max_msg_size=2 * SMALL_BYTES, timeout=1.0)
        await socket.prepare(request)
        try:
            self._parts.rate.take(connection.source, self._parts.clock())
            waker = await self._listen(socket)
            self._parts.doorway.logged_in(request.protocol, waker.device)
        except (RefusalError, FormatError, TimeoutError) as error:
            refused = error.response() if isinstance(error, RefusalError) else Refused(Code.FORMAT, 0, "")
            await socket.send_bytes(frame(refused))
            await socket.close()
            return socket
        try:
            while (await socket.receive()).type in {WSMsgType.PING, WSMsgType.PONG}:
                pass  # a device has nothing to say here; anything else ends the connection
        finally:
            self._parts.wakers.remove(waker)
            await socket.close()
        return socket

    async def _listen(self, socket: web.WebSocketResponse) -> Waker:
        first = await socket.receive(timeout=self._parts.request_seconds)
        if first.type is not WSMsgType.BINARY:
            raise FormatError("FMT", rule="wake")
        message = unframe_request(first.data)
        if not isinstance(message, Wake):
            raise FormatError("FMT", rule="wake")
        session = self._parts.operations.auth.session(message.bearer)
        waker = Waker(session.device, session.mailbox, session.ends_at, socket.send_bytes, socket.close)
        self._parts.wakers.add(waker)
        return waker


def _refused(error: Exception) -> Refused:
    """The refusal that an error becomes; the hub's own faults are logged by their type, never with what caused them."""
    match error:
        case RefusalError():
            return error.response()
        case FormatError():
            return Refused(Code.FORMAT, 0, str(error.fields.get("rule", "")))
        case StoreBusyError() | TimeoutError():
            return Refused(Code.BUSY, STORE_RETRY_SECONDS, "")
        case StoreError():
            _log.error(
                "the store failed", code=error.code, rule=str(error.fields.get("rule", error.fields.get("sqlite", "")))
            )
            return Refused(Code.DISK, STORE_RETRY_SECONDS, "")
        case _:
            _log.error("fault", error_type=type(error).__name__)
            return Refused(Code.FAULT, STORE_RETRY_SECONDS, "")
