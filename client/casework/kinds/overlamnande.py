"""F4 handover of responsibility between units.

Responsibility moves when the first meeting has taken place, not when the request is accepted.
Until then the unit named in ``interim_responsible`` has it, by default the sender, so that nobody
falls between two chairs. Source: domain.md 2.4.

The consent that must cover the recipient stands in the header (``consent_ref``); without consent
only a written decision on disclosure opens the way. To take a request back asks no consent: when it
has run out the recipient cannot answer either, and the thread would have no end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from client.casework.codelists import NEEDS, PROTECTED_BLOCKS_ROUTING
from client.casework.fields import UNIT, Form, When, date, document_of, flag, ident, long, many, one, rows, text
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import Gate, Kind, Need, always, by_field
from client.casework.kinds.overlamnande_words import (
    ANSWER,
    COST,
    KIND_OF_HANDOVER,
    REASON,
    REJECT_REASON,
    RESIDENCE_CHECK,
)
from client.casework.problems import Problem, problem
from client.casework.windows import COMING, HAPPENED, LASTING, OWN_UNIT, STARTING

_ACCEPTED = ("accepterat", "accepterat_med_villkor")


class OngoingMeasure(Form, frozen=True, kw_only=True):
    """A measure that is under way."""

    insats: Annotated[str, text(200, "Insats")]
    utforare: Annotated[str | None, text(120, "Utförare")] = None
    till_och_med: Annotated[str | None, date("Till och med", window=LASTING)] = None


class Request(Form, frozen=True, kw_only=True):
    """``overlamnande.forfragan``: may you take over?"""

    kind: Annotated[str, one(KIND_OF_HANDOVER, "Slag", help="Formell överflyttning ska besvaras inom en månad.")]
    reason: Annotated[
        tuple[str, ...],
        many(REASON, "Varför denna kommun", help="Anknytning, önskemål och varaktighet vägs vid en överflyttning."),
    ]
    residence_check: Annotated[
        str,
        one(
            RESIDENCE_CHECK,
            "Hur folkbokföring kontrollerats",
            help="En uppgift som inte är kontrollerad kan leda ärendet fel.",
        ),
    ]
    protected_handled: Annotated[
        bool,
        flag(
            "Skyddad folkbokföring beaktad",
            help="Vid skyddad folkbokföring väljer du mottagare för hand, och två skriver under.",
        ),
    ]
    summary: Annotated[
        str,
        long(
            6000,
            "Sammanfattning",
            help="Det som mottagaren behöver för att ta ställning. Resten följer efter ett ja.",
            category="social_situation",
        ),
    ]
    target_decision: Annotated[
        str | None,
        ident(
            "Målgruppsbeslut",
            names=document_of("malgrupp.beslut"),
            help="Det beslut om målgrupp som ligger till grund.",
        ),
    ] = None
    threat_result: Annotated[
        str | None,
        ident(
            "Hotbildsresultat",
            names=document_of("hotbild.resultat"),
            help="Polisen måste tillåta att uppgifterna lämnas vidare.",
            category="hotbild",
        ),
    ] = None
    ongoing: Annotated[
        tuple[OngoingMeasure, ...],
        rows(
            OngoingMeasure,
            20,
            "Pågående insatser",
            help="Det som pågår och måste fortsätta hos mottagaren.",
            category="social_situation",
        ),
    ] = ()
    urgent_needs: Annotated[
        tuple[str, ...],
        many(NEEDS, "Akuta behov", help="Det som inte kan vänta på övertagandet.", category="social_situation"),
    ] = ()
    wanted_date: Annotated[
        str,
        date(
            "Önskat övertagandedatum",
            help="Ansvaret flyttas först vid det första mötet, inte den här dagen.",
            window=STARTING,
        ),
    ]
    interim_responsible: Annotated[
        str, ident("Vem ansvarar tills dess", names=UNIT, help="Vanligen den egna enheten.", default=OWN_UNIT)
    ]
    cost: Annotated[str | None, one(COST, "Kostnadsansvar", help="Vem som betalar medan överlämnandet pågår.")] = None
    named_contact: Annotated[str, text(120, "Kontaktperson", help="För den mottagande enhetens handläggare.")]


class Answer(Form, frozen=True, kw_only=True):
    """``overlamnande.svar``: what the receiving unit decided."""

    answer: Annotated[str, one(ANSWER, "Svar", help="Ett ja flyttar inte ansvaret. Det gör det första mötet.")]
    reject_reason: Annotated[
        str | None,
        one(
            REJECT_REASON,
            "Skäl",
            help="Avsändaren avgör hur det går vidare.",
            need=When("answer", ("avbojt",)),
            never=When("answer", ("avbojt",), negate=True),
        ),
    ] = None
    conditions: Annotated[
        str | None,
        long(
            2000,
            "Villkor eller vad som behöver kompletteras",
            help="Avsändaren svarar ja eller nej på villkoren.",
            need=When("answer", ("accepterat_med_villkor", "komplettering_behovs")),
            category="social_situation",
        ),
    ] = None
    takeover_date: Annotated[
        str | None,
        date(
            "Övertagandedatum",
            help="Det första mötet hålls senast 14 dagar efter den dagen.",
            window=STARTING,
            need=When("answer", _ACCEPTED),
            never=When("answer", _ACCEPTED, negate=True),
        ),
    ] = None
    our_case: Annotated[str | None, text(40, "Vårt ärende", help="Ert eget nummer. Inget personnummer.")] = None
    proposes: Annotated[
        str | None,
        ident("Föreslår annan enhet", names=UNIT, help="Avsändaren skickar en ny förfrågan dit om hon vill."),
    ] = None


class Completed(Form, frozen=True, kw_only=True):
    """``overlamnande.genomfort``: the first meeting, after which responsibility has moved."""

    first_meeting: Annotated[
        str, date("Första mötet", help="Från den dagen har ni ansvaret, om personen kom.", window=HAPPENED)
    ]
    person_attended: Annotated[
        bool, flag("Personen kom", help="Kom personen inte ligger ansvaret kvar hos den som lämnade över.")
    ]


class NoShow(Form, frozen=True, kw_only=True):
    """``overlamnande.uteblev``: the person did not come."""

    planned_meeting: Annotated[str, date("Planerat möte", window=HAPPENED)]
    new_meeting: Annotated[
        str | None,
        date("Nytt möte", help="Lämna tomt om inget är bestämt. Ansvaret ligger kvar hos avsändaren.", window=COMING),
    ] = None


class Recalled(Form, frozen=True, kw_only=True):
    """``overlamnande.aterkallat``: the sender takes the request back, before it was accepted."""

    recalled_on: Annotated[str, date("Återkallat den", help="Går bara innan mottagaren har sagt ja.", window=HAPPENED)]


def _check_request(header: Header, content: Form) -> Iterable[Problem]:
    """With protected registration the municipality of record may be wrong on purpose, and the author has seen to it."""
    person = header.subject_person
    protected = person is not None and person.protected in PROTECTED_BLOCKS_ROUTING
    if isinstance(content, Request) and protected and not content.protected_handled:
        yield problem("content.protected_handled", "protected_handled", "Skyddad folkbokföring beaktad")


_ROLES = frozenset({"handlaggare", "beslutsfattare"})


def _kind(name: str, title: str, content: type[Form], *, subject: str, side: Side, event: str = "") -> Kind:
    """A later document of this flow; ``svar`` and ``genomfort`` choose their event by a field."""
    chosen = {
        "svar": by_field(
            "answer",
            {
                "accepterat": "accept",
                "accepterat_med_villkor": "accept_with_conditions",
                "komplettering_behovs": "ask",
                "avbojt": "decline",
            },
        ),
        "genomfort": by_field("person_attended", {True: "first_meeting", False: "no_show"}),
    }
    return Kind(
        name=f"overlamnande.{name}",
        title_sv=title,
        subject=subject,
        content=content,
        flow="overlamnande",
        event=chosen.get(name, always(event)),
        side=side,
        roles=_ROLES,
        purpose="overlamnande",
        case_type="overlamnande",
    )


KINDS = (
    Kind(
        name="overlamnande.forfragan",
        title_sv="Överlämnande – förfrågan",
        subject="overlamnande",
        content=Request,
        flow="overlamnande",
        event=always("send"),
        side=Side.ASKER,
        roles=_ROLES,
        opens_thread=True,
        subject_person=Need.REQUIRED,
        purpose="overlamnande",
        case_type="overlamnande",
        check=_check_request,
        reply_clock="overlamnande.svar",
    ),
    _kind("svar", "Överlämnande – svar", Answer, subject="overlamnande_svar", side=Side.ANSWERER),
    _kind("genomfort", "Överlämnande – genomfört", Completed, subject="overlamnande_genomfort", side=Side.ANSWERER),
    _kind(
        "uteblev", "Överlämnande – uteblev", NoShow, subject="overlamnande_svar", side=Side.ANSWERER, event="no_show"
    ),
    replace(
        _kind(
            "aterkallat", "Överlämnande – återkallat", Recalled, subject="overlamnande", side=Side.ASKER, event="recall"
        ),
        about_person=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        guarded=True,
        gate=Gate.NONE,
        purpose="",
        case_type="",
    ),
)
