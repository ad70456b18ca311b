"""The handlers' guide on the page: its chapters, and one of them. It is there before there is an office, too."""

from __future__ import annotations

from aiohttp import web

from client.web.gate import SESSION, SHARED
from client.web.handbook import chapters
from client.web.render import render


async def contents(request: web.Request) -> web.StreamResponse:
    """Every chapter."""
    return _shown(request, "")


async def chapter(request: web.Request) -> web.StreamResponse:
    """One chapter, by a name that does not tell which; one that is not there leads to the list."""
    names = {request[SESSION].alias(name): name for name in chapters("sv")}
    name = names.get(request.match_info["chapter"])
    if name is None:
        raise web.HTTPSeeOther("/help")
    return _shown(request, name)


def _shown(request: web.Request, name: str) -> web.StreamResponse:
    guide = chapters(request[SESSION].lang)
    return render(request, "help.html", chapter=guide.get(name), chapters=list(guide.values()), bare=_bare(request))


def _bare(request: web.Request) -> bool:
    """Whether there is no menu to draw: the first start, and locked keys."""
    shared = request.app.get(SHARED)
    return shared is None or shared.desk.locking.is_locked
