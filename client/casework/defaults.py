"""What a form proposes: the defaults of a kind's declaration, worked out for who writes and when.

A proposal stands in the form, where a person sees, changes or takes it away. Nothing here or elsewhere puts it into a
document that somebody else has filled in. When an answer is wished for follows from the one table of deadlines.
Source: domain.md 2.0.2, 2.3 to 2.6, 2.13.

Public signatures:
    Writing(now, unit="")
    defaults_of(kind, writing) -> {path: value}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from client.casework.clocks import Told, clock_named, ends
from client.casework.deadlines import add_months
from client.casework.describe import FieldInfo, describe_struct
from client.casework.fields import Form
from client.casework.kinds.kind import Kind
from client.casework.kinds.registry import describe
from client.casework.swedish_time import local_date
from client.casework.windows import Ahead, OwnUnit

REPLY_BY = "header.reply_by"


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes, and when.

    Args:
        now: aware datetime.
        unit: id of the own unit, empty where none is open.
    """

    now: datetime
    unit: str = ""


def defaults_of(kind: Kind, writing: Writing) -> dict[str, object]:
    """Path of a field -> what the form proposes in it; nothing for fields inside lists of blocks."""
    found = dict(_proposed(describe(kind.name), writing))
    if kind.reply_clock:
        found[REPLY_BY] = _reply_by(kind.reply_clock, writing)
    return found


def defaults_in(form: type[Form], writing: Writing, prefix: str) -> dict[str, object]:
    """The same for a form that is no document."""
    return dict(_proposed(describe_struct(form, prefix), writing))


def _proposed(fields: Iterable[FieldInfo], writing: Writing) -> Iterator[tuple[str, object]]:
    for info in fields:
        value = _value(info, writing)
        if value not in (None, ""):
            yield info.path, value
        if not info.spec.many:
            yield from _proposed(info.children, writing)


def _value(info: FieldInfo, writing: Writing) -> object:
    match info.spec.default:
        case Ahead(days, months):
            day = add_months(local_date(writing.now), months) + timedelta(days=days)
            return day.isoformat()
        case OwnUnit():
            return writing.unit
        case tuple() as codes:
            return list(codes)
        case value:
            return value


def _reply_by(name: str, writing: Writing) -> str:
    """The end of the ordinary clock that will run for the recipient, as if it began now."""
    end = ends(clock_named(name), writing.now, Told())
    assert end is not None  # noqa: S101 - a test holds every kind's clock to a span of its own
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")
