"""Registering a consent that was signed on paper: a new one, a supplement, a renewal.

What was typed is kept on this device only until it is registered: an unsigned record is no draft of the unit. The
scan's checksum may be worked out by the browser from a file that does not leave it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web
from multidict import MultiDictProxy

from client.api.consent_declared import CONTINUED, RECORD
from client.api.declared import header_fields, writing_at
from client.api.places import find_kind
from client.casework.authorities import REQUIRED, required_authorities
from client.casework.codelists import CASE_TYPE
from client.casework.concerned import units_of
from client.casework.consent import ConsentRecord
from client.casework.defaults import defaults_in
from client.casework.describe import FieldInfo
from client.casework.fields import UNIT
from client.casework.problems import InvalidBodyError
from client.casework.swedish_time import local_date
from client.engine.party import party
from client.engine.requirements import own_sets
from client.lang.catalogue import translate
from client.web.asking import ask, failure, told
from client.web.forms.reading import read
from client.web.forms.widgets import ROW, as_typed, draw, flat, with_choices
from client.web.gate import SESSION, SHARED
from client.web.render import render
from keys.errors import SlussError

_COMMANDS: Final = {"new": "consent_new", "supplement": "consent_supplement", "renew": "consent_renew"}
_CARRIER: Final = "samtycke.registrerat"
_CASE_TYPES: Final = {row.case_type for row in REQUIRED}


@told
async def begin(request: web.Request) -> web.StreamResponse:
    """A new consent begins with the type of case, because it says who must be named."""
    return _types(request, "")


@told
async def chosen(request: web.Request) -> web.StreamResponse:
    """The type of case was chosen; the address of the form tells neither it nor the person's key."""
    posted = await request.post()
    case_type, case = (str(posted.get(name, ""))[:64] for name in ("case_type", "case"))
    if case_type not in _CASE_TYPES:
        return _types(request, case)
    raise web.HTTPSeeOther(f"/consents/new/{request[SESSION].hold_anew('consent', case_type, case)}")


@told
async def form(request: web.Request) -> web.StreamResponse:
    """The form as it is at first."""
    how = _how(request)
    kept = await request.app[SHARED].jottings.typed(*_place(request))
    if how == "new" and kept is None and _choice(request) is None:
        raise web.HTTPSeeOther("/consents/new")
    return await _form(request, how, kept or await _typed(request, how), {})


@told
async def save(request: web.Request) -> web.StreamResponse:
    """One row more; or register it, and tell the units that it names when that is asked for."""
    how, posted = _how(request), await request.post()
    typed = _texts(posted)
    added = str(posted.get("add", ""))
    if added:
        count = next(iter(typed.get(ROW + added, ["0"])))
        typed[ROW + added] = [str((int(count) if count.isdecimal() else 0) + 1)]
        return await _form(request, how, typed, {})
    record = read(_fields(how), typed, "record")
    facts: dict[str, Any] = {"record": record, "confirmed": posted.get("confirmed") == "ja"}
    if posted.get("tell") == "ja":
        facts["send_to"] = await _to_tell(request, how, record)
        facts["header"] = read(_person(), typed, "header")
    if how != "new":
        facts["consent_id"] = request.match_info["consent_id"]
    elif case := next(iter(typed.get("case", [])), ""):
        facts["principal_ref"] = case
    try:
        done = await ask(request, _COMMANDS[how], **facts)
    except SlussError as error:
        return await _refused(request, how, typed, error)
    await request.app[SHARED].jottings.forget(*_place(request))
    request[SESSION].notice = translate("Samtycket är registrerat.")
    raise web.HTTPSeeOther(f"/consents/{done['consent_id']}")


async def _to_tell(request: web.Request, how: str, record: Mapping[str, Any]) -> list[str]:
    """The units that the consent names, also those that it named before; of one with a circle, those in the circle."""
    own = request.app[SHARED].desk.context.unit_id.hex()
    rows = record.get("circle") or record.get("parties", ())
    named = [str(row.get("unit") or "") for row in rows if isinstance(row, dict)]
    if how != "new" and not record.get("circle"):
        shown = await ask(request, "consent_show", consent_id=request.match_info["consent_id"])
        newest = shown if shown["circle"] else await ask(request, "consent_show", consent_id=shown["newest"])
        named += [one["unit_id"] or "" for one in (newest["circle"] or newest["parties"])]
    return [unit for unit in dict.fromkeys(named) if unit and unit != own]


async def _refused(
    request: web.Request, how: str, typed: dict[str, list[str]], error: SlussError
) -> web.StreamResponse:
    what = failure(request, error)
    errors: dict[str, list[str]] = {}
    if isinstance(error, InvalidBodyError):
        for one in what.problems:
            for path in (one.path, one.path.partition(".")[2]):
                errors.setdefault(path, []).append(one.sentence)
    return await _form(request, how, typed, errors, *(() if errors else (what.detail,)))


