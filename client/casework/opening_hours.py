"""When an office is open: hours per weekday as its card says, on Swedish clocks.

Rules:
1. A weekday that the card does not name is closed. Without a card's word an office is open Monday to Friday, 8 to 17.
2. On a public holiday, and on the three eves that count as one (`swedish_time`), the hours of Sunday hold: an office
   that is open on Sundays is open then too, every other one is closed.
3. A card that names no hours at all says nothing: the ordinary hours hold, or a time limit in office hours never ended.

Public signatures:
    opening_hours(told) -> Hours                    told: the fact ``opening_hours`` of a card, or None
    hours_on(hours, day) -> str
    is_staffed(hours, instant) -> bool
    after_open_time(hours, start, needed) -> datetime

Source: domain.md 2.0.4 (``opening_hours``), 2.3. The form of the fact: `keys.facts`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Final

from client.casework.swedish_time import at_local, is_public_holiday, local_date

WEEKDAYS: Final = ("man", "tis", "ons", "tor", "fre", "lor", "son")
_SUNDAY: Final = 6
_DAY_MINUTES: Final = 24 * 60

#: For each weekday, Monday first: minutes of the day at which it opens and closes, None for closed.
Hours = tuple[tuple[int, int] | None, ...]

#: Office time; our own default.
ORDINARY: Final[Hours] = (*[(8 * 60, 17 * 60)] * 5, None, None)


def opening_hours(told: object) -> Hours:
    """The hours of a card, or the ordinary ones where it tells none."""
    if not isinstance(told, dict):
        return ORDINARY
    hours = tuple(_span(told.get(day)) for day in WEEKDAYS)
    return hours if any(hours) else ORDINARY


def hours_on(hours: Hours, day: date) -> str:
    """The hours of one day as people write them, ``08:00-16:30``; ``-`` when it is closed."""
    span = hours[_SUNDAY if is_public_holiday(day) else day.weekday()]
    return "-" if span is None else "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in span)


def is_staffed(hours: Hours, instant: datetime) -> bool:
    """Whether an office with these hours is open at an instant."""
    opened = _opened(hours, local_date(instant))
    return opened is not None and opened[0] <= instant.astimezone(UTC) < opened[1]


def after_open_time(hours: Hours, start: datetime, needed: timedelta) -> datetime:
    """The instant at which the office has been open that long since ``start``."""
    first_day = local_date(start)
    for step in count():
        opened = _opened(hours, first_day + timedelta(days=step))
        if opened is None:
            continue
        opens = max(start.astimezone(UTC), opened[0])
        left = opened[1] - opens
        if left >= needed:
            return opens + needed
        needed -= max(left, timedelta())
    raise AssertionError("unreachable: days do not end")


def _opened(hours: Hours, day: date) -> tuple[datetime, datetime] | None:
    """From when to when the office is open on a day, UTC."""
    span = hours[_SUNDAY if is_public_holiday(day) else day.weekday()]
    return None if span is None else (_at(day, span[0]), _at(day, span[1]))


def _at(day: date, minutes: int) -> datetime:
    """The instant at which Swedish clocks show so many minutes of a day; the last of them is the next midnight."""
    if minutes >= _DAY_MINUTES:
        return at_local(day + timedelta(days=1), time())
    return at_local(day, time(minutes // 60, minutes % 60))


def _span(told: object) -> tuple[int, int] | None:
    """``08:00-16:30`` in minutes; what cannot be read is closed."""
    if not isinstance(told, str):
        return None
    try:
        opens, closes = (int(clock[:2]) * 60 + int(clock[3:]) for clock in told.split("-"))
    except ValueError:
        return None
    return (opens, closes) if 0 <= opens < min(closes, _DAY_MINUTES) else None
