"""Showing an attached file in a frame of the page, and apart from it: a listener, so an origin, of its own.

What a stranger sent is shown by the browser's readers of pictures and PDF, and by nothing else. Should one of those be
led astray, it stands in an origin that has no cookie, no session and no other address, in a sandbox without scripts.

1. An address is a ticket of 32 random bytes: it works once, for two minutes, for one file.
2. Only types of ``media.PREVIEWED`` are shown, by the type that the bytes had; all else is handed over to be saved.
3. Nothing may be kept by the browser or guessed from the content, and nobody but the page may frame it.
4. While the keys are locked nothing is shown; the page around it leaves when they are locked or somebody hides it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import quote

from aiohttp import web

from client.casework.media import PREVIEWED, UNKNOWN
from client.engine.office import Desk
from keys.errors import LocalError
from keys.private.identity import random_bytes

LOOPBACK: Final = "127.0.0.1"
TICKET_SECONDS: Final = 120
MAX_TICKETS: Final = 64
SECRET_BYTES: Final = 32

_POLICY: Final = (
    "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none';"
    " frame-ancestors {}"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@dataclasses.dataclass(frozen=True, slots=True)
class _Wish:
    """Which file, whether to hand it over instead of showing it, and until when."""

    document_id: bytes
    position: int
    save: bool
    until: float


class Preview:
    """The second listener of one office's page."""

    def __init__(self, desk: Desk, now: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._now = now
        self._wishes: dict[bytes, _Wish] = {}
        self._runner: web.AppRunner | None = None
        self.origin = ""
        self._headers: dict[str, str] = {}

    async def open(self, hosts: Iterable[str]) -> None:
        """Listen on a port that the system chooses, for the page at these hosts.

        Raises:
            LocalError: code ``PORT``.
        """
        app = web.Application()
        app.router.add_get("/{ticket}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, LOOPBACK, 0).start()
        except OSError as error:
            raise LocalError("PORT") from error
        self.origin = f"http://{LOOPBACK}:{self._runner.addresses[0][1]}"
        pages = " ".join(f"http://{host}" for host in sorted(hosts))
        self._headers = {**_HEADERS, "Content-Security-Policy": _POLICY.format(pages)}

    async def close(self) -> None:
        """Stop listening."""
        self._wishes.clear()
        if self._runner is not None:
            await self._runner.cleanup()

    def address(self, document_id: bytes, position: int, *, save: bool) -> str:
        """Where a file can be seen once, or taken to be saved."""
        ticket = random_bytes(SECRET_BYTES).hex()
        until = self._now() + TICKET_SECONDS
        self._wishes[_digest(ticket)] = _Wish(document_id, position, save, until)
        while len(self._wishes) > MAX_TICKETS:
            del self._wishes[next(iter(self._wishes))]
        return f"{self.origin}/{ticket}"

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        wish = self._wishes.pop(_digest(request.match_info["ticket"]), None)
        known = wish is not None and self._now() <= wish.until and f"http://{request.host}" == self.origin
        if wish is None or not known or self._desk.locking.is_locked:
            return web.Response(status=404, headers=self._headers)
        try:
            one, key = await self._desk.attachments.ready(wish.document_id, wish.position)
        except LocalError:
            return web.Response(status=404, headers=self._headers)
        shown = one.media_type in PREVIEWED and not wish.save
        answer = web.StreamResponse(headers=self._headers)
        answer.content_type = one.media_type if shown else UNKNOWN
        answer.content_length = one.size_bytes
        name = quote(one.file_name, safe="")
        answer.headers["Content-Disposition"] = f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}"
        await answer.prepare(request)
        pieces = self._desk.attachments.pieces(one, key)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            await answer.write(piece)
        await answer.write_eof()
        return answer


def _digest(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).digest()
