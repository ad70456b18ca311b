"""Consents: what is registered, one of them with its history, and on paper; withdrawal, and a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from client.casework.codelists import PURPOSE
from client.casework.consent import ConsentRecord
from client.casework.describe import describe_struct
from client.casework.kinds.samtycke import CORRECTED, MISTAKEN
from client.casework.kinds.samtycke_words import MISTAKE, RECEIVED_HOW, SCOPE
from client.engine.jottings import Typed
from client.lang.catalogue import translate
from client.web.asking import ask, failure, told
from client.web.forms.keeping import texts
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
        return await _page(request, "consent.html", failure(request, error).detail, {"withdrawal": texts(form)})
    await request.app[SHARED].jottings.forget("withdrawal", facts["consent_id"])
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
        return await _page(request, "consent.html", failure(request, error).detail, {"mistake": texts(form)})
    await request.app[SHARED].jottings.forget("mistake", consent_id)
    request[SESSION].notice = translate("En kollega ska bekräfta att samtycket är felregistrerat.")
    raise web.HTTPSeeOther(f"/consents/{consent_id}")


async def _page(
    request: web.Request, template: str, wrong: str, typed: Mapping[str, Typed] | None = None
) -> web.Response:
    consent_id, jottings = request.match_info["consent_id"], request.app[SHARED].jottings
    kept = {form: await jottings.typed(form, consent_id) or {} for form in ("withdrawal", "mistake")}
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
        typed={**kept, **(typed or {})},
    )


def _named(record: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The record with units by name; its own events are told elsewhere."""
    named = {
        block: [{key: names.get(str(value), value) for key, value in row.items()} for row in record.get(block, [])]
        for block in ("parties", "private_parties", "not_concerned", "circle")
    }
    return {**{name: value for name, value in record.items() if name != "events"}, **named}
