"""Fields that name something by its id: what they are chosen from, and what a reader sees instead of the id.

A handler does not type thirty-two letters. What belongs together is said here by the field's name; a test holds the
names against the declarations, so a new field of that kind is not forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiohttp import web

from client.api.work import flow_title
from client.lang.catalogue import translate
from client.web.asking import ask
from client.web.forms.widgets import Widget, flat
from client.web.look import dated, named, title_of, when
from keys.ids import ID_BYTES
from keys.private.identity import random_bytes

UNITS: Final = frozenset(
    {
        "referred_to", "decision_unit", "to_unit", "interim_responsible", "proposes", "recipient", "contact_unit",
        "responsible", "unit",
    }
)  # fmt: skip
#: Field -> the kind of document that it names; empty for whatever came from another unit.
DOCUMENTS: Final[Mapping[str, str]] = {
    "police_result": "hotbild.resultat", "threat_result": "hotbild.resultat", "target_decision": "malgrupp.beslut",
    "document": "",
}  # fmt: skip
CONSENTS: Final = frozenset({"new_consent", "consent_id"})
#: Field -> the life cycle of the thread that it names; empty for any.
THREADS: Final[Mapping[str, str]] = {"new_thread": "", "placement": "placering"}
#: The newest ones; an older one is found from its thread.
MOST_CHOICES: Final = 100

Choices = list[tuple[str, str]]


async def unit_names(request: web.Request) -> dict[str, str]:
    """Every unit's name by its id."""
    return {one["unit_id"]: one["name_sv"] for one in await ask(request, "units")}


async def unit_of(request: web.Request, unit_id: str) -> Any:
    """A unit of the directory by its whole id; None when there is none."""
    return next((one for one in await ask(request, "units") if one["unit_id"] == unit_id), None)


async def offered(request: web.Request, widgets: Iterable[Widget]) -> dict[str, Choices]:
    """What there is to choose from for the fields of a form, by the last part of their names."""
    wanted = {widget.name.rpartition(".")[2] for widget in flat(tuple(widgets)) if widget.draw in {"text", "list"}}
    found: dict[str, Choices] = {}
    if wanted & UNITS:
        units = [(one["unit_id"], one["name_sv"]) for one in await ask(request, "units") if one["active"]]
        found |= dict.fromkeys(wanted & UNITS, units)
    if wanted & CONSENTS:
        found |= dict.fromkeys(wanted & CONSENTS, await _consents(request))
    for name in wanted & DOCUMENTS.keys():
        found[name] = await _documents(request, DOCUMENTS[name])
    for name in wanted & THREADS.keys():
        found[name] = await _threads(request, THREADS[name])
    return found


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
    told = await ask(request, "consent_list")
    return [(one["consent_id"], _consent_words(one)) for one in told[:MOST_CHOICES]]


def _consent_words(one: Mapping[str, Any]) -> str:
    status = one["status_label"]
    words = (named(one["case_type"], "case_type"), translate(status).lower(), dated(one["valid_to"]))
    return f"{', '.join(words)} ({one['consent_id'][:8]})"


async def _documents(request: web.Request, kind: str) -> Choices:
    told = await ask(request, "list", kind=kind, direction="" if kind else "in")
    return [
        (one["document_id"], f"{translate(title_of(one['kind']))}, {one['unit']}, {when(one['at'])}")
        for one in told[:MOST_CHOICES]
    ]


async def _threads(request: web.Request, flow: str) -> Choices:
    told = await ask(request, "work", view="all", flow=flow)
    return [
        (one["thread_id"], f"{translate(one['title'])}, {one['unit']}, {when(one['changed_at'])}")
        for one in told["rows"][:MOST_CHOICES]
    ]


def readable(names: Mapping[str, str], content: Mapping[str, Any]) -> dict[str, Any]:
    """A form's content with the names of units where their ids stand, at any depth."""
    return {key: _named(names, key, value) for key, value in content.items()}


def _named(names: Mapping[str, str], key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return readable(names, value)
    if isinstance(value, list):
        return [_named(names, key, one) for one in value]
    return names.get(value, value) if key in UNITS and isinstance(value, str) else value
