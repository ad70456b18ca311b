"""Reading consents: where each stands today, what it covers, and what has taken it back.

The rules of ``reading`` hold here too. A status is never stored: it follows from the record, the withdrawals and the
day in Sweden (``casework.consent_status``).
"""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

from client.casework.consent import ConsentRecord, Party
from client.casework.consent_status import Status, status
from client.casework.consent_status import Withdrawal as WithdrawalView
from client.casework.flow_tables import SAMTYCKE
from client.casework.swedish_time import local_date
from client.engine.consents import Consents, HeldConsent
from client.engine.context import Context
from client.engine.reading import Facts, Reading
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
        replaced = {one.record.supersedes for one in held}
        return [await self._summary(one) for one in held if one.record.consent_id not in replaced]

    async def one(self, consent_id: bytes) -> Facts:
        """A consent with its record, its withdrawals and the ids of all versions, oldest first.

        Raises:
            LocalError: code ``NOCONSENT``.
        """
        held = await self._consents.get(consent_id)
        newest = await self._consents.newest(consent_id) if held is not None else None
        if held is None or newest is None:
            raise LocalError("NOCONSENT")
        versions = await self._consents.chain(newest.consent_id)
        return {
            **await self._summary(held),
            "record": record_fields(held.record),
            "withdrawals": [_withdrawal(one) for one in await self._consents.withdrawals(held.record)],
            "versions": [one.hex() for one in reversed(versions)],
            "newest": newest.consent_id.hex(),
        }

    async def status_of(self, record: ConsentRecord) -> Status:
        """Where a record stands today in Sweden."""
        today = local_date(datetime.datetime.fromtimestamp(self._context.clock.now(), datetime.UTC))
        return status(record, await self._consents.withdrawals(record), today)

    async def _summary(self, held: HeldConsent) -> Facts:
        record = held.record
        stands = await self.status_of(record)
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

    def _party(self, party: Party) -> Facts:
        named = {"unit_id": party.unit, "unit": self._name(party.unit)}
        return {"authority": party.authority, **named, "role": party.role}

    def _name(self, unit_id: str | None) -> str:
        return "" if unit_id is None else self._reading.unit_name(bytes.fromhex(unit_id))


def record_fields(record: ConsentRecord) -> Facts:
    """The record's fields as they travel: nothing that is absent."""
    built: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(record))  # lists, as after decoding a body
    return {name: value for name, value in built.items() if value is not None}


def _withdrawal(view: WithdrawalView) -> Facts:
    return {
        "at": view.at,
        "scope": view.scope,
        "recipient": view.recipient or None,
        "purposes": sorted(view.purposes),
    }
