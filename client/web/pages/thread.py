"""One thread: its whole story, where it stands, and what may come next."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from multidict import MultiDictProxy

from client.api.work import flow_title
from client.casework.actions import sendable_kinds
from client.casework.flows import By, Side
from client.casework.swedish_time import local_date
from client.engine.context import Context
from client.engine.registering import REGISTERED
from client.lang.catalogue import translate
from client.web.asking import ask, failure, jotted, registers, roles, told
from client.web.gate import SESSION, SHARED
from client.web.look import title_of
from client.web.pages.naming import readable, unit_names
from client.web.pages.reviewing import come
from client.web.render import render
from keys.errors import LocalError, LockedError, RefusedError, SlussError
from keys.ids import UnitId

#: What keeps one document from being shown, but not the thread that it stands in.
_CLOSED: Final = frozenset({"READER", "ENTRY"})


@told
async def thread(request: web.Request) -> web.StreamResponse:
    """The story in order, newest at the bottom, with the documents opened."""
    return await _page(request, "", {})


async def _page(request: web.Request, wrong: str, typed: Mapping[str, str]) -> web.Response:
    """The thread; perhaps with what was refused, and what was typed then."""
    facts = await ask(request, "thread", thread_id=request.match_info["thread_id"])
    names = await unit_names(request)
    documents = [await _read(request, one, names) for one in facts["documents"]]
    opened = [one for one in documents if one["state"] not in {"awaiting", "declined"}]
    return render(
        request,
        "thread.html",
        http=422 if wrong else 200,
        wrong=wrong,
        number={typed.get("document_id", ""): typed.get("number", "")},
        thread=facts,
        title=flow_title(facts["flow"]),
        documents=documents,
        titles={one["document_id"]: one["title"] for one in documents},
        next_kinds=_next_kinds(request, facts) if opened else [],
        consent=await _consent(request, facts["consent_id"]),
        staff=await ask(request, "staff"),
        jotted=typed.get("text") or await jotted(request, "note", facts["thread_id"], "text"),
        last=opened[-1]["document_id"] if opened else "",
        registers=registers(request),
    )


@told
async def printed(request: web.Request) -> web.StreamResponse:
    """The thread on paper: every document with its way, without menus, buttons and the unit's notes."""
    facts = await ask(request, "thread", thread_id=request.match_info["thread_id"])
    names = await unit_names(request)
    return render(
        request,
        "print.html",
        thread=facts,
        title=flow_title(facts["flow"]),
        documents=[await _read(request, one, names) for one in facts["documents"]],
        consent=await _consent(request, facts["consent_id"]),
        status=await ask(request, "status"),
        now=datetime.datetime.fromtimestamp(request.app[SHARED].desk.context.clock.now(), datetime.UTC).isoformat(),
    )


@told
async def act(request: web.Request) -> web.StreamResponse:
    """Take it, hand it to a colleague, note something, or give a document a diary number."""
    form = await request.post()
    thread_id = request.match_info["thread_id"]
    try:
        await _act(request, thread_id, form)
    except LockedError:
        raise
    except SlussError as error:
        typed = {name: str(form.get(name, "")) for name in ("text", "document_id", "number")}
        return await _page(request, failure(request, error).detail, typed)
    raise web.HTTPSeeOther(f"/thread/{thread_id}")


async def _act(request: web.Request, thread_id: str, form: MultiDictProxy[Any]) -> None:
    match form.get("act"):
        case "take":
            await ask(request, "take", thread_id=thread_id)
            request[SESSION].notice = translate("Du arbetar nu med ärendet.")
        case "hand":
            await ask(request, "hand", thread_id=thread_id, to=str(form.get("to", "")))
            request[SESSION].notice = translate("Ärendet är överlämnat till din kollega.")
        case "note" if str(form.get("text", "")).strip():
            await ask(request, "note", thread_id=thread_id, text=str(form["text"]).strip())
            await request.app[SHARED].jottings.forget("note", thread_id)
            request[SESSION].notice = translate("Anteckningen är sparad. Den stannar på enheten.")
        case "register" if str(form.get("number", "")).strip():
            await _register(request, str(form.get("document_id", "")), str(form["number"]).strip())
            request[SESSION].notice = translate("Dokumentet är registrerat. Avsändaren får veta numret.")
        case _:
            pass


async def _read(request: web.Request, row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """A document with its content; or, where this person may not read it, its row and why."""
    try:
        facts = await ask(request, "show", document_id=row["document_id"])
    except RefusedError as error:
        if error.code not in _CLOSED:
            raise
        return {**row, "closed": failure(request, error), "way": come(row)}
    content = readable(names, facts["kind"], facts["content"])
    return {**facts, "content": content, "diary": row.get("diary", ""), "closed": None, "way": come(row)}


async def _register(request: web.Request, document_id: str, number: str) -> None:
    """Tell the sender the diary number that a document has here."""
    facts = await ask(request, "show", document_id=document_id, reason="registrering")
    context = request.app[SHARED].desk.context
    today = local_date(datetime.datetime.fromtimestamp(context.clock.now(), datetime.UTC))
    content = {"document": facts["document_id"], "registered_on": today.isoformat()}
    await ask(request, "new", kind=REGISTERED, to=facts["unit_id"], content=content, header={"sender_dnr": number})


def _next_kinds(request: web.Request, facts: dict[str, Any]) -> list[tuple[str, str]]:
    """What may be sent now, by any of the roles of this person."""
    context = request.app[SHARED].desk.context
    unit_type = context.book.unit(context.unit_id).card.unit_type
    flow, state, side = facts["flow"], facts["state"], Side(facts["side"])
    to_type = _other_type(context, facts["unit_id"])
    kinds = {
        kind: title_of(kind)
        for role in roles(request)
        for kind in sendable_kinds(flow, state, By(side, role), unit_type, to_type=to_type)
    }
    return list(kinds.items())


def _other_type(context: Context, unit_id: str) -> str:
    """Type of the unit that the thread is with; empty while it is with nobody, or where the directory does not tell."""
    if unit_id == context.unit_id.hex():
        return ""
    try:
        return context.book.unit(UnitId(bytes.fromhex(unit_id))).card.unit_type
    except LocalError:
        return ""


async def _consent(request: web.Request, consent_id: str | None) -> Any:
    return None if consent_id is None else await ask(request, "consent_show", consent_id=consent_id)
