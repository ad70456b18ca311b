"""Whether digits that stand apart are an identity number, by what they say and by how they are grouped.

People write one number in many ways ("850101,1234", "85 01 01 - 12 34", "(850101)1234"), and tables, amounts and times
hold ten digits too. A number needs a possible date; then the grouping decides:
1. Date and serial number apart, the serial number whole: whatever stands between.
2. In pairs, or cut elsewhere: unless what stands between makes a list ("12, 10, 15, 20, 30"), the four digits across
   the date's end are a year and no part of an even row, or it is an amount in thousands, a point in time, a law.
3. Without its check digit (nine or eleven digits): all together, or date and three digits.

Public signatures:
    Group(digits, start, end, form, before)
    identity(digits, groups) -> str           rule id, empty when they are none

Source: domain.md 7.4; what each rule lets pass and stops is in `tests/unit/casework/guard_corpus.py`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from client.casework.identity import kind_of

#: A samordningsnummer whose day or month was not known (domain.md 7.4): day 60, month 00.
_INCOMPLETE: Final = re.compile(r"[0-9]{2}(?:0[0-9]|1[0-2])(?:6[0-9]|[78][0-9]|9[01])[0-9]{4}")
#: Between the parts of a list and at the end of a sentence: a sign and a space.
_LISTS: Final = re.compile(r"[^-+ /_()\[\]{}\\*|~'\"·•#]")
_SHORTEST, _LONGEST = 9, 12  # digits: without century and check digit, with both
_DATE: Final = 6  # digits of a date of birth; the serial number follows
_CENTURIES: Final = frozenset({"18", "19", "20"})
#: What stands within a group of its own form.
_WITHIN: Final = {"iso": "-", "law": ":"}


class Group(NamedTuple):
    """Digits that stand together.

    Args:
        digits: only the digits.
        start: where the group begins in the text.
        end: where it ends.
        form: ``iso`` for a date, ``time`` for a span, ``law`` for a number of law, else empty: read as one, never cut.
        before: what stands between this group and the one before it.
    """

    digits: str
    start: int
    end: int
    form: str
    before: str


def identity(digits: str, groups: Sequence[Group]) -> str:
    """``personnummer`` or ``samordningsnummer`` when all the digits of some groups together are one."""
    if not _SHORTEST <= len(digits) <= _LONGEST:
        return ""
    century = digits[:2] if len(digits) > 10 else ""
    whole = len(digits) % 2 == 0
    if (century and century not in _CENTURIES) or not (whole or len(groups) == 1 or len(groups[-1].digits) == 3):
        return ""
    ten = digits[len(century) :]
    kind = kind_of(ten, int(century) if century else None) if ten[2:4] <= "12" else ""
    if not kind and whole and _INCOMPLETE.fullmatch(ten):
        kind = "samordningsnummer"
    if not kind or len(groups) == 1:
        return kind
    cuts = [cut - len(century) for cut in itertools.accumulate(len(group.digits) for group in groups)][:-1]
    return kind if (_fits if whole else _fits_short)(groups, cuts) else ""


def _fits(groups: Sequence[Group], cuts: list[int]) -> bool:
    """Whether ten or twelve digits are grouped as a number: where they are cut, counted from the year in two digits."""
    if _DATE in cuts and all(cut in {0, 2, 4, _DATE} for cut in cuts):
        return True
    lists = [_is_list(group.before) for group, cut in zip(groups[1:], cuts, strict=True) if cut != _DATE]
    if any(lists):
        return all(lists) and _is_spelt(groups)
    if _DATE in cuts and all(cut % 2 == 0 or cut == 9 for cut in cuts):
        return not _is_time(groups)
    return not (any(group.form == "law" for group in groups) or _is_year_or_amount(groups, cuts))


def _fits_short(groups: Sequence[Group], cuts: list[int]) -> bool:
    """The same for nine or eleven digits, whose check digit was left out."""
    last = groups[-1]
    if any(cut not in {0, 2, 4, _DATE} for cut in cuts) or _is_list(last.before):
        return False
    written = {group.before for group in groups[1:-1]} | {_WITHIN.get(groups[0].form, "")}
    return written == {""} or last.before in written | {"-", "+"}


def _is_list(between: str) -> bool:
    return " " in between and _LISTS.search(between) is not None


def _is_spelt(groups: Sequence[Group]) -> bool:
    """Digit by digit, or in pairs that do not rise as the numbers of a list do."""
    lengths = {len(group.digits) for group in groups}
    rising = all(one.digits < other.digits for one, other in itertools.pairwise(groups))
    return lengths == {1} or (lengths == {2} and not rising)


def _is_time(groups: Sequence[Group]) -> bool:
    """A date and a time of day: ``2024-05-03 10.30``."""
    if groups[0].form != "iso" or len(groups) != 3:
        return False
    hour, minute = groups[1], groups[2]
    return hour.before == " " and minute.before in {".", ":"} and hour.digits < "24" and minute.digits < "60"


def _is_year_or_amount(groups: Sequence[Group], cuts: list[int]) -> bool:
    """A year across the date's end, or groups of three; the fours of one number have the same sign between them."""
    if len(groups[0].digits) <= 3 and all(len(group.digits) == 3 for group in groups[1:]):
        return True
    across = next((group for group, cut in zip(groups, [*cuts, 10], strict=True) if cut > _DATE), groups[-1])
    even = len({group.before for group in groups[1:]}) == 1 and not _is_year(groups[0])
    return _DATE not in cuts and _is_year(across) and not even


def _is_year(group: Group) -> bool:
    return len(group.digits) == 4 and group.digits[:2] in {"19", "20"}
