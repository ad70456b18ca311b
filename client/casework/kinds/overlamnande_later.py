"""F4, what follows the answer to a request: more facts, the word on conditions, another day, and how it ends otherwise.

Rules:
1. What goes on with the handover asks the consent as the request did. What ends it, or says no, holds codes and days
   only and asks none: nobody is kept in a handover because a consent has run out.
2. The responsibility stays with whoever has it until the first meeting, so whoever gives up moves nothing.
3. Another recipient is asked in another thread. It is open to the sender once this one has ended (TWICE).

Source: domain.md 2.4, which names the steps and no documents for them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from client.casework.codelists import codelist
from client.casework.fields import Form, When, date, long, one, yn
from client.casework.flows import Side
from client.casework.kinds.kind import Causes, Gate, Kind, Need, always, by_field
from client.casework.windows import COMING, HAPPENED

WORD = codelist("handover_conditions", {"godtas": "Villkoren godtas", "godtas_inte": "Villkoren godtas inte"})
WHY_NOT = codelist(
    "handover_conditions_refused",
    {"kostnad": "Kostnaden", "datum": "Datumet", "omfattning": "Stödets omfattning", "annat": "Annat"},
)
RETURNED = codelist(
    "handover_returned",
    {
        "motet_blev_inte_av": "Mötet blev inte av",
        "mottagaren_avbojde": "Mottagaren avböjde",
        "avsandaren_behaller": "Avsändaren behåller ärendet",
        "annat": "Annat",
    },
)
NEXT = codelist(
    "handover_next",
    {"annan_mottagare": "En annan mottagare tillfrågas", "ansokan_ivo": "Ansökan till IVO, utanför tjänsten"},
)


class Supplied(Form, frozen=True, kw_only=True):
    """``overlamnande.komplettering``: what the receiving unit asked for before it decides."""

    answers: Annotated[
        str,
        long(
            6000, "Det som efterfrågades", help="Svara på det som mottagaren frågade om.", category="social_situation"
        ),
    ]


class Word(Form, frozen=True, kw_only=True):
    """``overlamnande.villkorssvar``: whether the sender agrees to the conditions."""

    answer: Annotated[
        str,
        one(WORD, "Svar på villkoren", help="Godtas de gäller mottagarens övertagandedatum. Annars är det avböjt."),
    ]
    why: Annotated[
        str | None,
        one(
            WHY_NOT,
            "Vad som inte godtas",
            need=When("answer", ("godtas_inte",)),
            never=When("answer", ("godtas_inte",), negate=True),
        ),
    ] = None


class NewTime(Form, frozen=True, kw_only=True):
    """``overlamnande.ny_tid``: another day for the first meeting. Its field is the one from which the time counts."""

    takeover_date: Annotated[
        str,
        date(
            "Ny dag för första mötet",
            window=COMING,
            help="Tiden till första mötet räknas från den. Skriv inte var ni möts.",
        ),
    ]
    person_told: Annotated[
        str,
        yn(
            "Personen har fått den nya tiden",
            help="Berätta på ett säkert sätt. Skriv inte här hur.",
            category="kontakt",
        ),
    ]


class Returned(Form, frozen=True, kw_only=True):
    """``overlamnande.ater``: no more is tried, and the person stays with the sender."""

    reason: Annotated[str, one(RETURNED, "Skäl", help="Personen är kvar hos avsändaren, som kan fråga en annan.")]
    returned_on: Annotated[str, date("Åter hos avsändaren den", window=HAPPENED)]


class Onward(Form, frozen=True, kw_only=True):
    """``overlamnande.vidare``: what the sender does after a refusal. Nothing is sent to IVO from here."""

    next_step: Annotated[
        str,
        one(
            NEXT,
            "Hur det går vidare",
            help="En ny förfrågan får egen tråd. Ansökan till IVO görs utanför Sluss; en beslutsfattare noterar den.",
        ),
    ]
    decided_on: Annotated[str, date("Beslutat den", window=HAPPENED)]


def _goes_on(name: str, title: str, content: type[Form], event: Causes, *, side: Side) -> Kind:
    """A document with which the handover goes on."""
    return Kind(
        name=f"overlamnande.{name}",
        title_sv=title,
        subject="overlamnande_vidare",
        content=content,
        flow="overlamnande",
        event=event,
        side=side,
        roles=frozenset({"handlaggare", "beslutsfattare"}),
        purpose="overlamnande",
        case_type="overlamnande",
    )


def _codes_only(name: str, title: str, content: type[Form], event: Causes, *, side: Side) -> Kind:
    """Rule 1: a document that tells nothing of the person."""
    return replace(
        _goes_on(name, title, content, event, side=side),
        about_person=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        guarded=True,
        gate=Gate.NONE,
        purpose="",
        case_type="",
    )


_SAID = by_field("answer", {"godtas": "agree", "godtas_inte": "disagree"})
_CHOSEN = by_field("next_step", {"annan_mottagare": "new_recipient", "ansokan_ivo": "formal"})

KINDS = (
    _goes_on("komplettering", "Överlämnande – komplettering", Supplied, always("supply"), side=Side.ASKER),
    _codes_only("villkorssvar", "Överlämnande – svar på villkor", Word, _SAID, side=Side.ASKER),
    _goes_on("ny_tid", "Överlämnande – ny tid", NewTime, always("new_time"), side=Side.EITHER),
    _codes_only("ater", "Överlämnande – åter hos avsändaren", Returned, always("give_up"), side=Side.EITHER),
    _codes_only("vidare", "Överlämnande – vidare efter avböjt", Onward, _CHOSEN, side=Side.ASKER),
)
