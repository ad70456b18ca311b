"""Reading consents: where each stands today, what it covers, and what has taken it back.

The rules of ``reading`` hold here too. A status is never stored: it follows from the record, the withdrawals and the
day in Sweden (``casework.consent_status``).
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any, Final

import msgspec

from client.casework import consent_chain
from client.casework.consent import ConsentRecord
from client.casework.consent_status import Expiry, Status, expiries, status, usable_purposes
from client.casework.consent_status import Withdrawal as WithdrawalView
from client.casework.flow_tables import SAMTYCKE
from client.engine.consents import Consents, HeldConsent
from client.engine.context import Context
from client.engine.reading import Facts, Reading
from client.engine.requirements import today
from client.lang.catalogue import marked
from keys.errors import LocalError

_HOLDS: Final = frozenset({Status.AKTIVT, Status.SNART_UTGATT})
#: In place of the label of a status that alone would promise too much.
REPLACED: Final = marked("Ersatt av en senare form")
NOT_BEGUN: Final = marked("Gäller inte än")


class ReadingConsents:
    """The consents of an open office."""

    def __init__(self, context: Context, consents: Consents, reading: Reading) -> None:
        self._context = context
        self._consents = consents
        self._reading = reading

    async def all(self) -> list[Facts]:
        """Every consent that another one has not replaced, with its status and what it covers."""
        held, day = await self._consents.all(), today(self._context)
        of_person: defaultdict[str, list[ConsentRecord]] = defaultdict(list)
        for one in held:
            of_person[one.record.principal_ref].append(one.record)
        later = {one.consent_id: _later(of_person[one.record.principal_ref], one.record, day) for one in held}
        return [await self._summary(one, None) for one in held if later[one.consent_id] is None]

    async def one(self, consent_id: bytes) -> Facts:
        """A consent with its record, its withdrawals and the ids of all versions, oldest first.

        Raises:
            LocalError: code ``NOCONSENT``.
        """
        held = await self._consents.get(consent_id)
        if held is None:
            raise LocalError("NOCONSENT")
        newest = await self._consents.newest(consent_id) or held
        versions = [one.consent_id for one in await self._consents.family(consent_id)]
        later = await self._replacing(held.record)
        return {
            **await self._summary(held, later),
            "record": record_fields(held.record),
            "withdrawals": [_withdrawal(one) for one in await self._consents.withdrawals(held.record)],
            "versions": [one.hex() for one in versions],
            "newest": newest.consent_id.hex(),
        }

    async def replaced_by(self, record: ConsentRecord) -> str:
        """The id of the record that has taken a record's place today; empty when none has."""
        later = await self._replacing(record)
        return "" if later is None else later.consent_id

    async def _replacing(self, record: ConsentRecord) -> ConsentRecord | None:
        return await self._consents.later(record) if _has_begun(record, today(self._context)) else None

    def unit_name(self, unit_id: bytes) -> str:
        """The Swedish name of a unit; empty when the directory does not tell."""
        return self._reading.unit_name(unit_id)

    async def _summary(self, held: HeldConsent, later: ConsentRecord | None) -> Facts:
        """``current``: it is in force today, and no later form has taken its place."""
        record, withdrawals, day = held.record, await self._consents.withdrawals(held.record), today(self._context)
        stands = status(record, withdrawals, day)
        return {
            "consent_id": record.consent_id,
            "principal_ref": record.principal_ref,
            "supersedes": record.supersedes,
            "status": stands.value,
            "status_label": _label(stands, record, later, day),
            "current": stands in _HOLDS and later is None and _has_begun(record, day),
            "replaced": later is not None,
            "case_type": record.case_type,
            "controller_unit": record.controller_unit,
            "controller": self._name(record.controller_unit),
            "valid_from": record.valid_from,
            "valid_to": record.valid_to,
            "usable_purposes": list(usable_purposes(record, withdrawals, day)),
            "expiring": [_expiry(one) for one in expiries(record, withdrawals, day)],
            "circle": [{"unit_id": one.unit, "unit": self._name(one.unit)} for one in record.circle],
            "limits": record.limits,
            "purposes": [entry.purpose for entry in record.purposes if entry.signed],
            "data_categories": list(record.data_categories),
            "parties": [
                {
                    "authority": party.authority,
                    "unit_id": party.unit,
                    "unit": self._name(party.unit),
                    "role": party.role,
                }
                for party in record.parties
            ],
        }

    def _name(self, unit_id: str | None) -> str:
        return "" if unit_id is None else self._reading.unit_name(bytes.fromhex(unit_id))


def _has_begun(record: ConsentRecord, day: datetime.date) -> bool:
    return datetime.date.fromisoformat(record.valid_from) <= day


def _later(records: list[ConsentRecord], record: ConsentRecord, day: datetime.date) -> ConsentRecord | None:
    """What has taken a record's place by that day; a renewal that has not begun has taken nobody's."""
    return consent_chain.later(records, record, day) if _has_begun(record, day) else None


def _label(stands: Status, record: ConsentRecord, later: ConsentRecord | None, day: datetime.date) -> str:
    if stands in _HOLDS and later is not None:
        return REPLACED
    return NOT_BEGUN if stands in _HOLDS and not _has_begun(record, day) else SAMTYCKE.state(stands.value).label


def _expiry(one: Expiry) -> Facts:
    """What runs out soon; no purpose: the record itself."""
    ends = one.ends.isoformat()
    return {"purpose": one.purpose or None, "ends": ends, "days_left": one.days_left, "reminder": one.reminder}


def record_fields(record: ConsentRecord) -> Facts:
    """The record's fields as they travel: nothing that is absent."""
    fields: Facts = _present(msgspec.json.decode(msgspec.json.encode(record)))  # lists, as after decoding a body
    return fields


def _present(value: Any) -> Any:
    """Without what is absent, at any depth: a program from before refuses the name of a field that it does not know."""
    if isinstance(value, dict):
        return {name: _present(one) for name, one in value.items() if one is not None}
    return [_present(one) for one in value] if isinstance(value, list) else value


def _withdrawal(view: WithdrawalView) -> Facts:
    return {
        "at": view.at,
        "scope": view.scope,
        "recipient": view.recipient or None,
        "purposes": sorted(view.purposes),
    }
