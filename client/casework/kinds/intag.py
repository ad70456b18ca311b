"""F2 intake: a contact, what comes of it in the unit, and where it goes.

A contact is local: it stays in the unit that took it until it is forwarded. A return code is shown to the caller once;
what stands here is a value from which it cannot be found. Source: domain.md 2.2.
"""

from __future__ import annotations

from typing import Annotated

from client.casework.codelists import NEEDS, PERCEIVED_THREAT, codelist
from client.casework.fields import Form, When, flag, integer, long, many, one, text, yn
from client.casework.flows import Side
from client.casework.kinds.kind import Causes, Gate, Kind, Need, always, by_field

CHANNEL = codelist(
    "channel",
    {
        "telefon": "Telefon",
        "besok": "Besök",
        "webb": "Webb",
        "hakte_anstalt": "Häkte eller anstalt",
        "uppsokande": "Uppsökande arbete",
        "polis": "Polisen",
        "socialtjanst": "Socialtjänsten",
        "kriminalvard": "Kriminalvården",
        "skola": "Skolan",
        "civilsamhalle": "Civilsamhället",
        "annan_kommun": "Annan kommun",
    },
)
CALLER = codelist(
    "caller_kind",
    {
        "personen_sjalv": "Personen själv",
        "anhorig": "Anhörig",
        "kranskommun": "Kranskommun",
        "annan_kommun": "Annan kommun",
        "polis": "Polisen",
        "annan_myndighet": "Annan myndighet",
        "annan": "Annan",
    },
)
WANTS = codelist(
    "wants_to_leave", {"ja": "Ja", "osaker": "Osäker", "vill_bara_bort_akut": "Vill bara bort från en akut situation"}
)
MILIEU = codelist(
    "milieu",
    {
        "kriminell_gruppering": "Kriminell gruppering",
        "valdsbejakande_extremism": "Våldsbejakande extremism",
        "heder": "Heder",
        "annat": "Annat",
        "okant": "Okänt",
    },
)
GROUP_TYPE = codelist(
    "group_type",
    {
        "sjalvdefinierad": "Självdefinierad",
        "externdefinierad": "Externdefinierad",
        "icke_namngiven": "Icke namngiven",
        "projektbaserad": "Projektbaserad",
        "okand": "Okänd",
    },
)
CUSTODY = codelist(
    "custody",
    {
        "nej": "Nej",
        "hakte": "Häkte",
        "anstalt": "Anstalt",
        "frivard": "Frivård",
        "sis_lsu": "SiS, LSU",
        "sis_lvu": "SiS, LVU",
        "lvm": "LVM",
        "okant": "Okänt",
    },
)
POLICE_COORDINATION = codelist(
    "police_coordination",
    {"ja": "Ja", "nej_ej_aktuellt": "Nej, inte aktuellt", "nej_maste_goras": "Nej, måste göras"},
)
CATEGORY = codelist("category_prelim", {"kategori_1": "Kategori 1", "kategori_2": "Kategori 2", "oklar": "Oklar"})
CONSENT_STATUS = codelist(
    "intag_consent_status",
    {
        "ej_fragat": "Inte frågat",
        "muntligt_positiv": "Muntligt positiv",
        "undertecknat": "Undertecknat",
        "vagrat": "Vägrat",
    },
)
STEP = codelist(
    "intag_step",
    {
        "bedomning": "Första bedömning gjord",
        "samtycke_efterfragat": "Samtycke efterfrågat",
        "samtycke_undertecknat": "Samtycke undertecknat",
        "samtycke_vagrat": "Samtycke vägrat",
        "endast_rad": "Bara rådgivning",
        "akut_skydd": "Akut skydd behövs",
        "tillfallig_placering": "Tillfällig placering beslutad",
    },
)


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
RELATION = codelist(
    "caller_relation",
    {
        "foralder": "Förälder",
        "syskon": "Syskon",
        "partner": "Partner",
        "annan_slakting": "Annan släkting",
        "van": "Vän",
        "annan": "Annan",
    },
)
NEXT_FOR_RELATIVE = codelist(
    "relative_next_step",
    {
        "anhorigstod": "Anhörigstöd",
        "personen_ringer_sjalv": "Personen ringer själv",
        "kontakta_polisen": "Kontakta polisen",
        "ring_112": "Ring 112",
        "inget": "Inget",
    },
)


class Contact(Form, frozen=True, kw_only=True):
    """``intag.kontakt``: somebody got in touch."""

    channel: Annotated[str, one(CHANNEL, "Kanal")]
    caller_kind: Annotated[str, one(CALLER, "Vem hör av sig")]
    safe_callback: Annotated[bool, flag("Kan vi ringa tillbaka säkert")]
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
        str | None, one(WANTS, "Vill lämna", need=When("caller_kind", ("personen_sjalv",)), category="gruppering")
    ] = None
    milieu: Annotated[str | None, one(MILIEU, "Miljö", category="gruppering")] = None
    group_type: Annotated[str | None, one(GROUP_TYPE, "Grupptyp", category="gruppering")] = None
    perceived_threat: Annotated[
        str, one(PERCEIVED_THREAT, "Upplevd hotbild", help="Ring 112 vid omedelbar fara.", category="hotbild")
    ]
    aware_of_threat: Annotated[str | None, yn("Medveten om hotbild", category="hotbild")] = None
    needs_now: Annotated[tuple[str, ...], many(NEEDS, "Behov just nu", category="social_situation")]
    custody: Annotated[
        str,
        one(
            CUSTODY,
            "Pågående insatser eller frihetsberövad",
            help="LVM och LVU: alla enheter tar inte emot. Vänd dig då till ordinarie socialtjänst.",
            category="brott_och_domar",
        ),
    ]
    awaiting_prison: Annotated[str | None, yn("Väntar längre fängelsestraff", category="brott_och_domar")] = None
    police_coordination: Annotated[
        str,
        one(
            POLICE_COORDINATION,
            "Risk att undanhålla brott – polis samrådd",
            help="Stöd får inte hjälpa någon att hålla sig undan en brottsutredning.",
            category="misstankar",
        ),
    ]
    seen_before: Annotated[str, yn("Tidigare kontakt", category="social_situation")]
    category_prelim: Annotated[str | None, one(CATEGORY, "Preliminär kategori", category="hotbild")] = None
    consent_status: Annotated[
        str, one(CONSENT_STATUS, "Samtycke", help="Bara ett undertecknat samtycke öppnar för att skicka.")
    ]


class Event(Form, frozen=True, kw_only=True):
    """``intag.handelse``: a step of the intake that only this unit sees."""

    step: Annotated[str, one(STEP, "Vad har hänt", help="Vid omedelbar fara: 112.")]
    note: Annotated[str | None, long(2000, "Anteckning", category="social_situation")] = None


class RelativeAdvice(Form, frozen=True, kw_only=True):
    """``intag.anhorig_rad``: advice to somebody close; nobody is named."""

    relation: Annotated[str | None, one(RELATION, "Den som frågar är")] = None
    advice: Annotated[str, long(3000, "Råd", help="Skriv så att ingen kan känna igen personen.")]
    next_steps: Annotated[tuple[str, ...], many(NEXT_FOR_RELATIVE, "Nästa steg")] = ()
    minutes_spent: Annotated[int | None, integer(0, 10_000, "Nedlagd tid (min)")] = None


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
