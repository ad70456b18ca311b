"""Making a consent record: what was typed, what the office fills in itself, and what the record before it says.

A supplement or renewal names the record before it and takes over what is not said anew. To a supplement's authorities
and purposes, and to whatever else it lists, those of before are added (``casework.consent.supplement``). A renewal is a
new signature: what is signed line by line is what it says and no more (domain.md 3.1, 3.2 no 6, 11, 14), and so are the
authorities where it names some. What the person has a say in needs a signature of its own, with its original: no
earlier one covers it.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import structs

from client.api.consent_declared import LINE_BY_LINE
from client.api.places import find_id, find_unit, own_staff
from client.casework.codelists import DATA_CATEGORY
from client.casework.consent import special_categories
from client.casework.consent_check import SETS_ASIDE
from client.casework.consent_events import append_event
from client.engine.consents import HeldConsent
from client.engine.context import Context
from client.engine.controllers import told_controller
from client.engine.office import Desk
from client.engine.reading import Facts, iso
from client.engine.reading_consents import record_fields
from keys.errors import LocalError, RefusedError
from keys.private.identity import random_bytes

#: 1.1 says who answers for the data (domain.md 3.2 no 8); in 1.0 the unit alone told it. From 1.2 on a unit or a
#: region's police may be set aside too: a program from before refuses such a row, and no other record.
RECORD_VERSION: Final = "1.2"
#: Lists whose rows may name a unit by its name.
_NAMING: Final = ("parties", "circle", "not_concerned")
#: What a handler says without the person: it needs no signature.
_UNSIGNED: Final = frozenset({"not_concerned", "applicable", "supersedes", "principal_ref"})
#: Of a signature: never taken over from an earlier one.
_EACH_TIME: Final = frozenset({"signed_at", "original_sha256"})
#: Lists to which a supplement adds, beside authorities and purposes.
_GROWING: Final = ("private_parties", "applicable", "data_categories", "secrecy_rules", "gdpr_basis")


async def record_before(desk: Desk, supersedes: object) -> HeldConsent | None:
    """The record that the new one continues: the newest that all may know, or the named one with a closed circle.

    Raises:
        LocalError: code ``NOTFOUND``, ``NOCONSENT``.
        RefusedError: code ``WITHDRAWN``; what was taken back is never continued. ``NOTOURS``: of another unit.
    """
    if supersedes is None:
        return None
    held = await desk.consents.get(await find_id(desk.context.vault, "consent", str(supersedes)))
    if held is not None and not held.record.circle:
        held = await desk.consents.newest(held.consent_id)
    if held is None:
        raise LocalError("NOCONSENT")
    if held.record.controller_unit != desk.context.unit_id.hex():
        raise RefusedError("NOTOURS")
    taken = [one.at for one in await desk.consents.withdrawals(held.record) if not one.only_follow_up]
    if taken:
        raise RefusedError("WITHDRAWN", at=taken[0])
    return held


def record_of(context: Context, given: Facts, before: HeldConsent | None, *, change: str) -> Facts:
    """All fields of the record, with those that only the office may fill in."""
    staff, consent_id = own_staff(context), random_bytes(16).hex()
    old = {} if before is None else record_fields(before.record)
    if given.keys() - _UNSIGNED:
        old = {name: value for name, value in old.items() if name not in _EACH_TIME}
    kind = (change or _change(context, given, old)) if old else "given"
    if kind == "fornyad":
        anew = LINE_BY_LINE | ({"parties"} & given.keys())
        old = {name: value for name, value in old.items() if name not in anew}
    fields = {**old, **_joined(context, given, old, change=change)}
    fields |= {
        "consent_id": consent_id,
        "record_version": RECORD_VERSION,
        "principal_ref": fields.get("principal_ref") or random_bytes(16).hex(),
        "controller_unit": context.unit_id.hex(),
        "controller": _controller(context),
        "jurisdiction": "SE",
        "storage": "enhetens_system",
        "special_category": list(
            special_categories(_codes(fields.get("data_categories")), extremism=fields.get("extremism") is True)
        ),
        "witness_staff": staff,
    }
    if before is not None:
        fields |= {"supersedes": before.record.consent_id, "principal_ref": before.record.principal_ref}
    fields["events"] = _events(context, fields, kind, at=given.get("signed_at"))
    return {name: value for name, value in fields.items() if value is not None}


def _controller(context: Context) -> Facts | None:
    told = told_controller(context, context.unit_id)
    return None if told is None else {name: value for name, value in structs.asdict(told).items() if value is not None}


def _joined(context: Context, given: Facts, old: Facts, *, change: str) -> Facts:
    """What was given, with units by id, and added to the authorities and purposes of before.

    A supplement says only what is new, so its other lists are added to those of before too. A whole record that names
    one before says what the person signed, and no more.
    """
    fields = {**given, **_by_id(context, given)}
    if isinstance(fields.get("parties"), list):
        fields["parties"] = _added(old.get("parties", []), fields["parties"])
    if isinstance(fields.get("purposes"), list):
        renewed = {entry.get("purpose") for entry in fields["purposes"] if isinstance(entry, dict)}
        kept = [entry for entry in old.get("purposes", []) if entry["purpose"] not in renewed]
        fields["purposes"] = [*kept, *fields["purposes"]]
    if change == "utokad":
        lists = [name for name in _GROWING if isinstance(fields.get(name), list)]
        fields |= {name: _added(old.get(name, []), fields[name]) for name in lists}
    if old.get("not_concerned") and (change == "utokad" or "not_concerned" not in given):
        fields["not_concerned"] = _aside(old["not_concerned"], fields)
    return fields


def _by_id(context: Context, given: Facts) -> Facts:
    """The lists that name units, as they stand in a record; whoever registers has set aside, where nobody is named."""
    found = {name: given[name] for name in _NAMING if isinstance(given.get(name), list)}
    found = {name: [_with_unit(context, row) for row in rows] for name, rows in found.items()}
    if "parties" in found:
        found["parties"] = [_named(row) for row in found["parties"]]
    if "not_concerned" in found:
        by = _decider(context)
        found["not_concerned"] = [
            {"decided_by": by, **row} if isinstance(row, dict) else row for row in found["not_concerned"]
        ]
    return found


def _added(before: list[Any], rows: list[Any]) -> list[Any]:
    return [*before, *(row for row in rows if row not in before)]


def _aside(before: list[Facts], fields: Facts) -> list[Any]:
    """Who is not concerned: what is said anew replaces what was said of the same, and whoever is named now is not."""
    rows = fields.get("not_concerned") or []
    again = [_whom(row) for row in rows]
    parties = [one for one in fields.get("parties", []) if isinstance(one, dict)]
    return [*(row for row in before if _whom(row) not in again and not _is_named(row, parties)), *rows]


def _is_named(row: Facts, parties: list[Facts]) -> bool:
    if "region" in row:
        return False
    name = "unit" if "unit" in row else "authority"
    return any(one.get(name) == row[name] for one in parties)


def _whom(row: Any) -> Facts:
    return {name: row[name] for name in ("authority", "unit", "region") if name in row} if isinstance(row, dict) else {}


def _decider(context: Context) -> dict[str, str]:
    """Who registers, in a role that may set an authority aside where the person has one."""
    card = context.book.staff(context.device_id)
    roles = [role.value for role in card.roles]
    return {"name": card.name, "role": next((one for one in roles if one in SETS_ASIDE), next(iter(roles), ""))}


def _with_unit(context: Context, party: Any) -> Any:
    """A row whose unit may be written by its name."""
    if not isinstance(party, dict) or not isinstance(party.get("unit"), str):
        return party
    return {**party, "unit": find_unit(context, party["unit"]).hex()}


def _named(party: Any) -> Any:
    return {"named": True, **party} if isinstance(party, dict) else party


def _codes(value: object) -> list[str]:
    """The codes that stand there; whether they are allowed is asked later."""
    return [code for code, _ in DATA_CATEGORY.items if isinstance(value, list) and code in value]


def _events(context: Context, fields: Facts, kind: str, *, at: object) -> list[Facts]:
    """The chain of a new record; its time is that of the signing, and now where nothing was signed."""
    role = fields["witness_staff"]["role"]
    if not isinstance(at, str):
        at = str(iso(context.clock.now()))
    types = ("informerad", kind) if kind == "given" else (kind,)
    events: tuple[Any, ...] = ()
    for event_type in types:
        events = append_event(fields["consent_id"], events, event_type, at=at, by=role)
    return [{"type": one.type, "at": one.at, "by": one.by, "digest": one.digest} for one in events]


def _change(context: Context, given: Facts, old: Facts) -> str:
    """What a record that names one before is: a supplement where it covers something that the old one did not."""
    return "utokad" if _adds({**given, **_by_id(context, given)}, old) else "fornyad"


def _adds(fields: Facts, old: Facts) -> bool:
    named = {"parties": "unit", "private_parties": "org", "purposes": "purpose"}
    for name, key in named.items():
        known = {row[key] for row in old.get(name, []) if key in row}
        rows = fields.get(name) or []
        if any(isinstance(row, dict) and row.get(key) is not None and row[key] not in known for row in rows):
            return True
    return not set(_codes(fields.get("data_categories"))) <= set(old.get("data_categories", []))
