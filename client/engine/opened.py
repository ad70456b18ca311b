"""An arrival after checks 0 to 15, and the order in which such arrivals take effect (FORMATS 8)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from client.engine.arrival import Arrival, DropError, QuarantineError, SeenError
from keys.document import KindClass
from keys.internal import has_withdrawals


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """An arrival, and how checks 0 to 15 ended it, if they did."""

    arrival: Arrival
    end: DropError | SeenError | QuarantineError | None


def is_withdrawal(opened: Opened) -> bool:
    """Whether it takes effect before everything else: a withdrawal, or a sibling's word of one."""
    document, content = opened.arrival.document, opened.arrival.content
    if opened.end is not None or document is None or content is None:
        return False
    if document.kind_class is KindClass.INTERNAL:
        return has_withdrawals(content.body)
    return document.kind_class is KindClass.WITHDRAWAL


def number_of(opened: Opened) -> int:
    """Its number in the mailbox."""
    return opened.arrival.n


def groups(opened: Sequence[Opened], size: int) -> Iterator[Sequence[Opened]]:
    """Cut into groups of ``size``."""
    for start in range(0, len(opened), size):
        yield opened[start : start + size]
