"""Answering for a colleague's document: what waits, exactly what one signs, and yes or no with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from client.api.declared import writing_at
from client.api.places import find_kind
from client.casework.codes import explain
from client.casework.defaults import defaults_of
from client.casework.swedish_time import local_time
from client.lang.catalogue import chosen, translate
from client.web.asking import ask, failure, jotted, told
from client.web.forms.reading import instant_of
from client.web.gate import SESSION, SHARED
from client.web.look import shown
from client.web.pages.naming import readable
from client.web.pages.reviewing import consent_of
from client.web.render import render
from keys.errors import SlussError

#: Button -> command, and what is said when it is done.
_ACTS = ("approve", "decline", "approval_withdraw", "approval_take_over", "approval_renew")
_ANEW = frozenset({"approval_take_over", "approval_renew"})
_DATE = "date:"


@told
async def approvals(request: web.Request) -> web.StreamResponse:
    """What waits for a second person, and what came of it."""
    listed = [_worded(one) for one in await ask(request, "approvals")]
    return render(
        request,
        "approvals.html",
        waiting=[one for one in listed if one["state"] == "awaiting"],
        decided=[one for one in reversed(listed) if one["state"] != "awaiting"],
    )


@told
async def approval(request: web.Request) -> web.StreamResponse:
    """One document as the recipient will read it, with the buttons that are open to this person."""
    return await _page(request, "")


@told
async def decide(request: web.Request) -> web.StreamResponse:
    """Approve it, decline it, take it back, or write it anew for a colleague whose machine is gone."""
    form = await request.post()
    act, document_id = str(form.get("act", "")), request.match_info["document_id"]
    if act not in _ACTS:
        raise web.HTTPSeeOther(f"/approvals/{document_id}")
    more: dict[str, Any] = {"reason": str(form.get("reason", "")).strip()[:1000]} if act == "decline" else {}
    if act in _ANEW:
        more["dates"] = {
            name.removeprefix(_DATE): instant_of(str(form[name])) for name in form if name.startswith(_DATE)
        }
    if act == "decline" and not more["reason"]:
        return await _page(request, translate("Skriv varför det inte bör skickas. Den som skrev det får läsa det."))
    reason = str(form.get("reason", ""))
    try:
        await ask(request, act, document_id=document_id, **more)
    except SlussError as error:
        return await _page(request, failure(request, error).detail, reason)
    await request.app[SHARED].jottings.forget("decline", document_id)
    request[SESSION].notice = _done(act)
    raise web.HTTPSeeOther("/approvals")


async def _page(request: web.Request, wrong: str, reason: str = "") -> web.StreamResponse:
    facts = _worded(await ask(request, "approval_show", document_id=request.match_info["document_id"]))
    units = {one["unit_id"]: one for one in await ask(request, "units")}
    names = {unit_id: one["name_sv"] for unit_id, one in units.items()}
    return render(
        request,
        "approval.html",
        http=422 if wrong else 200,
        wrong=wrong,
        jotted=reason or await jotted(request, "decline", facts["document_id"], "reason"),
        one=facts,
        unit=units.get(facts["unit_id"]),
        consent=await consent_of(request, facts["consent_id"]),
        passed=_passed(request, facts),
        sections=shown(facts["kind"], facts["header"], readable(names, facts["kind"], facts["content"])),
    )


def _passed(request: web.Request, facts: dict[str, Any]) -> list[dict[str, Any]]:
    """The dates that have passed, each with the control for a new one and what a form would propose in it today."""
    proposed = defaults_of(find_kind(facts["kind"]), writing_at(request.app[SHARED].desk))
    rows = []
    for one in facts["passed"]:
        value = proposed.get(one["path"])
        if isinstance(value, str) and one["type"] == "dt":
            value = f"{local_time(datetime.fromisoformat(value)):%Y-%m-%dT%H:%M}"
        rows.append({**one, "name": _DATE + one["path"], "proposed": value or ""})
    return rows


def _worded(facts: dict[str, Any]) -> dict[str, Any]:
    """With the obstacle in the language of the page."""
    if not facts["obstacle"]:
        return {**facts, "obstacle_sentence": ""}
    words = explain(facts["obstacle"], chosen())
    return {**facts, "obstacle_sentence": f"{words.sentence} {words.next_step}"}


def _done(act: str) -> str:
    match act:
        case "approve":
            return translate("Du har godkänt dokumentet. Det skickas från den dator där det skrevs.")
        case "decline":
            return translate("Du har sagt nej. Den som skrev dokumentet får veta varför.")
        case "approval_withdraw":
            return translate("Dokumentet är taget tillbaka. Inget har skickats.")
        case "approval_renew":
            return translate("Dokumentet är skrivet på nytt med de nya datumen och väntar på en kollega.")
        case _:
            return translate("Dokumentet är skrivet på nytt i ditt namn och väntar på en kollega.")
