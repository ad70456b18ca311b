"""How pages read: the templates, Swedish dates, labels, and fields of a document in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

import jinja2

from client.api.declared import header_fields
from client.api.places import find_kind
from client.casework.codelists import (
    AUTHORITY,
    CASE_TYPE,
    DATA_CATEGORY,
    DISCLOSURE_BASIS,
    PURPOSE,
    READ_REASON,
    ROLE,
    UNIT_TYPE,
)
from client.casework.codes import explain
from client.casework.consent import PARTY_ROLE
from client.casework.consent_events import EVENT_TYPE
from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.casework.header import MAX_DNR
from client.casework.kinds.registry import KINDS, describe
from client.casework.routing_words import place_name
from client.casework.swedish_time import local_time
from client.engine.searching import BEGIN, END
from client.lang.catalogue import choose, chosen, marked, translate, translate_many
from client.web.handbook import chapter_of

_MONTHS: Final = {
    "sv": ("jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"),
}
_DAYS: Final = {
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_SPANS: Final = {
    "sv": ((1440, "dag", "dagar"), (60, "timme", "timmar"), (1, "minut", "minuter")),
    "en": ((1440, "day", "days"), (60, "hour", "hours"), (1, "minute", "minutes")),
}
_AGO: Final = {"sv": ("om {}", "för {} sedan", "nyss"), "en": ("in {}", "{} ago", "just now")}
_WEEK: Final = {"sv": "v.", "en": "week"}
_WITHIN: Final = {"sv": "kl. {:%H}–{:%H}", "en": "between {:%H} and {:%H}"}
_AT: Final = {"sv": "kl. {:%H.%M}", "en": "at {:%H:%M}"}

_LISTS: Final = {
    codes.name: codes
    for codes in (
        EVENT_TYPE, AUTHORITY, CASE_TYPE, DATA_CATEGORY, DISCLOSURE_BASIS, PARTY_ROLE, PURPOSE, READ_REASON, ROLE,
        UNIT_TYPE,
    )
}  # fmt: skip

#: Marks that embed, override or isolate a direction (Unicode UAX #9), and control characters but line ends and tabs.
_TURNING: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

#: The vendored design system, `@fkui/design` of Försäkringskassan (MIT); a test compares it.
FKUI_SHA256: Final = "3a0bf425b89867a7083301bcb605d3279802e949e5691a8a44d7344bc7e9de09"

Shown = tuple[str, str, tuple[Any, ...]]


class Look:
    """The templates of one page."""

    def __init__(self, *, demonstration: bool) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("client.web"),
            autoescape=True,
            extensions=["jinja2.ext.i18n"],
            undefined=jinja2.StrictUndefined,
            finalize=upright,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.install_gettext_callables(translate, translate_many, newstyle=True)  # type: ignore[attr-defined]
        self._templates.filters.update(
            tr=translate,
            when=when,
            hour=hour,
            day=day,
            week=week,
            dated=dated,
            ago=ago,
            hits=hits,
            named=named,
            bytes=size_words,
        )
        self._templates.globals.update(
            demonstration=demonstration,
            max_dnr=MAX_DNR,
            shown=shown,
            title_of=title_of,
            told_of=told_of,
            next_of=next_of,
            help_in=chapter_of,
            help_with=lambda kind: chapter_of(KINDS[kind].flow),
        )

    def page(self, template: str, *, lang: str, **facts: Any) -> str:
        """A page as text."""
        choose(lang)
        return self._templates.get_template(template).render(lang=lang, **facts)


def upright(value: Any) -> Any:
    """What a template is about to show, with a sign in the place of marks that turn the direction of writing.

    Documents may not hold them; what else people write is shown too, and none of it may read other than it is.
    """
    return _TURNING.sub("\ufffd", value) if type(value) is str else value


def when(instant: str | None) -> str:
    """An instant of the API as a person reads it: ``måndag 23 nov 2026 kl. 09.13``, shorter when it is near."""
    moment = _moment(instant)
    if moment is None:
        return ""
    return f"{_DAYS[chosen()][moment.weekday()]} {_date(moment)} {_AT[chosen()].format(moment)}"


def hour(instant: str | None) -> str:
    """The hour that begins then, of which no more is known: ``måndag 23 nov 2026 kl. 09–10``."""
    moment = _moment(instant)
    if moment is None:
        return ""
    within = _WITHIN[chosen()].format(moment, moment + timedelta(hours=1))
    return f"{_DAYS[chosen()][moment.weekday()]} {_date(moment)} {within}"


def day(instant: str | None) -> str:
    """The day of an instant, with its week: ``23 nov 2026 (v. 48)``."""
    moment = _moment(instant)
    return "" if moment is None else f"{_date(moment)} ({week(instant)})"


def dated(text: str | None) -> str:
    """A day of the API, ``YYYY-MM-DD``, as a person reads it: ``23 nov 2026``."""
    try:
        return _date(date.fromisoformat(text or ""))
    except ValueError:
        return text or ""


def named(codes: str | Iterable[str], codelist: str) -> Any:
    """What one code, or each of several, is called."""
    if isinstance(codes, str):
        return translate(_LISTS[codelist].label(codes))
    return [translate(_LISTS[codelist].label(code)) for code in codes]


def week(instant: str | None) -> str:
    """The week of an instant: ``v. 48``."""
    moment = _moment(instant)
    return "" if moment is None else f"{_WEEK[chosen()]} {moment.isocalendar().week}"


def ago(instant: str | None, now: str) -> str:
    """How far an instant is from now: ``för 2 timmar sedan``; from a day on in days of the calendar, ``om 3 dagar``.

    A time limit of two working days is two days away a minute after it began, and not one.
    """
    moment, here = _moment(instant), _moment(now)
    if moment is None or here is None:
        return ""
    apart = moment - here
    ahead, behind, now_word = _AGO[chosen()]
    days = abs((moment.date() - here.date()).days)
    words = _span(timedelta(days=days) if abs(apart) >= timedelta(days=1) else abs(apart))
    if not words:
        return now_word
    return (ahead if apart > timedelta(0) else behind).format(words)


def hits(excerpt: str) -> Iterator[tuple[str, bool]]:
    """An excerpt of a search in pieces, and whether each of them is a hit."""
    for number, piece in enumerate(excerpt.replace(END, BEGIN).split(BEGIN)):
        if piece:
            yield piece, number % 2 == 1


def _span(apart: timedelta) -> str:
    minutes = int(apart.total_seconds() // 60)
    for size, one, many in _SPANS[chosen()]:
        if minutes >= size:
            return f"{minutes // size} {one if minutes < 2 * size else many}"
    return ""


def _date(moment: date) -> str:
    return f"{moment.day} {_MONTHS[chosen()][moment.month - 1]} {moment.year}"


def _moment(instant: str | None) -> datetime | None:
    try:
        return local_time(datetime.fromisoformat(instant or ""))
    except ValueError:
        return None


def title_of(kind: str) -> str:
    """What a kind is called."""
    return KINDS[kind].title_sv if kind in KINDS else kind


def told_of(code: str) -> str:
    """The sentence of a code."""
    return explain(code, chosen()).sentence


def next_of(code: str) -> str:
    """What to do about a code."""
    return explain(code, chosen()).next_step


def shown(kind: str, header: Mapping[str, Any], content: Mapping[str, Any]) -> list[tuple[str, list[Shown]]]:
    """A document in words: sections of (label, text, nested blocks), in the order of its form."""
    if kind not in KINDS:
        return []
    person = header.get("subject_person")
    about = [info for info in header_fields(find_kind(kind)) if info.name == "subject_person"]
    rest = [info for info in header_fields(find_kind(kind)) if info.name != "subject_person"]
    sections = [
        (marked("Person"), list(_lines(about[0].children, person)) if about and isinstance(person, dict) else []),
        (marked("Innehåll"), list(_lines(describe(kind), content))),
        (marked("Ärende och sekretess"), list(_lines(rest, header))),
    ]
    return [(name, lines) for name, lines in sections if lines]


def worded(fields: Iterable[FieldInfo], form: Mapping[str, Any]) -> list[Shown]:
    """A form in words: label, text, nested blocks."""
    return list(_lines(fields, form))


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
        return translate("Ja") if value else translate("Nej")
    if info.spec.holds is FieldType.DT:
        return when(str(value))
    if info.spec.holds is FieldType.KOMMUN:
        return f"{place_name(str(value))} ({value})"
    if info.spec.holds is FieldType.DATE:
        return dated(str(value))
    return translate(dict(info.choices)[value]) if value in dict(info.choices) else str(value)


def size_words(size: int) -> str:
    """A number of bytes in three digits or so: ``3.4 MB``."""
    value, units = float(size), iter(("B", "kB", "MB"))
    for unit in units:
        if value < 1000:
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
