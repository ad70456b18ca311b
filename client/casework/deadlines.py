"""How long a state may last, and when that time is over.

A deadline is something a person sees; it never changes a case (domain.md 2.13). The one exception
is a silent consultation, which has an event of its own in its flow.

Public signatures:
    Span(amount, unit, anchor="")        hours | office_hours | days | working_days | months | dated
    due(span, start, anchors={}) -> datetime | None

Not here: which state has which span (`flow_tables`), holidays (`swedish_time`).

Example:
    >>> due(working_days(1), datetime(2024, 3, 28, 12, tzinfo=UTC)).date()   # Maundy Thursday
    datetime.date(2024, 4, 2)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, islice

from client.casework.swedish_time import at_local, is_working_day, local_time

#: Office time on Swedish clocks; our own default.
OFFICE_OPENS, OFFICE_CLOSES = time(8), time(17)


class SpanUnit(StrEnum):
    """What the amount of a span counts."""

    HOURS = "hours"
    OFFICE_HOURS = "office_hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time.

    Args:
        amount: how many units.
        unit: what is counted.
        anchor: name of a content field with a date to count from, empty to count from the event.
    """

    amount: int
    unit: SpanUnit
    anchor: str = ""


def hours(amount: int) -> Span:
    """A span of hours, day and night."""
    return Span(amount, SpanUnit.HOURS)


def office_hours(amount: int) -> Span:
    """A span of hours in which offices are open."""
    return Span(amount, SpanUnit.OFFICE_HOURS)


def days(amount: int, anchor: str = "") -> Span:
    """A span of calendar days."""
    return Span(amount, SpanUnit.DAYS, anchor)


def working_days(amount: int) -> Span:
    """A span of Swedish working days."""
    return Span(amount, SpanUnit.WORKING_DAYS)


def months(amount: int) -> Span:
    """A span of calendar months."""
    return Span(amount, SpanUnit.MONTHS)


def due(span: Span, start: datetime, anchors: Mapping[str, object] | None = None) -> datetime | None:
    """When the span that begins at ``start`` is over.

    Args:
        span: the length.
        start: aware datetime of the event.
        anchors: content fields by name, for spans that count from a date in a document.

    Returns:
        A UTC instant, or None when the span counts from a date that is not known.
    """
    if span.anchor:
        anchored = _anchor(span.anchor, anchors or {})
        return None if anchored is None else anchored + timedelta(days=span.amount)
    match span.unit:
        case SpanUnit.HOURS:
            return start.astimezone(UTC) + timedelta(hours=span.amount)
        case SpanUnit.DAYS:
            return start.astimezone(UTC) + timedelta(days=span.amount)
        case SpanUnit.OFFICE_HOURS:
            return _after_office_time(start, timedelta(hours=span.amount))
        case SpanUnit.WORKING_DAYS:
            return _after_working_days(start, span.amount)
        case SpanUnit.MONTHS:
            here = local_time(start)
            return at_local(add_months(here.date(), span.amount), here.time())


def add_months(day: date, amount: int) -> date:
    """The same day some months later; the last day of the month where that day does not exist."""
    years, month_index = divmod(day.month - 1 + amount, 12)
    first_of_next = date(day.year + years + (month_index + 1) // 12, (month_index + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(day.year + years, month_index + 1, min(day.day, last))


def _anchor(name: str, anchors: Mapping[str, object]) -> datetime | None:
    """Midnight UTC of the anchor's date, when it is one."""
    value = anchors.get(name)
    if not isinstance(value, str):
        return None
    try:
        return datetime.combine(date.fromisoformat(value), time(), UTC)
    except ValueError:
        return None


def _after_working_days(start: datetime, amount: int) -> datetime:
    """The same time of day on the n-th working day after the day of ``start``."""
    here = local_time(start)
    later = (here.date() + timedelta(days=step) for step in count(1))
    open_days = (day for day in later if is_working_day(day))
    return at_local(next(islice(open_days, amount - 1, None)), here.time())


def _after_office_time(start: datetime, needed: timedelta) -> datetime:
    """Count only the time in which offices are open."""
    first_day = local_time(start).date()
    for step in count():
        day = first_day + timedelta(days=step)
        if not is_working_day(day):
            continue
        opens = max(start, at_local(day, OFFICE_OPENS))
        left = at_local(day, OFFICE_CLOSES) - opens
        if left >= needed:
            return (opens + needed).astimezone(UTC)
        needed -= max(left, timedelta())
    raise AssertionError("unreachable: days do not end")
