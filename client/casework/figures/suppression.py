"""Masks small cells so that nobody is pointed out, and cells from which these could be computed.

Rules:
1. A cell of 1 to 4 (below the threshold) is masked. Nought stays: it is nobody.
2. In a relation whose parts are all of the total never exactly one cell is masked: it would be total minus the rest.
3. What is left when the parts are taken from the total is a cell too, though it is not printed. When it is small, a
   cell of that relation is masked.
4. A measure (minutes, median) is masked when few cases stand behind it, or when their number is masked.
5. What is masked looks the same whatever the reason, and is masked whole: no "fewer than five".

Rules 2 and 3 are repeated until nothing changes. Relations and cells form a forest, and in each closed relation none or
at least two cells are masked: so each masked cell can be moved by one, and other masked ones with it, without touching
a printed one. It cannot be computed.

Public signatures:
    suppress(counts, threshold=THRESHOLD) -> dict[str, int | None]       None: masked
    is_masked_enough(cells, threshold=THRESHOLD) -> bool                 what a recipient can check

Not here: how counts come about (`counting`). Source: domain.md 2.11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from client.casework.figures.cells import MEASURES, RELATIONS, Relation

#: Smallest number that may be shown; an operator may ask for more, never for less (domain.md 2.11).
THRESHOLD: Final = 5

Cells = Mapping[str, int | None]


def suppress(counts: Mapping[str, int], threshold: int = THRESHOLD) -> dict[str, int | None]:
    """The cells as they may leave.

    Args:
        counts: every cell, as counted.
        threshold: smallest number of cases that may be shown, at least ``THRESHOLD``.
    """
    threshold = max(threshold, THRESHOLD)
    masked = {name for name, count in counts.items() if name not in MEASURES and 0 < count < threshold}
    while leaking := [relation for relation in RELATIONS if _leaks(relation, counts, masked, threshold)]:
        masked.add(_victim(leaking[0], counts, masked))
    masked |= {name for name, base in MEASURES.items() if base in masked or counts[base] < threshold}
    return {name: None if name in masked else count for name, count in counts.items()}


def _leaks(relation: Relation, counts: Mapping[str, int], masked: set[str], threshold: int) -> bool:
    hidden = sum(name in masked for name in relation.cells)
    if hidden == 0:
        return 0 < counts[relation.total] - sum(counts[name] for name in relation.parts) < threshold
    return relation.closed and hidden == 1


def _victim(relation: Relation, counts: Mapping[str, int], masked: set[str]) -> str:
    """The cell whose loss costs least: a part before the total, one with cases before an empty one, a small one."""
    open_cells = [name for name in relation.cells if name not in masked]
    return min(open_cells, key=lambda name: (counts[name] == 0, name == relation.total, counts[name], name))


def is_masked_enough(cells: Cells, threshold: int = THRESHOLD) -> bool:
    """Whether a report shows nothing that rules 1 to 4 hide."""
    hidden = {name for name, count in cells.items() if count is None}
    shown = {name: count for name, count in cells.items() if count is not None}
    if any(0 < count < threshold for name, count in shown.items() if name not in MEASURES):
        return False
    if any(base in hidden or shown[base] < threshold for name, base in MEASURES.items() if name not in hidden):
        return False
    return not any(_leaks(relation, _zeros(cells), hidden, threshold) for relation in RELATIONS)


def _zeros(cells: Cells) -> dict[str, int]:
    """Masked cells as nought: a relation that has one is judged by how many it has."""
    return {name: count or 0 for name, count in cells.items()}
