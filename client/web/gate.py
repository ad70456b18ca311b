"""Who may reach the page, in the order of the checks, and the headers that every answer carries.

1. ``Host`` must name this very address: a name that somebody points at 127.0.0.1 does not get through (DNS rebinding).
2. What another site's page asks for is refused (``Sec-Fetch-Site``), except following a link to the door itself.
3. What changes something comes from this page: its ``Origin`` is ours.
4. Without a session there is only the door (``/enter``), the style sheet and the scripts.
5. What changes something carries the session's form token; a file, whose form is not read as a whole, a ticket of that
   session in its address (``uploads``).
6. After somebody hid the page there is only the neutral one, also by the back button, until they come back from it.
7. While the keys are locked there is only the page that unlocks, and the guide, which tells nothing of anybody.
8. Who has just started for the first time makes and rehearses the recovery kit before anything else. Later, and until
   there is one, the work list leads to it, at every coming in and then each hour. Nothing else does, and whoever is in
   a hurry may work first: what waits here may be about somebody in danger.

What somebody was writing when 6 or 7 shut the page is kept as a draft first. A request that is not a script's own
(``X-Refresh``) is a person's: the idle time begins again.

A refusal shows a page with what to do next; it never tells whether an address exists.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web

from client.lang.catalogue import LANGUAGES, choose
from client.web.forms.keeping import keep_typed
from client.web.sessions import Session, same
from client.web.shared import Entry, Shared
from keys.errors import LockedError

SHARED: Final = web.AppKey("shared", Shared)
ENTRY: Final = web.AppKey("entry", Entry)
SESSION: Final = web.RequestKey("session", Session)
#: The state that the office was in when a page was asked for.
SEEN: Final = web.RequestKey("seen", str)
#: The origin of an attached file that the page asked for shows in a frame.
FRAMED: Final = web.RequestKey("framed", str)
FORM_TOKEN: Final = "form_token"  # noqa: S105 - a name
TOKEN_HEADER: Final = "X-Form-Token"  # noqa: S105 - a name
#: A script asks by itself: no person is there.
REFRESH: Final = "X-Refresh"

_OPEN: Final = ("/static/", "/enter")
_WHILE_HIDDEN: Final = ("/hidden", "/shown", "/static/", "/enter", "/leave", "/live")
_WHILE_LOCKED: Final = (*_WHILE_HIDDEN, "/unlock", "/help", "/away")
_STREAMED: Final = ("/upload/",)
_BEFORE_KIT: Final = ("/kit", "/lock", "/language", *_WHILE_LOCKED)
_SAFE: Final = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
_FRIENDLY: Final = frozenset({"same-origin", "none"})

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
        " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none';"
        " require-trusted-types-for 'script'; trusted-types sluss"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the headers on every answer, also on refusals."""
    try:
        answer = await handler(request)
    except web.HTTPException as error:
        error.headers.update(HEADERS)
        raise
    if not answer.prepared:
        answer.headers.update(HEADERS)
        if origin := request.get(FRAMED):
            answer.headers["Content-Security-Policy"] += f"; frame-src {origin}"
    return answer


@web.middleware
async def visitor(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Checks 1 to 3: the request was made here."""
    shared = request.app[ENTRY]
    if request.host not in shared.hosts:
        raise web.HTTPMisdirectedRequest(text="Fel adress.")
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site not in _FRIENDLY and not (request.path == "/enter" and request.method in _SAFE):
        raise web.HTTPForbidden(text="En annan webbplats försökte öppna sidan.")
    if request.method not in _SAFE or request.path == "/live":
        origin = request.headers.get(hdrs.ORIGIN)
        if origin not in {f"http://{host}" for host in shared.hosts}:
            raise web.HTTPForbidden(text="En annan webbplats försökte ändra något.")
    return await handler(request)


@web.middleware
async def member(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Checks 4 and 5: a session, and its token."""
    if request.path.startswith(_OPEN):
        return await handler(request)
    shared = request.app[ENTRY]
    session = shared.sessions.of(request.cookies.get(shared.cookie))
    if session is None:
        raise web.HTTPForbidden(text=shared.stranger(spoken(request)), content_type="text/html")
    request[SESSION] = session
    choose(session.lang)
    if request.method not in _SAFE and not request.path.startswith(_STREAMED):
        given = request.headers.get(TOKEN_HEADER) or str((await request.post()).get(FORM_TOKEN, ""))
        if not same(given, session.form_token):
            raise web.HTTPForbidden(text=shared.stranger(spoken(request)), content_type="text/html")
    return await handler(request)


@web.middleware
async def shown(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check 6: a page that nobody hid."""
    session = request.get(SESSION)
    if session is not None and session.hidden and not request.path.startswith(_WHILE_HIDDEN):
        return await _shut(request, "/hidden")
    return await handler(request)


@web.middleware
async def unlocked(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check 7: keys that are open."""
    shared = request.app[SHARED]
    request[SEEN] = shared.live.state
    if shared.desk.locking.is_locked:
        shared.making = None  # a kit that is being made does not outlive the lock
        if not request.path.startswith(_WHILE_LOCKED):
            return await _shut(request, "/unlock")
    elif REFRESH not in request.headers and not request.path.startswith(_WHILE_LOCKED):
        with contextlib.suppress(LockedError):  # in this very moment: the handler finds out
            shared.desk.locking.require_open()
    return await handler(request)


async def _shut(request: web.Request, where: str) -> web.StreamResponse:
    """Keep what was written, and lead away; a script that saves only hears that it is kept."""
    if await typed_is_kept(request) and TOKEN_HEADER in request.headers:
        return web.Response(status=204)
    raise web.HTTPSeeOther(where)


async def typed_is_kept(request: web.Request) -> bool:
    """Keep what was typed in a form that nothing came of; whether there was something to keep."""
    if request.method in _SAFE or request.path.startswith(_STREAMED):
        return False
    shared = request.app[SHARED]
    posted = await request.post()
    async with shared.held.lock:
        return await keep_typed(shared.desk.unit, shared.jottings, request.path, posted)


@web.middleware
async def rehearsed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check 8: a kit."""
    session = request.get(SESSION)
    if session is not None and session.kit_first and not request.path.startswith(_BEFORE_KIT):
        raise web.HTTPSeeOther("/kit")
    is_list = request.path == "/" and REFRESH not in request.headers
    if session is not None and is_list and time.monotonic() >= session.kit_due:
        raise web.HTTPSeeOther("/kit")
    return await handler(request)


def spoken(request: web.Request) -> str:
    """The language that this browser has chosen before; Swedish where it has not."""
    chosen = request.cookies.get(f"{request.app[ENTRY].cookie}-lang", "sv")
    return chosen if chosen in LANGUAGES else "sv"


#: In the order of the checks.
MIDDLEWARES: Final = (headers, visitor, member, shown, unlocked, rehearsed)
