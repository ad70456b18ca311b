"""Guard G1: finds what may point out a person in a text that must not.

Rules:
1. Nothing leaves this function but rule ids and places; the text is never logged or sent.
2. A hard identifier (BLOCK) stops the document at both ends. A guess (WARN) asks for a second look.
3. Time is linear in the length of the text.

The guard helps; it does not promise. A person can be recognised by what no pattern finds, which is
why the handler attests it too.

Public signatures:
    scan(text, own_kommun="") -> tuple[Finding(rule_id, start, end, severity), ...]        in order of place
    guesses(text, own_kommun="") -> frozenset[str]        rules that ask for a second look
    is_blocked(text) -> bool                    whether ``scan`` finds anything that stops the document
    LABELS: rule id -> what a person reads

Example:
    >>> scan("Hon nås på 070-123 45 67.")[0].rule_id
    'telefon'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from client.casework.guard_hints import WARNING
from client.casework.guard_numbers import find_numbers
from client.casework.guard_patterns import BLOCKING
from client.casework.guard_places import find_places
from client.casework.guard_search import Hit, Search
from client.casework.guard_text import fold


class Severity(StrEnum):
    """Whether a finding stops the document or asks for a second look."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in a text.

    Args:
        rule_id: which rule, a key of `LABELS`.
        start: first character, counted in the original text.
        end: one past the last.
        severity: block or warn.
    """

    rule_id: str
    start: int
    end: int
    severity: Severity


#: What a person reads for a rule.
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "personnummer": "personnummer",
        "samordningsnummer": "samordningsnummer",
        "reservnummer": "reservnummer",
        "telefon": "telefonnummer",
        "epost": "e-postadress",
        "konto_sociala_medier": "konto i sociala medier",
        "iban": "bankkonto (IBAN)",
        "bankkonto": "bankkonto eller giro",
        "diarienummer": "ärende- eller diarienummer",
        "registreringsnummer": "registreringsnummer på fordon",
        "koordinater": "koordinater",
        "gatuadress": "gatuadress",
        "namnpar": "något som ser ut som ett namn",
        "exakt_datum": "ett exakt datum",
        "lank": "en länk",
        "skola_arbetsplats": "en skola eller arbetsplats",
        "grupp": "namnet på en grupp",
        "nationalitet_brott": "nationalitet tillsammans med ett brott",
        "siffror_i_ord": "ett nummer skrivet med ord",
        "ortnamn": "en annan kommun än den egna",
        "postadress": "en postadress",
    }
)


def scan(text: str, *, own_kommun: str = "") -> tuple[Finding, ...]:
    """Everything in a text that may point out a person.

    Args:
        text: as the handler wrote it.
        own_kommun: code of the municipality that asks; its own name tells the recipient nothing new.
    """
    folded = fold(text)
    found = {Finding(rule, *folded.span(*place), severity) for rule, *place, severity in _raw(folded.text, own_kommun)}
    return tuple(sorted(found, key=lambda finding: (finding.start, finding.end, finding.rule_id)))


def is_blocked(text: str) -> bool:
    """Whether a text holds a hard identifier: what ``scan`` finds with ``Severity.BLOCK``, without the guesses."""
    folded = fold(text).text
    return any(True for _ in _hard(folded, Search(folded)))


def guesses(text: str, *, own_kommun: str = "") -> frozenset[str]:
    """Ids of the rules that ask for a second look: what ``scan`` finds with ``Severity.WARN``, without the places."""
    folded = fold(text).text
    return frozenset(hit[0] for hit in _soft(folded, Search(folded), own_kommun))


def has_number(text: str) -> bool:
    """Whether a text holds somebody's number; for what may hold a diary number, which ``is_blocked`` stops."""
    return any(True for _ in find_numbers(fold(text).text))


def _hard(text: str, search: Search) -> Iterator[Hit]:
    yield from find_numbers(text)
    yield from search.hits(BLOCKING)


def _soft(text: str, search: Search, own_kommun: str) -> Iterator[Hit]:
    yield from search.hits(WARNING)
    yield from find_places(text, own_kommun)


def _raw(text: str, own_kommun: str) -> Iterator[tuple[str, int, int, Severity]]:
    search = Search(text)
    for hit in _hard(text, search):
        yield *hit, Severity.BLOCK
    for hit in _soft(text, search, own_kommun):
        yield *hit, Severity.WARN
