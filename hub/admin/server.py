"""The operator's page over HTTP, on loopback (from elsewhere: through ssh). It reads and changes nothing of the hub.

Who may, in the order of the checks:
1. ``Host`` names loopback: a name that somebody points at 127.0.0.1 does not get through (DNS rebinding).
2. What is sent comes from this page: ``Origin`` is the host that it is sent to.
3. Without a session there is only the door and the style sheet. The door counts tries, of everybody together.
"""

from __future__ import annotations

import importlib.resources
import logging
from collections.abc import Mapping
from importlib.metadata import version
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from hub.admin.page import entrance, overview, unanswered
from hub.admin.token import SESSION_SECONDS, AdminSessions
from hub.admin.words import LANGUAGES
from hub.figures import Figures
from hub.quota import Rate
from hub.refusal import RefusalError
from hub.reply import SERVER
from hub.store.base import StoreError

COOKIE: Final = "sluss-hub-admin"
LANGUAGE_COOKIE: Final = "sluss-hub-lang"
MAX_FORM_BYTES: Final = 4096
TRIES_PER_SECOND: Final = 1 / 60
TRIES: Final = 5
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_STYLE: Final = importlib.resources.files("hub.admin").joinpath("templates", "admin.css").read_bytes()
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # a stricter one sends "null" for Origin with a form
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Server": SERVER,
}
_silent = logging.getLogger("hub.aiohttp.admin")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


class AdminServer(web.Server):
    """The page of one hub.

    Args:
        figures: what it shows.
        sessions: who may look.
    """

    def __init__(self, figures: Figures, sessions: AdminSessions) -> None:
        super().__init__(self._serve, access_log=None, logger=_silent)
        self._figures = figures
        self._sessions = sessions
        self._tries = Rate(TRIES_PER_SECOND, TRIES)

    async def _serve(self, request: web.BaseRequest) -> web.Response:
        if not _is_loopback(request.host):
            return _plain(403)
        match request.method:
            case "GET":
                return await self._show(request)
            case "POST":
                return await self._take(request)
            case _:
                return _plain(405)

    async def _show(self, request: web.BaseRequest) -> web.Response:
        if request.path == "/admin.css":
            return web.Response(body=_STYLE, content_type="text/css", charset="utf-8", headers=HEADERS)
        if request.path != "/":
            return _plain(404)
        language = _language(request)
        if not self._sessions.holds(request.cookies.get(COOKIE, "")):
            return _page(entrance(language), language)
        return await self._overview(language)

    async def _overview(self, language: str) -> web.Response:
        figures = self._figures
        now = figures.clock()
        try:
            picture, ready = await figures.picture(), await figures.ready()
        except StoreError:
            return _page(unanswered(language), language, status=503)
        events = {
            "now": now,
            "version": version("sluss"),
            "troubles": dict(figures.metrics.troubles),
            "hours": figures.metrics.hours(now),
        }
        text = overview(language, machine=figures.machine(), picture=picture, ready=ready, events=events)
        return _page(text, language)

    async def _take(self, request: web.BaseRequest) -> web.Response:
        if request.headers.get("Origin", "") not in {f"http://{request.host}", f"https://{request.host}"}:
            return _plain(403)
        if request.content_length is None or request.content_length > MAX_FORM_BYTES:
            return _plain(413)
        if request.path == "/leave":
            self._sessions.close(request.cookies.get(COOKIE, ""))
            return _onward("")
        return await self._enter(request) if request.path == "/enter" else _plain(404)

    async def _enter(self, request: web.BaseRequest) -> web.Response:
        language = _language(request)
        form: Mapping[str, object] = await request.post()
        try:
            self._tries.take("", self._figures.clock())
        except RefusalError:
            return _page(entrance(language, "often"), language, status=429)
        name = self._sessions.open(str(form.get("token", "")))
        if name is None:
            return _page(entrance(language, "wrong"), language, status=403)
        return _onward(name)


def _is_loopback(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK
    except ValueError:
        return False


def _language(request: web.BaseRequest) -> str:
    for asked in (request.query.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return asked
    return LANGUAGES[0]


def _page(text: str, language: str, *, status: int = 200) -> web.Response:
    answer = web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)
    answer.set_cookie(LANGUAGE_COOKIE, language, httponly=True, samesite="Strict", path="/")
    return answer


def _onward(session: str) -> web.Response:
    answer = web.Response(status=303, headers={**HEADERS, "Location": "/"})
    answer.set_cookie(
        COOKIE, session, max_age=SESSION_SECONDS if session else 0, httponly=True, samesite="Strict", path="/"
    )
    return answer


def _plain(status: int) -> web.Response:
    return web.Response(status=status, headers=HEADERS)
