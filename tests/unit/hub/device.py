"""A device's side of the wire in a few lines: for tests of the hub that need no client."""

from __future__ import annotations

import io
import os
import time
from types import TracebackType

import aiohttp

from hub.clock import hour_of
from hub.wire.frame import frame, unframe_response
from hub.wire.limits import HTTP_PATH, WAKE_PATH, week_of
from hub.wire.requests import Deposit, LoginBegin, LoginProve, RegisterToken, Request, Wake
from hub.wire.responses import Code, LoggedIn, NonceIs, Refused, Registered, Response
from keys.envelope import HEADER, MAGIC, recall_hash
from keys.ids import digest
from keys.private.keeper import LocalKeeper
from tests.kit.federation import Federation


def now_hour() -> int:
    """This hour, since 1970."""
    return hour_of(time.time())


def envelope(hour: int, *, size: int = 16 * 1024, secret: bytes = b"") -> bytes:
    """Random bytes behind a right header: all that a hub can tell."""
    head = HEADER.pack(MAGIC, 4, hour, recall_hash(secret or os.urandom(32)))
    return head + os.urandom(size - len(head))


class Link:
    """One connection to a hub; opened anew by ``async with``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Link:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        assert self._session is not None
        await self._session.close()

    async def post(self, data: bytes) -> tuple[int, bytes]:
        """Status and body of one POST."""
        assert self._session is not None
        async with self._session.post(self.url + HTTP_PATH, data=io.BytesIO(data)) as response:
            return response.status, await response.read()

    async def call(self, request: Request) -> Response:
        """One frame out, one frame in."""
        return unframe_response((await self.post(frame(request)))[1])

    async def refused(self, request: Request) -> Code:
        """The code of a request that must be refused."""
        response = await self.call(request)
        assert isinstance(response, Refused), response
        return response.code

    async def wake(self, bearer: bytes) -> aiohttp.ClientWebSocketResponse:
        """An open wake connection."""
        assert self._session is not None
        socket = await self._session.ws_connect(self.url + WAKE_PATH)
        await socket.send_bytes(frame(Wake(bearer)))
        return socket


class Device(Link):
    """A logged-in device of a unit of the test federation."""

    def __init__(self, url: str, federation: Federation, keeper: LocalKeeper) -> None:
        super().__init__(url)
        self.federation = federation
        self.keeper = keeper
        self.bearer = b""
        unit_id = federation.certificate(keeper).unit_id
        unit = next(unit for unit in federation.units.values() if unit.unit_id == unit_id)
        self.mailbox = unit.mailbox_id

    async def __aenter__(self) -> Device:
        await super().__aenter__()
        self.bearer = await self.login()
        return self

    async def login(self) -> bytes:
        """A fresh bearer."""
        nonce = await self.call(LoginBegin(self.keeper.device_id))
        assert isinstance(nonce, NonceIs)
        signature = self.keeper.login(self.federation.hub_id, nonce.nonce)
        answer = await self.call(LoginProve(self.keeper.device_id, nonce.nonce, signature))
        assert isinstance(answer, LoggedIn), answer
        return answer.bearer

    def token(self, hour: int | None = None) -> bytes:
        """The own mailbox's delivery token."""
        return self.keeper.delivery_token(self.mailbox, week_of(now_hour() if hour is None else hour))

    async def open_mailbox(self, hour: int | None = None) -> None:
        """Register this week's token."""
        hour = now_hour() if hour is None else hour
        answer = await self.call(RegisterToken(self.bearer, week_of(hour), digest(self.token(hour))))
        assert isinstance(answer, Registered), answer

    def deposit(self, *, hour: int | None = None, secret: bytes = b"", size: int = 16 * 1024) -> Deposit:
        """A fresh deposit into the own mailbox."""
        hour = now_hour() if hour is None else hour
        return Deposit(self.mailbox, self.token(hour), envelope(hour, secret=secret, size=size))
