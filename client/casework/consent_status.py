"""Where a consent stands on a day: derived from its events, the withdrawals and the calendar.

Nothing here is stored. Two offices with the same record and the same withdrawals see the same.

Public signatures:
    Withdrawal(at, scope, recipient="", purposes=())
    withdrawal_of(content of samtycke.aterkallat) -> Withdrawal
    status(record, withdrawals, today) -> Status
    Status.UTKAST | INFORMERAD | AKTIVT | SNART_UTGATT | UTGATT | ATERKALLAT | VAGRAT | FELREGISTRERAT

Source: domain.md 2.10.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from client.casework.codelists import FOLLOW_UP_PURPOSES
from client.casework.consent import ConsentRecord
from client.casework.consent_check import GIVING_EVENTS
from client.casework.kinds.samtycke import Withdrawn

#: The first reminder goes out this long before the end (domain.md 2.10).
NEAR_END = timedelta(days=30)


class Status(StrEnum):
    """The states of the flow ``samtycke``."""

    UTKAST = "utkast"
    INFORMERAD = "informerad"
    AKTIVT = "aktivt"
    SNART_UTGATT = "snart_utgatt"
    UTGATT = "utgatt"
    ATERKALLAT = "aterkallat"
    VAGRAT = "vagrat"
    FELREGISTRERAT = "felregistrerat"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal of this consent, as the signed document told it.

    Args:
        at: UTC instant, ISO 8601.
        scope: ``helt``, ``mottagare`` or ``syfte``.
        recipient: unit id when the scope is one recipient.
        purposes: purposes when the scope is purposes.
    """

    at: str
    scope: str
    recipient: str = ""
    purposes: frozenset[str] = frozenset()

    @property
    def only_follow_up(self) -> bool:
        """Whether the exchange goes on in spite of it (domain.md 3.5)."""
        return self.scope == "syfte" and FOLLOW_UP_PURPOSES.issuperset(self.purposes)


def withdrawal_of(content: Withdrawn) -> Withdrawal:
    """What a ``samtycke.aterkallat`` says, as the rules want it."""
    return Withdrawal(content.at, content.scope, content.recipient or "", frozenset(content.purposes))


#: Events after which a record is out of force for good.
_ENDED = {"vagrad": Status.VAGRAT, "felregistrerad": Status.FELREGISTRERAT, "aterkallad": Status.ATERKALLAT}


def status(record: ConsentRecord, withdrawals: Iterable[Withdrawal], today: date) -> Status:
    """Where the consent stands.

    Args:
        record: the record in force.
        withdrawals: those that concern it.
        today: the day in Sweden.
    """
    types = [event.type for event in record.events]
    for event_type, ended in _ENDED.items():
        if event_type in types:
            return ended
    if any(not withdrawal.only_follow_up for withdrawal in withdrawals):
        return Status.ATERKALLAT
    if GIVING_EVENTS.isdisjoint(types):
        return Status.INFORMERAD if "informerad" in types else Status.UTKAST
    return _by_calendar(date.fromisoformat(record.valid_to), today)


def _by_calendar(ends: date, today: date) -> Status:
    if today > ends:
        return Status.UTGATT
    return Status.SNART_UTGATT if today > ends - NEAR_END else Status.AKTIVT
