"""The loopback API: ``POST /v1/{command}`` with JSON in and out, for the command line and for case systems.

``GET /v1/progress`` is a WebSocket that tells how far attached files are.

Who may ask, in the order of the checks:
1. The socket listens on 127.0.0.1 only.
2. ``Host`` must name loopback, so that a name which somebody points at 127.0.0.1 does not get through.
3. No ``Origin``: a web page is never a client.
4. ``Authorization: Bearer`` with the token of ``api.json``, compared in constant time.

``api.json`` holds address and token, is readable by its owner only, and is there exactly while the API is open.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from client.api import commands
from client.api.failure import Failure, failure_of, unexpected
from client.api.places import names
from client.api.progress import Progress
from client.engine.folder import Folder
from client.engine.office import Desk
from client.engine.portable import write_private
from keys.errors import LocalError, SlussError
from keys.logging import get_logger
from keys.private.identity import random_bytes

LOOPBACK: Final = "127.0.0.1"
MAX_REQUEST_BYTES: Final = 1024 * 1024
TOKEN_BYTES: Final = 32
_PROBLEM: Final = "application/problem+json"
_SCHEME: Final = "Bearer "
_log = get_logger("api")


class Door(msgspec.Struct, frozen=True):
    """What ``api.json`` holds."""

    address: str
    token: str


class Server:
    """The API of one open office. Use ``open`` and ``close``."""

    def __init__(self, desk: Desk, folder: Folder, *, door: Callable[[], str] | None = None) -> None:
        self._desk = desk
        self._door = door
        self._folder = folder
        self._token = random_bytes(TOKEN_BYTES).hex()
        self._runner: web.AppRunner | None = None
        self._listeners = Progress(desk)

    async def open(self, port: int) -> str:
        """Listen and write ``api.json``; returns the address.

        Args:
            port: 0 lets the system choose.

        Raises:
            LocalError: code ``PORT`` when it is taken, ``DISK`` when ``api.json`` cannot be written.
        """
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        app.router.add_get("/v1/progress", self._progress)
        app.router.add_post("/v1/page", self._page)
        app.router.add_post("/v1/{command}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, LOOPBACK, port).start()
        except OSError as error:
            raise LocalError("PORT", port=port) from error
        address = f"http://{LOOPBACK}:{self._runner.addresses[0][1]}"
        try:
            self._folder.api.unlink(missing_ok=True)  # one that a crash left would keep its own permissions
            write_private(self._folder.api, msgspec.json.encode(Door(address, self._token)))
        except OSError as error:
            raise LocalError("DISK") from error
        return address

    async def close(self) -> None:
        """Stop listening and take ``api.json`` away."""
        self._folder.api.unlink(missing_ok=True)
        await self._listeners.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _progress(self, request: web.Request) -> web.StreamResponse:
        try:
            self._require_access(request)
        except SlussError as error:
            return _refuse(failure_of(error, "sv", names(self._desk.context)))
        return await self._listeners.serve(request)

    async def _page(self, request: web.Request) -> web.Response:
        """The address of the page with a fresh one-time ticket, for whoever has the API's token."""
        try:
            self._require_access(request)
            if self._door is None:
                raise LocalError("NOPAGE")
            return web.json_response({"page": self._door()})
        except SlussError as error:
            return _refuse(failure_of(error, "sv", names(self._desk.context)))

    async def _serve(self, request: web.Request) -> web.Response:
        lang = "en" if request.headers.get("Accept-Language", "").lower().startswith("en") else "sv"
        try:
            self._require_access(request)
            result = await commands.run(self._desk, request.match_info["command"], await _read(request))
            return web.Response(body=msgspec.json.encode(result), content_type="application/json")
        except SlussError as error:
            return _refuse(failure_of(error, lang, names(self._desk.context)))
        except Exception as error:
            _log.error("command failed", error_type=type(error).__name__)
            return _refuse(unexpected(error, lang))

    def _require_access(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        wanted = _SCHEME + self._token
        knows_token = hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())
        if "Origin" in request.headers or not is_loopback(request.headers.get("Host", "")) or not knows_token:
            raise LocalError("ACCESS")


def is_loopback(host: str) -> bool:
    """Whether a ``Host`` header names this machine's loopback."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


async def _read(request: web.Request) -> Any:
    """The arguments; an empty body is the same as none.

    Raises:
        LocalError: code ``REQUEST`` when it is too long, ``ENCODING`` or ``JSON`` when it is no JSON object.
    """
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise LocalError("REQUEST") from error
    try:
        value = msgspec.json.decode(raw or b"{}")
    except UnicodeDecodeError as error:
        raise LocalError("ENCODING") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise LocalError("JSON") from error
    if not isinstance(value, dict):
        raise LocalError("JSON")
    return value


def _refuse(failure: Failure) -> web.Response:
    status = HTTPStatus(failure.status)
    return web.Response(status=status, body=msgspec.json.encode(failure.as_json()), content_type=_PROBLEM)
