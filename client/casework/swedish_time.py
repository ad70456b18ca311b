"""Swedish local time and public holidays, computed: no time zone files, no clock.

Rules:
1. Summer time runs from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of
   October (directive 2000/84/EC).
2. Public holidays are those of lag (1989:253); Midsummer Eve, Christmas Eve and New Year's Eve
   count too, as they do for statutory time limits in lag (1930:173).

Not here: how long a deadline is (`deadlines`).
"""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache

_ONE_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6
_WINTER_ZONE, _SUMMER_ZONE = timezone(timedelta(hours=1)), timezone(timedelta(hours=2))

#: Days with a fixed date, as (month, day): New Year, Epiphany, 1 May, National Day, the days about Christmas.
_FIXED = ((1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31))


def local_time(instant: datetime) -> datetime:
    """The same instant on Swedish clocks.

    Args:
        instant: an aware datetime.
    """
    utc = instant.astimezone(UTC)
    start, end = _summer(utc.year)
    return utc.astimezone(_SUMMER_ZONE if start <= utc < end else _WINTER_ZONE)


def local_date(instant: datetime) -> date:
    """The day it is in Sweden."""
    return local_time(instant).date()


def shown_time(instant: str | None) -> str:
    """An instant on Swedish clocks, to the minute; what is no instant is empty or stays as it is.

    Args:
        instant: ISO 8601 in UTC with ``Z``.
    """
    try:
        return f"{local_time(datetime.fromisoformat(instant or '')):%Y-%m-%d %H:%M}"
    except ValueError:
        return instant or ""


def at_local(day: date, clock: time) -> datetime:
    """The UTC instant at which Swedish clocks show a time on a day.

    The offset is that of noon, so in the night of a change, before three, it may be an hour off.
    """
    offset = local_time(datetime.combine(day, time(12), UTC)).tzinfo
    return datetime.combine(day, clock, offset).astimezone(UTC)


@functools.cache
def _summer(year: int) -> tuple[datetime, datetime]:
    """When summer time begins and ends."""
    start = datetime(year, 3, _last_sunday(year, 3), 1, tzinfo=UTC)
    return start, datetime(year, 10, _last_sunday(year, 10), 1, tzinfo=UTC)


def _last_sunday(year: int, month: int) -> int:
    """Day of the month; March and October both have 31 days."""
    return 31 - (date(year, month, 31).weekday() + 1) % 7


def is_working_day(day: date) -> bool:
    """Monday to Friday and no public holiday."""
    return day.weekday() < _SATURDAY and not is_public_holiday(day)


def is_public_holiday(day: date) -> bool:
    """Whether the day is a public holiday or one of the three eves; plain Sundays are not asked here."""
    return (day.month, day.day) in _FIXED or day in _movable(day.year)


@cache
def _movable(year: int) -> frozenset[date]:
    """Good Friday, Easter Day and Monday, Ascension, Whit Sunday, Midsummer Eve and Day, All Saints."""
    easter = easter_day(year)
    midsummer = _first(date(year, 6, 20), _SATURDAY)
    return frozenset(
        {
            easter - 2 * _ONE_DAY,
            easter,
            easter + _ONE_DAY,
            easter + 39 * _ONE_DAY,
            easter + 49 * _ONE_DAY,
            midsummer - _ONE_DAY,
            midsummer,
            _first(date(year, 10, 31), _SATURDAY),
        }
    )


def _first(day: date, weekday: int) -> date:
    """The first such weekday on or after the day."""
    return day + ((weekday - day.weekday()) % 7) * _ONE_DAY


def easter_day(year: int) -> date:
    """Easter Sunday by the Gregorian rule (the anonymous algorithm, Nature 1876)."""
    golden = year % 19
    century, in_century = divmod(year, 100)
    leap_centuries, rest = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap_centuries - shift + 15) % 30
    quarter, odd = divmod(in_century, 4)
    weekday = (32 + 2 * rest + 2 * quarter - moon - odd) % 7
    correction = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)
