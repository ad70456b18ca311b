"""Coming in, unlocking, hiding, leaving."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from client.api import commands
from client.lang.catalogue import LANGUAGES
from client.web.asking import ask, failure, told
from client.web.gate import ENTRY, SESSION, SHARED, spoken
from client.web.render import render
from keys.errors import SlussError
from keys.private.identity import random_bytes
from keys.statements import Profile

_YEAR_SECONDS: Final = 365 * 86_400
_SHUT_BYTES: Final = 16


async def enter(request: web.Request) -> web.StreamResponse:
    """Use up a one-time ticket; whoever has a session already just comes in."""
    shared = request.app[ENTRY]
    cookie = shared.sessions.enter(request.query.get("ticket", ""))
    if cookie is None:
        if shared.sessions.of(request.cookies.get(shared.cookie)) is not None:
            raise web.HTTPSeeOther("/")
        raise web.HTTPForbidden(text=shared.stranger(spoken(request)), content_type="text/html")
    session = shared.sessions.of(cookie)
    assert session is not None  # noqa: S101 - just made
    wanted = request.query.get("lang", "")
    session.lang = wanted if wanted in LANGUAGES else spoken(request)
    if not await _has_kit(request):
        session.kit_first = "first" in request.query
        session.kit_due = 0.0 if _is_real(request) else session.kit_due
    # Not a redirect by status: a browser that came here from elsewhere would not send the new cookie along.
    answer = web.Response(text=shared.look.page("entered.html", lang=session.lang), content_type="text/html")
    _remember(answer, shared.cookie, session.lang)
    answer.set_cookie(shared.cookie, cookie, httponly=True, samesite="Strict", path="/")
    return answer


@told
async def unlock_form(request: web.Request) -> web.StreamResponse:
    """Ask for the passphrase."""
    if not request.app[SHARED].desk.locking.is_locked:
        raise web.HTTPSeeOther("/")
    return _alone(request, render(request, "unlock.html", error=""))


@told
async def unlock(request: web.Request) -> web.StreamResponse:
    """Bring the keys back."""
    try:
        await ask(request, "unlock", passphrase=str((await request.post()).get("passphrase", "")))
    except SlussError as error:
        return render(request, "unlock.html", http=422, error=failure(request, error).detail)
    raise web.HTTPSeeOther("/")


@told
async def lock(request: web.Request) -> web.StreamResponse:
    """Lock at once."""
    await ask(request, "lock")
    request.app[SHARED].making = None
    raise web.HTTPSeeOther("/unlock")


async def hidden(request: web.Request) -> web.StreamResponse:
    """A neutral page, here and in every other tab of this browser; one button leads back, no address does."""
    session = request[SESSION]
    if not session.hidden:
        session.hidden = True
        await request.app[SHARED].live.hide(session)
    return _alone(request, render(request, "hidden.html", back="/shown"))


async def shown(request: web.Request) -> web.StreamResponse:
    """Somebody comes back from the neutral page."""
    request[SESSION].hidden = False
    raise web.HTTPSeeOther("/")


async def away(request: web.Request) -> web.StreamResponse:
    """The same page, where a browser without scripts goes by itself when nobody touched it for the idle time."""
    return _alone(request, render(request, "hidden.html", back=""))


async def leave(request: web.Request) -> web.StreamResponse:
    """End this browser's session; its other tabs go from what they show."""
    shared, session = request.app[SHARED], request[SESSION]
    session.hidden = True
    await shared.live.hide(session)
    shared.sessions.leave(request.cookies.get(shared.cookie))
    answer = web.Response(text=shared.stranger(spoken(request)), content_type="text/html")
    answer.del_cookie(shared.cookie, path="/")
    return answer


async def language(request: web.Request) -> web.StreamResponse:
    """Swedish or English, for this browser."""
    form = await request.post()
    chosen = str(form.get("lang", "sv"))
    request[SESSION].lang = chosen if chosen in LANGUAGES else "sv"
    answer = web.HTTPSeeOther("/" if form.get("back") == "/" else "/settings")
    _remember(answer, request.app[ENTRY].cookie, request[SESSION].lang)
    raise answer


def _remember(answer: web.StreamResponse, cookie: str, lang: str) -> None:
    """Keep the language in this browser, for the next time and for pages that come before a session."""
    answer.set_cookie(f"{cookie}-lang", lang, httponly=True, samesite="Strict", path="/", max_age=_YEAR_SECONDS)


def _alone(request: web.Request, answer: web.Response) -> web.Response:
    """The answer, after which the browser shows no page that it kept for its back button.

    Chromium keeps also pages that are not to be stored, until a cookie that scripts cannot read changes; a page
    without scripts cannot cover itself before it is kept.
    """
    value = random_bytes(_SHUT_BYTES).hex()
    answer.set_cookie(f"{request.app[ENTRY].cookie}-shut", value, httponly=True, samesite="Strict", path="/")
    return answer


async def _has_kit(request: web.Request) -> bool:
    """Whether there is a recovery kit; the first start itself has no office yet."""
    shared = request.app.get(SHARED)
    return shared is None or bool((await commands.run(shared.desk, "kit", {}))["kit_id"])


def _is_real(request: web.Request) -> bool:
    """Whether the federation is none for demonstrations: what is in those may be lost."""
    return request.app[SHARED].desk.context.replica.directory.profile is Profile.REAL


async def live(request: web.Request) -> web.StreamResponse:
    """The socket that says that something changed."""
    return await request.app[SHARED].live.serve(request, request[SESSION])
