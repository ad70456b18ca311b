"""Telling open pages that something changed: a WebSocket that says only so, never what.

Browsers keep few connections of other kinds per address, so ten tabs would stall; of WebSockets they keep many. A page
says in the socket's address which state it shows, so what changed before the socket stood is told too.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from aiohttp import WSMsgType, web

from client.engine.office import Desk

LOOK_SECONDS: Final = 0.25
MAX_PAGES: Final = 64
BEAT_SECONDS: Final = 30.0
CHANGED: Final = "changed"


class Live:
    """The open pages of one office."""

    def __init__(self) -> None:
        self._sockets: set[web.WebSocketResponse] = set()
        self._watching: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._desk: Desk | None = None

    @property
    def state(self) -> str:
        """Which state the office is in now: another word after every change that a page may show."""
        return "" if self._desk is None else "-".join(str(int(part)) for part in _mark(self._desk))

    def watch(self, desk: Desk) -> None:
        """Look at the vault's change counter from now on."""
        self._desk = desk
        self._watching = asyncio.create_task(self._watch(desk), name="page-live")

    def changed(self) -> None:
        """Something changed; tell it soon."""
        self._changed.set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Keep one page's socket until it goes."""
        socket = web.WebSocketResponse(heartbeat=BEAT_SECONDS, max_msg_size=1024)
        if len(self._sockets) >= MAX_PAGES or not socket.can_prepare(request):
            raise web.HTTPServiceUnavailable
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            if request.query.get("seen", "") != self.state:
                await socket.send_str(CHANGED)
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
        finally:
            self._sockets.discard(socket)
        return socket

    async def close(self) -> None:
        """End all sockets."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for socket in list(self._sockets):
            await socket.close()

    async def _watch(self, desk: Desk) -> None:
        before = _mark(desk)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LOOK_SECONDS)
            self._changed.clear()
            now = _mark(desk)
            if now != before:
                before = now
                await self._tell()

    async def _tell(self) -> None:
        for socket in list(self._sockets):
            with contextlib.suppress(ConnectionError):
                await socket.send_str(CHANGED)


def _mark(desk: Desk) -> tuple[int, bool]:
    """What differs after every change that a page may show."""
    return desk.context.vault.commits, desk.locking.is_locked
