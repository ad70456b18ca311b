"""A consent as an export tells it: the record, where it stands, what took it back, and the names of units.

Public signatures:
    Told(record, status, withdrawals, units, exported_at, organisations); .unit_name(unit_id) -> str; .controller
    uuid_of(ident) -> str
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from client.casework.consent import ConsentRecord, Controller
from client.casework.consent_status import Status, Withdrawal

_HOLDS: Final = frozenset({Status.AKTIVT, Status.SNART_UTGATT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that an export is made of.

    Args:
        record: as it was signed.
        status: on the day of the export.
        withdrawals: those that concern it.
        units: names of units by id, as far as the directory tells.
        exported_at: UTC instant, ISO 8601.
        replaced_by: id of the record that has taken its place by then; empty when none has.
        organisations: whose the units are and where they are reached, by the unit's id, as the directory tells today.
    """

    record: ConsentRecord
    status: Status
    withdrawals: tuple[Withdrawal, ...]
    units: Mapping[str, str]
    exported_at: str
    replaced_by: str = ""
    organisations: Mapping[str, Controller] = field(default_factory=dict)

    @property
    def stands(self) -> Status:
        """The status as another system must take it: what a later form has replaced holds no more than what ran out."""
        return Status.UTGATT if self.replaced_by and self.status in _HOLDS else self.status

    def unit_name(self, unit_id: str) -> str:
        """The name of a unit; its id where the directory does not tell."""
        return self.units.get(unit_id) or unit_id

    @property
    def controller(self) -> Controller | None:
        """Who answers for the data: as the person was told, else as the directory tells today."""
        return self.record.controller or self.organisations.get(self.record.controller_unit)


def uuid_of(ident: str) -> str:
    """Thirty-two hexadecimal digits as uuids are written."""
    return "-".join((ident[:8], ident[8:12], ident[12:16], ident[16:20], ident[20:]))
