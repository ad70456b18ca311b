"""Fields that name something by its id: what they are chosen from, and what a reader sees instead of the id.

A handler does not type thirty-two letters. What a field names stands in its declaration (`casework.fields.Names`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiohttp import web

from client.api.work import flow_title
from client.casework.describe import FieldInfo
from client.casework.fields import UNIT, Names, Thing
from client.casework.kinds.registry import KINDS, describe
from client.lang.catalogue import translate
from client.web.asking import ask
from client.web.forms.widgets import Widget, flat
from client.web.look import dated, named, title_of, when
from keys.ids import ID_BYTES
from keys.private.identity import random_bytes

#: The newest ones; an older one is found from its thread.
MOST_CHOICES: Final = 100

Choices = list[tuple[str, str]]


async def unit_names(request: web.Request) -> dict[str, str]:
    """Every unit's name by its id."""
    return {one["unit_id"]: one["name_sv"] for one in await ask(request, "units")}


async def unit_of(request: web.Request, unit_id: str) -> Any:
    """A unit of the directory by its whole id; None when there is none."""
    return next((one for one in await ask(request, "units") if one["unit_id"] == unit_id), None)


async def offered(request: web.Request, widgets: Iterable[Widget]) -> dict[Names, Choices]:
    """What there is to choose from for the fields of a form, by what they name."""
    wanted = {widget.names for widget in flat(tuple(widgets)) if widget.draw != "hidden"} - {None}
    return {names: await _offered(request, names) for names in wanted if names is not None}


async def _offered(request: web.Request, names: Names) -> Choices:
    match names.thing:
        case Thing.UNIT:
            return [(one["unit_id"], one["name_sv"]) for one in await ask(request, "units") if one["active"]]
        case Thing.CONSENT:
            return await _consents(request)
        case Thing.DOCUMENT:
            return await _documents(request, names)
        case Thing.THREAD:
            return await _threads(request, names.of)
        case Thing.CASE:
            return await cases(request, "")


async def cases(request: web.Request, chosen: str) -> Choices:
    """The cases that a document could belong to by its person's key: a new one first, then those that changed last.

    Args:
        request: of the form.
        chosen: the key that is chosen already; empty for none.
    """
    told = await ask(request, "cases")
    known = [
        (one["principal_ref"], f"{translate(flow_title(one['flow']))}, {one['unit']}, {when(one['changed_at'])}")
        for one in told
    ]
    fresh = chosen if chosen and chosen not in dict(known) else random_bytes(ID_BYTES).hex()
    return [(fresh, translate("Ett nytt ärende")), *known]


async def _consents(request: web.Request) -> Choices:
    told = sorted(await ask(request, "consent_list"), key=lambda one: not one["current"])
    return [(one["consent_id"], _consent_words(one)) for one in told[:MOST_CHOICES]]


def _consent_words(one: Mapping[str, Any]) -> str:
    status = one["status_label"]
    words = (one["person"], named(one["case_type"], "case_type"), translate(status).lower(), dated(one["valid_to"]))
    return f"{', '.join(filter(None, words))} ({one['consent_id'][:8]})"


async def _documents(request: web.Request, names: Names) -> Choices:
    told = await ask(request, "list", kind=names.of, direction="in" if names.received else "")
    return [
        (one["document_id"], f"{translate(title_of(one['kind']))}, {one['unit']}, {when(one['at'])}")
        for one in [one for one in told if not one["expired"] and not one["replaced"]][:MOST_CHOICES]
    ]


async def _threads(request: web.Request, flow: str) -> Choices:
    told = await ask(request, "work", view="all", flow=flow)
    return [
        (one["thread_id"], f"{translate(one['title'])}, {one['unit']}, {when(one['changed_at'])}")
        for one in told["rows"][:MOST_CHOICES]
    ]


def readable(names: Mapping[str, str], kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """A document's content with the names of units where their ids stand, at any depth; an unknown kind's as it is."""
    return _readable(names, describe(kind), content) if kind in KINDS else dict(content)


def _readable(names: Mapping[str, str], fields: Iterable[FieldInfo], form: Mapping[str, Any]) -> dict[str, Any]:
    declared = {info.name: info for info in fields}
    return {key: _named(names, declared[key], value) if key in declared else value for key, value in form.items()}


def _named(names: Mapping[str, str], info: FieldInfo, value: Any) -> Any:
    if isinstance(value, dict):
        return _readable(names, info.children, value)
    if isinstance(value, list):
        return [_named(names, info, one) for one in value]
    return names.get(value, value) if info.spec.names == UNIT and isinstance(value, str) else value
