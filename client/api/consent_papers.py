"""A consent on paper and as a file: the form to sign, and the exports. Whoever takes a file out is written down."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec import structs

from client.api.consent_arguments import ConsentExport, ConsentForm
from client.api.consents import reading_consents
from client.api.places import find_id, find_unit
from client.api.taking_out import taken_out
from client.casework.authorities import required_authorities
from client.casework.codelists import AUTHORITY, DATA_CATEGORY, PURPOSE, SECRECY_RULE, CodeList
from client.casework.concerned import units_of
from client.casework.consent import Controller
from client.casework.consent_status import status
from client.engine.circumstances import Circumstances
from client.engine.clock import iso_of
from client.engine.controllers import controller_of
from client.engine.office import Desk
from client.engine.party import party
from client.engine.reading import Facts
from client.engine.reading_consents import record_fields
from client.engine.requirements import own_sets, today
from client.engine.taking_out import TakingOut
from client.export.consent_27560 import consent_27560
from client.export.consent_fhir import consent_fhir
from client.export.consent_form import Asked, consent_form
from client.export.consent_told import Told
from keys.errors import LocalError
from keys.ids import UnitId

MAX_ROWS: Final = 40
Make = Callable[[Told], dict[str, Any]]


def _own(told: Told) -> dict[str, Any]:
    """Our own fields, with where it stands and what took it back."""
    taken = [
        {"at": one.at, "scope": one.scope, "recipient": one.recipient or None, "purposes": sorted(one.purposes)}
        for one in told.withdrawals
    ]
    return {
        "record": record_fields(told.record),
        "status": told.status.value,
        "replaced_by": told.replaced_by or None,
        "withdrawals": taken,
        "units": dict(told.units),
        "controller": None if told.controller is None else structs.asdict(told.controller),
        "exported_at": told.exported_at,
    }


_MAKERS: Final[Mapping[str, Make]] = MappingProxyType({"27560": consent_27560, "fhir": consent_fhir, "json": _own})


async def consent_export(desk: Desk, arguments: ConsentExport) -> Facts:
    """One consent as text for a file; nothing is told before it is written down that it was taken out.

    Raises:
        RefusedError: code ``TAKEOUT``; it takes two.
    """
    consent_id = await find_id(desk.context.vault, "consent", arguments.consent_id)
    held = await desk.consents.get(consent_id)
    if held is None:
        raise LocalError("NOCONSENT")
    approved = await TakingOut(desk.context).require_consent(held.record)
    record, taken = held.record, await desk.consents.withdrawals(held.record)
    ids = {record.controller_unit, *(one.unit for one in record.parties), *(one.org for one in record.private_parties)}
    told = Told(
        record=record,
        status=status(record, taken, today(desk.context)),
        withdrawals=taken,
        units={one: name for one in sorted(ids - {None}, key=str) if one and (name := _name(desk, one))},
        exported_at=iso_of(desk.context.clock.now()),
        replaced_by=await reading_consents(desk).replaced_by(record),
        organisations={one: found for one in ids if one and (found := _organisation(desk, one))},
    )
    text = json.dumps(_MAKERS[arguments.format](told), ensure_ascii=False, indent=2) + "\n"
    await Circumstances(desk.context).note(consent_id, f"samtycke.export.{arguments.format}", "utlamnande")
    if approved is not None:
        await taken_out(desk, approved)
    return {"format": arguments.format, "file_name": f"samtycke-{consent_id.hex()[:8]}.json", "text": text}


async def consent_form_text(desk: Desk, arguments: ConsentForm) -> Facts:
    """The form to print, as text and as a page; what is not known yet is a line to fill in."""
    given = arguments.record
    asked = Asked(
        case_type=arguments.case_type,
        unit=_name(desk, desk.context.unit_id.hex()),
        controller=controller_of(desk.context, desk.context.unit_id),
        parties=_parties(desk, arguments),
        providers=tuple(_unit_named(desk, row.get("org")) for row in _rows(given, "private_parties")),
        data_categories=_codes(given, "data_categories", DATA_CATEGORY),
        purposes=tuple(
            (str(row["purpose"]), _day(row.get("valid_to")))
            for row in _rows(given, "purposes")
            if row.get("purpose") in PURPOSE.codes
        ),
        secrecy_rules=_codes(given, "secrecy_rules", SECRECY_RULE),
        valid_to=_day(given.get("valid_to")),
        child=arguments.child,
        extremism=given.get("extremism") is True,
    )
    paper = consent_form(asked, easy=arguments.easy)
    parts = [dataclasses.asdict(part) for part in paper.parts]
    return {"text": paper.text, "html": paper.html, "title": paper.title, "parts": parts}


def _parties(desk: Desk, arguments: ConsentForm) -> tuple[str, ...]:
    """Those that the record names, then those that the case type asks for and nobody has named yet."""
    rows = _rows(arguments.record, "parties")
    named = [
        _unit_named(desk, row["unit"]) if row.get("unit") else AUTHORITY.label(str(row["authority"])) for row in rows
    ]
    sets = own_sets(desk.context, desk.context.unit_id)
    applicable = _codes(arguments.record, "applicable", AUTHORITY)
    required = required_authorities(arguments.case_type, today(desk.context), sets, applicable)
    aside = _rows(arguments.record, "not_concerned")
    whole = {str(row.get("authority")) for row in aside if not row.get("unit") and not row.get("region")}
    missing = required - whole - {str(row.get("authority")) for row in rows}
    deciding = units_of({arguments.case_type}, party(desk.context, desk.context.unit_id))
    named += [_unit_named(desk, one) for one in sorted(deciding - {row.get("unit") for row in (*rows, *aside)})]
    return (*named, *(AUTHORITY.label(code) for code, _ in AUTHORITY.items if code in missing))


def _rows(given: Facts, name: str) -> list[Facts]:
    rows = given.get(name)
    return [row for row in rows[:MAX_ROWS] if isinstance(row, dict)] if isinstance(rows, list) else []


def _codes(given: Facts, name: str, codes: CodeList) -> tuple[str, ...]:
    """The codes that stand there, in the order of the list."""
    values = given.get(name)
    return tuple(code for code, _ in codes.items if isinstance(values, list) and code in values)


def _day(value: object) -> str:
    """A day, or nothing where there is none."""
    try:
        return datetime.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return ""


def _unit_named(desk: Desk, text: object) -> str:
    """A unit by its name or id.

    Raises:
        LocalError: code ``UNK``, ``MANY``.
    """
    return _name(desk, find_unit(desk.context, str(text)).hex())


def _organisation(desk: Desk, unit_id: str) -> Controller | None:
    return controller_of(desk.context, UnitId(bytes.fromhex(unit_id)))


def _name(desk: Desk, unit_id: str) -> str:
    try:
        return desk.context.book.unit(UnitId(bytes.fromhex(unit_id))).card.name_sv
    except LocalError:
        return ""
