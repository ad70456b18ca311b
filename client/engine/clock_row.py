"""One clock that runs, as the vault keeps it, and how its end follows from a card."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping

from client.casework.clock_rows import Clock
from client.casework.clocks import Told, ends, first_reminder
from client.casework.flows import Side
from client.casework.opening_hours import opening_hours
from client.casework.swedish_time import local_date
from client.engine.context import Context
from keys.errors import LocalError
from keys.ids import UnitId

#: Fields of documents from which a clock may count.
Dates = Mapping[str, object]
#: Whose turn it is when it is both units'.
BOTH = b""


@dataclasses.dataclass(frozen=True, slots=True)
class Running:
    """One clock. Times in seconds; ``responsible`` is a unit, or `BOTH`."""

    subject: bytes
    clock: str
    begun_at: int
    remind_at: int
    due_at: int
    responsible: bytes
    principal: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Runs:
    """What a clock runs for.

    Args:
        subject: thread, consent, document, person's key, or unit.
        side: the own part in the thread.
        unit_id: the other unit.
        principal: the person's key, where it is about one.
    """

    subject: bytes
    side: Side
    unit_id: bytes
    principal: str | None


def run(context: Context, clock: Clock, runs: Runs, *, since: int, dates: Dates) -> Running | None:
    """A clock that began at ``since`` (seconds); None while the date from which it counts is not known."""
    own = bytes(context.unit_id)
    responsible = own if runs.unit_id == own or clock.whose is runs.side else runs.unit_id
    due = ends(clock, instant(since), _told(context, clock, responsible, since=since, dates=dates))
    if due is None:
        return None
    if clock.whose is Side.EITHER and runs.unit_id != own:
        responsible = BOTH
    remind_at = int(first_reminder(clock, due).timestamp())
    return Running(runs.subject, clock.name, since, remind_at, int(due.timestamp()), responsible, runs.principal)


def instant(seconds: int) -> datetime.datetime:
    """An instant of the vault."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _told(context: Context, clock: Clock, unit_id: bytes, *, since: int, dates: Dates) -> Told:
    """What the card of the unit that is waited for said on the day on which the clock began."""
    day = local_date(instant(since))
    try:
        unit = context.book.unit(UnitId(unit_id))
    except LocalError:  # a card that does not open says nothing
        return Told(dates)
    days = unit.fact(clock.fact, day) if clock.fact else None
    return Told(dates, days, opening_hours(unit.fact("opening_hours", day)))
