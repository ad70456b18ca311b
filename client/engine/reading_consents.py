"""Reading consents: where each stands today, what it covers, and what has taken it back.

The rules of ``reading`` hold here too. A status is never stored: it follows from the record, the withdrawals and the
day in Sweden (``casework.consent_status``).
"""

from __future__ import annotations

from typing import Any

import msgspec

from client.casework.consent import ConsentRecord
from client.casework.consent_status import Expiry, expiries, status, usable_purposes
from client.casework.consent_status import Withdrawal as WithdrawalView
from client.casework.flow_tables import SAMTYCKE
from client.engine.consents import Consents, HeldConsent
from client.engine.context import Context
from client.engine.reading import Facts, Reading
from client.engine.requirements import today
from keys.errors import LocalError


class ReadingConsents:
    """The consents of an open office."""

    def __init__(self, context: Context, consents: Consents, reading: Reading) -> None:
        self._context = context
        self._consents = consents
        self._reading = reading

    async def all(self) -> list[Facts]:
        """Every consent that another one has not replaced, with its status and what it covers."""
        held = await self._consents.all()
        return [await self._summary(one) for one in held if not _is_replaced(one, held)]

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
        return {
            **await self._summary(held),
            "record": record_fields(held.record),
            "withdrawals": [_withdrawal(one) for one in await self._consents.withdrawals(held.record)],
            "versions": [one.hex() for one in versions],
            "newest": newest.consent_id.hex(),
        }

    def unit_name(self, unit_id: bytes) -> str:
        """The Swedish name of a unit; empty when the directory does not tell."""
        return self._reading.unit_name(unit_id)

    async def _summary(self, held: HeldConsent) -> Facts:
        record, withdrawals, day = held.record, await self._consents.withdrawals(held.record), today(self._context)
        stands = status(record, withdrawals, day)
        return {
            "consent_id": record.consent_id,
            "principal_ref": record.principal_ref,
            "supersedes": record.supersedes,
            "status": stands.value,
            "status_label": SAMTYCKE.state(stands.value).label,
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


def _is_replaced(one: HeldConsent, others: list[HeldConsent]) -> bool:
    """By a record for the same person and of the same unit, and with the same circle."""
    mine = one.record
    return any(
        other.record.supersedes == mine.consent_id
        and (other.record.principal_ref, other.record.controller_unit) == (mine.principal_ref, mine.controller_unit)
        and other.record.circle == mine.circle
        for other in others
    )


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
