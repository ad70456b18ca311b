"""``GET /v1/progress``: a WebSocket that tells a program how far attached files are, whenever that changes.

Each message is what the command ``attachments`` gives: a JSON array, without content. The first comes at once. Nothing
is taken from the other end; it is closed when the keys are locked.
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
from aiohttp import web

from client.api import commands
from client.engine.office import Desk
from keys.errors import SlussError

MAX_LISTENERS: Final = 8
LOOK_SECONDS: Final = 0.5
BEAT_SECONDS: Final = 30.0


class Progress:
    """Who listens at one office."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sockets: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Tell one listener until it goes.

        Raises:
            web.HTTPServiceUnavailable: too many listen, or it is no WebSocket.
        """
        socket = web.WebSocketResponse(heartbeat=BEAT_SECONDS, max_msg_size=1024)
        if len(self._sockets) >= MAX_LISTENERS or not socket.can_prepare(request):
            raise web.HTTPServiceUnavailable
        await socket.prepare(request)
        self._sockets.add(socket)
        gone = asyncio.create_task(_until_gone(socket))
        try:
            await self._tell(socket, gone)
        except (SlussError, ConnectionError):
            pass  # locked, or nobody is there any more
        finally:
            gone.cancel()
            self._sockets.discard(socket)
            await socket.close()
        return socket

    async def close(self) -> None:
        """Hang up."""
        for socket in list(self._sockets):
            await socket.close()

    async def _tell(self, socket: web.WebSocketResponse, gone: asyncio.Task[None]) -> None:
        told, commits = b"", -1
        while not gone.done():
            if commits != self._desk.context.vault.commits:
                commits = self._desk.context.vault.commits
                rows = msgspec.json.encode(await commands.run(self._desk, "attachments", {}, by_person=False))
                if rows != told:
                    told = rows
                    await socket.send_str(rows.decode())
            await asyncio.wait({gone}, timeout=LOOK_SECONDS)


async def _until_gone(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass
