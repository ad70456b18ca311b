"""Words and tables that the chapters of the guide share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from client.casework.deadlines import Span, SpanUnit
from client.casework.flows import Side

SIDES: Final = {
    Side.ASKER: "den som öppnade tråden",
    Side.ANSWERER: "mottagaren",
    Side.AUTO: "programmet",
    Side.EITHER: "båda",
}
_UNITS: Final = {
    "sv": {
        SpanUnit.HOURS: ("timme", "timmar"),
        SpanUnit.OFFICE_HOURS: ("timme i kontorstid", "timmar i kontorstid"),
        SpanUnit.DAYS: ("dag", "dagar"),
        SpanUnit.WORKING_DAYS: ("arbetsdag", "arbetsdagar"),
        SpanUnit.MONTHS: ("månad", "månader"),
        SpanUnit.ARCHIVE_YEARS: ("kalenderår", "kalenderår"),
    },
    "en": {
        SpanUnit.HOURS: ("hour", "hours"),
        SpanUnit.OFFICE_HOURS: ("office hour", "office hours"),
        SpanUnit.DAYS: ("day", "days"),
        SpanUnit.WORKING_DAYS: ("working day", "working days"),
        SpanUnit.MONTHS: ("month", "months"),
        SpanUnit.ARCHIVE_YEARS: ("calendar year", "calendar years"),
    },
}
#: Same day; until a day; at most; from a day.
_SAID: Final = {
    "sv": ("samma dag", "till dagen i `{}`", "högst {} (`{}`)", "{} från dagen i `{}`"),
    "en": ("the same day", "until the day in `{}`", "at most {} (`{}`)", "{} from the day in `{}`"),
}


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a table."""
    yield ""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
    yield ""


def span_words(span: Span, lang: str = "sv") -> str:
    """A length as a person reads it."""
    same_day, until, at_most, since = _SAID[lang]
    if span.unit is SpanUnit.SAME_DAY:
        return same_day
    if span.anchor and not span.amount:
        return until.format(span.anchor)
    words = f"{span.amount} {_UNITS[lang][span.unit][span.amount != 1]}"
    if span.counted_by:
        words = at_most.format(words, span.counted_by)
    return since.format(words, span.anchor) if span.anchor else words


def spans_words(spans: Mapping[str, Span], lang: str = "sv") -> str:
    """All lengths of a state, each after what it hangs on."""
    said = ((variant, span_words(span, lang)) for variant, span in spans.items())
    return "; ".join(f"{variant}: {words}" if variant else words for variant, words in said)
