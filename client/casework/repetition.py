"""Notices questions about placements that together would find somebody.

Each answer is one word, but many answers about overlapping places draw a map. What is held against each other here
are the questions of one unit, at its own device and at the device of the unit that it asks; nothing of it leaves.

Signs, over thirty days, of questions about one person (same placement, or a token in common):
    narrowing        the places overlap without being the same
    several_places   the third different place
    repeated         the same places for the fourth time; asking, asking again and the check before a move are three

A sign stops nothing for good: a named person decides, and the decision goes with the question.

Public signatures:
    Asked(placement, tokens, cells, at);   asked(content, at) -> Asked
    signs(new, past) -> tuple[str, ...]

Source: domain.md 2.5, constraints 3 and 7; the numbers are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

QUESTION: Final = "kollision.forfragan"

WINDOW: Final = timedelta(days=30)
SEVERAL_PLACES: Final = 3
REPEATED: Final = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """One question.

    Args:
        placement: key of the placement.
        tokens: pairs of kind and token.
        cells: municipality codes.
        at: aware datetime.
    """

    placement: str
    tokens: frozenset[tuple[str, str]]
    cells: frozenset[str]
    at: datetime


def asked(content: Mapping[str, object], at: datetime) -> Asked:
    """A question as it stands in a document."""
    tokens, cells = (content.get(name) for name in ("tokens", "cells"))
    return Asked(
        str(content.get("placement")),
        frozenset((str(row.get("kind")), str(row.get("token"))) for row in _rows(tokens)),
        frozenset(str(row.get("kommun")) for row in _rows(cells)),
        at,
    )


def _rows(value: object) -> list[Mapping[str, object]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []


def signs(new: Asked, past: Iterable[Asked]) -> tuple[str, ...]:
    """What makes the new question look like a search for somebody, in alphabetical order; empty for nothing."""
    near = [one for one in past if abs(new.at - one.at) <= WINDOW and _same_person(new, one)]
    places = {one.cells for one in near} | {new.cells}
    found = {
        "narrowing": any(cells != new.cells and cells & new.cells for cells in places),
        "repeated": sum(one.cells == new.cells for one in near) + 1 >= REPEATED,
        "several_places": len(places) >= SEVERAL_PLACES,
    }
    return tuple(sign for sign, there in found.items() if there)


def _same_person(one: Asked, other: Asked) -> bool:
    return one.placement == other.placement or not one.tokens.isdisjoint(other.tokens)
