"""Finds identity numbers and telephone numbers among the digits of a folded text.

Digits that stand apart are one number to a reader ("85 01 01 - 12 34"), so the search runs over
*runs*: digits with at most three separators between two of them. Inside a run a number must begin
and end where a *group* of digits does; else every long number would hold some identity number.
A date or a span of time written in the ordinary way is one group of its own, so that a period
("2023-04-01 - 2023-05-01") is not read as a number.

Rules:
1. An identity number needs a possible date; its check digit is not asked (domain.md 2.1, G1).
2. All steps are linear in the length of the text: a window never holds more than 15 digits.

Public signatures:
    find_numbers(folded_text) -> list[tuple[rule_id, start, end]]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from client.casework.identity import kind_of

#: Digits with up to three separators between two of them.
_RUN = re.compile(r"[0-9](?:[-+ ./_]{0,3}[0-9])*")
_GROUP = re.compile(
    r"(?P<iso>(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-[0-3][0-9](?![0-9]))"
    r"|(?P<time>[0-2][0-9]\.[0-5][0-9] ?- ?[0-2][0-9]\.[0-5][0-9](?![0-9]))"
    r"|(?P<years>(?:19|20)[0-9]{2}[-/](?:19|20)[0-9]{2}(?![0-9]))"
    r"|[0-9]+"
)
#: A samordningsnummer whose day or month was not known (domain.md 7.4): day 60, month 00.
_INCOMPLETE = re.compile(r"[0-9]{2}(?:0[0-9]|1[0-2])(?:6[0-9]|[78][0-9]|9[01])[0-9]{4}")
_NOT_DIGIT = re.compile(r"[^0-9]")

#: Swedish numbers with their area code: 7 to 10 digits after 0 at most (PTS number plan).
_DOMESTIC = re.compile(r"0(?:7[0-9]{8}|8[0-9]{6,8}|[1-6][0-9]{7,9}|9[0-9]{7,9})")
_FOREIGN_LENGTHS = range(9, 16)
_SHORTEST, _LONGEST = 7, 15


@dataclass(frozen=True, slots=True)
class _Group:
    """Digits that stand together.

    Args:
        digits: only the digits.
        start: where the group begins in the text.
        end: where it ends.
        form: ``iso`` for a date, ``time`` or ``years`` for a span, else empty. None of them is part of
            a number that began before it, and only a date may itself begin one.
    """

    digits: str
    start: int
    end: int
    form: str


Hit = tuple[str, int, int]


def find_numbers(text: str) -> list[Hit]:
    """All numbers of a folded text as (rule, start, end)."""
    return [hit for run in _RUN.finditer(text) for hit in _in_run(text, run.start(), run.end())]


def _in_run(text: str, start: int, end: int) -> Iterator[Hit]:
    groups = [_group(match) for match in _GROUP.finditer(text, start, end)]
    for first in range(len(groups)):
        yield from _from_group(text, groups, first)


def _group(match: re.Match[str]) -> _Group:
    digits = _NOT_DIGIT.sub("", match[0])
    return _Group(digits, match.start(), match.end(), match.lastgroup or "")


def _from_group(text: str, groups: list[_Group], first: int) -> list[Hit]:
    """The shortest number that begins with this group, under every rule that it meets."""
    digits, start = "", groups[first].start
    for place in range(first, len(groups)):
        if groups[place].form and (place > first or groups[place].form != "iso"):
            return []
        digits += groups[place].digits
        if len(digits) > _LONGEST:
            return []
        rules = _rules(text, digits, start, groups[first : place + 1])
        if rules:
            return [(rule, start, groups[place].end) for rule in rules]
    return []


def _rules(text: str, digits: str, start: int, groups: list[_Group]) -> list[str]:
    """The rules that the digits of one window meet."""
    if len(digits) < _SHORTEST:
        return []
    found = [_identity(digits)]
    if _is_foreign(text, digits, start) or (_DOMESTIC.fullmatch(digits) and not _is_written_date(groups)):
        found.append("telefon")
    return [rule for rule in found if rule]


def _identity(digits: str) -> str:
    """``personnummer`` or ``samordningsnummer`` when ten or twelve digits begin with a possible date."""
    match len(digits):
        case 10:
            return kind_of(digits) or _incomplete(digits)
        case 12 if digits[:2] in {"18", "19", "20"}:
            return kind_of(digits[2:], int(digits[:2])) or _incomplete(digits[2:])
        case _:
            return ""


def _incomplete(ten: str) -> str:
    return "samordningsnummer" if _INCOMPLETE.fullmatch(ten) else ""


def _is_foreign(text: str, digits: str, start: int) -> bool:
    """A number with a country code, written with ``+`` or ``00``."""
    if digits.startswith("00"):
        return len(digits) - 2 in _FOREIGN_LENGTHS
    plus_before = text[start - 1 : start] == "+" and not text[start - 2 : start - 1].isdigit()
    return plus_before and len(digits) in _FOREIGN_LENGTHS


def _is_written_date(groups: list[_Group]) -> bool:
    """Day, month and year with separators, e.g. ``08-01-2024``."""
    if [len(group.digits) for group in groups] != [2, 2, 4]:
        return False
    day, month, year = (group.digits for group in groups)
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12 and year[:2] in {"19", "20"}
