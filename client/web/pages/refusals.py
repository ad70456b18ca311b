"""Somebody does not sign: what that means, and the form. Each one that is begun is kept by itself until it is noted."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from client.casework.codelists import AUTHORITY
from client.casework.kinds.samtycke_words import REFUSED
from client.engine.jottings import Typed
from client.lang.catalogue import translate
from client.web.asking import ask, failure, told
from client.web.forms.keeping import texts
from client.web.gate import SESSION, SHARED
from client.web.render import render
from keys.errors import SlussError

_HELD = "refusal"


@told
async def begin(request: web.Request) -> web.StreamResponse:
    """In no case that is here."""
    raise web.HTTPSeeOther(f"/refusal/{request[SESSION].hold_anew(_HELD, '')}")


@told
async def begin_in(request: web.Request) -> web.StreamResponse:
    """In a case; the address of the form does not tell the person's key."""
    case = str((await request.post()).get("case", ""))[:64]
    raise web.HTTPSeeOther(f"/refusal/{request[SESSION].hold_anew(_HELD, case)}")


@told
async def form(request: web.Request) -> web.StreamResponse:
    """The form, with what was typed in it before. One that nothing is known of begins anew: its case is not guessed."""
    target = request.match_info["choice"]
    kept, held = await request.app[SHARED].jottings.typed(_HELD, target), request[SESSION].held(target)
    if kept is None and (held is None or held[0] != _HELD):
        raise web.HTTPSeeOther("/consents")
    return _form(request, "", kept or {"case": list((held or ())[1:])})


@told
async def refuse(request: web.Request) -> web.StreamResponse:
    """Note a refusal; the case ends here and nobody else is told."""
    posted = await request.post()
    facts: dict[str, Any] = {
        "what": str(posted.get("what", "")),
        "informed_of_consequence": posted.get("informed") == "ja",
        "excluded": [str(one) for one in posted.getall("excluded", [])],
    }
    case, note = str(posted.get("case", "")), str(posted.get("note", "")).strip()
    facts |= {"principal_ref": case} if case else {}
    facts |= {"note": note} if note else {}
    try:
        done = await ask(request, "consent_refuse", **facts)
    except SlussError as error:
        return _form(request, failure(request, error).detail, texts(posted))
    await request.app[SHARED].jottings.forget(_HELD, request.match_info["choice"])
    request[SESSION].notice = translate("Vägran är noterad. Ärendet är avslutat här, och ingen annan får veta det.")
    raise web.HTTPSeeOther(f"/thread/{done['thread_id']}")


def _form(request: web.Request, wrong: str, typed: Typed) -> web.Response:
    return render(
        request,
        "refuse.html",
        http=422 if wrong else 200,
        wrong=wrong,
        typed=typed,
        case=next(iter(typed.get("case", ())), ""),
        target=request.match_info["choice"],
        authorities=AUTHORITY.items,
        whats=REFUSED.items,
    )
