"""What a person must look at: alarms, and what came in and could not be approved."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from client.engine.jottings import Typed
from client.lang.catalogue import translate
from client.web.asking import ask, failure, registers, told
from client.web.forms.keeping import texts
from client.web.gate import SESSION, SHARED
from client.web.render import render
from keys.errors import SlussError

_MOST_DIGITS: Final = 5
_FORM: Final = "aside"


@told
async def aside(request: web.Request) -> web.StreamResponse:
    """What was kept aside, and alarms."""
    return await _page(request, "", {})


@told
async def handled(request: web.Request) -> web.StreamResponse:
    """Somebody has dealt with what was kept aside: it gets a diary number, or a note, or both."""
    form = await request.post()
    envelope_id, note, dnr = (str(form.get(name, "")).strip() for name in ("envelope_id", "note", "dnr"))
    typed = {envelope_id: texts(form)}
    if not dnr and not note:
        return await _page(request, translate("Skriv ett diarienummer, eller vad ni har gjort."), typed)
    facts = {"envelope_id": envelope_id, "note": note, **({"dnr": dnr} if dnr else {})}
    try:
        await ask(request, "quarantine_register" if dnr else "quarantine_handled", **facts)
    except SlussError as error:
        return await _page(request, failure(request, error).detail, typed)
    await request.app[SHARED].jottings.forget(_FORM, envelope_id)
    request[SESSION].notice = translate("Noterat.")
    raise web.HTTPSeeOther("/aside")


@told
async def alarm_seen(request: web.Request) -> web.StreamResponse:
    """Somebody has seen an alarm; it is noted with their name."""
    number = str((await request.post()).get("n", ""))
    if not number.isascii() or not number.isdecimal() or len(number) > _MOST_DIGITS:
        raise web.HTTPBadRequest
    await ask(request, "alarm_seen", n=int(number))
    request[SESSION].notice = translate("Noterat: du har sett larmet.")
    raise web.HTTPSeeOther("/aside")


async def _page(request: web.Request, wrong: str, typed: dict[str, Typed]) -> web.Response:
    kept = {one.target: one.typed for one in await request.app[SHARED].jottings.all() if one.form == _FORM}
    return render(
        request,
        "aside.html",
        http=422 if wrong else 200,
        wrong=wrong,
        typed=kept | typed,
        registers=registers(request),
        quarantine=await ask(request, "quarantine"),
        alarms=await ask(request, "alarms"),
    )
