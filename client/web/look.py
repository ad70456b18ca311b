"""How pages read: the templates, Swedish dates, labels, and fields of a document in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import jinja2

from client.api.declared import header_fields
from client.api.places import find_kind
from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.casework.kinds.registry import KINDS, describe
from client.casework.swedish_time import local_time
from client.engine.searching import BEGIN, END

_MONTHS: Final = ("jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec")
_DAYS: Final = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")

Shown = tuple[str, str, tuple[Any, ...]]


class Look:
    """The templates of one page."""

    def __init__(self, *, demonstration: bool) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("client.web"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(when=when, day=day, ago=ago, hits=hits)
        self._templates.globals.update(demonstration=demonstration, shown=shown, title_of=title_of)

    def page(self, template: str, **facts: Any) -> str:
        """A page as text."""
        return self._templates.get_template(template).render(facts)


def when(instant: str | None) -> str:
    """An instant of the API as a person reads it: ``måndag 23 nov 2026 kl. 09.13``, shorter when it is near."""
    moment = _moment(instant)
    return "" if moment is None else f"{_DAYS[moment.weekday()]} {_date(moment)} kl. {moment:%H.%M}"


def day(instant: str | None) -> str:
    """The day of an instant, with its week: ``23 nov 2026 (v. 48)``."""
    moment = _moment(instant)
    return "" if moment is None else f"{_date(moment)} (v. {moment.isocalendar().week})"


def ago(instant: str | None, now: str) -> str:
    """How far an instant is from now, in days at most: ``för 2 timmar sedan``, ``om 3 dagar``."""
    moment, here = _moment(instant), _moment(now)
    if moment is None or here is None:
        return ""
    apart = moment - here
    words = _span(abs(apart))
    return f"om {words}" if apart > timedelta(0) else f"för {words} sedan"


def hits(excerpt: str) -> Iterator[tuple[str, bool]]:
    """An excerpt of a search in pieces, and whether each of them is a hit."""
    for number, piece in enumerate(excerpt.replace(END, BEGIN).split(BEGIN)):
        if piece:
            yield piece, number % 2 == 1


def _span(apart: timedelta) -> str:
    minutes = int(apart.total_seconds() // 60)
    for size, one, many in ((1440, "dag", "dagar"), (60, "timme", "timmar")):
        if minutes >= size:
            return f"{minutes // size} {one if minutes < 2 * size else many}"
    return f"{minutes} {'minut' if minutes == 1 else 'minuter'}"


def _date(moment: datetime) -> str:
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _moment(instant: str | None) -> datetime | None:
    try:
        return local_time(datetime.fromisoformat(instant or ""))
    except ValueError:
        return None


def title_of(kind: str) -> str:
    """What a kind is called."""
    return KINDS[kind].title_sv if kind in KINDS else kind


def shown(kind: str, header: Mapping[str, Any], content: Mapping[str, Any]) -> list[tuple[str, list[Shown]]]:
    """A document in words: sections of (label, text, nested blocks), in the order of its form."""
    if kind not in KINDS:
        return []
    person = header.get("subject_person")
    about = [info for info in header_fields(find_kind(kind)) if info.name == "subject_person"]
    rest = [info for info in header_fields(find_kind(kind)) if info.name != "subject_person"]
    sections = [
        ("Person", list(_lines(about[0].children, person)) if about and isinstance(person, dict) else []),
        ("Innehåll", list(_lines(describe(kind), content))),
        ("Ärende och sekretess", list(_lines(rest, header))),
    ]
    return [(name, lines) for name, lines in sections if lines]


def _lines(fields: Any, form: Mapping[str, Any]) -> Iterator[Shown]:
    for info in fields:
        value = form.get(info.name)
        if value is None or value == []:
            continue
        if info.spec.holds is FieldType.GROUP:
            blocks = value if isinstance(value, list) else [value]
            yield info.spec.label, "", tuple(list(_lines(info.children, block)) for block in blocks)
        else:
            yield info.spec.label, _text(info, value), ()


def _text(info: FieldInfo, value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return ("\n" if info.spec.holds is FieldType.LONG else ", ").join(_one(info, one) for one in values)


def _one(info: FieldInfo, value: Any) -> str:
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    if info.spec.holds is FieldType.DT:
        return when(str(value))
    return dict(info.choices).get(value, str(value))
