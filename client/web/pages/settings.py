"""This browser and this machine: its language, and after how long without a person it locks."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from client.lang.catalogue import translate
from client.web.asking import ask, told
from client.web.gate import SESSION, SHARED
from client.web.render import render

_MOST_DIGITS: Final = 2


@told
async def settings(request: web.Request) -> web.StreamResponse:
    """What is set, and what can be."""
    shared = request.app[SHARED]
    return render(
        request,
        "settings.html",
        status=await ask(request, "status"),
        locking=shared.desk.locking,
        undo_seconds=shared.held.undo_seconds,
        kit_id=(await ask(request, "kit"))["kit_id"],
    )


@told
async def idle(request: web.Request) -> web.StreamResponse:
    """Another time until the keys lock; among the choices only, and never none."""
    text = str((await request.post()).get("minutes", ""))
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0
    request.app[SHARED].desk.locking.choose(number)
    request[SESSION].notice = translate("Sparat. Tiden gäller från nästa gång du låser upp.")
    raise web.HTTPSeeOther("/settings")
