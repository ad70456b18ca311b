"""One plain spelling of a text, with the way back to the places in the original.

Pasted text holds hard spaces, soft hyphens, full-width digits, long dashes. Each of them hides a
number from a pattern, so the guard reads a folded copy: compatibility forms are decomposed, every
decimal digit is ASCII, every dash is ``-``, every white space is one space, the Turkish i's are an i,
and marks without width are gone.

Nearly every text is plain already; only what is not is looked at character by character.

Public signatures:
    fold(text) -> Folded(text, origins)        origins[i] is the place of folded character i
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

#: Dashes that people and word processors use for a hyphen or minus.
_DASHES = frozenset("-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d")

#: Letters and signs that look like a space: the Hangul fillers and the empty Braille cell.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")

#: Without and with a dot; both match an i where capitals do not matter.
_TURKISH = frozenset("\u0130\u0131")

#: Format characters, and marks on, over and around the letter before.
_WITHOUT_WIDTH = frozenset({"Cf", "Mn", "Me"})

#: What may need folding: all but ASCII and the letters of Latin-1, which fold to themselves.
_STRANGE = re.compile("[^\x00-\x7f\xc0-\xff]")
#: White space of ASCII other than the space; what is beyond ASCII is strange.
_SPACES = re.compile("[\t-\r\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Folded:
    """The plain spelling.

    Args:
        text: folded text.
        origins: for each of its characters the index in the original.
    """

    text: str
    origins: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end in the original of a non-empty stretch of the folded text."""
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a text, in time linear in its length."""
    pieces: list[str] = []
    origins: list[int] = []
    done = 0
    for match in _STRANGE.finditer(text):
        place = match.start()
        plain = _plain(match[0])
        pieces += (text[done:place], plain)
        origins += range(done, place)
        origins += [place] * len(plain)
        done = place + 1
    if not done:
        return Folded(_SPACES.sub(" ", text), range(len(text)))
    pieces.append(text[done:])
    origins += range(done, len(text))
    return Folded(_SPACES.sub(" ", "".join(pieces)), origins)


def _plain(letter: str) -> str:
    """The plain form of one character, empty when it has no width."""
    if letter in _DASHES:
        return "-"
    if letter in _TURKISH:
        return "i"
    if letter.isspace() or letter in _BLANKS:
        return " "
    if unicodedata.category(letter) in _WITHOUT_WIDTH:
        return ""
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    return unicodedata.normalize("NFKC", letter)
