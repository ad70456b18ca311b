"""Consent on paper: the form to sign, in plain or easy Swedish, for an adult or a child; and what went without consent.

The form is Swedish whatever the page speaks: it is what the person signs. What the unit knows already stands on it when
it is printed from a consent; all else is a line to fill in.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from client.casework.authorities import REQUIRED
from client.casework.codelists import CASE_TYPE
from client.web.asking import ask, told
from client.web.look import title_of
from client.web.render import render

_CASE_TYPES = tuple(item for item in CASE_TYPE.items if item[0] in {row.case_type for row in REQUIRED})


@told
async def choose(request: web.Request) -> web.StreamResponse:
    """What the form is about, and for whom."""
    return render(request, "paper_choose.html", case_types=_CASE_TYPES)


@told
async def paper(request: web.Request) -> web.StreamResponse:
    """The form, to be printed."""
    posted = await request.post()
    case_type = str(posted.get("case_type", ""))
    if case_type not in dict(_CASE_TYPES):
        raise web.HTTPSeeOther("/consents/paper")
    consent_id = str(posted.get("consent_id", ""))
    record: dict[str, Any] = {}
    if consent_id:
        record = (await ask(request, "consent_show", consent_id=consent_id))["record"]
    easy, child = posted.get("easy") == "ja", posted.get("child") == "ja"
    made = await ask(request, "consent_form", case_type=case_type, record=record, easy=easy, child=child)
    return render(request, "paper.html", paper=made, consent_id=consent_id)


@told
async def disclosures(request: web.Request) -> web.StreamResponse:
    """What went or came without consent: on which ground, and who decided."""
    found = await ask(request, "disclosures")
    return render(request, "disclosures.html", disclosures=[{**one, "title": title_of(one["kind"])} for one in found])
