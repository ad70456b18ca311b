"""The fields of F5 placement. Which document goes where is said in `placering`. Source: domain.md 2.5."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from client.casework.fields import (
    Form,
    When,
    date,
    flag,
    group,
    instant,
    integer,
    kommun,
    long,
    many,
    one,
    rows,
    text,
    yn,
)
from client.casework.header import Header, Staff
from client.casework.kinds.kind import DECISION_UNIT
from client.casework.kinds.placering_words import (
    ACTION,
    ASSESSMENT,
    DURATION,
    END_REASON,
    INCIDENT,
    PLACE_ANSWER,
    REASON,
    RECIPIENT_ANSWER,
    RECIPIENT_NEEDS,
    RECIPIENT_REASON,
    RECIPIENT_TOLD,
    RISK_CLASS,
    SELF_RELIANCE,
    SOCIAL_MEDIA_PLAN,
    TREATMENT,
    WORK_STUDY,
)
from client.casework.problems import Problem, problem
from client.casework.windows import AROUND, COMING, HAPPENED, STARTING

_PLACE = "Röjer var personen finns eller ska bo. Skriv det bara här, aldrig i ett annat ärende."


class Household(Form, frozen=True, kw_only=True):
    """Who moves."""

    adults: Annotated[int, integer(0, 20, "Vuxna")]
    children: Annotated[int, integer(0, 20, "Barn")]
    pets: Annotated[bool, flag("Husdjur")]


class NotNear(Form, frozen=True, kw_only=True):
    """A place that will not do."""

    kommun: Annotated[str | None, kommun("Kommun")] = None
    place: Annotated[str | None, text(80, "Ort")] = None
    why: Annotated[str, text(300, "Varför", third_party=True)]


class Tie(Form, frozen=True, kw_only=True):
    """A tie that the person, or those whom the person flees, have elsewhere."""

    place: Annotated[str, text(80, "Ort")]
    what: Annotated[
        str, text(300, "Vad för koppling", help="Släkt, vänner, grupp eller annat. Inga namn.", third_party=True)
    ]


class RepeatDecision(Form, frozen=True, kw_only=True):
    """Somebody has decided that it may be asked although it looks like a search for somebody."""

    decided_by: Annotated[Staff, group(Staff, "Beslutsfattare", help="Någon annan än du.")]
    reason: Annotated[str, long(600, "Motivering", help="Varför det frågas om igen. Inga namn.")]


#: The field of whatever is counted (`repetition`).
REPEATED = group(RepeatDecision, "Beslut om upprepad fråga", help="Behövs när programmet varnar.")


def check_repeated(header: Header, decision: RepeatDecision | None, roles: frozenset[str]) -> Iterable[Problem]:
    """Another person than the author has decided, and one who may."""
    if decision is not None and decision.decided_by.role not in roles:
        yield problem("content.repeat_decision.decided_by.role", "choice", "Roll")
    if decision is not None and decision.decided_by.name == header.sender_staff.name:
        yield problem("content.repeat_decision.decided_by", "same_staff", "Beslutsfattare")


class Need(Form, frozen=True, kw_only=True):
    """``placering.behov``: the police are asked where the person can live."""

    reason: Annotated[str, one(REASON, "Skäl", help="Hotet avgör hur brådskande det är, och vem som måste samråda.")]
    move_by: Annotated[str, date("Flytt senast", help="Vid akut flytt: ring polisen också.", window=COMING)]
    duration_expected: Annotated[
        str, one(DURATION, "Väntad längd", help="”Akut” ger polisen tid till samma dags slut.")
    ]
    household: Annotated[
        Household,
        group(Household, "Hushåll", help="Alla som flyttar, inte bara den som hotas.", category="familj_anhoriga"),
    ]
    no_place_excluded: Annotated[
        bool, flag("Ingen plats är känd som olämplig", help="Fråga personen. Markera bara om ni har frågat.")
    ]
    cannot_be_near: Annotated[
        tuple[NotNear, ...],
        rows(
            NotNear,
            20,
            "Kan inte bo nära",
            help="Orter där någon känner igen personen eller där hotet finns.",
            need=When("no_place_excluded", (False,)),
            never=When("no_place_excluded", (True,)),
            category="hotbild",
            third_party=True,
        ),
    ] = ()
    no_ties_known: Annotated[
        bool, flag("Inga kopplingar är kända", help="Fråga också om släkt, tidigare vänner och sociala medier.")
    ]
    ties_elsewhere: Annotated[
        tuple[Tie, ...],
        rows(
            Tie,
            20,
            "Kopplingar till andra orter",
            help="Band mellan städer kan röja var personen finns.",
            need=When("no_ties_known", (False,)),
            never=When("no_ties_known", (True,)),
            category="gruppering",
            third_party=True,
        ),
    ] = ()
    treatment_needed: Annotated[
        tuple[str, ...],
        many(TREATMENT, "Behandling som behövs", help="Så att orten har det som behövs.", category="halsa"),
    ] = ()
    work_study: Annotated[tuple[str, ...], many(WORK_STUDY, "Arbete och studier", category="sysselsattning")] = ()
    self_reliance: Annotated[
        str,
        one(
            SELF_RELIANCE,
            "Klarar personen sig på en ny ort",
            help="Det bedömer socialtjänsten.",
            category="social_situation",
        ),
    ]
    hvb_possible: Annotated[
        str | None, yn("HVB är möjligt", help="Ofta inte, av säkerhetsskäl.", category="social_situation")
    ] = None
    social_media_plan: Annotated[
        str, one(SOCIAL_MEDIA_PLAN, "Plan för sociala medier", help="Sociala medier röjer ofta var någon är.")
    ]
    repeat_decision: Annotated[RepeatDecision | None, REPEATED] = None


class Begun(Form, frozen=True, kw_only=True):
    """``placering.paborjad``: the police look for a place, and say until when."""

    expected_date: Annotated[
        str, date("Väntat besked om orten", help="Enheten ser datumet och planerar efter det.", window=COMING)
    ]


class PlaceAnswer(Form, frozen=True, kw_only=True):
    """``placering.ortsbesked``: what the unit says to the place that the police have checked."""

    answer: Annotated[
        str,
        one(
            PLACE_ANSWER,
            "Besked",
            help="När allt är klart kontrollerar polisen orten en gång till, högst 24 timmar före flytten.",
        ),
    ]


class RecipientRequest(Form, frozen=True, kw_only=True):
    """``placering.mottagarforfragan``: can you take somebody in? It says nothing of who."""

    needs: Annotated[
        tuple[str, ...],
        many(RECIPIENT_NEEDS, "Vad som behövs", help="Vem det gäller får kommunen veta först när allt är klart."),
    ]
    from_date: Annotated[str, date("Från och med", help="Ungefärlig dag räcker.", window=STARTING)]
    risk_class: Annotated[str, one(RISK_CLASS, "Riskklass", help="Hur stor vaksamhet mottagaren behöver. Inga skäl.")]


class RecipientAnswer(Form, frozen=True, kw_only=True):
    """``placering.mottagarsvar``: the receiving municipality's answer."""

    answer: Annotated[str, one(RECIPIENT_ANSWER, "Svar", help="Ett ja binder er inte förrän ni vet vem det gäller.")]
    reason: Annotated[
        str | None,
        one(
            RECIPIENT_REASON,
            "Skäl",
            help="Skälet går till den enhet som frågade.",
            need=When("answer", ("kan_inte",)),
            never=When("answer", ("kan_inte", "kan_med_villkor"), negate=True),
        ),
    ] = None
    conditions: Annotated[
        str | None,
        long(
            1000,
            "Villkor",
            help="Vad som måste vara på plats. Inget om personen.",
            need=When("answer", ("kan_med_villkor",)),
            never=When("answer", ("kan_med_villkor",), negate=True),
        ),
    ] = None


