"""The guide's chapter on deadlines, drawn from the tables of clocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from client.casework.clock_rows import Clock, Origin, Subject
from client.casework.clock_table import THREAD_CLOCKS
from client.casework.clock_table_case import CASE_CLOCKS
from client.casework.clock_words import AWAITED
from client.casework.flow_tables import FLOWS
from client.casework.flows import Side
from client.casework.guide_words import SIDES, span_words, table

_ORIGINS: Final = {Origin.REPORT: "rapporten", Origin.LAW: "lag", Origin.OURS: "vårt förslag"}
_SUBJECTS: Final = {
    Subject.CONSENT: "ett samtycke som enheten har registrerat",
    Subject.CLOSING: "ett avslutat ärende med samtycke till uppföljning",
    Subject.DOCUMENT: "ett dokument som har skickats",
    Subject.UNIT: "det äldsta inkomna dokumentet utan diarienummer",
    Subject.CASE: "en persons ärende",
    Subject.THREAD: "",
}
_HEAD: Final = ("väntar på", "från läget", "tid", "vems tur", "påminnelse före", "grund")


def deadlines() -> str:
    """A table for each life cycle, and one for what runs outside threads."""
    lines: list[str] = []
    for flow in FLOWS:
        rows = [clock for clock in THREAD_CLOCKS if clock.flow == flow and clock.span is not None]
        lines += [f"\n### Tidsgränser: {flow}", *table(_HEAD, _rows(rows))] if rows else []
    lines += ["\n### Tidsgränser utanför trådarna", *table(_HEAD, _rows(CASE_CLOCKS))]
    return "\n".join(lines) + "\n"


def _rows(clocks: Iterable[Clock]) -> Iterator[tuple[str, ...]]:
    for clock in clocks:
        variant = f" ({clock.variant})" if clock.variant else ""
        yield (
            *(AWAITED[clock.name] + variant, _from(clock), _time(clock), _whose(clock)),
            *(", ".join(map(_ahead, clock.before)), _ORIGINS[clock.origin]),
        )


def _from(clock: Clock) -> str:
    """The states, or what it runs for; for one that events begin, which."""
    if not clock.states:
        return _SUBJECTS[clock.subject]
    states = ", ".join(FLOWS[clock.flow].state(name).label for name in clock.states)
    if clock.begins or clock.restarts:
        events = ", ".join(f"`{event}`" for event in clock.begins or clock.restarts)
        return f"{states}; {'från' if clock.begins else 'på nytt vid'} {events}"
    return states


def _time(clock: Clock) -> str:
    words = "" if clock.span is None else span_words(clock.span)
    return f"{words}, eller enhetens egen (`{clock.fact}`)" if clock.fact else words


def _whose(clock: Clock) -> str:
    return "enheten själv" if not clock.states and clock.whose is Side.ASKER else SIDES[clock.whose]


def _ahead(ahead: timedelta) -> str:
    if ahead.days:
        return f"{ahead.days} dag{'' if ahead.days == 1 else 'ar'}"
    hours = ahead.seconds // 3600
    return f"{hours} timm{'e' if hours == 1 else 'ar'}"
