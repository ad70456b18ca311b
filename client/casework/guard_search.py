"""Tries the guard's patterns where they can match, and nowhere else.

A text of a consultation has thousands of characters and a few digits. A rule that needs a digit looks only around
those; a rule with a cue only at texts that have the cue; the result is the same as if each had looked at everything.

Public signatures:
    Search(folded_text).hits(rules) -> Iterator[(rule_id, start, end)]
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from client.casework.guard_rule import Reach, Rule

_DIGITS = re.compile("[0-9]+")
_WORD = 24  # characters before a digit in which the end of a word and "nummer" have room

Hit = tuple[str, int, int]


class _Window(NamedTuple):
    """A stretch of the text.

    Args:
        place: where it begins and ends.
        longest: how many digits stand together in it at most.
    """

    place: tuple[int, int]
    longest: int


class Search:
    """One folded text, and where its digits are."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lower = text.lower()
        self._runs = [match.span() for match in _DIGITS.finditer(text)]
        self._cues: dict[tuple[str, ...], bool] = {}
        self._windows: dict[Reach, list[_Window]] = {}

    def hits(self, rules: tuple[Rule, ...]) -> Iterator[Hit]:
        """All places that the rules match."""
        for rule in rules:
            if (rule.reach is not None and not self._runs) or (rule.cues and not self._has(rule.cues)):
                continue
            for start, end in self._where(rule):
                for match in rule.pattern.finditer(self._text, start, end):
                    yield rule.name, match.start(), match.end()

    def _has(self, cues: tuple[str, ...]) -> bool:
        """Whether one of the cues stands in the text; rules share them."""
        if cues not in self._cues:
            self._cues[cues] = any(map(self._lower.__contains__, cues))
        return self._cues[cues]

    def _where(self, rule: Rule) -> list[tuple[int, int]]:
        """Stretches of the text in which a match must lie."""
        if rule.reach is None:
            return [(0, len(self._text))]
        if rule.endings:
            runs = [run for run, word in zip(self._runs, self._words, strict=True) if word.endswith(rule.endings)]
            return [window.place for window in _windows(self._text, runs, rule.reach)]
        if rule.reach not in self._windows:
            self._windows[rule.reach] = list(_windows(self._text, self._runs, rule.reach))
        return [window.place for window in self._windows[rule.reach] if window.longest >= rule.least]

    @functools.cached_property
    def _words(self) -> list[str]:
        """What stands before each run of digits, with or without the word for number between."""
        before = (self._lower[max(0, first - _WORD) : first].rstrip(" ") for first, _ in self._runs)
        return [text.removesuffix("nr").removesuffix("nummer").rstrip(" ") for text in before]


def _windows(text: str, runs: list[tuple[int, int]], reach: Reach) -> Iterator[_Window]:
    """Runs of digits with what a match may have around them; runs that share some of it are one stretch."""
    begun = 0
    for number in range(1, len(runs) + 1):
        if number == len(runs) or runs[number][0] - reach.before > runs[number - 1][1] + reach.after:
            place = (max(0, runs[begun][0] - reach.before), min(len(text), runs[number - 1][1] + reach.after))
            yield _Window(place, max(last - begin for begin, last in runs[begun:number]))
            begun = number
