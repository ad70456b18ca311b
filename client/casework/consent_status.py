"""Where a consent stands on a day: derived from its events, the withdrawals and the calendar.

Nothing here is stored. Two offices with the same record and the same withdrawals see the same.

Public signatures:
    Withdrawal(at, scope, recipient="", purposes=())
    withdrawal_of(content of samtycke.aterkallat) -> Withdrawal
    status(record, withdrawals, today) -> Status
    usable_purposes(record, withdrawals, today) -> tuple[str, ...]
    expiries(record, withdrawals, today) -> tuple[Expiry, ...]           what runs out within 30 days
    Status.UTKAST | INFORMERAD | AKTIVT | SNART_UTGATT | UTGATT | ATERKALLAT | VAGRAT | FELREGISTRERAT

Source: domain.md 2.10.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from client.casework.codelists import FOLLOW_UP_PURPOSES, LASTING_PURPOSES
from client.casework.consent import ConsentRecord
from client.casework.consent_check import GIVING_EVENTS
from client.casework.kinds.samtycke import MISTAKEN, Withdrawn

#: Reminders are due this long before the end (domain.md 2.10).
NEAR_END = timedelta(days=30)
LAST_DAYS = timedelta(days=7)


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
        scope: ``helt``, ``mottagare``, ``syfte``, or ``felregistrerat``: entered by mistake, and so for all.
        recipient: unit id when the scope is one recipient.
        purposes: purposes when the scope is purposes.
        by: id of the unit that registered it, empty where that is not asked.
    """

    at: str
    scope: str
    recipient: str = ""
    purposes: frozenset[str] = frozenset()
    by: str = ""

    @property
    def only_follow_up(self) -> bool:
        """Whether the exchange goes on in spite of it (domain.md 3.5)."""
        return self.scope == "syfte" and FOLLOW_UP_PURPOSES.issuperset(self.purposes)

    @property
    def for_all(self) -> bool:
        """Whether nothing at all may lean on the consent any more."""
        return self.scope in {"helt", MISTAKEN}


@dataclass(frozen=True, slots=True)
class Expiry:
    """Something that runs out soon.

    Args:
        purpose: which purpose; empty for the record itself.
        ends: its last day.
        days_left: from today to that day.
        reminder: which reminder is due: 30 or 7 days before.
    """

    purpose: str
    ends: date
    days_left: int
    reminder: int


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
    types, withdrawals = [event.type for event in record.events], tuple(withdrawals)
    for event_type, ended in _ENDED.items():
        if event_type in types:
            return ended
    if any(withdrawal.scope == MISTAKEN for withdrawal in withdrawals):
        return Status.FELREGISTRERAT
    if any(not withdrawal.only_follow_up for withdrawal in withdrawals):
        return Status.ATERKALLAT
    if GIVING_EVENTS.isdisjoint(types):
        return Status.INFORMERAD if "informerad" in types else Status.UTKAST
    return _by_calendar(date.fromisoformat(record.valid_to), today)


def _by_calendar(ends: date, today: date) -> Status:
    if today > ends:
        return Status.UTGATT
    return Status.SNART_UTGATT if today > ends - NEAR_END else Status.AKTIVT


def last_day(record: ConsentRecord, purpose: str) -> date | None:
    """The last day on which something may lean on a purpose; None when it is not signed.

    Follow-up with its look-ups, and research, may outlive the record, and so the case (domain.md 3.2 no 17).
    """
    ends = [
        date.fromisoformat(entry.valid_to) for entry in record.purposes if entry.purpose == purpose and entry.signed
    ]
    if not ends:
        return None
    return ends[0] if purpose in LASTING_PURPOSES else min(ends[0], date.fromisoformat(record.valid_to))


def usable_purposes(record: ConsentRecord, withdrawals: Iterable[Withdrawal], today: date) -> tuple[str, ...]:
    """The purposes that documents may lean on today, in the order of the record; none before its first day."""
    taken = tuple(withdrawals)
    stands = status(record, taken, today)
    if (
        stands not in {Status.AKTIVT, Status.SNART_UTGATT, Status.UTGATT}
        or date.fromisoformat(record.valid_from) > today
    ):
        return ()
    gone = {purpose for withdrawal in taken for purpose in withdrawal.purposes}
    ends = {entry.purpose: last_day(record, entry.purpose) for entry in record.purposes}
    return tuple(name for name, end in ends.items() if end is not None and end >= today and name not in gone)


def expiries(record: ConsentRecord, withdrawals: Iterable[Withdrawal], today: date) -> tuple[Expiry, ...]:
    """What of a consent in force runs out within thirty days, the record first; a purpose only by a day of its own."""
    usable = usable_purposes(record, withdrawals, today)
    whole = date.fromisoformat(record.valid_to)
    ends = [("", whole), *((name, last_day(record, name)) for name in usable)]
    return tuple(
        Expiry(name, end, (end - today).days, LAST_DAYS.days if end - today <= LAST_DAYS else NEAR_END.days)
        for name, end in ends
        if end is not None and timedelta() <= end - today <= NEAR_END and usable and (not name or end != whole)
    )
