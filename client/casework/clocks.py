"""Which clocks run in a thread, since when, until when, and when somebody is reminded. Pure: history and facts come in.

Rules:
1. A clock begins when its thread enters one of its states and goes on while the thread passes between them.
2. Its end follows from the table, from dates in the thread's documents and from the card of the unit whose turn it is,
   as that card spoke on the day on which the clock began.
3. Passing the end changes nothing. A person is reminded before it, at it, and every seventh day after it.

Public signatures:
    clocks_in(flow, state, variant="", opened_by=None) -> tuple[Clock, ...]
    begun(clock, history) -> int | None
    ends(clock, start, Told(anchors, days, opening)) -> datetime | None
    stage(clock, due, now) -> int                           0: nobody is reminded yet
    first_reminder(clock, due) -> datetime
    clock_named(name) -> Clock

Source: domain.md 2.13. Not here: the rows (`clock_table`, `clock_table_case`), the vault (the engine's ``running``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from types import MappingProxyType
from typing import Final

from client.casework.clock_rows import AGAIN, Clock
from client.casework.clock_table import THREAD_CLOCKS
from client.casework.clock_table_case import CASE_CLOCKS
from client.casework.deadlines import Span, SpanUnit, due
from client.casework.opening_hours import ORDINARY, Hours

CLOCKS: Final[tuple[Clock, ...]] = (*THREAD_CLOCKS, *CASE_CLOCKS)
_BY_NAME: Final[Mapping[str, Clock]] = MappingProxyType({clock.name: clock for clock in reversed(CLOCKS)})


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a thread's history: the event, the state after it, and when, in seconds."""

    event: str
    state: str
    at: int


@dataclass(frozen=True, slots=True)
class Told:
    """What documents and cards say of a clock's length.

    Args:
        anchors: fields of the thread's documents by name, of each the newest.
        days: what the card says under the clock's ``fact``; None for nothing.
        opening: when the unit whose turn it is is open.
    """

    anchors: Mapping[str, object] = field(default_factory=dict)
    days: int | None = None
    opening: Hours = ORDINARY


def clock_named(name: str) -> Clock:
    """The ordinary row of that name.

    Raises:
        KeyError: there is none.
    """
    return _BY_NAME[name]


def clocks_in(flow: str, state: str, variant: str = "", opened_by: str | None = None) -> tuple[Clock, ...]:
    """The clocks that may run in a state; a variant's row stands in for the ordinary one of its name.

    Args:
        flow: the life cycle.
        state: where the thread is.
        variant: which of the rows apply.
        opened_by: kind of the document that opened the thread; None for any.
    """
    rows = [one for one in THREAD_CLOCKS if one.flow == flow and opened_by in {None, one.opened_by or opened_by}]
    special = {one.name: one for one in rows if variant and one.variant == variant}
    chosen = [special.get(one.name, one) for one in rows if not one.variant]
    return tuple(one for one in chosen if state in one.states and one.span is not None)


def begun(clock: Clock, history: Sequence[Moment]) -> int | None:
    """When the clock began, in seconds; None when it does not run.

    Args:
        clock: one of the thread's present state.
        history: oldest first.
    """
    run = list(takewhile(lambda one: one.state in clock.states, reversed(history)))[::-1]
    if not run or any(one.event in clock.ends for one in run):
        return None
    anew = [one.at for one in run if one.event in clock.restarts]
    if clock.begins:
        return anew[-1] if anew else None
    return anew[-1] if anew else run[0].at


def ends(clock: Clock, start: datetime, told: Told) -> datetime | None:
    """When the clock is over; None while the date from which it counts is not known."""
    if clock.span is None:
        return None
    span = clock.span
    if told.days is not None and span.unit is SpanUnit.DAYS:
        span = replace(span, amount=told.days)
    return due(span, start, told.anchors, told.opening)


def anchors_of(clocks: Iterable[Clock]) -> frozenset[str]:
    """The fields of documents that these clocks want to know."""
    spans: list[Span] = [one.span for one in clocks if one.span is not None]
    return frozenset(name for span in spans for name in (span.anchor, span.counted_by) if name)


def stage(clock: Clock, due_at: datetime, now: datetime) -> int:
    """How far the reminding has come: 0 nobody yet, then one more for each reminder that was due.

    The last one before the end is ``len(clock.before)``; the end itself and each seventh day after it count on.
    """
    early = sum(due_at - ahead <= now for ahead in clock.before)
    return early if now <= due_at else len(clock.before) + 1 + (now - due_at) // AGAIN


def first_reminder(clock: Clock, due_at: datetime) -> datetime:
    """When a person is first reminded."""
    return due_at - max(clock.before, default=due_at - due_at)
