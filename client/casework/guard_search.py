"""Tries the guard's patterns where they can match, and nowhere else.

A text of a consultation has thousands of characters and a few digits. A rule that needs a digit looks only around
those; a rule with a cue only at texts that have the cue; the result is the same as if each had looked at everything.

Public signatures:
    Search(folded_text).hits(rules) -> Iterator[(rule_id, start, end)]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from client.casework.guard_rule import Reach, Rule

_DIGITS = re.compile("[0-9]+")
_WORD = 24  # characters before a digit in which the end of a word and "nummer" have room

Hit = tuple[str, int, int]


class _Window(NamedTuple):
    """A stretch of the text, and the runs of digits in it."""

    place: tuple[int, int]
    runs: list[tuple[int, int]]


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
            if rule.cues and not self._has(rule.cues):
                continue
            for start, end in self._where(rule):
                for match in rule.pattern.finditer(self._text, start, end):
                    yield rule.name, match.start(), match.end()

    def _has(self, cues: tuple[str, ...]) -> bool:
        """Whether one of the cues stands in the text; rules share them."""
        if cues not in self._cues:
            self._cues[cues] = any(cue in self._lower for cue in cues)
        return self._cues[cues]

    def _where(self, rule: Rule) -> list[tuple[int, int]]:
        """Stretches of the text in which a match must lie."""
        if rule.reach is None:
            return [(0, len(self._text))]
        if rule.reach not in self._windows:
            self._windows[rule.reach] = list(self._around_digits(rule.reach))
        return [
            window.place
            for window in self._windows[rule.reach]
            if any(last - first >= rule.least for first, last in window.runs)
            and (not rule.endings or any(self._follows(rule.endings, first) for first, _ in window.runs))
        ]

    def _follows(self, endings: tuple[str, ...], place: int) -> bool:
        """Whether the word before a place has one of the endings, with or without the word for number between."""
        before = self._text[max(0, place - _WORD) : place].lower().rstrip(" ")
        return before.removesuffix("nr").removesuffix("nummer").rstrip(" ").endswith(endings)

    def _around_digits(self, reach: Reach) -> Iterator[_Window]:
        """The runs of digits with what a match may have around them; runs that share some of it are one stretch."""
        runs: list[tuple[int, int]] = []
        for run in self._runs:
            if runs and run[0] - reach.before > runs[-1][1] + reach.after:
                yield self._window(runs, reach)
                runs = []
            runs.append(run)
        if runs:
            yield self._window(runs, reach)

    def _window(self, runs: list[tuple[int, int]], reach: Reach) -> _Window:
        return _Window((max(0, runs[0][0] - reach.before), min(len(self._text), runs[-1][1] + reach.after)), runs)
