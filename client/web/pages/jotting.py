"""Forms that make no document of their own save themselves too: consents, refusals, notes, the reason for a no."""

from __future__ import annotations

from aiohttp import web

from client.lang.catalogue import translate
from client.web.asking import told
from client.web.forms.keeping import JOTTED, keep_jotting, place_of
from client.web.gate import SESSION, SHARED, TOKEN_HEADER
from keys.errors import LocalError


@told
async def jot(request: web.Request) -> web.StreamResponse:
    """Keep what stands in a form, or throw it away."""
    posted, shared = await request.post(), request.app[SHARED]
    place = place_of(posted)
    if place is None:
        raise LocalError("NOTFOUND")
    if posted.get("act") == "forget":
        await shared.jottings.forget(*place)
        request[SESSION].notice = translate("Utkastet är kastat.")
        raise web.HTTPSeeOther("/")
    await keep_jotting(shared.jottings, posted)
    if TOKEN_HEADER in request.headers:
        return web.Response(status=204)
    request[SESSION].notice = translate("Utkastet är sparat.")
    raise web.HTTPSeeOther(JOTTED[place[0]].format(place[1]))