class RecipientTold(Form, frozen=True, kw_only=True):
    """``placering.mottagarbesked``: whether somebody comes at all. It says nothing of who."""

    answer: Annotated[
        str,
        one(
            RECIPIENT_TOLD,
            "Besked",
            help="Vem det gäller står i bekräftelsen, när ett undertecknat tillägg nämner kommunen.",
        ),
    ]


class Confirmation(Form, frozen=True, kw_only=True):
    """``placering.bekraftelse``: who comes, where the person will live, and when."""

    place: Annotated[str, kommun("Kommun", help=_PLACE, category="boende_plats")]
    address: Annotated[str, text(200, "Adress", help=_PLACE, category="boende_plats")]
    moves_at: Annotated[
        str,
        instant(
            "Flytten sker",
            window=AROUND,
            help="Polisen ska ha kontrollerat orten högst 24 timmar före.",
            category="boende_plats",
        ),
    ]
    contacts: Annotated[str, long(600, "Kontakter", help="Vem når personen, och hur.", category="kontakt")]
    decision_unit: Annotated[str | None, DECISION_UNIT] = None


class Report(Form, frozen=True, kw_only=True):
    """``placering.lagesrapport``: how it goes."""

    home_visit: Annotated[
        str,
        date(
            "Hembesök", help="Det senaste besöket. Det första görs inom 14 dagar, sedan varje månad.", window=HAPPENED
        ),
    ]
    with_police: Annotated[bool, flag("Tillsammans med polisen")]
    assessment: Annotated[
        str,
        one(
            ASSESSMENT,
            "Bedömning",
            help="”Akut”: skicka också en händelse, så att polisen och enheten ser det.",
            category="social_situation",
        ),
    ]


class Incident(Form, frozen=True, kw_only=True):
    """``placering.handelse``: something happened that may make the place unsafe."""

    kind: Annotated[str, one(INCIDENT, "Vad har hänt", help="Ring 112 vid omedelbar fara.", category="hotbild")]
    when: Annotated[str, instant("När", help="När det hände, så nära du vet.", window=HAPPENED)]
    action: Annotated[str, one(ACTION, "Åtgärd", help="Det som ni redan gör. Flytta nu: ring polisen också.")]


class Ended(Form, frozen=True, kw_only=True):
    """``placering.upphor``: the placement is over, or comes to nothing."""

    date: Annotated[str, date("Datum", window=AROUND)]
    reason: Annotated[str, one(END_REASON, "Skäl", help="Polisen tar då bort uppgifterna ur kontrollen av orter.")]
