"""How long something may last, and when that time is over.

Rules:
1. A day is a day on Swedish clocks. Working days are Monday to Friday without public holidays and the three eves.
2. A span that counts from a date in a document ends when the last of its days is over.
3. Office time is that of the unit whose turn it is; each end reads it from the same card.

Public signatures:
    Span(amount, unit, anchor="", counted_by="")
    hours | office_hours | same_day | days | working_days | months | archive_years
    due(span, start, anchors=None, opening=ORDINARY) -> datetime | None

Not here: what is waited for and by whom (`clock_table`), holidays (`swedish_time`), hours (`opening_hours`).

Example:
    >>> due(working_days(1), datetime(2024, 3, 28, 12, tzinfo=UTC)).date()   # Maundy Thursday
    datetime.date(2024, 4, 2)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, islice
from types import MappingProxyType
from typing import Final

from client.casework.opening_hours import ORDINARY, Hours, after_open_time
from client.casework.swedish_time import at_local, is_working_day, local_date, local_time

_ONE_DAY = timedelta(days=1)


class SpanUnit(StrEnum):
    """What the amount of a span counts."""

    HOURS = "hours"
    OFFICE_HOURS = "office_hours"
    SAME_DAY = "same_day"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    ARCHIVE_YEARS = "archive_years"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time.

    Args:
        amount: how many units.
        unit: what is counted.
        anchor: name of a content field with a date or an instant to count from, empty to count from the event.
        counted_by: name of a content field with the number of days, where a document may say a smaller one.
    """

    amount: int
    unit: SpanUnit
    anchor: str = ""
    counted_by: str = ""


def hours(amount: int) -> Span:
    """A span of hours, day and night."""
    return Span(amount, SpanUnit.HOURS)


def office_hours(amount: int) -> Span:
    """A span of hours in which the office is open."""
    return Span(amount, SpanUnit.OFFICE_HOURS)


def same_day() -> Span:
    """Until midnight."""
    return Span(0, SpanUnit.SAME_DAY)


def days(amount: int, anchor: str = "", *, counted_by: str = "") -> Span:
    """A span of calendar days."""
    return Span(amount, SpanUnit.DAYS, anchor, counted_by)


def working_days(amount: int) -> Span:
    """A span of Swedish working days."""
    return Span(amount, SpanUnit.WORKING_DAYS)


def months(amount: int) -> Span:
    """A span of calendar months."""
    return Span(amount, SpanUnit.MONTHS)


def archive_years(amount: int) -> Span:
    """So many years, and on to the end of the calendar year that follows (gallring: domain.md 2.13, 6.1)."""
    return Span(amount, SpanUnit.ARCHIVE_YEARS)


def due(
    span: Span, start: datetime, anchors: Mapping[str, object] | None = None, opening: Hours = ORDINARY
) -> datetime | None:
    """When the span that begins at ``start`` is over.

    Args:
        span: the length.
        start: aware datetime of the event.
        anchors: content fields by name, for spans that count from a date in a document.
        opening: when the office that is waited for is open.

    Returns:
        A UTC instant, or None when the span counts from a date that is not known.
    """
    known = anchors or {}
    amount = _amount(span, known)
    if span.anchor:
        return _from_document(known.get(span.anchor), amount)
    if span.unit is SpanUnit.OFFICE_HOURS:
        return after_open_time(opening, start, timedelta(hours=amount))
    return _COUNTED[span.unit](start, amount)


def add_months(day: date, amount: int) -> date:
    """The same day some months later; the last day of the month where that day does not exist."""
    years, month_index = divmod(day.month - 1 + amount, 12)
    first_of_next = date(day.year + years + (month_index + 1) // 12, (month_index + 1) % 12 + 1, 1)
    last = (first_of_next - _ONE_DAY).day
    return date(day.year + years, month_index + 1, min(day.day, last))


def _amount(span: Span, known: Mapping[str, object]) -> int:
    """The table's amount, or a smaller one that a document names."""
    told = known.get(span.counted_by)
    return min(told, span.amount) if isinstance(told, int) and not isinstance(told, bool) else span.amount


def _from_document(value: object, amount: int) -> datetime | None:
    """So many days after an instant, or after the end of a date; None for what is neither."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == len("2026-03-01"):
            return _end_of(date.fromisoformat(value) + timedelta(days=amount))
        instant = datetime.fromisoformat(value)
        return None if instant.tzinfo is None else instant.astimezone(UTC) + timedelta(days=amount)
    except (ValueError, OverflowError):
        return None


def _end_of(day: date) -> datetime:
    """The midnight with which a day ends in Sweden."""
    return at_local(day + _ONE_DAY, time())


def _after_working_days(start: datetime, amount: int) -> datetime:
    """The same time of day on the n-th working day after the day of ``start``."""
    later = (local_date(start) + timedelta(days=step) for step in count(1))
    open_days = (day for day in later if is_working_day(day))
    return at_local(next(islice(open_days, amount - 1, None)), local_time(start).time())


def _after_months(start: datetime, amount: int) -> datetime:
    """The same time of day on the same day of a later month."""
    here = local_time(start)
    return at_local(add_months(here.date(), amount), here.time())


def _archive_end(start: datetime, amount: int) -> datetime:
    """The end of the calendar year after the one in which the years are over."""
    return _end_of(date(add_months(local_date(start), 12 * amount).year + 1, 12, 31))


_COUNTED: Final[Mapping[SpanUnit, Callable[[datetime, int], datetime]]] = MappingProxyType(
    {
        SpanUnit.HOURS: lambda start, amount: start.astimezone(UTC) + timedelta(hours=amount),
        SpanUnit.SAME_DAY: lambda start, _: _end_of(local_date(start)),
        SpanUnit.DAYS: lambda start, amount: start.astimezone(UTC) + timedelta(days=amount),
        SpanUnit.WORKING_DAYS: _after_working_days,
        SpanUnit.MONTHS: _after_months,
        SpanUnit.ARCHIVE_YEARS: _archive_end,
    }
)
