"""Telling open pages that something changed: a WebSocket that says one word, never what.

Browsers keep few connections of other kinds per address, so ten tabs would stall; of WebSockets they keep many. A page
says in the socket's address which state it shows, so what changed before the socket stood is told too.

1. The first word comes at once: until then a page that was away shows nothing. So does the word for a change; what
   changes within the next quarter of a second is told together.
2. ``locked`` and ``hidden`` mean that nothing may be seen any more; every page leaves, whatever it shows.
3. A page says ``here`` when somebody touches keys or mouse; nothing else that comes this way counts as a person.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from aiohttp import WSMsgType, web

from client.engine.office import Desk
from client.web.sessions import Session
from keys.errors import LockedError

LOOK_SECONDS: Final = 0.25
MAX_PAGES: Final = 64
BEAT_SECONDS: Final = 30.0
SEND_SECONDS: Final = 5.0  # a tab that the browser froze reads nothing; the others hear that the keys are locked
CHANGED: Final = "changed"
SAME: Final = "same"
LOCKED: Final = "locked"
HIDDEN: Final = "hidden"
HERE: Final = "here"


class Live:
    """The open pages of one office."""

    def __init__(self) -> None:
        self._sockets: dict[web.WebSocketResponse, Session] = {}
        self._watching: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._desk: Desk | None = None

    @property
    def state(self) -> str:
        """Which state the office is in now: another word after every change that a page may show."""
        return "" if self._desk is None else "-".join(str(int(part)) for part in _mark(self._desk))

    def watch(self, desk: Desk) -> None:
        """Hear of every change of the vault from now on, and look whether the keys are locked."""
        self._desk = desk
        desk.context.vault.watchers.add(self._changed.set)
        self._watching = asyncio.create_task(self._watch(desk), name="page-live")

    async def hide(self, session: Session) -> None:
        """Somebody hides a browser's page: its other tabs leave too."""
        await self._tell([socket for socket, owner in self._sockets.items() if owner is session])

    async def serve(self, request: web.Request, session: Session) -> web.StreamResponse:
        """Keep one page's socket until it goes."""
        socket = web.WebSocketResponse(heartbeat=BEAT_SECONDS, max_msg_size=1024)
        if len(self._sockets) >= MAX_PAGES or not socket.can_prepare(request):
            raise web.HTTPServiceUnavailable
        await socket.prepare(request)
        self._sockets[socket] = session
        try:
            await socket.send_str(self._word(session, SAME if request.query.get("seen", "") == self.state else CHANGED))
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                if message.data == HERE:
                    self._somebody()
        finally:
            self._sockets.pop(socket, None)
        return socket

    async def close(self) -> None:
        """End all sockets."""
        if self._desk is not None:
            self._desk.context.vault.watchers.discard(self._changed.set)
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for socket in list(self._sockets):
            await socket.close()

    async def _watch(self, desk: Desk) -> None:
        before = _mark(desk)
        while True:
            now = _mark(desk)
            if now != before:
                before = now
                await self._tell(list(self._sockets))
                await asyncio.sleep(LOOK_SECONDS)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LOOK_SECONDS)
            self._changed.clear()

    async def _tell(self, sockets: list[web.WebSocketResponse]) -> None:
        await asyncio.gather(*(self._say(socket) for socket in sockets))

    async def _say(self, socket: web.WebSocketResponse) -> None:
        session = self._sockets.get(socket)
        if session is not None:
            with contextlib.suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(SEND_SECONDS):
                    await socket.send_str(self._word(session, CHANGED))

    def _word(self, session: Session, otherwise: str) -> str:
        if session.hidden:
            return HIDDEN
        return LOCKED if self._desk is not None and self._desk.locking.is_locked else otherwise

    def _somebody(self) -> None:
        """Keys or mouse were touched; while the keys are locked that opens nothing."""
        if self._desk is not None:
            with contextlib.suppress(LockedError):
                self._desk.locking.require_open()


def _mark(desk: Desk) -> tuple[int, bool]:
    """What differs after every change that a page may show."""
    return desk.context.vault.commits, desk.locking.is_locked
