"""F1 consultation: advice between offices, without personal data.

No person block, no attachments (the metadata of a file may tell who it is about), and every text
passes the guard at both ends. Source: domain.md 2.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from client.casework.codelists import PERCEIVED_THREAT, codelist
from client.casework.fields import THREAD, Form, flag, ident, integer, long, many, one, texts, yn
from client.casework.flows import Side
from client.casework.kinds.kind import Gate, Kind, Need, always

TOPIC = codelist(
    "topic",
    {
        "malgrupp": "Målgrupp",
        "hotbild_och_risk": "Hotbild och risk",
        "skyddat_boende": "Skyddat boende",
        "placering_annan_ort": "Placering på annan ort",
        "motivation": "Motivation",
        "sociala_medier_sakerhet": "Sociala medier och säkerhet",
        "samtycke_sekretess": "Samtycke och sekretess",
        "ansvarig_kommun": "Ansvarig kommun",
        "extern_utforare": "Extern utförare",
        "unga_under_18": "Unga under 18 år",
        "anhoriga": "Anhöriga",
        "uppfoljning": "Uppföljning",
        "annat": "Annat",
    },
)
POLICE_CONTACTED = codelist(
    "police_contacted",
    {
        "ja_kommunpolis": "Ja, kommunpolis",
        "ja_avhopparsamordnare": "Ja, avhopparsamordnare",
        "ja_annan": "Ja, någon annan",
        "nej": "Nej",
    },
)
AGE_BAND = codelist(
    "age_band",
    {
        "under_18": "Under 18 år",
        "18_20": "18–20 år",
        "21_25": "21–25 år",
        "26_plus": "26 år eller äldre",
        "vet_ej": "Vet inte",
    },
)
NEED = codelist(
    "need",
    {
        "rad": "Råd",
        "mall_eller_rutin": "Mall eller rutin",
        "aterkoppling_telefon": "Återkoppling på telefon",
        "gemensamt_mote": "Gemensamt möte",
        "ta_over": "Att ni tar över",
    },
)
NEXT_STEP = codelist(
    "next_step",
    {
        "kontakta_avhopparsamordnare": "Kontakta avhopparsamordnaren",
        "inhamta_samtycke": "Inhämta samtycke",
        "begar_hotbildsbedomning": "Begär hotbildsbedömning",
        "reguljara_insatser_hemkommun": "Reguljära insatser i hemkommunen",
        "sig": "Social insatsgrupp",
        "remiss_till_oss": "Remiss till oss",
        "remiss_till_annan": "Remiss till en annan enhet",
        "ring_112": "Ring 112",
        "inget": "Inget",
    },
)
HELPFUL = codelist("helpful", {"ja": "Ja", "delvis": "Delvis", "nej": "Nej"})
BECAME = codelist(
    "became", {"inget": "Inget", "remiss": "Remiss", "hotbild": "Hotbildsbedömning", "vet_ej": "Vet inte"}
)
DECLINE_REASON = codelist(
    "decline_reason",
    {
        "ej_tid": "Vi hinner inte",
        "fel_enhet": "Fel enhet",
        "personuppgifter": "Frågan innehåller personuppgifter",
        "annat": "Annat",
    },
)

_NO_NAMES = "Skriv så att ingen kan känna igen personen: inga namn, nummer, adresser, bilder eller länkar."

#: Roles that take part in consultations; the hotline advises neighbouring municipalities too.
_ROLES = frozenset({"handlaggare", "beslutsfattare", "telefon"})


class Question(Form, frozen=True, kw_only=True):
    """``konsultation.fraga``: what an office asks."""

    topics: Annotated[tuple[str, ...], many(TOPIC, "Frågan gäller", help="Välj allt som ni vill ha råd om.")]
    has_own_unit: Annotated[
        bool, flag("Finns egen avhopparverksamhet", help="Med egna handläggare för avhoppare i kommunen.")
    ]
    police_contacted: Annotated[
        str,
        one(
            POLICE_CONTACTED, "Är polisen kontaktad", help="Ni kan fråga polisen allmänt utan att säga vem det gäller."
        ),
    ]
    perceived_threat: Annotated[str, one(PERCEIVED_THREAT, "Upplevd hotbild", help="Ring 112 vid omedelbar fara.")]
    age_band: Annotated[str | None, one(AGE_BAND, "Åldersgrupp")] = None
    resident_here: Annotated[
        str | None,
        yn(
            "Är personen skriven i frågande kommun",
            help="Folkbokförd där. Skriv inte i vilken kommun personen annars är skriven.",
        ),
    ] = None
    situation: Annotated[str, long(3000, "Situationen i allmänna ord", help=_NO_NAMES)]
    need: Annotated[
        tuple[str, ...],
        many(NEED, "Vad behöver ni", help="”Att ni tar över” blir ett nytt ärende med samtycke, i en egen tråd."),
    ]
    anon_attested: Annotated[
        bool,
        flag(
            "Intygar att personen inte kan identifieras",
            help="Du intygar att varken texten eller svaren pekar ut någon.",
            must_be=True,
        ),
    ]


class Answer(Form, frozen=True, kw_only=True):
    """``konsultation.svar``: the advice."""

    advice: Annotated[str, long(6000, "Råd", help=_NO_NAMES)]
    next_steps: Annotated[
        tuple[str, ...], many(NEXT_STEP, "Föreslagna nästa steg", help="Vad ni föreslår. Den som frågade bestämmer.")
    ]
    references: Annotated[
        tuple[str, ...],
        texts(300, 20, "Underlag", help="Titel på skrift eller rutin. Inga länkar till nyheter om en händelse."),
    ] = ()
    advice_only: Annotated[
        bool, flag("Råd, inte beslut", help="Den som frågar har fortfarande ansvaret.", must_be=True)
    ]
    minutes_spent: Annotated[
        int | None, integer(0, 10_000, "Nedlagd tid (min)", help="Räknas i statistiken över hur mycket tid råden tar.")
    ] = None


class Supplement(Form, frozen=True, kw_only=True):
    """``konsultation.komplettering``: a question back, or more facts."""

    note: Annotated[str, long(3000, "Fråga eller komplettering", help=_NO_NAMES)]


class Closing(Form, frozen=True, kw_only=True):
    """``konsultation.avslut``: the asker closes the thread."""

    helpful: Annotated[str | None, one(HELPFUL, "Hade ni nytta av svaret")] = None
    became: Annotated[
        str, one(BECAME, "Vad blev det av frågan", help="Räknas i statistiken. Skriv ingenting om personen.")
    ]


class Conversion(Form, frozen=True, kw_only=True):
    """``konsultation.omvandlad``: goes on in a new, empty thread."""

    new_thread: Annotated[str, ident("Ny tråd", names=THREAD, help="Den nya tråden börjar tom. Ingenting kopieras.")]


class Declined(Form, frozen=True, kw_only=True):
    """``konsultation.avbojd``: the unit asked cannot answer."""

    reason: Annotated[str, one(DECLINE_REASON, "Skäl")]


def _kind(name: str, title: str, subject: str, content: type[Form], *, side: Side, event: str) -> Kind:
    """A kind of this flow: no person, no files, no consent."""
    return Kind(
        name=f"konsultation.{name}",
        title_sv=title,
        subject=subject,
        content=content,
        flow="konsultation",
        event=always(event),
        side=side,
        roles=_ROLES,
        opens_thread=event == "send",
        about_person=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        guarded=True,
        gate=Gate.NONE,
    )


KINDS = (
    replace(
        _kind("fraga", "Konsultation – fråga", "konsultation", Question, side=Side.ASKER, event="send"),
        reply_clock="konsultation.svar",
    ),
    _kind("svar", "Konsultation – svar", "konsultation_svar", Answer, side=Side.ANSWERER, event="answer"),
    _kind(
        "komplettering",
        "Konsultation – komplettering",
        "konsultation",
        Supplement,
        side=Side.EITHER,
        event="supplement",
    ),
    _kind("avslut", "Konsultation – avslut", "konsultation_avslut", Closing, side=Side.ASKER, event="close"),
    _kind("omvandlad", "Konsultation – omvandlad", "konsultation_avslut", Conversion, side=Side.ASKER, event="convert"),
    _kind("avbojd", "Konsultation – avböjd", "konsultation_svar", Declined, side=Side.ANSWERER, event="decline"),
)
