"""Finds names of municipalities other than the asker's own: with what else is told, a place may point out a person.

Some names are also words that begin a sentence ("Vara", "Mark"); there they do not count.

Public signatures:
    find_places(folded_text, own_kommun="") -> Iterator[(rule_id, start, end)]
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping

from client.casework.guard_rule import BEGUN
from keys.places import kommuner

_CAPITAL = re.compile(rf"[A-ZÅÄÖ]{BEGUN}[a-zåäö]{{1,20}}")
_WORDS = frozenset({"Ale", "Berg", "Boden", "Kil", "Lund", "Mark", "Nora", "Sala", "Vara"})
_BEGINS_SENTENCE = re.compile(r"(?:^|[.!?:-] ?)\Z")


def find_places(text: str, own_kommun: str = "") -> Iterator[tuple[str, int, int]]:
    """Names of other municipalities, also in the genitive, as (rule, start, end)."""
    by_first = _by_first_word()
    for match in _CAPITAL.finditer(text):
        for name, code in by_first.get(match[0], ()) or by_first.get(match[0].removesuffix("s"), ()):
            end = match.start() + len(name)
            if code == own_kommun or not text.startswith(name, match.start()) or _goes_on(text, end):
                continue
            if name not in _WORDS or not _BEGINS_SENTENCE.search(text, max(0, match.start() - 2), match.start()):
                yield "ortnamn", match.start(), end


def _goes_on(text: str, end: int) -> bool:
    """Whether the word is longer than the name, by more than an s."""
    after = text[end : end + 2]
    return after[:1].isalpha() and (after[:1] != "s" or after[1:].isalpha())


@functools.cache
def _by_first_word() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """First word of a name -> names that begin so, with their codes."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for one in kommuner().values():
        first = re.split("[ -]", one.name, maxsplit=1)[0]
        found[first] = (*found.get(first, ()), (one.name, one.code))
    return found
