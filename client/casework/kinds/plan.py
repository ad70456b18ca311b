"""F6 plan and progress: what person and authorities have agreed on, how it goes, and where it does not.

The plan is sent to each party in a thread of its own. Beside the source, there are ``plan.svar`` (the party agrees, or
wants a change), ``plan.omprovning`` (a deviation is looked into) and ``plan.beslut`` (a decision-maker goes on, breaks
off or ends): without them a party would not hear of it. Source: domain.md 2.6.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from client.casework.codelists import SOCIAL_TYPES, codelist
from client.casework.fields import UNIT, Form, When, date, flag, group, ident, integer, long, many, one, rows, text, yn
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import Causes, Kind, Need, always, by_field
from client.casework.problems import Problem, problem
from client.casework.windows import AROUND, COMING, HAPPENED, LASTING, LONG_AGO, Ahead

MAX_ACTIONS = 30

GOALS = codelist(
    "plan_goals",
    {
        "boende": "Boende",
        "forsorjning": "Försörjning",
        "missbruk": "Missbruk",
        "psykisk_halsa": "Psykisk hälsa",
        "trauma": "Trauma",
        "natverk_familj": "Nätverk och familj",
        "fysisk_halsa": "Fysisk hälsa",
        "skulder": "Skulder",
        "studier_arbete": "Studier och arbete",
        "korkort": "Körkort",
        "tatuering_borttagning": "Borttagning av tatuering",
        "fritid": "Fritid",
    },
)
TERM = codelist("plan_term", {"kort": "Kortsiktig", "lang": "Långsiktig"})
CONDITIONS = codelist(
    "plan_conditions",
    {"drogfri": "Drogfri", "inga_nya_brott": "Inga nya brott", "folja_plan": "Följa planen"},
)
PARTY_ANSWER = codelist("plan_answer", {"godtas": "Planen godtas", "andras": "Planen behöver ändras"})
ACTION_STATUS = codelist(
    "action_status",
    {"ej_paborjad": "Inte påbörjad", "pagar": "Pågår", "klar": "Klar", "avbruten": "Avbruten"},
)
DEVIATION = codelist(
    "plan_deviation",
    {
        "avvikit_fran_behandling": "Har avvikit från behandling",
        "missbruk_ej_hanterat": "Missbruket är inte hanterat",
        "nytt_brott": "Nytt brott",
        "uteblivit": "Har uteblivit",
        "rojt_plats": "Har röjt platsen",
    },
)
PROPOSAL = codelist("plan_proposal", {"samtal": "Samtal", "ny_plan": "Ny plan", "avbryt": "Avbryt"})
DECISION = codelist(
    "plan_decision", {"fortsatter": "Planen fortsätter", "avbryts": "Planen avbryts", "avslutas": "Planen avslutas"}
)


class Action(Form, frozen=True, kw_only=True):
    """One thing to be done."""

    what: Annotated[str, text(200, "Åtgärd")]
    responsible: Annotated[str, ident("Ansvarig enhet", names=UNIT)]
    external_provider: Annotated[
        str | None,
        text(120, "Extern utförare", help="Namnet. Uppdraget skickas för sig, och kräver en egen underskrift."),
    ] = None
    start: Annotated[str, date("Från", window=LASTING)]
    end: Annotated[str | None, date("Till", window=LASTING)] = None
    short_or_long: Annotated[str, one(TERM, "Kort eller lång sikt", help="Kort sikt: det som börjar nu.")]


class PlanParty(Form, frozen=True, kw_only=True):
    """A unit that takes part."""

    unit: Annotated[str, ident("Enhet", names=UNIT)]


class Plan(Form, frozen=True, kw_only=True):
    """``plan.upprattad``: the plan, whole each time."""

    goals: Annotated[
        tuple[str, ...],
        many(GOALS, "Mål", help="Det som personen själv vill nå, kort och lång sikt.", category="social_situation"),
    ]
    actions: Annotated[tuple[Action, ...], rows(Action, MAX_ACTIONS, "Åtgärder", category="social_situation")]
    conditions: Annotated[
        tuple[str, ...],
        many(
            CONDITIONS,
            "Villkor",
            help="Vanligen alla tre.",
            default=tuple(code for code, _ in CONDITIONS.items),
            category="social_situation",
        ),
    ]
    parties: Annotated[tuple[PlanParty, ...], rows(PlanParty, 20, "Parter", help="Enheter som ska godta planen.")]
    signed_by_person: Annotated[
        bool, flag("Personen har undertecknat", help="Först en undertecknad plan kan godtas av parterna.")
    ]
    review_date: Annotated[
        str, date("Omprövas senast", window=COMING, default=Ahead(days=90), help="Vanligen efter 90 dagar.")
    ]


class PartyAnswer(Form, frozen=True, kw_only=True):
    """``plan.svar``: the party agrees, or says what must change."""

    answer: Annotated[str, one(PARTY_ANSWER, "Svar", help="Alla parter måste godta planen innan den gäller.")]
    what: Annotated[
        str | None,
        long(
            1000,
            "Vad behöver ändras",
            help="Enheten som leder planen skickar en ny.",
            need=When("answer", ("andras",)),
            never=When("answer", ("godtas",)),
            category="social_situation",
        ),
    ] = None


class Period(Form, frozen=True, kw_only=True):
    """From day to day."""

    start: Annotated[str, date("Från och med", window=LONG_AGO)]
    end: Annotated[str, date("Till och med", window=AROUND)]


class ActionStatus(Form, frozen=True, kw_only=True):
    """How far one action is."""

    action: Annotated[
        int, integer(1, MAX_ACTIONS, "Åtgärdens nummer i planen", help="Åtgärderna räknas uppifrån, den första är 1.")
    ]
    status: Annotated[str, one(ACTION_STATUS, "Läge")]
    note: Annotated[str | None, long(500, "Anteckning")] = None


class ConditionMet(Form, frozen=True, kw_only=True):
    """Whether one condition holds."""

    condition: Annotated[str, one(CONDITIONS, "Villkor")]
    met: Annotated[str, yn("Uppfyllt")]


class Report(Form, frozen=True, kw_only=True):
    """``plan.lagesrapport``: how it goes, every thirty days."""

    period: Annotated[Period, group(Period, "Period")]
    per_action: Annotated[
        tuple[ActionStatus, ...],
        rows(
            ActionStatus, MAX_ACTIONS, "Åtgärder", help="En rad för varje åtgärd i planen.", category="social_situation"
        ),
    ]
    conditions_met: Annotated[
        tuple[ConditionMet, ...],
        rows(
            ConditionMet,
            len(CONDITIONS.items),
            "Villkor",
            help="Villkoren i planen. Okänt är ett svar.",
            category="social_situation",
        ),
    ]
    next: Annotated[
        str,
        long(
            1000,
            "Nästa steg",
            help="Vad som görs till nästa rapport, och vem som gör det.",
            category="social_situation",
        ),
    ]


class Deviation(Form, frozen=True, kw_only=True):
    """``plan.avvikelse``: the plan is not followed."""

    kind: Annotated[
        str,
        one(
            DEVIATION,
            "Vad har hänt",
            help="Ett återfall stänger inte ärendet av sig självt.",
            category="social_situation",
        ),
    ]
    proposal: Annotated[str, one(PROPOSAL, "Förslag", help="En beslutsfattare avgör.")]


class Review(Form, frozen=True, kw_only=True):
    """``plan.omprovning``: the unit looks into a deviation; a decision or a new plan follows."""

    begun_on: Annotated[str, date("Omprövningen börjar", window=AROUND)]
    meeting_on: Annotated[str | None, date("Möte med personen", help="Skriv inte var ni möts.", window=AROUND)] = None
    plan_made_anew: Annotated[
        bool, flag("Planen skrivs om", help="Skicka då en ny plan. Annars avgör en beslutsfattare med ett beslut.")
    ]
    note: Annotated[
        str | None, long(1000, "Vad som omprövas", help="Kort. Beslutet skrivs för sig.", category="social_situation")
    ] = None


class Decision(Form, frozen=True, kw_only=True):
    """``plan.beslut``: what the decision-maker decided."""

    decision: Annotated[str, one(DECISION, "Beslut", help="Alla parter får veta det.")]
    decided_on: Annotated[str, date("Beslutat den", window=HAPPENED)]


def _check_plan(_header: Header, content: Form) -> Iterable[Problem]:
    """What ends does so after it began; nobody is party twice."""
    if not isinstance(content, Plan):
        return
    if any(action.end is not None and action.end < action.start for action in content.actions):
        yield problem("content.actions.end", "before", "Till")
    if len({party.unit for party in content.parties}) < len(content.parties):
        yield problem("content.parties", "duplicate", "Parter")


def _check_report(_header: Header, content: Form) -> Iterable[Problem]:
    """A period ends after it began; each action and each condition stands there once."""
    if not isinstance(content, Report):
        return
    if content.period.end < content.period.start:
        yield problem("content.period.end", "before", "Till och med")
    if len({row.action for row in content.per_action}) < len(content.per_action):
        yield problem("content.per_action", "duplicate", "Åtgärder")
    if len({row.condition for row in content.conditions_met}) < len(content.conditions_met):
        yield problem("content.conditions_met", "duplicate", "Villkor")


def _check_review(_header: Header, content: Form) -> Iterable[Problem]:
    """Nobody meets before it has begun."""
    if isinstance(content, Review) and content.meeting_on is not None and content.meeting_on < content.begun_on:
        yield problem("content.meeting_on", "before", "Möte med personen")


_UNIT = frozenset({"handlaggare", "beslutsfattare"})
_PARTY = _UNIT | {"polis_bedomare"}


def _kind(name: str, title: str, content: type[Form], event: Causes) -> Kind:
    """A document of the unit that leads the plan."""
    return Kind(
        name=f"plan.{name}",
        title_sv=title,
        subject="plan",
        content=content,
        flow="plan",
        event=event,
        side=Side.ASKER,
        roles=_UNIT,
        purpose="informationsutbyte",
        case_type="plan",
    )


_DECIDED: dict[object, str] = {"fortsatter": "go_on", "avbryts": "break_off", "avslutas": "finish"}

KINDS = (
    replace(
        _kind("upprattad", "Plan – upprättad", Plan, by_field("signed_by_person", {True: "send", False: "propose"})),
        opens_thread=True,
        sender_types=SOCIAL_TYPES,
        subject_person=Need.REQUIRED,
        reply_clock="plan.svar",
        check=_check_plan,
    ),
    replace(
        _kind("svar", "Plan – svar", PartyAnswer, by_field("answer", {"godtas": "accept", "andras": "change"})),
        side=Side.ANSWERER,
        roles=_PARTY,
    ),
    replace(
        _kind("lagesrapport", "Plan – lägesrapport", Report, always("report")),
        side=Side.EITHER,
        roles=_PARTY,
        check=_check_report,
    ),
    replace(_kind("avvikelse", "Plan – avvikelse", Deviation, always("deviate")), side=Side.EITHER, roles=_PARTY),
    replace(
        _kind("omprovning", "Plan – omprövning efter avvikelse", Review, always("review")),
        check=_check_review,
    ),
    replace(
        _kind("beslut", "Plan – beslut", Decision, by_field("decision", _DECIDED)), roles=frozenset({"beslutsfattare"})
    ),
)
