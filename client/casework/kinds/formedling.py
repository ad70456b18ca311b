"""F2 intake, what leaves the unit: a contact is forwarded, the police choose a door, the recipient decides.

The decision has two kinds with one form: an answer to the unit that forwarded, or a record in a unit that took the
contact itself. Source: domain.md 2.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from client.casework.codelists import NEEDS, PERCEIVED_THREAT, POLICE_TYPES, SOCIAL_TYPES, THREAT_READERS, codelist
from client.casework.fields import UNIT, Form, When, ident, long, many, one, text
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.hotbild_words import OUTCOME
from client.casework.kinds.intag import TAKERS
from client.casework.kinds.intag_words import CUSTODY, POLICE_COORDINATION
from client.casework.kinds.kind import DECISION_UNIT, SECOND_ROLES, Gate, Kind, Need, always, by_field
from client.casework.problems import Problem, problem
from client.casework.swedish_time import local_date
from keys.places import STOCKHOLM_DISTRICTS, stockholm_districts

DOOR = codelist("door", {"EFH": "Enheten för hemlösa (EFH)", "stadsdel": "Stadsdelen"})
#: All that there ever were: an older document names one that is no more, a new one may not (`_check_door`).
DISTRICT = codelist("district", {one.name: one.name for one in STOCKHOLM_DISTRICTS})
DECISION = codelist(
    "intag_outcome",
    {
        "oppnat": "Öppnat",
        "hanvisad": "Hänvisad",
        "avslag_ej_malgrupp": "Avslag: inte målgruppen",
        "avslag_motivation": "Avslag: motivation saknas",
        "avslag_samtycke": "Avslag: samtycke saknas",
    },
)
#: Unit types that choose a door (domain.md 2.2).
DOORKEEPERS = frozenset({"polis_bops", "polis_avhopparsamordnare"})


class Forwarding(Form, frozen=True, kw_only=True):
    """``intag.formedling``: to the unit where the contact belongs."""

    summary: Annotated[
        str, long(6000, "Sammanfattning", help="Bara det som mottagaren behöver.", category="social_situation")
    ]
    perceived_threat: Annotated[
        str, one(PERCEIVED_THREAT, "Upplevd hotbild", help="Ring 112 vid omedelbar fara.", category="hotbild")
    ]
    needs_now: Annotated[
        tuple[str, ...],
        many(NEEDS, "Behov just nu", help="Vid omedelbar fara: 112 först, sedan det här.", category="social_situation"),
    ]
    custody: Annotated[
        str,
        one(
            CUSTODY,
            "Pågående insatser eller frihetsberövad",
            help="Alla enheter tar inte emot ärenden enligt LVM och LVU.",
            category="brott_och_domar",
        ),
    ]
    police_coordination: Annotated[
        str,
        one(
            POLICE_COORDINATION,
            "Risk att undanhålla brott – polis samrådd",
            help="Samråd med polisen så att stödet inte döljer någon i en utredning.",
            category="misstankar",
        ),
    ]
    named_contact: Annotated[str, text(120, "Kontaktperson", help="För den mottagande enhetens handläggare.")]


class Door(Form, frozen=True, kw_only=True):
    """``intag.dorrval``: which door in Stockholm; only the police choose."""

    door: Annotated[str, one(DOOR, "Dörr", help="Bekräftad hög hotbild och akut behov: EFH. Annars stadsdelen.")]
    district: Annotated[
        str | None,
        one(
            DISTRICT,
            "Stadsdel",
            help="Den stadsdelsförvaltning som ansvarar för personen i dag.",
            need=When("door", ("stadsdel",)),
            never=When("door", ("EFH",)),
            category="kontakt",
        ),
    ] = None
    threat_confirmed: Annotated[
        str,
        one(OUTCOME, "Hotbilden", help="”Kan inte bedömas” är inte samma sak som ”ingen hotbild”.", category="hotbild"),
    ]
    motiv: Annotated[str | None, long(1000, "Motivering", category="hotbild")] = None


class Decision(Form, frozen=True, kw_only=True):
    """``intag.svar`` and ``intag.beslut``: what was decided."""

    outcome: Annotated[
        str, one(DECISION, "Utfall", help="Ett avslag stänger ärendet här. Personen kan komma tillbaka.")
    ]
    referred_to: Annotated[
        str | None,
        ident(
            "Hänvisad till enhet",
            names=UNIT,
            help="Överlämnandet görs i en egen tråd.",
            need=When("outcome", ("hanvisad",)),
            never=When("outcome", ("hanvisad",), negate=True),
        ),
    ] = None
    decision_unit: Annotated[str | None, DECISION_UNIT] = None


def _check_door(header: Header, content: Form) -> Iterable[Problem]:
    """Nobody is sent to a district that is no more, or is not yet."""
    if isinstance(content, Door) and content.district is not None:
        day = local_date(datetime.fromisoformat(header.created_at))
        if content.district not in stockholm_districts(day):
            yield problem("content.district", "district_gone", "Stadsdel")


def _events(suffix: str) -> dict[object, str]:
    declined: dict[object, str] = dict.fromkeys(
        ("avslag_ej_malgrupp", "avslag_motivation", "avslag_samtycke"), f"decline{suffix}"
    )
    return {"oppnat": f"open{suffix}", "hanvisad": f"refer{suffix}", **declined}


KINDS = (
    Kind(
        name="intag.formedling",
        title_sv="Intag – förmedling",
        subject="intag_formedling",
        content=Forwarding,
        flow="intag",
        event=always("forward"),
        side=Side.ASKER,
        reply_clock="intag.handlaggning_dar",
        roles=TAKERS,
        opens_thread=True,
        recipient_types=SOCIAL_TYPES | POLICE_TYPES,
        subject_person=Need.REQUIRED,
        purpose="informationsutbyte",
        case_type="intag",
        second_roles=SECOND_ROLES | TAKERS,  # nobody at the telephone decides, and a false "no" must not be the way
    ),
    Kind(
        name="intag.dorrval",
        title_sv="Intag – dörrval",
        subject="intag_formedling",
        content=Door,
        flow="intag",
        event=always("forward"),
        side=Side.ASKER,
        roles=frozenset({"handlaggare", "beslutsfattare", "polis_bedomare"}),
        opens_thread=True,
        second_roles=SECOND_ROLES | {"polis_bedomare"},
        sender_types=DOORKEEPERS,
        check=_check_door,
        reply_clock="intag.handlaggning_dar",
        recipient_types=frozenset({"avhopparenhet", "stadsdel_socialtjanst"}),
        subject_person=Need.REQUIRED,
        readers=THREAT_READERS,
        purpose="informationsutbyte",
        case_type="intag",
    ),
    Kind(
        name="intag.svar",
        title_sv="Intag – svar",
        subject="intag_svar",
        content=Decision,
        flow="intag",
        event=by_field("outcome", _events("")),
        side=Side.ANSWERER,
        roles=frozenset({"handlaggare", "beslutsfattare"}),
        decides="bistand",
        purpose="informationsutbyte",
        case_type="intag",
    ),
    Kind(
        name="intag.beslut",
        title_sv="Intag – beslut i den egna enheten",
        subject="intag_svar",
        content=Decision,
        flow="intag",
        event=by_field("outcome", _events("_here")),
        side=Side.ASKER,
        roles=frozenset({"beslutsfattare"}),
        decides="bistand",
        local=True,
        gate=Gate.NONE,
    ),
)
