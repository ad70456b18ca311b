"""Finds identity numbers and telephone numbers among the digits of a folded text.

Digits that stand apart are one number to a reader ("85 01 01 - 12 34"), so the search runs over *runs*: digits with
at most eight signs between two of them. Inside a run a number must begin and end where a *group* of digits does; else
every long number would hold some identity number. A date, a span of time and a number of law are one group each, so
that a period ("2023-04-01 - 2023-05-01") is not read as a number.

Rules:
1. An identity number needs a possible date; its check digit is not asked (domain.md 2.1, G1). `guard_layout` decides.
2. A number of which some digits are written as words is one too; one all in words is only asked about (7.4).
3. What can be both is a telephone number when it is written as one, or its check digit is wrong.
4. All steps are linear in the length of the text: a window never holds more than 15 digits.

Public signatures:
    find_numbers(folded_text) -> list[tuple[rule_id, start, end]]
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final

from client.casework.guard_layout import Group, identity
from client.casework.guard_words import spelled
from client.casework.identity import luhn_ok

#: Digits with up to eight signs between two of them; letters end a run.
_RUN: Final = re.compile(r"[0-9](?:[\W_]{0,8}[0-9])*")
_GROUP: Final = re.compile(
    r"(?P<iso>(?:18|19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-[0-3][0-9](?![0-9]))"
    r"|(?P<time>[0-2][0-9][.:][0-5][0-9] ?- ?[0-2][0-9][.:][0-5][0-9](?![0-9]))"
    r"|(?P<law>(?:19|20)[0-9]{2}:[0-9]{1,4}(?![0-9]))"
    r"|[0-9]+"
)
_NOT_DIGIT: Final = re.compile(r"[^0-9]")
_PHONE_SIGNS: Final = re.compile(r"[-+ ./_()]{0,4}")

#: Swedish numbers with their area code: 7 to 10 digits after 0 at most (PTS number plan).
_DOMESTIC: Final = re.compile(r"0(?:7[0-9]{8}|8[0-9]{6,8}|[1-6][0-9]{7,9}|9[0-9]{7,9})")
_FOREIGN_LENGTHS: Final = range(9, 16)
_SHORTEST, _LONGEST = 7, 15

Hit = tuple[str, int, int]


def find_numbers(text: str) -> list[Hit]:
    """All numbers of a folded text as (rule, start, end)."""
    found = [hit for run in _RUN.finditer(text) if run.end() - run.start() >= _SHORTEST for hit in _in_run(text, run)]
    for mixed in spelled(text):
        for run in _RUN.finditer(mixed.text):
            if mixed.is_mixed(*run.span()):
                found += [(rule, *mixed.span(start, end)) for rule, start, end in _in_run(mixed.text, run)]
    return found


def _in_run(text: str, run: re.Match[str]) -> Iterator[Hit]:
    groups = _groups(text, run)
    for first in range(len(groups)):
        yield from _from_group(text, groups, first)


def _groups(text: str, run: re.Match[str]) -> list[Group]:
    """The groups of a run."""
    groups: list[Group] = []
    end = run.start()
    for match in _GROUP.finditer(text, *run.span()):
        form = match.lastgroup or ""
        digits = _NOT_DIGIT.sub("", match[0]) if form else match[0]
        groups.append(Group(digits, match.start(), match.end(), form, text[end : match.start()]))
        end = match.end()
    return groups


def _from_group(text: str, groups: list[Group], first: int) -> list[Hit]:
    """The shortest number that begins with this group, under every rule that it meets."""
    start = groups[first].start
    calls = groups[first].digits[0] == "0" or text[start - 1 : start] == "+"
    digits = ""
    for place in range(first, len(groups)):
        digits += groups[place].digits
        if len(digits) > _LONGEST:
            return []
        window = groups[first : place + 1]
        rules = _rules(text, digits, window, calls=calls) if len(digits) >= _SHORTEST else []
        if rules:
            return [(rule, start, groups[place].end) for rule in rules]
    return []


def _rules(text: str, digits: str, groups: Sequence[Group], *, calls: bool) -> list[str]:
    """The rules that the digits of one window meet; ``calls``: they begin as a telephone number does."""
    rule = identity(digits, groups)
    if not calls or not _is_phone(text, digits, groups):
        return [rule] if rule else []
    cuts = list(itertools.accumulate(len(group.digits) for group in groups))
    as_phone = 3 in cuts or (len(groups) == 1 and not luhn_ok(digits))
    return ["telefon"] if as_phone or not rule else [rule, "telefon"]


def _is_phone(text: str, digits: str, groups: Sequence[Group]) -> bool:
    if any(group.form for group in groups) or any(not _PHONE_SIGNS.fullmatch(group.before) for group in groups[1:]):
        return False
    return _is_foreign(text, digits, groups[0].start) or (
        _DOMESTIC.fullmatch(digits) is not None and not _is_written_date(groups)
    )


def _is_foreign(text: str, digits: str, start: int) -> bool:
    """A number with a country code, written with ``+`` or ``00``."""
    if digits.startswith("00"):
        return len(digits) - 2 in _FOREIGN_LENGTHS
    plus_before = text[start - 1 : start] == "+" and not text[start - 2 : start - 1].isdigit()
    return plus_before and len(digits) in _FOREIGN_LENGTHS


def _is_written_date(groups: Sequence[Group]) -> bool:
    """Day, month and year with separators, whatever follows: ``08-01-2024``."""
    if [len(group.digits) for group in groups[:3]] != [2, 2, 4]:
        return False
    day, month, year = (group.digits for group in groups[:3])
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12 and year[:2] in {"19", "20"}
