"""Counts the cells from the documents of one unit: a pure function of what it wrote and what it got.

A case is counted once however many documents tell of it: by the person's key in the case, or by the thread where there
is no person. What a document says of somebody does not matter beyond the codes read here.

Public signatures:
    Told(kind, sent, thread, person, content, on)
    Period(first, last);  period_of(year, half) -> Period
    count(documents, period) -> dict[str, int]           every cell of `cells.CELLS`

Source: domain.md 1.4, 2.11; the definitions behind a cell stand beside its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from client.casework.closing_reasons import CLOSING_REASON
from client.casework.codelists import codelist
from client.casework.figures.cells import CELLS

HALF = codelist("statistics_half", {"hela": "Hela året", "forsta": "Första halvåret", "andra": "Andra halvåret"})
_BOUNDS: Final = {"hela": ((1, 1), (12, 31)), "forsta": ((1, 1), (6, 30)), "andra": ((7, 1), (12, 31))}


@dataclass(frozen=True, slots=True)
class Period:
    """From day to day, both counted."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


def period_of(year: int, half: str) -> Period:
    """A year or one of its halves."""
    (first_month, first_day), (last_month, last_day) = _BOUNDS[half]
    return Period(date(year, first_month, first_day), date(year, last_month, last_day))


@dataclass(frozen=True, slots=True)
class Told:
    """One document.

    Args:
        kind: e.g. ``intag.svar``.
        sent: the unit wrote it, for others or for itself; else it came in.
        thread: id of its thread.
        person: key of the person in the case; the thread where the document is about nobody.
        content: its content.
        on: the day it was written or came.
    """

    kind: str
    sent: bool
    thread: str
    person: str
    content: Mapping[str, object]
    on: date


_Test = Callable[[Told], bool]


class _Pile:
    """The documents, oldest first."""

    def __init__(self, documents: Iterable[Told]) -> None:
        self._all = sorted(documents, key=lambda one: (one.on, one.kind, one.thread))

    def of(self, kind: str, *, sent: bool | None = None, **said: object) -> list[Told]:
        """Documents of a kind whose content says this."""
        return [
            one
            for one in self._all
            if one.kind == kind
            and sent in {None, one.sent}
            and all(one.content.get(name) == value for name, value in said.items())
        ]


def count(documents: Iterable[Told], period: Period) -> dict[str, int]:
    """Every cell, in the order of the list."""
    pile = _Pile(documents)
    counted = {
        **_consultations(pile, period),
        **_intake_cohort(pile, period),
        **_closing_cohort(pile, period),
        **_follow_up(pile, period),
        **_threats(pile, period),
        **_placements(pile, period),
    }
    return {name: counted[name] for name, _ in CELLS.items}


def _consultations(pile: _Pile, period: Period) -> dict[str, int]:
    """Questions that came in during the period, whenever they were answered; contacts that were taken in it."""
    asked = _threads(one for one in pile.of("konsultation.fraga", sent=False) if one.on in period)
    answers = [one for one in pile.of("konsultation.svar", sent=True) if one.thread in asked]
    minutes = [one.content.get("minutes_spent") for one in answers]
    contacts = [one for one in pile.of("intag.kontakt", sent=True) if one.on in period]
    return {
        "konsultationer_in": len(asked),
        "konsultationer_besvarade": len(_threads(answers)),
        "konsultationer_minutes": sum(spent for spent in minutes if isinstance(spent, int)),
        "kontakter": len(_threads(contacts)),
        "kontakter_anhoriga": len(_threads(one for one in contacts if one.content.get("caller_kind") == "anhorig")),
    }


def _entries(pile: _Pile) -> dict[str, date]:
    """Person -> the day her newest case came in: forwarded here, consent signed here, or come back."""
    came = [
        *pile.of("intag.formedling", sent=False),
        *pile.of("intag.handelse", sent=True, step="samtycke_undertecknat"),
        *pile.of("aterkomst.notis", sent=True),
    ]
    return {one.person: one.on for one in sorted(came, key=lambda one: one.on)}


def _outcomes(pile: _Pile) -> dict[str, tuple[str, date]]:
    """Person -> outcome of her intake and its day; the last one counts."""
    told = [
        *pile.of("intag.svar", sent=True),
        *pile.of("intag.beslut", sent=True),
        *pile.of("aterkomst.beslut", sent=True),
    ]
    return {one.person: (str(one.content.get("outcome")), one.on) for one in sorted(told, key=lambda one: one.on)}


