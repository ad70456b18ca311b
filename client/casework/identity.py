"""Swedish identity numbers: what kind a number is and whether its date and check digit are right.

A wrong check digit is a warning, never a block: old errors exist in registers (domain.md 7.4).
The number's third serial digit tells the legal sex; it is neither read nor shown.

Public signatures:
    parse(text) -> IdentityNumber | None       None when the form or the date is impossible
    age_on(number, day) -> int | None
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

#: Days of a samordningsnummer are the day of birth + 60 (domain.md 7.4).
COORDINATION_DAY_OFFSET = 60

_FORM = re.compile(r"(?P<century>1[89]|20)?(?P<ten>[0-9]{6})(?P<mark>[-+ ]?)(?P<serial>[0-9]{4})")


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A number whose form and date are possible.

    Args:
        kind: ``personnummer`` or ``samordningsnummer``.
        ten: the ten digits that the check digit covers.
        century: 18, 19 or 20 when written out, else None.
        plus: written with ``+``: the person is a hundred or more.
        check_ok: whether the check digit is right.
    """

    kind: str
    ten: str
    century: int | None
    plus: bool
    check_ok: bool


def parse(text: str) -> IdentityNumber | None:
    """Read a number in any of its written forms; None when it cannot be one."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    ten = found["ten"] + found["serial"]
    century = int(found["century"]) if found["century"] else None
    kind = kind_of(ten, century)
    return IdentityNumber(kind, ten, century, found["mark"] == "+", luhn_ok(ten)) if kind else None


def kind_of(ten: str, century: int | None = None) -> str:
    """``personnummer`` or ``samordningsnummer`` by a possible date, empty when the date is impossible."""
    day = int(ten[4:6])
    coordination = day > COORDINATION_DAY_OFFSET
    years = [century * 100 + int(ten[:2])] if century else [1900 + int(ten[:2]), 2000 + int(ten[:2])]
    real_day = day - COORDINATION_DAY_OFFSET if coordination else day
    if not any(_is_date(year, int(ten[2:4]), real_day) for year in years):
        return ""
    return "samordningsnummer" if coordination else "personnummer"


def luhn_ok(digits: str) -> bool:
    """Whether the last digit is the mod 10 check digit of those before it."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def age_on(number: IdentityNumber, day: date) -> int | None:
    """Age in whole years on a day; None when the date of birth lies after it.

    Args:
        number: as `parse` returned it; without century the youngest possible person is meant.
        day: the day to count to.
    """
    month = int(number.ten[2:4])
    born_day = int(number.ten[4:6]) % COORDINATION_DAY_OFFSET
    year = _birth_year(number, day)
    age = day.year - year - ((day.month, day.day) < (month, born_day))
    return age if age >= 0 else None


def _birth_year(number: IdentityNumber, day: date) -> int:
    """The year of birth; ``+`` moves it a hundred years back."""
    if number.century is not None:
        return number.century * 100 + int(number.ten[:2])
    year = day.year // 100 * 100 + int(number.ten[:2])
    born = (year, int(number.ten[2:4]), int(number.ten[4:6]) % COORDINATION_DAY_OFFSET)
    if born > (day.year, day.month, day.day):
        year -= 100
    return year - 100 if number.plus else year


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
