"""The page's own listener, beside the API's: opened, its first address, closed.

The address of the door carries a one-time ticket. The loopback API, which only the same person reaches, gives a
fresh one.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from aiohttp import web

from client.engine.office import Desk
from client.web import gate, routes
from client.web.shared import LOOPBACK, Shared
from keys.errors import LocalError

MAX_FORM_BYTES: Final = 1024 * 1024


class Page:
    """The page of one open office. Use ``open`` and ``close``."""

    def __init__(self, desk: Desk, *, demonstration: bool = False) -> None:
        self.shared = Shared(desk, demonstration=demonstration)
        self._runner: web.AppRunner | None = None
        self._address = ""

    async def open(self, port: int) -> str:
        """Listen; returns the address of the door with a fresh ticket.

        Args:
            port: 0 lets the system choose.

        Raises:
            LocalError: code ``PORT`` when it is taken.
        """
        app = web.Application(client_max_size=MAX_FORM_BYTES, middlewares=gate.MIDDLEWARES)
        app[gate.SHARED] = app[gate.ENTRY] = self.shared
        app.add_routes(routes.ROUTES)
        app.router.add_static("/static/", str(files("client.web") / "static"))
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, LOOPBACK, port).start()
        except OSError as error:
            raise LocalError("PORT", port=port) from error
        taken = self._runner.addresses[0][1]
        self.shared.at(taken)
        self._address = f"http://{LOOPBACK}:{taken}"
        await self.shared.preview.open(self.shared.hosts)
        self.shared.held.start()
        self.shared.indexing.start()
        await self.shared.clearing.start()
        self.shared.live.watch(self.shared.desk)
        return self.door()

    def door(self, *, first: bool = False) -> str:
        """The address of the door with a fresh one-time ticket; ``first``: of an office that has just been made."""
        return f"{self._address}/enter?ticket={self.shared.sessions.ticket()}{'&first=1' if first else ''}"

    async def close(self) -> None:
        """Stop listening; every session ends."""
        await self.shared.held.close()
        await self.shared.indexing.close()
        await self.shared.clearing.close()
        await self.shared.live.close()
        await self.shared.preview.close()
        if self._runner is not None:
            await self._runner.cleanup()
