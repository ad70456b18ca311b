"""F3 threat assessment: a social unit asks, the police answer.

"Cannot confirm" is never the same as "no threat". The result has no field for other protected
persons near a place (only that the place is unsuitable), and none for intelligence.
Source: domain.md 2.3, rule U1 in 2.0.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from client.casework.codelists import POLICE_TYPES, SOCIAL_TYPES, THREAT_READERS
from client.casework.fields import Form, When, date, flag, kommun, long, many, one, rows, text
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.hotbild_words import (
    DEFINITION,
    KNOWN,
    MAY_SHOW,
    OUTCOME,
    PURPOSE_OF_REQUEST,
    REASSESS_IF,
    RECOMMENDED,
    RISK_LEVEL,
    SECTION,
    SELF_REPORTED,
    THREAT_NEW_PLACE,
    URGENCY,
)
from client.casework.kinds.kind import Kind, Need, always
from client.casework.person_rules import is_minor
from client.casework.problems import Problem, problem
from client.casework.windows import COMING, Ahead

#: From this day the police assess persons under 18 (domain.md 2.13).
MINORS_FROM = "2023-04-01"


_THIRD_PARTY = "Gäller andra än personen. Personens samtycke häver inte deras sekretess. Skriv bara det som behövs."


class AllegedActor(Form, frozen=True, kw_only=True):
    """Somebody whom the person says is a threat."""

    name: Annotated[
        str,
        text(120, "Namn eller benämning", help="Det som personen säger. Det är inte kontrollerat.", third_party=True),
    ]
    relation: Annotated[str | None, text(120, "Relation till personen", third_party=True)] = None
    why: Annotated[str | None, text(300, "Varför", third_party=True)] = None


class CheckableEvent(Form, frozen=True, kw_only=True):
    """Something that happened and that police records can confirm."""

    date_approx: Annotated[str, text(40, "Ungefärligt datum")]
    place: Annotated[str | None, text(120, "Plats")] = None
    what: Annotated[str, text(300, "Vad hände")]


class Request(Form, frozen=True, kw_only=True):
    """``hotbild.begaran``: what the police need to know to begin."""

    purpose: Annotated[str, one(PURPOSE_OF_REQUEST, "Syfte", help="Vad bedömningen ska användas till.")]
    urgency: Annotated[str, one(URGENCY, "Brådska", help="Ring 112 vid omedelbar fara.")]
    own_account: Annotated[
        str,
        long(
            6000,
            "Personens egen bild",
            help="Med personens ord: vad har hänt, vem är hotet, vad är personen rädd för.",
            category="hotbild",
        ),
    ]
    self_reported_threat: Annotated[
        str,
        one(
            SELF_REPORTED,
            "Självupplevd hotbild",
            help="”Omedveten” när ni ser ett hot som personen inte själv ser.",
            category="hotbild",
        ),
    ]
    group: Annotated[
        str | None,
        text(120, "Uppgiven gruppering", help=_THIRD_PARTY, category="gruppering", third_party=True),
    ] = None
    role: Annotated[str | None, text(120, "Uppgiven roll", category="gruppering")] = None
    alleged_actors: Annotated[
        tuple[AllegedActor, ...],
        rows(AllegedActor, 20, "Uppgivna hotaktörer", help=_THIRD_PARTY, category="hotbild", third_party=True),
    ] = ()
    checkable_events: Annotated[
        tuple[CheckableEvent, ...],
        rows(
            CheckableEvent,
            20,
            "Uppgivna händelser som polisen kan kontrollera",
            help="Till exempel ett tillfälle då polisen stoppade eller grep personen.",
            category="brott_och_domar",
        ),
    ] = ()
    social_view: Annotated[
        str | None,
        long(
            4000,
            "Socialtjänstens kompletterande bild",
            help="Det som ni själva har sett, skilt från personens egen berättelse.",
            category="social_situation",
        ),
    ] = None
    proposed_place: Annotated[
        str | None,
        kommun(
            "Tänkt ny ort", help="Kräver två underskrifter.", need=When("purpose", ("ny_ort",)), category="boende_plats"
        ),
    ] = None
    minor: Annotated[
        bool, flag("Personen är under 18 år", help="Under 18 år gäller andra regler för vem som tar emot.")
    ]


class Result(Form, frozen=True, kw_only=True):
    """``hotbild.resultat``: what the police found."""

    outcome: Annotated[
        str,
        one(OUTCOME, "Utfall", help="”Kan inte bedömas” är inte samma sak som ”ingen hotbild”.", category="hotbild"),
    ]
    assessor_section: Annotated[
        str, one(SECTION, "Bedömande avdelning", help="Utfallet kan bero på vilken avdelning som bedömer.")
    ]
    definition_used: Annotated[
        str, one(DEFINITION, "Definition som använts", help="Den lokala definitionen kan vara snävare än Noas.")
    ]
    definition_version: Annotated[str, text(40, "Definitionens version eller datum")]
    known_to_police: Annotated[
        str,
        one(
            KNOWN,
            "Känd hos polisen",
            help="Okänd för polisen är inte detsamma som ofarlig eller trygg.",
            category="misstankar",
        ),
    ]
    risk_level: Annotated[str | None, one(RISK_LEVEL, "Risknivå", category="hotbild")] = None
    actors_identified: Annotated[bool, flag("Hotaktörer finns identifierade", help="Namn bara om det behövs.")]
    threat_new_place: Annotated[
        str | None,
        one(
            THREAT_NEW_PLACE,
            "Hot på ny ort",
            help="Skriv aldrig varför en ort är olämplig.",
            need=When("@opening.purpose", ("ny_ort",)),
            category="hotbild",
        ),
    ] = None
    recommended: Annotated[
        tuple[str, ...],
        many(
            RECOMMENDED,
            "Rekommenderade åtgärder",
            help="Socialtjänsten avgör vilka insatser det blir.",
            category="hotbild",
        ),
    ] = ()
    valid_until: Annotated[
        str,
        date(
            "Giltig till",
            window=COMING,
            default=Ahead(months=6),
            help="Vanligen sex månader. Därefter behövs en ny bedömning.",
        ),
    ]
    reassess_if: Annotated[
        tuple[str, ...],
        many(REASSESS_IF, "Omprövas om", help="Då behövs en ny bedömning, även om den här inte har gått ut."),
    ] = ()
    advice_person: Annotated[
        str | None,
        long(
            2000, "Säkerhetsråd till personen", help="Får läsas upp för personen. Inget om andra.", category="hotbild"
        ),
    ] = None
    may_show_person: Annotated[
        str, one(MAY_SHOW, "Får visas för personen", help="Polisens sekretess kan inte hävas av personen.")
    ]
    may_pass_on: Annotated[
        bool,
        flag(
            "Får lämnas vidare vid överlämnande", help="Utan ja får enheten inte nämna resultatet för en annan enhet."
        ),
    ] = False
    intel_included: Annotated[
        bool,
        flag("Underrättelseuppgifter medskickas", help="Underrättelseuppgifter skickas aldrig här.", must_be=False),
    ]


class Interim(Form, frozen=True, kw_only=True):
    """``hotbild.delbesked``: where the assessment stands."""

    so_far: Annotated[str, long(2000, "Hittills", category="hotbild")]
    expected_date: Annotated[str, date("Väntat datum för resultat", window=COMING)]


class Questions(Form, frozen=True, kw_only=True):
    """``hotbild.komplettering_begard``: what the police want to know more about."""

    questions: Annotated[str, long(2000, "Frågor", category="hotbild")]


class MoreFacts(Form, frozen=True, kw_only=True):
    """``hotbild.komplettering``: the answers."""

    answers: Annotated[str, long(6000, "Svar", category="hotbild")]


def _check_age(header: Header, content: Form) -> Iterable[Problem]:
    """The statement on age must agree with the person block and with the day it became lawful."""
    if not isinstance(content, Request):
        return
    if content.minor and header.created_at[:10] < MINORS_FROM:
        yield problem("content.minor", "minor_date", "Personen är under 18 år")
    minor = is_minor(header)
    if minor is not None and minor is not content.minor:
        yield problem("content.minor", "minor", "Personen är under 18 år")


def _names_new_place(_header: Header, content: Form) -> bool:
    return isinstance(content, Request) and content.proposed_place is not None


_SOCIAL_ROLES = frozenset({"handlaggare", "beslutsfattare"})
_POLICE_ROLES = frozenset({"polis_bedomare"})


def _answer(name: str, title: str, content: type[Form], event: str, *, version: str = "1.0") -> Kind:
    """A document from the police to the asking unit."""
    return Kind(
        name=name,
        title_sv=title,
        subject="hotbild_svar",
        content=content,
        flow="hotbild",
        event=always(event),
        side=Side.ANSWERER,
        roles=_POLICE_ROLES,
        sender_types=POLICE_TYPES,
        purpose="hotbildsbedomning",
        readers=THREAT_READERS,
        case_type="hotbild",
        schema_version=version,
    )


KINDS = (
    Kind(
        name="hotbild.begaran",
        title_sv="Hotbildsbedömning – begäran",
        subject="hotbild_begaran",
        content=Request,
        flow="hotbild",
        event=always("send"),
        side=Side.ASKER,
        roles=_SOCIAL_ROLES,
        opens_thread=True,
        sender_types=SOCIAL_TYPES,
        recipient_types=POLICE_TYPES,
        subject_person=Need.REQUIRED,
        purpose="hotbildsbedomning",
        readers=THREAT_READERS,
        case_type="hotbild",
        two_signatures=_names_new_place,
        reply_clock="hotbild.resultat",
        check=_check_age,
    ),
    _answer("hotbild.delbesked", "Hotbildsbedömning – delbesked", Interim, "interim"),
    replace(
        _answer("hotbild.komplettering_begard", "Hotbildsbedömning – frågor", Questions, "ask"),
        reply_clock="hotbild.komplettering",
    ),
    _answer("hotbild.resultat", "Hotbildsbedömning – resultat", Result, "result", version="1.1"),
    Kind(
        name="hotbild.komplettering",
        title_sv="Hotbildsbedömning – komplettering",
        subject="hotbild_begaran",
        content=MoreFacts,
        flow="hotbild",
        event=always("supply"),
        side=Side.ASKER,
        roles=_SOCIAL_ROLES,
        purpose="hotbildsbedomning",
        readers=THREAT_READERS,
        case_type="hotbild",
    ),
)