def _intake_cohort(pile: _Pile, period: Period) -> dict[str, int]:
    """Cases that came in during the period, whenever they were decided."""
    cohort = {person: on for person, on in _entries(pile).items() if on in period}
    outcomes = {
        person: told for person, told in _outcomes(pile).items() if person in cohort and told[1] >= cohort[person]
    }
    granted = {person for person, (outcome, _) in outcomes.items() if outcome == "oppnat"}
    special = _persons(pile.of("malgrupp.beslut", sent=True, result="sarskild_avhoppare"))
    refused = [outcome for outcome, _ in outcomes.values()]
    return {
        "arenden_in": len(cohort),
        "beviljade": len(granted),
        **{f"avslag_{why}": refused.count(f"avslag_{why}") for why in ("ej_malgrupp", "motivation", "samtycke")},
        "sarskilda": len(granted & special),
        "aterkommande": len(cohort.keys() & _persons(one for one in pile.of("aterkomst.notis") if one.on in period)),
        "median_days_intake": _median([(outcomes[person][1] - cohort[person]).days for person in granted]),
    }


def _closings(pile: _Pile) -> dict[str, Told]:
    """Person -> her last closing; one is told to several parties."""
    return {one.person: one for one in pile.of("avslut.notis", sent=True)}


def _closing_cohort(pile: _Pile, period: Period) -> dict[str, int]:
    """Cases closed in the period, whenever they came in; only those that are to be counted."""
    closings = _closings(pile)
    closed = [one for one in closings.values() if one.on in period and one.content.get("count_in_stats") is True]
    running = {
        person for person, (outcome, on) in _outcomes(pile).items()
        if outcome == "oppnat" and on <= period.last
        and not (person in closings and on <= closings[person].on <= period.last)
    }  # fmt: skip
    return {
        "pagaende_vid_arets_slut": len(running),
        **{f"avslutade_{why}": _saying(closed, reason=why) for why in CLOSING_REASON.codes},
        "avslutade_av_personen_sjalv": _saying(closed, ended_by_person=True),
        "samtycke_vagrat": len(
            _persons(
                one
                for one in (*pile.of("samtycke.vagrat"), *pile.of("intag.handelse", step="samtycke_vagrat"))
                if one.on in period
            )
        ),
        "aterkallat": len(_persons(one for one in pile.of("samtycke.aterkallat", sent=True) if one.on in period)),
    }


def _follow_up(pile: _Pile, period: Period) -> dict[str, int]:
    """Persons judged in the period, each by her last judgement in it."""
    last = {one.person: one for one in pile.of("uppfoljning.samlad_bedomning", sent=True) if one.on in period}
    return {
        "uppfoljda": len(last),
        **{name: _saying(last.values(), result=name) for name in ("lyckat", "inte_lyckat", "kan_inte_bedomas")},
    }


def _threats(pile: _Pile, period: Period) -> dict[str, int]:
    """Assessments asked for, or asked of the unit, in the period; each by its last result, whenever it came."""
    asked = _threads(one for one in pile.of("hotbild.begaran") if one.on in period)
    last = {one.thread: one for one in pile.of("hotbild.resultat") if one.thread in asked}
    told = [str(one.content.get("outcome")) for one in last.values()]
    return {
        "hotbild_begarda": len(asked),
        "hotbild_bekraftade": told.count("bekraftad") + told.count("bekraftad_hog"),
        "hotbild_ej": told.count("ej_bekraftad"),
        "hotbild_ingen": told.count("ingen_hotbild"),
        "hotbild_okand": told.count("kan_inte_bedomas_okand_for_polisen"),
    }


def _placements(pile: _Pile, period: Period) -> dict[str, int]:
    """Persons whom the unit placed in the period, and places that the police found unsuitable in it."""
    placed = _persons(one for one in pile.of("placering.bekraftelse", sent=True) if one.on in period)
    unsuitable = [one for one in pile.of("kollision.svar", verdict="ort_olamplig") if one.on in period]
    return {"placeringar": len(placed), "kollision_olamplig": len(unsuitable)}


def _threads(documents: Iterable[Told]) -> set[str]:
    return {one.thread for one in documents}


def _persons(documents: Iterable[Told]) -> set[str]:
    return {one.person for one in documents}


def _saying(documents: Iterable[Told], **said: object) -> int:
    return sum(all(one.content.get(name) == value for name, value in said.items()) for one in documents)


def _median(numbers: list[int]) -> int:
    """The lower middle one; nought for none."""
    return sorted(numbers)[(len(numbers) - 1) // 2] if numbers else 0
