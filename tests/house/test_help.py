"""Every kind of document and every field that is not plain is explained to who fills it in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from client.casework.describe import FieldInfo
from client.casework.kinds.registry import KINDS, describe
from client.casework.kinds.told import TOLD

#: Labels that say it all: days, names, numbers, choices that explain themselves. Whatever else there is needs help.
PLAIN = frozenset(
    """
    Anteckning|Ansvarig enhet|Antal|Arbete och studier|Barn|Beslutat den|Borttagen den
    Datum|Enhet|Från|Från och med|Frågor|Granskat av|Gäller till|Hade ni nytta av svaret|Hittills
    Husdjur|Insats|Kommun|Kriterium|Läge|Mötet hölls|Namn|Nästa steg|Ort|Period|Planerat möte|Plats
    Registrerat den|Relation till personen|Risknivå|Roll|Rätt avdelning|Skäl|Summerad den|Svar
    Tid sedan förra gången|Till|Till och med|Tillsammans med polisen|Ungefärligt datum|Uppfyllt|Uppgift|Utförare
    Vad hände|Varför|Vad som inte godtas|Vilken gång i ordningen|Villkor|Vuxna|Väntat datum för resultat|Åldersgrupp|År
    Åter hos avsändaren den|Återtagen den|Åtgärd|Åtgärder|Omprövningen börjar|Uppgiven roll|Eget boende|Egen inkomst
    Definitionens version eller datum|Motivering
    """.replace("\n", "|")
    .replace("    ", "")
    .split("|")
)
LONGEST = 110


def _walk(fields: tuple[FieldInfo, ...]) -> Iterator[FieldInfo]:
    for info in fields:
        yield info
        yield from _walk(info.children)


def test_every_kind_is_told() -> None:
    """Each kind has its sentence and no sentence is left over; it is short enough to be read over a form."""
    assert set(TOLD) == set(KINDS)
    assert [name for name, kind in KINDS.items() if kind.help != TOLD[name] or not kind.help.endswith(".")] == []
    assert [name for name, text in TOLD.items() if len(text) > LONGEST] == []


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_field_that_is_not_plain_has_help(name: str) -> None:
    """What a label alone does not tell is told beside the field."""
    lacking = {info.path for info in _walk(describe(name)) if not info.spec.help and info.spec.label not in PLAIN}
    assert lacking == set()


def test_plain_labels_are_in_use() -> None:
    """The list above names nothing that is not there, or that has help everywhere."""
    without = {info.spec.label for name in KINDS for info in _walk(describe(name)) if not info.spec.help}
    assert PLAIN - {""} <= without
