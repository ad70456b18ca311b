"""F2 intake: a contact, what comes of it in the unit, and where it goes.

A contact is local: it stays in the unit that took it until it is forwarded. A return code is shown to the caller once;
what stands here is a value from which it cannot be found. Source: domain.md 2.2.
"""

from __future__ import annotations

from typing import Annotated

from client.casework.codelists import NEEDS, PERCEIVED_THREAT
from client.casework.fields import Form, When, flag, integer, long, many, one, text, yn
from client.casework.flows import Side
from client.casework.kinds.intag_words import (
    CALLER,
    CATEGORY,
    CHANNEL,
    CONSENT_STATUS,
    CUSTODY,
    GROUP_TYPE,
    MILIEU,
    NEXT_FOR_RELATIVE,
    POLICE_COORDINATION,
    RELATION,
    STEP,
    WANTS,
)
from client.casework.kinds.kind import Causes, Gate, Kind, Need, always, by_field

#: What a step does to the intake.
STEP_EVENTS: dict[object, str] = {
    "bedomning": "assess",
    "samtycke_efterfragat": "ask_consent",
    "samtycke_undertecknat": "signed",
    "samtycke_vagrat": "refused",
    "endast_rad": "advice_only",
    "akut_skydd": "acute",
    "tillfallig_placering": "placed",
}


class Contact(Form, frozen=True, kw_only=True):
    """``intag.kontakt``: somebody got in touch."""

    channel: Annotated[str, one(CHANNEL, "Kanal", help="Hur kontakten kom till er.")]
    caller_kind: Annotated[
        str, one(CALLER, "Vem hör av sig", help="Den som ringer eller kommer, inte alltid den som vill lämna.")
    ]
    safe_callback: Annotated[
        bool, flag("Kan vi ringa tillbaka säkert", help="Nej om någon annan kan svara, höra eller se samtalet.")
    ]
    safe_contact: Annotated[
        str | None,
        long(
            300,
            "Säkert kontaktsätt",
            help="Hur och när är det säkert att höra av sig?",
            need=When("safe_callback", (True,)),
            never=When("safe_callback", (False,)),
            category="kontakt",
        ),
    ] = None
    return_code_check: Annotated[
        str | None,
        text(64, "Återkomstkod, kontrollvärde", help="Fylls i av sluss return-code. Själva koden sparas aldrig."),
    ] = None
    wants_to_leave: Annotated[
        str | None,
        one(
            WANTS,
            "Vill lämna",
            help="Fråga öppet. Motivationen bedöms senare, av en handläggare.",
            need=When("caller_kind", ("personen_sjalv",)),
            category="gruppering",
        ),
    ] = None
    milieu: Annotated[
        str | None, one(MILIEU, "Miljö", help="Det som personen själv berättar.", category="gruppering")
    ] = None
    group_type: Annotated[
        str | None,
        one(
            GROUP_TYPE,
            "Grupptyp",
            help="Lämna tomt om du inte vet. Skriv aldrig namnet på en grupp här.",
            category="gruppering",
        ),
    ] = None
    perceived_threat: Annotated[
        str, one(PERCEIVED_THREAT, "Upplevd hotbild", help="Ring 112 vid omedelbar fara.", category="hotbild")
    ]
    aware_of_threat: Annotated[
        str | None, yn("Medveten om hotbild", help="Personen kan vara hotad utan att veta om det.", category="hotbild")
    ] = None
    needs_now: Annotated[
        tuple[str, ...],
        many(NEEDS, "Behov just nu", help="Vid omedelbar fara: 112 först.", category="social_situation"),
    ]
    custody: Annotated[
        str,
        one(
            CUSTODY,
            "Pågående insatser eller frihetsberövad",
            help="LVM och LVU: alla enheter tar inte emot. Vänd dig då till ordinarie socialtjänst.",
            category="brott_och_domar",
        ),
    ]
    awaiting_prison: Annotated[
        str | None,
        yn(
            "Väntar längre fängelsestraff",
            help="Ett längre straff som snart börjar kan ändra vem som hjälper.",
            category="brott_och_domar",
        ),
    ] = None
    police_coordination: Annotated[
        str,
        one(
            POLICE_COORDINATION,
            "Risk att undanhålla brott – polis samrådd",
            help="Stöd får inte hjälpa någon att hålla sig undan en brottsutredning.",
            category="misstankar",
        ),
    ]
    seen_before: Annotated[
        str, yn("Tidigare kontakt", help="Hos er. Sök inte hos andra kommuner.", category="social_situation")
    ]
    category_prelim: Annotated[
        str | None,
        one(
            CATEGORY,
            "Preliminär kategori",
            help="Kategori 1 eller 2 enligt strategin. Säger ingenting om Göteborgs definition.",
            category="hotbild",
        ),
    ] = None
    consent_status: Annotated[
        str, one(CONSENT_STATUS, "Samtycke", help="Bara ett undertecknat samtycke öppnar för att skicka.")
    ]


class Event(Form, frozen=True, kw_only=True):
    """``intag.handelse``: a step of the intake that only this unit sees."""

    step: Annotated[str, one(STEP, "Vad har hänt", help="Vid omedelbar fara: 112.")]
    note: Annotated[str | None, long(2000, "Anteckning", category="social_situation")] = None


class RelativeAdvice(Form, frozen=True, kw_only=True):
    """``intag.anhorig_rad``: advice to somebody close; nobody is named."""

    relation: Annotated[
        str | None, one(RELATION, "Den som frågar är", help="Skriv inget som pekar ut vem anhörig till.")
    ] = None
    advice: Annotated[str, long(3000, "Råd", help="Skriv så att ingen kan känna igen personen.")]
    next_steps: Annotated[tuple[str, ...], many(NEXT_FOR_RELATIVE, "Nästa steg")] = ()
    minutes_spent: Annotated[
        int | None, integer(0, 10_000, "Nedlagd tid (min)", help="Räknas i statistiken över hur mycket tid råden tar.")
    ] = None


#: Who takes contacts; the hotline does nothing else.
TAKERS = frozenset({"handlaggare", "beslutsfattare", "telefon"})


def _local(name: str, title: str, content: type[Form], event: Causes, *, opens: bool = False) -> Kind:
    """A document of this flow that stays in the unit."""
    return Kind(
        name=f"intag.{name}",
        title_sv=title,
        subject="intag",
        content=content,
        flow="intag",
        event=event,
        side=Side.ASKER,
        roles=TAKERS,
        opens_thread=opens,
        local=True,
        gate=Gate.NONE,
    )


KINDS = (
    _local("kontakt", "Intag – kontakt", Contact, always("send"), opens=True),
    _local("handelse", "Intag – händelse", Event, by_field("step", STEP_EVENTS)),
    Kind(
        name="intag.anhorig_rad",
        title_sv="Intag – råd till anhörig",
        subject="intag",
        content=RelativeAdvice,
        flow="intag",
        event=always("advise_relative"),
        side=Side.ASKER,
        roles=TAKERS,
        opens_thread=True,
        local=True,
        about_person=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        guarded=True,
        gate=Gate.NONE,
    ),
)
