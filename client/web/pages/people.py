"""Whom one can write to, the own unit, and settings."""

from __future__ import annotations

from aiohttp import web

from client.lang.catalogue import translate
from client.web.asking import ask, told
from client.web.gate import SESSION
from client.web.render import render


@told
async def units(request: web.Request) -> web.StreamResponse:
    """The address book."""
    return render(request, "units.html", units=await ask(request, "units"))


@told
async def unit(request: web.Request) -> web.StreamResponse:
    """One unit, with the words to compare by telephone."""
    unit_id = request.match_info["unit_id"]
    known = {one["unit_id"]: one for one in await ask(request, "units")}
    if unit_id not in known:
        raise web.HTTPNotFound
    return render(request, "unit.html", unit=known[unit_id], contact=await ask(request, "fingerprint", unit=unit_id))


@told
async def compared(request: web.Request) -> web.StreamResponse:
    """The words were compared by telephone."""
    unit_id = request.match_info["unit_id"]
    words = str((await request.post()).get("words", ""))
    await ask(request, "fingerprint_compared", unit=unit_id, words=words)
    request[SESSION].notice = translate("Noterat: orden är jämförda.")
    raise web.HTTPSeeOther(f"/units/{unit_id}")


@told
async def own(request: web.Request) -> web.StreamResponse:
    """The own unit: people and machines."""
    return render(request, "own.html", staff=await ask(request, "staff"), status=await ask(request, "status"))


@told
async def settings(request: web.Request) -> web.StreamResponse:
    """This browser, this machine."""
    return render(request, "settings.html", status=await ask(request, "status"))


@told
async def consents(request: web.Request) -> web.StreamResponse:
    """All consents."""
    return render(request, "consents.html", consents=await ask(request, "consent_list"))


@told
async def consent(request: web.Request) -> web.StreamResponse:
    """One consent."""
    consent_id = request.match_info["consent_id"]
    return render(request, "consent.html", consent=await ask(request, "consent_show", consent_id=consent_id))
