"""The handlers' guide on the page: its chapters, and one of them. It is there before there is an office, too."""

from __future__ import annotations

from aiohttp import web

from client.web.gate import SHARED
from client.web.handbook import chapters
from client.web.render import render


async def contents(request: web.Request) -> web.StreamResponse:
    """Every chapter."""
    return render(request, "help.html", chapter=None, chapters=list(chapters().values()), bare=_bare(request))


async def chapter(request: web.Request) -> web.StreamResponse:
    """One chapter; one that is not there leads to the list."""
    one = chapters().get(request.match_info["chapter"])
    if one is None:
        raise web.HTTPSeeOther("/help")
    return render(request, "help.html", chapter=one, chapters=list(chapters().values()), bare=_bare(request))


def _bare(request: web.Request) -> bool:
    """Whether there is no menu to draw: the first start, and locked keys."""
    shared = request.app.get(SHARED)
    return shared is None or shared.desk.locking.is_locked
