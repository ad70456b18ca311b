"""One thread: its whole story, where it stands, and what may come next."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from client.api.work import flow_title
from client.casework.actions import sendable_kinds
from client.casework.flows import By, Side
from client.lang.catalogue import translate
from client.web.asking import ask, told
from client.web.gate import SESSION, SHARED
from client.web.look import title_of
from client.web.render import render


@told
async def thread(request: web.Request) -> web.StreamResponse:
    """The story in order, newest at the bottom, with the documents opened."""
    facts = await ask(request, "thread", thread_id=request.match_info["thread_id"])
    documents = [await ask(request, "show", document_id=one["document_id"]) for one in facts["documents"]]
    consent = await _consent(request, facts["consent_id"])
    return render(
        request,
        "thread.html",
        thread=facts,
        title=flow_title(facts["flow"]),
        documents=documents,
        next_kinds=_next_kinds(request, facts),
        consent=consent,
        staff=await ask(request, "staff"),
        titles={one["document_id"]: one["title"] for one in documents},
        last=documents[-1]["document_id"] if documents else "",
    )


@told
async def act(request: web.Request) -> web.StreamResponse:
    """Take it, hand it to a colleague, or note something."""
    form = await request.post()
    thread_id = request.match_info["thread_id"]
    match form.get("act"):
        case "take":
            await ask(request, "take", thread_id=thread_id)
            request[SESSION].notice = translate("Du arbetar nu med ärendet.")
        case "hand":
            await ask(request, "hand", thread_id=thread_id, to=str(form.get("to", "")))
            request[SESSION].notice = translate("Ärendet är överlämnat till din kollega.")
        case "note" if str(form.get("text", "")).strip():
            await ask(request, "note", thread_id=thread_id, text=str(form["text"]).strip())
            request[SESSION].notice = translate("Anteckningen är sparad. Den stannar på enheten.")
        case _:
            pass
    raise web.HTTPSeeOther(f"/thread/{thread_id}")


def _next_kinds(request: web.Request, facts: dict[str, Any]) -> list[tuple[str, str]]:
    """What may be sent now, by any of the roles of this person."""
    context = request.app[SHARED].desk.context
    unit_type = context.book.unit(context.unit_id).card.unit_type
    roles = context.book.staff(context.device_id).roles
    kinds = {
        kind: title_of(kind)
        for role in roles
        for kind in sendable_kinds(facts["flow"], facts["state"], By(Side(facts["side"]), role.value), unit_type)
    }
    return list(kinds.items())


async def _consent(request: web.Request, consent_id: str | None) -> Any:
    return None if consent_id is None else await ask(request, "consent_show", consent_id=consent_id)
