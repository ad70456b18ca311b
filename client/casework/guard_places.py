"""Finds names of places other than the asker's own municipality: with what else is told, one may point out a person.

Three ways: the municipalities' names, also in small letters and without dots; parts of towns that are often written
about; and any name after a word of place ("från Påhittsberga"). Some names are also words ("Vara", "Mark", "skara"):
those count only with a capital that no sentence gives them. A warning, so a word too many costs a look and no more.

Public signatures:
    find_places(folded_text, own_kommun="") -> Iterator[(rule_id, start, end)]
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from keys.places import kommuner

_WORD: Final = re.compile(r"[^\W\d_]{2,24}")
#: Also words: in small letters they are those, and the first of them where a sentence begins too.
_SENTENCE_WORDS: Final = frozenset({"ale", "berg", "boden", "kil", "lund", "mark", "nora", "sala", "vara"})
_WORDS: Final = _SENTENCE_WORDS | frozenset(
    {"klippan", "skara", "trosa", "nacka", "mora", "lomma", "kinda", "flen", "kumla", "orust", "tanum", "hylte",
     "ronna", "holma", "norrby", "hulta", "alby", "ljungby", "osby", "eda", "ed", "araby", "backa", "kronan"}
)  # fmt: skip
_SHORT: Final = 4  # letters of a name that without dots is most likely a word ("ange", "are")
_BEGINS_SENTENCE: Final = re.compile(r"(?:^|[.!?:-] ?)\Z")
#: Parts of towns, as newspapers and the police's public lists of areas write them.
_PARTS: Final = (
    "Alby Angered Araby Bergsjön Biskopsgården Brandkärr Bredäng Charlottesborg Dalhem Drottninghög Farsta "
    "Finnsta Fisksätra Fittja Fornhöjden Frölunda Fröslunda Gamlegården Geneta Gottsunda Gårdsten Hageby "
    "Hagalund Hallonbergen Hallunda Hammarkullen Hermodsdal Hertsön Hisingen Hjällbo Holma Hovsjö Hulta Husby "
    "Hässelby Hässleholmen Jordbro Kista Klockaretorpet Kroksbäck Kronogården Lagersberg Lindängen Linero "
    "Lövgärdet Masthugget Möllevången Nacksta Norrby Nydala Nyfors Oxhagen Rannebergen Rinkeby Rissne Ronna "
    "Rosengård Rågsved Råslätt Seved Skiftinge Skäggetorp Skärholmen Smedby Sofielund Storvreten Söderkulla "
    "Södermalm Tensta Tjärna Tureberg Tynnered Valsta Vapnagård Varberga Vivalla Vårberg Vårby Vällingby Årby "
    "Östberga Östermalm"
)
#: A name after a word of place. What all know, and what is no place, is let through.
_AFTER_PLACE: Final = re.compile(
    r"(?<!\w)(?:[Ii]|[Ff]rån|[Tt]ill|[Uu]tanför|[Nn]ära|[Rr]unt|[Oo]mkring|[Uu]ppe i|[Nn]ere i|[Vv]id|[Uu]r) "
    r"(?!(?:Sverige|Norden|Europa|Polis|Social|Kriminal|Skatte|Försäkring|Migration|Region|Riks|Stats|Arbets|Krono|Frivård"
    r"|Instagram|Snapchat|Facebook|Whats|Tik|Telegram|Discord|Youtube|Google|Teams|Signal|Skype|Zoom|Prop|Dir|Ds|Lag"
    r"|Avhoppar|Bris|Sluss|Exit|Brå|Bops|Jo(?!\w)|Mo(?!\w))\w*)"
    r"([A-ZÅÄÖ][a-zåäöé]{2,24})(?![\wåäö]|-telefon)"
)


class _Place(NamedTuple):
    """A name in small letters and the code of its municipality, empty for a part of a town."""

    name: str
    code: str


def find_places(text: str, own_kommun: str = "") -> Iterator[tuple[str, int, int]]:
    """Names of other places, also in the genitive, as (rule, start, end)."""
    lower = text.lower() if len(text.lower()) == len(text) else text
    by_first = _by_first_word()
    told = set()
    for match in _WORD.finditer(lower):
        for place in by_first.get(match[0], ()) or by_first.get(match[0].removesuffix("s"), ()):
            start, end = match.start(), match.start() + len(place.name)
            if lower.startswith(place.name, start) and not _goes_on(lower, end):
                told.add(start)
                if place.code != (own_kommun or None) and _is_name(text, start, place.name):
                    yield "ortnamn", start, end
    for match in _AFTER_PLACE.finditer(text):
        if match.start(1) not in told:
            yield "ortnamn", *match.span(1)


def _is_name(text: str, start: int, name: str) -> bool:
    """Whether what reads like a name is one, not a word or the beginning of a sentence."""
    if name not in _WORDS:
        return True
    begins = _BEGINS_SENTENCE.search(text, max(0, start - 2), start)
    return text[start].isupper() and not (begins and name in _SENTENCE_WORDS)


def _goes_on(text: str, end: int) -> bool:
    """Whether the word is longer than the name, by more than an s."""
    after = text[end : end + 2]
    return after[:1].isalpha() and (after[:1] != "s" or after[1:].isalpha())


@functools.cache
def _by_first_word() -> Mapping[str, tuple[_Place, ...]]:
    """First word of a name -> names that begin so, also as they are written without dots."""
    found: dict[str, tuple[_Place, ...]] = {}
    names = [(one.name, one.code) for one in kommuner().values()] + [(name, "") for name in _PARTS.split()]
    for name, code in names:
        plain = name.lower()
        for written in {plain, plain.translate(str.maketrans("åäöé", "aaoe"))}:
            if written == plain or len(written) > _SHORT:
                first = re.split("[ -]", written, maxsplit=1)[0]
                found[first] = (*found.get(first, ()), _Place(written, code))
    return found
