"""Coming in, unlocking, hiding, leaving."""

from __future__ import annotations

from aiohttp import web

from client.lang.catalogue import LANGUAGES
from client.web.asking import ask, failure, told
from client.web.gate import ENTRY, SESSION, SHARED
from client.web.render import render
from keys.errors import SlussError


async def enter(request: web.Request) -> web.StreamResponse:
    """Use up a one-time ticket; whoever has a session already just comes in."""
    shared = request.app[ENTRY]
    cookie = shared.sessions.enter(request.query.get("ticket", ""))
    if cookie is None:
        if shared.sessions.of(request.cookies.get(shared.cookie)) is not None:
            raise web.HTTPSeeOther("/")
        raise web.HTTPForbidden(text=shared.stranger(), content_type="text/html")
    # Not a redirect by status: a browser that came here from elsewhere would not send the new cookie along.
    answer = web.Response(text=shared.look.page("entered.html", lang="sv"), content_type="text/html")
    answer.set_cookie(shared.cookie, cookie, httponly=True, samesite="Strict", path="/")
    return answer


@told
async def unlock_form(request: web.Request) -> web.StreamResponse:
    """Ask for the passphrase."""
    if not request.app[SHARED].desk.locking.is_locked:
        raise web.HTTPSeeOther("/")
    return render(request, "unlock.html", error="")


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
    return render(request, "hidden.html", back="/shown")


async def shown(request: web.Request) -> web.StreamResponse:
    """Somebody comes back from the neutral page."""
    request[SESSION].hidden = False
    raise web.HTTPSeeOther("/")


async def away(request: web.Request) -> web.StreamResponse:
    """The same page, where a browser without scripts goes by itself when nobody touched it for the idle time."""
    return render(request, "hidden.html", back="")


async def leave(request: web.Request) -> web.StreamResponse:
    """End this browser's session."""
    shared = request.app[SHARED]
    shared.sessions.leave(request.cookies.get(shared.cookie))
    answer = web.Response(text=shared.stranger(), content_type="text/html")
    answer.del_cookie(shared.cookie, path="/")
    return answer


async def language(request: web.Request) -> web.StreamResponse:
    """Swedish or English, for this session."""
    form = await request.post()
    chosen = str(form.get("lang", "sv"))
    request[SESSION].lang = chosen if chosen in LANGUAGES else "sv"
    raise web.HTTPSeeOther("/" if form.get("back") == "/" else "/settings")


async def live(request: web.Request) -> web.StreamResponse:
    """The socket that says that something changed."""
    return await request.app[SHARED].live.serve(request, request[SESSION])
