"""Whom it goes to: a proposal from where the person belongs, and every unit that takes it, on a map and in a list.

What is asked about the person is general, is sent to this program only, and is kept nowhere: it is gone with the page.
A proposal is a hint; a person chooses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from client.api.places import find_kind
from client.api.routing import QUESTION
from client.casework.problems import InvalidBodyError
from client.lang.catalogue import chosen
from client.web.asking import ask, failure, told
from client.web.facts import takes
from client.web.forms.reading import read
from client.web.forms.widgets import draw
from client.web.gate import SESSION, SHARED
from client.web.look import title_of
from client.web.pages.people import county, map_of, narrowed
from client.web.render import render
from keys.places import kommuner

Errors = Mapping[str, Sequence[str]]


@told
async def propose(request: web.Request) -> web.StreamResponse:
    """Propose recipients for what was told of the person in general words."""
    posted = await request.post()
    typed = {name: [str(text) for text in posted.getall(name)] for name in posted if name.startswith("question.")}
    kind, thread_id = find_kind(str(posted.get("kind", ""))).name, str(posted.get("thread_id", ""))
    try:
        found = await ask(request, "route", kind=kind, question=read(QUESTION, typed, "question"))
    except InvalidBodyError as error:
        errors: dict[str, list[str]] = {}
        for one in failure(request, error).problems:
            errors.setdefault(one.path, []).append(one.sentence)
        return await page(request, kind, thread_id=thread_id, typed=typed, errors=errors)
    return await page(request, kind, thread_id=thread_id, typed=typed, found=found)


async def page(
    request: web.Request,
    name: str,
    *,
    thread_id: str = "",
    typed: Mapping[str, Sequence[str]] | None = None,
    errors: Errors | None = None,
    found: dict[str, Any] | None = None,
) -> web.Response:
    """The page on which the recipient of a kind is chosen.

    Args:
        request: narrowed to a county by ``lan`` in its query, under a name of the session's own making.
        name: of the kind.
        thread_id: of the thread in the unit from which it goes on, or empty.
        typed: what was told of the person, by name of the control.
        errors: what is wrong with that, by path.
        found: what `client.api.routing` proposes.
    """
    kind, narrow = find_kind(name), county(request, request.query.get("lan", ""))
    own = request.app[SHARED].desk.context.unit_id.hex()
    units = [one for one in await ask(request, "units") if one["active"] and (one["unit_id"] == own) == kind.local]
    fitting = [
        one for one in units if kind.local or not kind.recipient_types or one["unit_type"] in kind.recipient_types
    ]
    widgets = draw(QUESTION, typed or {}, errors or {}, "question")
    organisations = {one["unit_id"]: one["organisation"] for one in units}
    return render(
        request,
        "recipient.html",
        http=422 if errors else 200,
        kind=kind.name,
        address=f"/write/{request[SESSION].hold('write', kind.name)}",
        title=title_of(kind.name),
        units=[{**one, "takes": takes(one["facts"])} for one in narrowed(fitting, narrow)],
        local=kind.local,
        thread_id=thread_id,
        question=widgets,
        wrong=[widget for widget in widgets if widget.errors],
        found=found and _worded(found, organisations),
        kommuner=sorted(kommuner().values(), key=lambda one: one.name),
        **map_of(fitting, narrow),
    )


def _worded(found: dict[str, Any], organisations: Mapping[str, str]) -> dict[str, Any]:
    """The proposals in the language of the page, with whose units they are."""
    last = "_en" if chosen() == "en" else ""
    proposals = [
        {**one, "reason": one[f"reason{last}"], "organisation": organisations.get(one["unit_id"], "")}
        for one in found["proposals"]
    ]
    return {"proposals": proposals, "by_hand": found["by_hand"], "advice": found[f"advice{last}"]}