async def _form(
    request: web.Request,
    how: str,
    typed: Mapping[str, Sequence[str]],
    errors: Mapping[str, list[str]],
    *plain: str,
) -> web.StreamResponse:
    units = [(one["unit_id"], one["name_sv"]) for one in await ask(request, "units") if one["active"]]
    fields = with_choices(draw(_fields(how), typed, errors, "record"), {UNIT: units})
    person = draw(_person(), typed, errors, "header")
    drawn = [*flat(fields), *flat(person)]
    known = {sentence for widget in drawn for sentence in widget.errors}
    loose = dict.fromkeys(one for sentences in errors.values() for one in sentences if one not in known)
    return render(
        request,
        "consent_form.html",
        http=422 if errors or plain else 200,
        how=how,
        fields=fields,
        person=person,
        wrong=[widget for widget in drawn if widget.errors],
        plain=[*plain, *loose],
        tell=typed.get("tell") == ["ja"],
        place=_place(request),
        consent_id=request.match_info.get("consent_id", ""),
        case_type=next(iter(typed.get("record.case_type", [""])), ""),
        case=next(iter(typed.get("case", [])), ""),
    )


def _place(request: web.Request) -> tuple[str, str]:
    """Under which name the form is kept while it is not registered."""
    how = _how(request)
    return ("consent", request.match_info["choice"]) if how == "new" else (how, request.match_info["consent_id"])


def _types(request: web.Request, case: str) -> web.Response:
    types = [one for one in CASE_TYPE.items if one[0] in _CASE_TYPES]
    return render(request, "consent_type.html", case_types=types, case=case)


def _choice(request: web.Request) -> tuple[str, str] | None:
    """Type of case and key of the person behind the address of a new form."""
    held = request[SESSION].held(request.match_info["choice"])
    return (held[1], held[2]) if held is not None and held[0] == "consent" else None


def _how(request: web.Request) -> str:
    last = request.path.rpartition("/")[2]
    return last if last in CONTINUED else "new"


def _fields(how: str) -> tuple[FieldInfo, ...]:
    return CONTINUED.get(how, RECORD)


def _person() -> list[FieldInfo]:
    return [info for info in header_fields(find_kind(_CARRIER)) if info.name == "subject_person"]


def _texts(posted: MultiDictProxy[Any]) -> dict[str, list[str]]:
    begins = ("record.", "header.", ROW, "tell", "case")
    return {name: [str(text) for text in posted.getall(name)] for name in posted if name.startswith(begins)}


async def _typed(request: web.Request, how: str) -> dict[str, list[str]]:
    """What stands in the form at first."""
    context = request.app[SHARED].desk.context
    today = local_date(datetime.datetime.fromtimestamp(context.clock.now(), datetime.UTC))
    dated = as_typed(RECORD, defaults_in(ConsentRecord, writing_at(request.app[SHARED].desk), ""), "record")
    (end,) = dated["record.valid_to"]
    if how == "supplement":
        return {"rows:record.parties": ["1"], "rows:record.purposes": ["1"]}
    if how == "renew":
        facts = await ask(request, "consent_show", consent_id=request.match_info["consent_id"])
        language = [facts["record"]["notice_language"]]
        lines = _lines(facts["record"], "private_parties") | _lines(facts["record"], "guardians")
        return {**dated, **lines, "record.notice_language": language, **_purposes(facts["purposes"], end)}
    case_type, case = _choice(request) or ("", "")
    version = context.book.unit(context.unit_id).facts_on(today).get("consent_text_version", "")
    typed = {
        **dated,
        "case": [case],
        "record.case_type": [case_type],
        "record.signer_kind": ["personen"],
        "record.notice_version": [str(version)],
        "record.notice_language": ["sv"],
        "record.retention_rule": ["personakt_5_ar"],
        "record.withdrawal_info": [translate("Säg det till en handläggare, ring eller skriv. Ingen blankett behövs.")],
    }
    own = context.book.unit(context.unit_id).card.unit_type
    authorities = sorted(required_authorities(case_type, today, own_sets(context, context.unit_id)))
    for number, authority in enumerate(authorities):
        at = f"record.parties.{number}"
        typed |= {f"{at}.authority": [authority], f"{at}.role": ["bada"], f"{at}.named": ["ja"]}
        if authority == "socialtjanst" and "polis" not in own:
            typed[f"{at}.unit"] = [context.unit_id.hex()]
    deciding = sorted(units_of({case_type}, party(context, context.unit_id)))
    for number, unit in enumerate(deciding, len(authorities)):  # who decides for a unit that does not
        at = f"record.parties.{number}"
        typed |= {
            f"{at}.authority": ["socialtjanst"],
            f"{at}.role": ["bada"],
            f"{at}.named": ["ja"],
            f"{at}.unit": [unit],
        }
    return {
        **typed,
        "rows:record.parties": [str(len(authorities) + len(deciding))],
        **_purposes(["informationsutbyte"], end),
    }


def _lines(record: Mapping[str, Any], name: str) -> dict[str, list[str]]:
    """What was signed line by line before, to be signed again."""
    rows = [{**row, "signed": "ja"} for row in record.get(name, [])]
    typed = {f"record.{name}.{number}.{key}": [value] for number, row in enumerate(rows) for key, value in row.items()}
    return {**typed, f"rows:record.{name}": [str(len(rows))]} if rows else {}


def _purposes(purposes: Sequence[str], end: str) -> dict[str, list[str]]:
    typed = {"rows:record.purposes": [str(max(1, len(purposes)))]}
    for number, purpose in enumerate(purposes):
        at = f"record.purposes.{number}"
        typed |= {f"{at}.purpose": [purpose], f"{at}.signed": ["ja"], f"{at}.valid_to": [end]}
    return typed
