"""Notices questions about placements that together would find somebody.

Each answer is one word, but many answers about overlapping places draw a map. What is held against each other here
are the questions of one unit, at its own device and at the device of the unit that it asks; nothing of it leaves.

Signs, over thirty days, of questions about one person (same placement, or a token in common):
    narrowing        the places overlap without being the same
    several_places   the third different place
    repeated         the same places for the fourth time; asking, asking again and the check before a move are three
and of needs of one person (same key in the case, or the same identity):
    repeated         the third; each of them is answered with places

A sign stops nothing for good: a named person decides, and the decision goes with the question.

Whoever is asked orders the questions as their author dates them, since one may overtake another on the way, and
counts their distance by a time that the hub's hour bounds: who dates them apart, or backwards, gains nothing.

Public signatures:
    Asked(placement, tokens, cells, at, ...);   asked(content, at) -> Asked;   needed(body, at) -> Asked
    signs(new, past) -> tuple[str, ...]                     at the unit that asks
    signs_there(new, past) -> tuple[str, ...]               at the unit that is asked
    bounded(written, deposited) -> datetime

Source: domain.md 2.5, constraints 3 and 7; the numbers are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

QUESTION: Final = "kollision.forfragan"
NEED: Final = "placering.behov"
#: The two kinds of question that are counted.
COUNTED: Final = (QUESTION, NEED)

WINDOW: Final = timedelta(days=30)
SEVERAL_PLACES: Final = 3
REPEATED: Final = 4
REPEATED_NEED: Final = 3
#: How long an honest question may have waited before the hub had it; an older date counts as so old.
LAG: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question.

    Args:
        placement: key of the placement.
        tokens: pairs of kind and token.
        cells: municipality codes; none in a need.
        at: aware datetime from which its distance to others counts.
        written: aware datetime by which it is ordered, as its author dates it; None for ``at``.
        decided: somebody has decided that it may be asked.
    """

    placement: str
    tokens: frozenset[tuple[str, str]]
    cells: frozenset[str]
    at: datetime
    written: datetime | None = None
    decided: bool = False

    @property
    def order(self) -> datetime:
        """By what it stands among the others."""
        return self.at if self.written is None else self.written


def asked(content: Mapping[str, object], at: datetime) -> Asked:
    """A question as it stands in a document."""
    tokens, cells = (content.get(name) for name in ("tokens", "cells"))
    return Asked(
        str(content.get("placement")),
        frozenset((str(row.get("kind")), str(row.get("token"))) for row in _rows(tokens)),
        frozenset(str(row.get("kommun")) for row in _rows(cells)),
        at,
    )


def needed(body: Mapping[str, object], at: datetime) -> Asked:
    """A need as it stands in a document: of the person, whose case and identity stand for her tokens."""
    header = body.get("header")
    known = header if isinstance(header, Mapping) else {}
    person = known.get("subject_person")
    identity = person.get("id_value") if isinstance(person, Mapping) else None
    tokens = {("case", str(known.get("principal_ref")))} | ({("id", str(identity))} if identity else set())
    return Asked(str(known.get("thread_id")), frozenset(tokens), frozenset(), at)


def bounded(written: datetime, deposited: datetime) -> datetime:
    """When a question was asked: as its author says, but not after the hub had it, nor long before."""
    return min(max(written, deposited - LAG), deposited)


def _rows(value: object) -> list[Mapping[str, object]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []


def signs(new: Asked, past: Iterable[Asked]) -> tuple[str, ...]:
    """What makes the new question look like a search for somebody, in alphabetical order; empty for nothing."""
    near = [one for one in past if abs(new.at - one.at) <= WINDOW and _same_person(new, one)]
    if not new.cells:
        return ("repeated",) if len(near) + 1 >= REPEATED_NEED else ()
    places = {one.cells for one in near} | {new.cells}
    found = {
        "narrowing": any(cells != new.cells and cells & new.cells for cells in places),
        "repeated": sum(one.cells == new.cells for one in near) + 1 >= REPEATED,
        "several_places": len(places) >= SEVERAL_PLACES,
    }
    return tuple(sign for sign, there in found.items() if there)


def signs_there(new: Asked, past: Iterable[Asked]) -> tuple[str, ...]:
    """The same where it is asked, whatever order they come in.

    A question is held against those that were written before it. One that was written later, and that nobody has
    decided on, must have no sign beside it that the new one brings: then one of the two programs has looked away.
    """
    known = sorted(past, key=lambda one: one.order)
    before = [one for one in known if one.order <= new.order]
    found = set(signs(new, before))
    for n, later in enumerate(known):
        if later.order > new.order and not later.decided:
            found |= set(signs(later, [*known[:n], new])) - set(signs(later, known[:n]))
    return tuple(sorted(found))


def _same_person(one: Asked, other: Asked) -> bool:
    return one.placement == other.placement or not one.tokens.isdisjoint(other.tokens)
