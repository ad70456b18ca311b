"""Checks a consent record: every field, and what the fields say together.

Rules beyond the declaration:
1. From ``valid_from`` to ``valid_to`` are twelve months at most; a purpose ends no later than the
   record, but follow-up and research may run eighteen months longer.
2. Special categories are computed from the categories, never chosen.
3. A placement needs a second member of staff, another one than the witness.
4. The chain of events is whole.

Public signatures:
    validate_record(decoded, minor=None) -> ConsentRecord        raises InvalidBodyError

Source: domain.md 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import msgspec

from client.casework.codelists import FOLLOW_UP_PURPOSES
from client.casework.consent import ConsentRecord, special_categories, verify_events
from client.casework.consent_events import EventChainError
from client.casework.deadlines import add_months
from client.casework.describe import describe_struct
from client.casework.problems import InvalidBodyError, Problem, problem
from client.casework.shape import check_shape

#: Domain.md 3.2 no 17.
MAX_MONTHS = 12
FOLLOW_UP_MONTHS_MORE = 18

#: Events after which the record needs its signed original.
GIVING_EVENTS = frozenset({"given", "utokad", "fornyad"})
_CONTINUING_EVENTS = frozenset({"utokad", "fornyad"})

Mapped = Mapping[str, object]


def validate_record(record: object, *, minor: bool | None = None) -> ConsentRecord:
    """Check a decoded record.

    Args:
        record: what was decoded; good is a map.
        minor: whether the person is under 18; None when that is not known here.

    Raises:
        InvalidBodyError: with every problem found.
    """
    found = check_shape(describe_struct(ConsentRecord), record, _facts(record, minor))
    if found:
        raise InvalidBodyError(tuple(found))
    try:
        made = msgspec.convert(record, ConsentRecord)
    except (msgspec.ValidationError, TypeError) as error:
        raise InvalidBodyError((problem("", "body"),)) from error
    found = list(_together(made))
    if found:
        raise InvalidBodyError(tuple(found))
    return made


def _facts(record: object, minor: bool | None) -> dict[str, object]:
    """What the conditions of the declaration ask about."""
    if not isinstance(record, Mapping):
        return {}
    events = _column(record, "events", "type")
    return {
        "@signed": not GIVING_EVENTS.isdisjoint(events),
        "@continues": bool(events) and events[0] in _CONTINUING_EVENTS,
        "@places": "placering" in _column(record, "purposes", "purpose"),
        "@guardians_needed": minor is True and not record.get("guardian_omitted_reason"),
    }


def _column(record: Mapped, list_name: str, name: str) -> list[str]:
    """One field of every row of a list, as far as the rows are what they should be."""
    rows = record.get(list_name)
    values = [row.get(name) for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []
    return [value for value in values if isinstance(value, str)]


def _together(record: ConsentRecord) -> Iterator[Problem]:
    """Rules over several fields."""
    yield from _periods(record)
    if set(record.special_category) != set(special_categories(record.data_categories)):
        yield problem("special_category", "computed", "Särskilda kategorier")
    if record.second_staff is not None and record.second_staff.name == record.witness_staff.name:
        yield problem("second_staff", "same_staff", "Kontrollant")
    if len({entry.purpose for entry in record.purposes}) < len(record.purposes):
        yield problem("purposes", "duplicate", "Ändamål")
    try:
        verify_events(record)
    except EventChainError:
        yield problem("events", "chain", "Händelser")


def _periods(record: ConsentRecord) -> Iterator[Problem]:
    begins, ends = date.fromisoformat(record.valid_from), date.fromisoformat(record.valid_to)
    if ends < begins:
        yield problem("valid_to", "before", "Gäller till")
    if ends > add_months(begins, MAX_MONTHS):
        yield problem("valid_to", "after", "Gäller till")
    for entry in record.purposes:
        more = FOLLOW_UP_MONTHS_MORE if entry.purpose in FOLLOW_UP_PURPOSES else 0
        if date.fromisoformat(entry.valid_to) > add_months(ends, more):
            yield problem("purposes.valid_to", "after", "Gäller till")
