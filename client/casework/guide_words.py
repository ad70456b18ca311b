"""Words and tables that the chapters of the guide share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    SpanUnit.HOURS: ("timme", "timmar"),
    SpanUnit.OFFICE_HOURS: ("timme i kontorstid", "timmar i kontorstid"),
    SpanUnit.DAYS: ("dag", "dagar"),
    SpanUnit.WORKING_DAYS: ("arbetsdag", "arbetsdagar"),
    SpanUnit.MONTHS: ("månad", "månader"),
    SpanUnit.ARCHIVE_YEARS: ("kalenderår", "kalenderår"),
}


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a table."""
    yield ""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
    yield ""


def span_words(span: Span) -> str:
    """A length as a person reads it."""
    if span.unit is SpanUnit.SAME_DAY:
        return "samma dag"
    if span.anchor and not span.amount:
        return f"till dagen i `{span.anchor}`"
    words = f"{span.amount} {_UNITS[span.unit][span.amount != 1]}"
    if span.counted_by:
        words = f"högst {words} (`{span.counted_by}`)"
    return f"{words} från dagen i `{span.anchor}`" if span.anchor else words
