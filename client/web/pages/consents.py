"""Consents: what is registered, one of them with its history, and on paper; withdrawal, refusal, and a mistake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from client.casework.codelists import AUTHORITY, PURPOSE
from client.casework.consent import ConsentRecord
from client.casework.describe import describe_struct
from client.casework.kinds.samtycke import CORRECTED, MISTAKEN
from client.casework.kinds.samtycke_words import MISTAKE, RECEIVED_HOW, REFUSED, SCOPE
from client.lang.catalogue import translate
from client.web.asking import ask, failure, told
from client.web.gate import SESSION, SHARED
from client.web.look import worded
from client.web.render import render
from keys.errors import SlussError

_FIELDS = describe_struct(ConsentRecord)
#: What a person may withdraw and how it comes in; a mistake has a form of its own.
_SCOPES = [item for item in SCOPE.items if item[0] != MISTAKEN]
_HOW = [item for item in RECEIVED_HOW.items if item[0] != CORRECTED]


@told
async def consents(request: web.Request) -> web.StreamResponse:
    """Every consent of the unit."""
    return render(request, "consents.html", consents=await ask(request, "consent_list"))


@told
async def consent(request: web.Request) -> web.StreamResponse:
    """One consent with what it covers, and how it came to where it stands."""
    return await _page(request, "consent.html", "")


@told
async def printed(request: web.Request) -> web.StreamResponse:
    """The record on paper, with lines to sign on."""
    return await _page(request, "consent_print.html", "")


@told
async def withdraw(request: web.Request) -> web.StreamResponse:
    """Register a withdrawal, in whatever form it came, and tell what it could still stop."""
    form = await request.post()
    facts: dict[str, Any] = {
        "consent_id": request.match_info["consent_id"],
        "scope": str(form.get("scope", "")),
        "received_how": str(form.get("received_how", "")),
    }
    if facts["scope"] == "mottagare":
        facts["recipient"] = str(form.get("recipient", ""))
    if facts["scope"] == "syfte":
        facts["purposes"] = [str(one) for one in form.getall("purposes", [])]
    try:
        done = await ask(request, "consent_withdraw", **facts)
    except SlussError as error:
        return await _page(request, "consent.html", failure(request, error).detail)
    return render(request, "withdrawn.html", done=done, consent_id=facts["consent_id"])


@told
async def mistake(request: web.Request) -> web.StreamResponse:
    """Ask a colleague to confirm that a record was entered by mistake."""
    form = await request.post()
    consent_id = request.match_info["consent_id"]
    note = str(form.get("note", "")).strip()
    facts = {"consent_id": consent_id, "reason": str(form.get("reason", "")), **({"note": note} if note else {})}
    try:
        await ask(request, "consent_mistake", **facts)
    except SlussError as error:
        return await _page(request, "consent.html", failure(request, error).detail)
    request[SESSION].notice = translate("En kollega ska bekräfta att samtycket är felregistrerat.")
    raise web.HTTPSeeOther(f"/consents/{consent_id}")


@told
async def refusing(request: web.Request) -> web.StreamResponse:
    """Somebody does not sign: what that means, and the form."""
    target = _target(request)
    kept = await request.app[SHARED].jottings.typed("refusal", target)
    held = request[SESSION].held(target) or ("", "")
    return _refusing(request, "", kept or {"case": [held[1] if held[0] == "refusal" else ""]})


@told
async def refusing_in(request: web.Request) -> web.StreamResponse:
    """The same in a case; the address of the form does not tell the person's key."""
    case = str((await request.post()).get("case", ""))[:64]
    raise web.HTTPSeeOther(f"/refusal/{request[SESSION].hold('refusal', case)}")


@told
async def refuse(request: web.Request) -> web.StreamResponse:
    """Note a refusal; the case ends here and nobody else is told."""
    form = await request.post()
    typed = {name: [str(one) for one in form.getall(name)] for name in form}
    facts: dict[str, Any] = {
        "what": str(form.get("what", "")),
        "informed_of_consequence": form.get("informed") == "ja",
        "excluded": [str(one) for one in form.getall("excluded", [])],
    }
    case, note = str(form.get("case", "")), str(form.get("note", "")).strip()
    facts |= {"principal_ref": case} if case else {}
    facts |= {"note": note} if note else {}
    try:
        done = await ask(request, "consent_refuse", **facts)
    except SlussError as error:
        return _refusing(request, failure(request, error).detail, typed)
    await request.app[SHARED].jottings.forget("refusal", _target(request))
    request[SESSION].notice = translate("Vägran är noterad. Ärendet är avslutat här, och ingen annan får veta det.")
    raise web.HTTPSeeOther(f"/thread/{done['thread_id']}")


def _target(request: web.Request) -> str:
    """Under which name the form is kept while it is not noted."""
    return request.match_info.get("choice", "-")


def _refusing(request: web.Request, wrong: str, typed: Mapping[str, Sequence[str]]) -> web.Response:
    return render(
        request,
        "refuse.html",
        http=422 if wrong else 200,
        wrong=wrong,
        typed=typed,
        case=next(iter(typed.get("case", ())), ""),
        target=_target(request),
        authorities=AUTHORITY.items,
        whats=REFUSED.items,
    )


async def _page(request: web.Request, template: str, wrong: str) -> web.Response:
    consent_id = request.match_info["consent_id"]
    facts = await ask(request, "consent_show", consent_id=consent_id)
    return render(
        request,
        template,
        http=422 if wrong else 200,
        wrong=wrong,
        consent=facts,
        lines=worded(_FIELDS, {**_named(facts["record"], facts["names"]), "controller_unit": facts["controller"]}),
        history=await ask(request, "consent_history", consent_id=consent_id),
        how=_HOW,
        scopes=_SCOPES,
        purposes=[(code, label) for code, label in PURPOSE.items if code in facts["purposes"]],
        mistakes=MISTAKE.items,
    )


def _named(record: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The record with units by name; its own events are told elsewhere."""
    named = {
        block: [{key: names.get(str(value), value) for key, value in row.items()} for row in record.get(block, [])]
        for block in ("parties", "private_parties", "not_concerned", "circle")
    }
    return {**{name: value for name, value in record.items() if name != "events"}, **named}
