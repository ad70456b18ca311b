"""Answering with a page, as this visitor sees it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from client.web.gate import ENTRY, REFRESH, SEEN, SESSION, SHARED


def render(request: web.Request, template: str, *, http: int = 200, **facts: Any) -> web.Response:
    """Draw a template.

    Args:
        request: whose.
        template: by file name.
        http: status of the answer.
        facts: what the template asks for.
    """
    shared, session = request.app[ENTRY], request[SESSION]
    text = shared.look.page(
        template,
        lang=session.lang,
        form_token=session.form_token,
        alias=session.alias,
        notice="" if REFRESH in request.headers else session.take_notice(),  # a part of a page has no place for it
        here=request.path,
        seen=request.get(SEEN, ""),
        idle=_idle(request),
        **facts,
    )
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=http)


def _idle(request: web.Request) -> int:
    """Seconds after which a browser without scripts shows nothing; 0 where the keys never lock by themselves."""
    shared = request.app.get(SHARED)
    return 0 if shared is None else shared.desk.locking.page_seconds
