"""Masks small cells so that nobody is pointed out, and cells from which these could be computed.

Rules:
1. A cell of 1 to 4 (below the threshold) is masked. Nought stays: it is nobody.
2. In a relation whose parts are all of the total never exactly one cell is masked: it would be total minus the rest.
   Nor do masked parts make less than twice the threshold together: nought is shown, so two that make two are one each,
   and two small ones that make eight are four each.
   Where the total is no cell it cannot be masked: then every part is, also the empty ones, when all together are few.
3. What is left when the parts are taken from the total is a cell too, though it is not printed. When it is small, a
   cell of that relation is masked.
4. Twins count nearly the same people: they are shown together, and only when none of them is small and no two differ
   by a few. Else those that count anybody are masked.
5. A measure (minutes, median) is masked when few cases stand behind it, or when their number is masked.
6. What is masked looks the same whatever the reason, and is masked whole: no "fewer than five".

Rules 2 to 4 are repeated until nothing changes. Relations and cells form a forest, and in each closed relation none or
at least two cells are masked: so each masked cell can be moved by one, and other masked ones with it, without touching
a printed one. It cannot be computed; a test goes through every small report as somebody does who knows this program.

Public signatures:
    suppress(counts, threshold=THRESHOLD) -> dict[str, int | None]       None: masked
    is_masked_enough(cells, threshold=THRESHOLD) -> bool                 what a recipient can check

Not here: how counts come about (`counting`). Source: domain.md 2.11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from client.casework.figures.cells import MEASURES, RELATIONS, TWINS, Relation

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
    while True:
        masked |= {name for twins in TWINS if _tell(twins, counts, masked, threshold) for name in twins if counts[name]}
        leaking = [relation for relation in RELATIONS if _leaks(relation, counts, masked, threshold)]
        if not leaking:
            break
        masked.add(_victim(leaking[0], counts, masked))
    masked |= {name for name, base in MEASURES.items() if base in masked or counts[base] < threshold}
    return {name: None if name in masked else count for name, count in counts.items()}


def _leaks(relation: Relation, counts: Mapping[str, int], masked: set[str], threshold: int) -> bool:
    hidden = sum(name in masked for name in relation.cells)
    whole = sum(counts[name] for name in relation.parts)
    total = counts[relation.total] if relation.total else whole
    if hidden == 0:
        return 0 < total - whole < threshold
    if not relation.closed or hidden == 1:
        return relation.closed
    if hidden == len(relation.cells):
        return False
    shown = sum(counts[name] for name in relation.parts if name not in masked)
    return relation.total not in masked and total - shown < 2 * threshold


def _tell(twins: Sequence[str], counts: Mapping[str, int], masked: set[str], threshold: int) -> bool:
    """Whether what is shown of twins tells what is masked of them, or how the few differ who are not in both."""
    shown = [counts[name] for name in twins if name not in masked and counts[name]]
    hidden = any(name in masked for name in twins)
    return bool(shown) and (hidden or any(0 < abs(one - other) < threshold for one in shown for other in shown))


def _victim(relation: Relation, counts: Mapping[str, int], masked: set[str]) -> str:
    """The next cell: a part before the total, one with cases before an empty one, in the order of the list.

    Not the smallest: who knows this program would learn from its choice that the others are larger.
    """
    open_cells = [name for name in relation.cells if name not in masked]
    return min(open_cells, key=lambda name: (counts[name] == 0, name == relation.total))


def is_masked_enough(cells: Cells, threshold: int = THRESHOLD) -> bool:
    """Whether a report shows nothing that rules 1 to 5 hide."""
    hidden = {name for name, count in cells.items() if count is None}
    shown = {name: count for name, count in cells.items() if count is not None}
    if any(0 < count < threshold for name, count in shown.items() if name not in MEASURES):
        return False
    if any(base in hidden or shown[base] < threshold for name, base in MEASURES.items() if name not in hidden):
        return False
    # A masked cell counts as enough: a relation that has one is judged by how many it has, and by what is shown.
    counts = {name: 2 * threshold if count is None else count for name, count in cells.items()}
    if any(_tell(twins, counts, hidden, threshold) for twins in TWINS):
        return False
    return not any(_leaks(relation, counts, hidden, threshold) for relation in RELATIONS)
