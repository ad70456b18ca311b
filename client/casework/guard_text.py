"""One plain spelling of a text, with the way back to the places in the original.

Pasted text holds hard spaces, soft hyphens, full-width digits, long dashes. Each of them hides a
number from a pattern, so the guard reads a folded copy: compatibility forms are decomposed, every
decimal digit is ASCII, every dash is ``-``, every white space is one space, and marks without width
are gone.

Public signatures:
    fold(text) -> Folded(text, origins)        origins[i] is the place of folded character i
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

#: Dashes that people and word processors use for a hyphen or minus.
_DASHES = frozenset("-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d")

#: Below this a character is ASCII, which needs no look in the tables.
_ASCII_LIMIT = 0x80


@dataclass(frozen=True, slots=True)
class Folded:
    """The plain spelling.

    Args:
        text: folded text.
        origins: for each of its characters the index in the original.
    """

    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end in the original of a non-empty stretch of the folded text."""
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a text character by character, in time linear in its length."""
    letters: list[str] = []
    origins: list[int] = []
    for place, letter in enumerate(text):
        plain = _plain(letter)
        letters.append(plain)
        origins.extend([place] * len(plain))
    return Folded("".join(letters), tuple(origins))


def _plain(letter: str) -> str:
    """The plain form of one character, empty when it has no width."""
    if ord(letter) < _ASCII_LIMIT:
        return " " if letter.isspace() else letter
    if letter in _DASHES:
        return "-"
    if unicodedata.category(letter) in {"Cf", "Mn"}:
        return ""
    if letter.isspace():
        return " "
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    return unicodedata.normalize("NFKC", letter)
