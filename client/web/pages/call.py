"""Somebody calls: a contact written with one hand, and the code with which the caller comes back.

A contact is an ordinary draft of ``intag.kontakt``; this is its way in. The code is shown on one page, once, and is
nowhere afterwards: the draft holds only what it is checked against.
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

from client.engine.return_codes import FIELD, KIND
from client.lang.catalogue import translate
from client.web.asking import ask, failure, told
from client.web.forms.drafts import Sheet, filled, find, keep, require_staying
from client.web.gate import SHARED
from client.web.render import render
from keys.errors import SlussError

_CHECK: Final = f"content.{FIELD}"


@told
async def call(request: web.Request) -> web.StreamResponse:
    """Begin a contact, or find the one that a caller has a code for."""
    return render(request, "call.html", wrong="")


@told
async def begin(request: web.Request) -> web.StreamResponse:
    """A new contact by telephone; or the old one, found by its code."""
    form = await request.post()
    if form.get("act") == "find":
        try:
            found = await ask(request, "return_code_find", code=str(form.get("code", ""))[:40])
        except SlussError as error:
            return render(request, "call.html", http=422, wrong=_no_contact(request, error))
        document = await ask(request, "show", document_id=found["document_id"])
        raise web.HTTPSeeOther(f"/thread/{document['thread_id']}")
    desk = request.app[SHARED].desk
    sheet = Sheet(kind=KIND, to=desk.context.unit_id.hex(), typed={"content.channel": ["telefon"]})
    raise web.HTTPSeeOther(f"/draft/{await keep(desk.unit, sheet)}")


@told
async def code(request: web.Request) -> web.StreamResponse:
    """A new code for the caller of a draft, shown this once."""
    shared, posted = request.app[SHARED], await request.post()
    async with shared.held.lock:
        draft_id, sheet = await find(shared.desk.unit, request.match_info["draft_id"])
        if sheet.kind != KIND:
            raise web.HTTPNotFound
        require_staying(sheet)
        sheet = filled(sheet, posted)
        given = await ask(request, "return_code_new")
        typed = {**sheet.typed, _CHECK: [given["check"]]}
        await keep(shared.desk.unit, msgspec.structs.replace(sheet, typed=typed), draft_id)
    return render(request, "code.html", code=given["code"], draft_id=draft_id.hex())


def _no_contact(request: web.Request, error: SlussError) -> str:
    if error.code == "NOTFOUND":
        return translate("Ingen kontakt här har den koden. Läs den för varandra en gång till.")
    return failure(request, error).detail
