"""What a row of the table of deadlines says, and the words with which `clock_table` is written.

Not here: the rows (`clock_table`), where a row runs and when it ends (`clocks`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from client.casework.deadlines import Span
from client.casework.flows import Side


class Origin(StrEnum):
    """Where a length comes from: the founding report, law, or our own proposal that an operator may change."""

    REPORT = "rapport"
    LAW = "lag"
    OURS = "eget"


class Subject(StrEnum):
    """What a clock runs for."""

    THREAD = "thread"
    CONSENT = "consent"
    CLOSING = "closing"
    DOCUMENT = "document"
    UNIT = "unit"
    CASE = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One row: something that is waited for.

    Args:
        name: its code, with words in `clock_words`; rows of one name differ by variant.
        flow: life cycle in which it runs, empty for one that runs outside threads.
        states: states in which it runs; it goes on while the thread passes from one of them to another.
        variant: of the thread (`Flow.variants`), empty for the ordinary row, for which it stands in.
        opened_by: only in threads that this kind of document opened, empty for all.
        span: how long; None where nothing is waited for in this variant.
        whose: whose turn it is: the unit that opened the thread, the one it went to, or both.
        origin: where the length comes from.
        fact: fact of that unit's card which gives the number of days instead, empty for none.
        begins: events that begin it, empty: entering a state of ``states`` begins it.
        restarts: events that begin it anew.
        ends: events after which it does not run any more.
        before: how long before its end a person is reminded, longest first.
        while_open: only while the person's case is not closed.
        closes: step that the program takes by itself when it is over, empty for none.
        subject: what it runs for.
    """

    name: str
    span: Span | None
    whose: Side
    flow: str = ""
    states: tuple[str, ...] = ()
    variant: str = ""
    opened_by: str = ""
    origin: Origin = Origin.OURS
    fact: str = ""
    begins: tuple[str, ...] = ()
    restarts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    before: tuple[timedelta, ...] = ()
    while_open: bool = False
    closes: str = ""
    subject: Subject = Subject.THREAD


def before(*, days: tuple[int, ...] = (), hours: int = 0) -> tuple[timedelta, ...]:
    """Reminders so many days, or hours, before the end."""
    return (*(timedelta(days=one) for one in days), *([timedelta(hours=hours)] if hours else []))


#: How often somebody is reminded of what is overdue.
AGAIN: Final = timedelta(days=7)
