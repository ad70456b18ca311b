"""Consents: what is registered, and one of them."""

from __future__ import annotations

from aiohttp import web

from client.web.asking import ask, told
from client.web.render import render


@told
async def consents(request: web.Request) -> web.StreamResponse:
    """Every consent of the unit."""
    return render(request, "consents.html", consents=await ask(request, "consent_list"))


@told
async def consent(request: web.Request) -> web.StreamResponse:
    """One consent with what it covers."""
    facts = await ask(request, "consent_show", consent_id=request.match_info["consent_id"])
    return render(request, "consent.html", consent=facts)
