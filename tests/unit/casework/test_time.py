"""Deadlines, Swedish holidays and identity numbers."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.casework.deadlines import add_months, days, due, hours, months, office_hours, working_days
from client.casework.identity import age_on, luhn_ok, parse
from client.casework.swedish_time import easter_day, is_public_holiday, is_working_day, local_date, local_time


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2019, date(2019, 4, 21)),
        (2024, date(2024, 3, 31)),
        (2025, date(2025, 4, 20)),
        (2026, date(2026, 4, 5)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_easter(year: int, day: date) -> None:
    """Easter falls where the church tables say."""
    assert easter_day(year) == day


HOLIDAYS_2026 = [
    (1, 1),
    (1, 6),
    (4, 3),
    (4, 5),
    (4, 6),
    (5, 1),
    (5, 14),
    (5, 24),
    (6, 6),
    (6, 19),
    (6, 20),
    (10, 31),
    (12, 24),
    (12, 25),
    (12, 26),
    (12, 31),
]


def test_holidays_of_a_year() -> None:
    """The public holidays and eves of 2026 are these and no others."""
    year = [date(2026, 1, 1) + timedelta(days=step) for step in range(365)]
    assert [(day.month, day.day) for day in year if is_public_holiday(day)] == HOLIDAYS_2026


@pytest.mark.parametrize(
    ("utc", "hour"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), 1),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), 3),
        (datetime(2026, 10, 25, 0, 59, tzinfo=UTC), 2),
        (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), 2),
        (datetime(2026, 7, 1, 12, 0, tzinfo=UTC), 14),
    ],
)
def test_summer_time(utc: datetime, hour: int) -> None:
    """Clocks change at one o'clock UTC on the last Sundays of March and October."""
    assert local_time(utc).hour == hour


FRIDAY = datetime(2026, 2, 27, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "start", "end"),
    [
        (hours(4), FRIDAY, FRIDAY + timedelta(hours=4)),
        (days(7), FRIDAY, FRIDAY + timedelta(days=7)),
        (working_days(1), FRIDAY, datetime(2026, 3, 2, 14, 0, tzinfo=UTC)),
        (working_days(5), FRIDAY, datetime(2026, 3, 6, 14, 0, tzinfo=UTC)),
        (working_days(1), datetime(2026, 4, 2, 10, 0, tzinfo=UTC), datetime(2026, 4, 7, 10, 0, tzinfo=UTC)),
        (working_days(1), datetime(2026, 3, 27, 10, 0, tzinfo=UTC), datetime(2026, 3, 30, 9, 0, tzinfo=UTC)),
        (office_hours(4), FRIDAY, datetime(2026, 3, 2, 9, 0, tzinfo=UTC)),
        (office_hours(4), datetime(2026, 3, 2, 4, 0, tzinfo=UTC), datetime(2026, 3, 2, 11, 0, tzinfo=UTC)),
        (office_hours(4), datetime(2026, 3, 2, 21, 0, tzinfo=UTC), datetime(2026, 3, 3, 11, 0, tzinfo=UTC)),
        (office_hours(4), datetime(2026, 2, 28, 10, 0, tzinfo=UTC), datetime(2026, 3, 2, 11, 0, tzinfo=UTC)),
        (months(1), datetime(2026, 1, 31, 10, 0, tzinfo=UTC), datetime(2026, 2, 28, 10, 0, tzinfo=UTC)),
        (months(1), datetime(2026, 12, 15, 10, 0, tzinfo=UTC), datetime(2027, 1, 15, 10, 0, tzinfo=UTC)),
    ],
)
def test_end_of_a_span(span: object, start: datetime, end: datetime) -> None:
    """A span ends after its hours, days, working days, office hours or months."""
    assert due(span, start) == end  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("anchors", "end"),
    [
        ({"takeover_date": "2026-04-01"}, datetime(2026, 4, 15, 22, 0, tzinfo=UTC)),
        ({"takeover_date": "2026-12-17"}, datetime(2026, 12, 31, 23, 0, tzinfo=UTC)),
        ({"takeover_date": "2026-04-01T09:30:00Z"}, datetime(2026, 4, 15, 9, 30, tzinfo=UTC)),
        ({"takeover_date": "2026-04-01T09:30:00"}, None),
        ({"takeover_date": "9999-12-31"}, None),
        ({"takeover_date": "snart"}, None),
        ({"takeover_date": 5}, None),
        ({}, None),
    ],
)
def test_span_from_a_date_in_the_document(anchors: dict[str, object], end: datetime | None) -> None:
    """A span with an anchor ends with the last of its days, and has no end while the date is not known."""
    assert due(days(14, "takeover_date"), FRIDAY, anchors) == end


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)), st.integers(1, 30))
def test_working_days_end_on_a_working_day(start: datetime, amount: int) -> None:
    """A deadline in working days never falls on a day when offices are closed."""
    end = due(working_days(amount), start)
    assert end is not None
    assert is_working_day(local_date(end))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_are_counted_in_the_calendar(day: date, amount: int) -> None:
    """Adding months keeps the day of the month, or takes the last one there is."""
    later = add_months(day, amount)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == amount
    assert later.day <= day.day


@pytest.mark.parametrize(
    ("text", "kind", "check_ok"),
    [
        ("811218-9876", "personnummer", True),
        ("198112189876", "personnummer", True),
        ("811218+9876", "personnummer", True),
        ("8112189876", "personnummer", True),
        ("811218-9875", "personnummer", False),
        ("701063-2391", "samordningsnummer", True),
        ("701063-2392", "samordningsnummer", False),
        ("20000229-0000", "personnummer", False),
    ],
)
def test_identity_number_is_read(text: str, kind: str, check_ok: bool) -> None:
    """Both kinds are read in all their forms, and a wrong check digit is told, not refused."""
    number = parse(text)
    assert number is not None
    assert (number.kind, number.check_ok) == (kind, check_ok)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "000101-T220",
        "811318-9876",
        "811232-9876",
        "19010229-0000",
        "811260-9876",
        "811292-9876",
        "17811218-9876",
        "8112189",
    ],
)
def test_impossible_number_is_none(text: str) -> None:
    """A number with an impossible date or form is none."""
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "day", "age"),
    [
        ("20080302-0000", date(2026, 3, 1), 17),
        ("20080302-0000", date(2026, 3, 2), 18),
        ("080302-0000", date(2026, 3, 2), 18),
        ("270101-0000", date(2026, 3, 2), 99),
        ("240101+0000", date(2026, 3, 2), 102),
        ("701063-2391", date(2026, 3, 2), 55),
        ("20300101-0000", date(2026, 3, 2), None),
    ],
)
def test_age_on_a_day(text: str, day: date, age: int | None) -> None:
    """Age changes on the birthday, and a number from the future has none."""
    number = parse(text)
    assert number is not None
    assert age_on(number, day) == age


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_none(text: str) -> None:
    """Whatever the text, parsing gives a number or nothing."""
    number = parse(text)
    assert number is None or len(number.ten) == 10


def test_check_digit_finds_every_single_error() -> None:
    """Changing any one digit of a right number makes it wrong."""
    for place in range(10):
        for digit in "0123456789":
            changed = "8112189876"[:place] + digit + "8112189876"[place + 1 :]
            assert luhn_ok(changed) is (changed == "8112189876")
