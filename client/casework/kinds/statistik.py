"""F11 statistics: what is counted stays in the unit, what leaves is masked.

1. ``statistik.sammanstallning`` holds the counts as they are. It is local, and read by few.
2. ``statistik.granskning`` says that somebody who counts has looked, and that a decision-maker approves.
3. ``statistik.rapport`` holds every cell, each a number or masked. Both ends refuse one that shows too little masked.

Here the recipient sees each unit's masked cells. Shares that only add up over three units or more come later.
Source: domain.md 2.11.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from client.casework.codelists import SOCIAL_TYPES, codelist
from client.casework.fields import Form, When, date, flag, integer, one, rows, text
from client.casework.figures.cells import CELLS
from client.casework.figures.counting import HALF
from client.casework.figures.suppression import is_masked_enough
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import Causes, Gate, Kind, Need, always, by_field
from client.casework.problems import Problem, problem
from client.casework.windows import HAPPENED

#: Who counts (domain.md 2.0.5), and who answers for it.
READERS = frozenset({"statistiker", "beslutsfattare"})
RECEIVES = frozenset({"statistikmottagare"})
SENDS = SOCIAL_TYPES

STEP = codelist(
    "statistics_step",
    {"granskad": "Granskad", "godkand": "Godkänd", "skickad": "Skickad", "slopad": "Slopad"},
)
WHY_BACK = codelist(
    "statistics_taken_back", {"fel_i_underlaget": "Fel i underlaget", "fel_period": "Fel period", "annat": "Annat"}
)
_YEARS = (2000, 2199)


class Counted(Form, frozen=True, kw_only=True):
    """One cell as it was counted."""

    cell: Annotated[str, one(CELLS, "Uppgift")]
    count: Annotated[int, integer(0, 10_000_000, "Antal")]


class Collection(Form, frozen=True, kw_only=True):
    """``statistik.sammanstallning``: what the documents of the unit say."""

    year: Annotated[int, integer(*_YEARS, "År")]
    half: Annotated[str, one(HALF, "Period")]
    definition_version: Annotated[str, text(20, "Definitionens version", help="Fylls i av programmet.")]
    cells: Annotated[
        tuple[Counted, ...],
        rows(Counted, len(CELLS.items), "Uppgifter", help="Räknas av programmet ur enhetens egna handlingar."),
    ]


class Review(Form, frozen=True, kw_only=True):
    """``statistik.granskning``: a step of the collection."""

    step: Annotated[str, one(STEP, "Steg", help="Granskad av den som räknar, godkänd av en beslutsfattare.")]


class Cell(Form, frozen=True, kw_only=True):
    """One cell as it may leave."""

    cell: Annotated[str, one(CELLS, "Uppgift")]
    suppressed: Annotated[bool, flag("Maskerad", help="Färre än fem, eller kan räknas ut ur de andra.")]
    count: Annotated[
        int | None,
        integer(0, 10_000_000, "Antal", need=When("suppressed", (False,)), never=When("suppressed", (True,))),
    ] = None


class Report(Form, frozen=True, kw_only=True):
    """``statistik.rapport``: the cells of one unit and one period."""

    year: Annotated[int, integer(*_YEARS, "År")]
    half: Annotated[str, one(HALF, "Period")]
    definition_version: Annotated[str, text(20, "Definitionens version", help="Fylls i av programmet.")]
    cells: Annotated[
        tuple[Cell, ...],
        rows(
            Cell,
            len(CELLS.items),
            "Uppgifter",
            help="Fasta uppgifter. Ingen ålder, inget kön, inget område och ingen grupp.",
        ),
    ]


class TakenBack(Form, frozen=True, kw_only=True):
    """``statistik.atertagen``: the report does not count."""

    taken_back_on: Annotated[str, date("Återtagen den", window=HAPPENED)]
    reason: Annotated[str, one(WHY_BACK, "Skäl", help="Rapporten räknas inte längre. Skicka en ny om det behövs.")]


class AddedUp(Form, frozen=True, kw_only=True):
    """``statistik.summerad``: the report is part of a sum."""

    added_up_on: Annotated[str, date("Summerad den", window=HAPPENED)]


def _check_all_there(_header: Header, content: Form) -> Iterable[Problem]:
    """Every cell stands there once."""
    cells = content.cells if isinstance(content, Collection | Report) else ()
    if sorted(one.cell for one in cells) != sorted(CELLS.codes):
        yield problem("content.cells", "cells", "Uppgifter")


def _check_masked(header: Header, content: Form) -> Iterable[Problem]:
    """And nothing is shown that must be masked."""
    wrong = list(_check_all_there(header, content))
    yield from wrong
    if wrong or not isinstance(content, Report):
        return
    if not is_masked_enough({one.cell: one.count for one in content.cells}):
        yield problem("content.cells", "unmasked", "Uppgifter")


def _kind(name: str, title: str, content: type[Form], event: Causes) -> Kind:
    """A document between the unit and the recipient of statistics."""
    return Kind(
        name=f"statistik.{name}",
        title_sv=title,
        subject="statistik",
        content=content,
        flow="statistik",
        event=event,
        side=Side.ASKER,
        roles=READERS,
        sender_types=SENDS,
        recipient_types=RECEIVES,
        about_person=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        guarded=True,
        gate=Gate.NONE,
    )


def _local(kind: Kind) -> Kind:
    """The same, kept in the unit and read by few."""
    return replace(kind, local=True, recipient_types=frozenset(), readers=READERS)


_STEPS: dict[object, str] = {"granskad": "review", "godkand": "approve", "skickad": "sent", "slopad": "drop"}

KINDS = (
    replace(
        _local(_kind("sammanstallning", "Statistik – sammanställning", Collection, always("collect"))),
        opens_thread=True,
        check=_check_all_there,
    ),
    _local(_kind("granskning", "Statistik – granskning", Review, by_field("step", _STEPS))),
    replace(
        _kind("rapport", "Statistik – rapport", Report, always("send")),
        opens_thread=True,
        roles=frozenset({"beslutsfattare"}),
        check=_check_masked,
        reply_clock="statistik.summering",
    ),
    replace(
        _kind("atertagen", "Statistik – återtagen", TakenBack, always("take_back")),
        roles=frozenset({"beslutsfattare"}),
    ),
    replace(
        _kind("summerad", "Statistik – summerad", AddedUp, always("add_up")),
        side=Side.ANSWERER,
        sender_types=RECEIVES,
        recipient_types=SENDS,
    ),
)
