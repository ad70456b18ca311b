"""Reads numbers that are partly written as words: "åttiofem 01 01 1234", "850101 tolv trettiofyra".

Only words right beside digits are read; a number all in words is a soft warning of `guard_hints`.

Public signatures:
    spelled(folded_text) -> Iterator[Spelled]        a stretch around each digit with a number word beside it
    Spelled(text, origins); .span(start, end), .is_mixed(start, end)

Example:
    >>> next(spelled("född åttiofem 01 01")).text
    'född 85 01 01'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_UNITS: Final = {
    "noll": 0, "nolla": 0, "ett": 1, "etta": 1, "två": 2, "tvåa": 2, "tre": 3, "trea": 3, "fyra": 4,
    "fem": 5, "femma": 5, "sex": 6, "sexa": 6, "sju": 7, "sjua": 7, "åtta": 8, "nio": 9, "nia": 9,
}  # fmt: skip
_TEENS: Final = {
    "tio": 10, "elva": 11, "tolv": 12, "tretton": 13, "fjorton": 14, "femton": 15, "sexton": 16, "sjutton": 17,
    "arton": 18, "nitton": 19,
}  # fmt: skip
_TENS: Final = {
    "tjugo": 20, "trettio": 30, "tretti": 30, "fyrtio": 40, "fyrti": 40, "femtio": 50, "femti": 50, "sextio": 60,
    "sexti": 60, "sjuttio": 70, "sjutti": 70, "åttio": 80, "åtti": 80, "nittio": 90, "nitti": 90,
}  # fmt: skip


def _any(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


#: One number below 100, the longest first, so that a text is read in one way; then the century it may stand for.
_NUMBER: Final = re.compile(
    rf"(?:(?P<century>nitton|arton)(?:hundra)|(?P<thousand>tvåtusen|tjugohundra))?"
    rf"(?:(?P<tens>{_any(_TENS)})(?P<after>{_any(_UNITS)})?|(?P<teen>{_any(_TEENS)})|(?P<unit>{_any(_UNITS)}))?"
)
_PIECE: Final = re.compile(r"[a-zåäö]+|[^a-zåäö]+")
_DIGITS: Final = re.compile("[0-9]+")
_SIGNS: Final = " -+./,:;()[]_*'\"#=~|\\"
_AFTER: Final = re.compile(r"[\W_]{0,8}([a-zåäö]+)")
_ENDS: Final = tuple({*_UNITS, *_TEENS, *_TENS, "hundra", "tusen"})
_REACH: Final = 160  # characters on both sides of digits in which the words of a number have room


@dataclass(frozen=True, slots=True)
class Spelled:
    """A stretch of a text with digits for its number words.

    Args:
        text: with digits.
        origins: for each of its characters start and end in the folded text.
        worded: for each of them whether it stands for a word.
    """

    text: str
    origins: Sequence[tuple[int, int]]
    worded: Sequence[bool]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end of a stretch in the folded text."""
        return self.origins[start][0], self.origins[end - 1][1]

    def is_mixed(self, start: int, end: int) -> bool:
        """Whether some of its digits are words, and some are digits."""
        digits = [self.worded[place] for place in range(start, end) if self.text[place].isdigit()]
        return any(digits) and not all(digits)


def spelled(text: str) -> Iterator[Spelled]:
    """Each stretch of a folded text where a number word stands beside a digit, with digits for its number words."""
    lower = text.lower()
    if len(lower) != len(text):  # some capitals have two letters when small; then places would be others
        lower = text
    end = 0
    for match in _DIGITS.finditer(lower):
        if match.start() >= end and _beside(lower, *match.span()):
            start, end = max(0, match.start() - _REACH), match.end() + _REACH
            yield _in_digits(lower, start, end)


def _in_digits(lower: str, start: int, end: int) -> Spelled:
    letters: list[str] = []
    origins: list[tuple[int, int]] = []
    worded: list[bool] = []
    for match in _PIECE.finditer(lower, start, end):
        digits = _digits(match[0])
        letters.append(digits or match[0])
        origins += [match.span()] * len(digits) or ((place, place + 1) for place in range(*match.span()))
        worded += [bool(digits)] * len(letters[-1])
    return Spelled("".join(letters), origins, worded)


def _beside(lower: str, start: int, end: int) -> bool:
    """Whether a number word stands before or after some digits."""
    before = lower[max(0, start - _REACH) : start].rstrip(_SIGNS)
    if before.endswith(_ENDS):
        return True
    after = _AFTER.match(lower, end)
    return after is not None and bool(_digits(after[1]))


def _digits(word: str) -> str:
    """The digits that a word says, empty when it is no number: ``åttiofem`` is 85, ``ettnollett`` 101."""
    found, place = "", 0
    while place < len(word):
        match = _NUMBER.match(word, place)
        if match is None or match.end() == place:
            return ""
        found += _value(match)
        place = match.end()
    return found


def _value(match: re.Match[str]) -> str:
    low = _UNITS.get(match["after"] or match["unit"] or "", 0) + _TENS.get(match["tens"] or "", 0)
    low += _TEENS.get(match["teen"] or "", 0)
    if match["century"]:
        return f"{_TEENS[match['century']]}{low:02}"
    return f"20{low:02}" if match["thousand"] else str(low)
