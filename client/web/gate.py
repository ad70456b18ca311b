"""Who may reach the page, in the order of the checks, and the headers that every answer carries.

1. ``Host`` must name this very address: a name that somebody points at 127.0.0.1 does not get through (DNS rebinding).
2. What another site's page asks for is refused (``Sec-Fetch-Site``), except following a link to the door itself.
3. What changes something comes from this page: its ``Origin`` is ours.
4. Without a session there is only the door (``/enter``), the style sheet and the scripts.
5. What changes something carries the session's form token; a file, whose form is not read as a whole, a ticket of that
   session in its address (``uploads``).
6. While the keys are locked there is only the page that unlocks, and the guide, which tells nothing of anybody.

A refusal shows a page with what to do next; it never tells whether an address exists.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web

from client.lang.catalogue import choose
from client.web.sessions import Session, same
from client.web.shared import Entry, Shared

SHARED: Final = web.AppKey("shared", Shared)
ENTRY: Final = web.AppKey("entry", Entry)
SESSION: Final = web.RequestKey("session", Session)
#: The state that the office was in when a page was asked for.
SEEN: Final = web.RequestKey("seen", str)
FORM_TOKEN: Final = "form_token"  # noqa: S105 - a name
TOKEN_HEADER: Final = "X-Form-Token"  # noqa: S105 - a name

_OPEN: Final = ("/static/", "/enter")
_WHILE_LOCKED: Final = ("/unlock", "/help", "/static/", "/enter", "/hidden", "/leave", "/live")
_STREAMED: Final = ("/upload/",)
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
        raise web.HTTPForbidden(text=shared.stranger(), content_type="text/html")
    request[SESSION] = session
    choose(session.lang)
    if request.method not in _SAFE and not request.path.startswith(_STREAMED):
        given = request.headers.get(TOKEN_HEADER) or str((await request.post()).get(FORM_TOKEN, ""))
        if not same(given, session.form_token):
            raise web.HTTPForbidden(text=shared.stranger(), content_type="text/html")
    return await handler(request)


@web.middleware
async def unlocked(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check 6: keys that are open."""
    shared = request.app[SHARED]
    request[SEEN] = shared.live.state
    if shared.desk.locking.is_locked:
        shared.making = None  # a kit that is being made does not outlive the lock
        if not request.path.startswith(_WHILE_LOCKED):
            raise web.HTTPSeeOther("/unlock")
    return await handler(request)


#: In the order of the checks.
MIDDLEWARES: Final = (headers, visitor, member, unlocked)
