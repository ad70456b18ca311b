"""F7 follow-up a year after closing, or during the support where the office does it so.

Rules:
1. It needs two purposes of the consent, each signed: ``uppfoljning_efter_avslut``, which outlives the case, and
   ``registerslagning`` for what is asked of the police. Who ended by herself is not followed up (`follow_up`).
2. What the police answer has no room for free text: a yes or no, and a level, are enough.
3. To be suspected is not to be guilty: where suspicion is all there is, ``inte_lyckat`` needs written reasons.
4. The person's own word, the judgement, that it was counted, and that a follow-up comes to nothing stay in the unit.

Source: domain.md 2.7.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from client.casework.codelists import POLICE_TYPES, SOCIAL_TYPES
from client.casework.fields import Form, When, date, flag, integer, long, many, one, text, yn
from client.casework.figures.counting import HALF
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds.kind import Gate, Kind, Need, always
from client.casework.kinds.uppfoljning_words import (
    ASKED,
    BASIS,
    HIT,
    LAPSES,
    LOCAL_KNOWLEDGE,
    REGISTERS,
    RESULT,
    STILL_OUT,
    SUPPORT,
)
from client.casework.problems import Problem, problem
from client.casework.windows import HAPPENED

PURPOSE = "uppfoljning_efter_avslut"


class RegisterQuestion(Form, frozen=True, kw_only=True):
    """``uppfoljning.registerfraga``: the police are asked to look."""

    registers: Annotated[tuple[str, ...], many(REGISTERS, "Register", help="Kräver personens samtycke.")]


#: What the question asked for, in whichever order.
_ASKED_FOR = "@opening.registers"
_BOTH: tuple[object, ...] = (["belastning", "misstanke"], ["misstanke", "belastning"])


class RegisterAnswer(Form, frozen=True, kw_only=True):
    """``uppfoljning.registersvar``: hits and a level, nothing of what they are about."""

    belastning: Annotated[
        str | None,
        one(
            HIT,
            "Belastningsregistret",
            help="Bara om det finns en träff, aldrig vad den gäller.",
            need=When(_ASKED_FOR, (*_BOTH, ["belastning"])),
            never=When(_ASKED_FOR, (["misstanke"],)),
            category="brott_och_domar",
        ),
    ] = None
    misstanke: Annotated[
        str | None,
        one(
            HIT,
            "Misstankeregistret",
            help="Att vara misstänkt är inte att vara skyldig.",
            need=When(_ASKED_FOR, (*_BOTH, ["misstanke"])),
            never=When(_ASKED_FOR, (["belastning"],)),
            category="misstankar",
        ),
    ] = None
    new_crime_after_close: Annotated[
        str | None, yn("Nytt brott efter avslut", help="Efter dagen då ärendet avslutades.", category="brott_och_domar")
    ] = None
    court_pending: Annotated[
        str | None,
        yn("Mål pågår i domstol", help="Ett mål som inte är avgjort säger inget om skuld.", category="brott_och_domar"),
    ] = None
    local_knowledge: Annotated[
        str,
        one(
            LOCAL_KNOWLEDGE,
            "Polisens lokalkännedom",
            help="Det säkraste underlaget. Bara en nivå, inga skäl.",
            category="misstankar",
        ),
    ]


class SocialQuestion(Form, frozen=True, kw_only=True):
    """``uppfoljning.socialtjanstfraga``: social services are asked how it goes."""

    asked: Annotated[tuple[str, ...], many(ASKED, "Frågan gäller", help="Fråga bara om det som bedömningen behöver.")]


class SocialAnswer(Form, frozen=True, kw_only=True):
    """``uppfoljning.socialtjanstsvar``: what social services know."""

    current_support: Annotated[
        tuple[str, ...], many(SUPPORT, "Pågående stöd", help="Stöd som pågår i dag.", category="social_situation")
    ]
    own_housing: Annotated[str, yn("Eget boende", category="social_situation")]
    own_income: Annotated[str, yn("Egen inkomst", category="ekonomi_skulder")]
    no_support_needed: Annotated[
        str,
        yn(
            "Inget behov av stöd", help="Ja när inga insatser längre behövs från kommunen.", category="social_situation"
        ),
    ]


class Counted(Form, frozen=True, kw_only=True):
    """``uppfoljning.rapporterad``: the judgement is part of the figures of a period."""

    year: Annotated[int, integer(2000, 2199, "År")]
    half: Annotated[
        str, one(HALF, "Period", help="Bedömningen räknas i den period då den skrevs, när statistiken sammanställs.")
    ]


class Lapsed(Form, frozen=True, kw_only=True):
    """``uppfoljning.utgar``: nobody is followed up, or not in this thread."""

    reason: Annotated[
        str, one(LAPSES, "Varför uppföljningen utgår", help="Den som själv valde att avsluta följs inte upp.")
    ]
    noted_on: Annotated[str, date("Datum", window=HAPPENED)]


class OwnView(Form, frozen=True, kw_only=True):
    """``uppfoljning.personens_bild``: what the person says; she may say nothing."""

    still_out: Annotated[
        str, one(STILL_OUT, "Fortfarande ute", help="Personen får låta bli att svara.", category="social_situation")
    ]


class Judgement(Form, frozen=True, kw_only=True):
    """``uppfoljning.samlad_bedomning``: what the unit makes of it all."""

    result: Annotated[
        str, one(RESULT, "Resultat", help="En samlad bedömning, inte bara registren.", category="social_situation")
    ]
    basis: Annotated[tuple[str, ...], many(BASIS, "Underlag", help="Polisens lokalkännedom är det säkraste.")]
    suspected_only: Annotated[
        bool, flag("Bara misstanke talar emot", help="Att vara misstänkt är inte att vara skyldig.")
    ]
    reason: Annotated[
        str | None, long(2000, "Motivering", help="Krävs för ”inte lyckat” när bara misstanke talar emot.")
    ] = None
    left_group: Annotated[
        str | None,
        yn(
            "Har lämnat grupperingen",
            help="Att ha lämnat gruppen och all brottslighet är två olika saker.",
            category="gruppering",
        ),
    ] = None
    left_all_crime: Annotated[
        str | None,
        yn(
            "Har lämnat all brottslighet",
            help="Att ha lämnat gruppen och all brottslighet är två olika saker.",
            category="brott_och_domar",
        ),
    ] = None
    definition_version: Annotated[
        str, text(40, "Definitionens version", help="Vad ni menar med lyckat, så att åren går att jämföra.")
    ]


def _check_judgement(_header: Header, content: Form) -> Iterable[Problem]:
    """Suspicion alone is no failure, unless somebody writes down why it is."""
    if not isinstance(content, Judgement) or (content.reason or "").strip():
        return
    if content.suspected_only and content.result == "inte_lyckat":
        yield problem("content.reason", "missing", "Motivering")


_UNIT = frozenset({"handlaggare", "beslutsfattare", "uppfoljare"})


def _question(name: str, title: str, content: type[Form], recipients: frozenset[str]) -> Kind:
    """A question that opens a thread."""
    return Kind(
        name=f"uppfoljning.{name}",
        title_sv=title,
        subject="uppfoljning",
        content=content,
        flow="uppfoljning",
        event=always("send"),
        side=Side.ASKER,
        roles=_UNIT,
        opens_thread=True,
        sender_types=SOCIAL_TYPES,
        recipient_types=recipients,
        subject_person=Need.REQUIRED,
        attachments=False,
        purpose=PURPOSE,
        case_type="uppfoljning",
        reply_clock="uppfoljning.svar",
    )


_POLICE_QUESTION = replace(
    _question("registerfraga", "Uppföljning – registerfråga", RegisterQuestion, POLICE_TYPES),
    also_purpose="registerslagning",
)
_SOCIAL_QUESTION = _question(
    "socialtjanstfraga", "Uppföljning – fråga till socialtjänsten", SocialQuestion, SOCIAL_TYPES
)


def _answer(question: Kind, name: str, title: str, content: type[Form]) -> Kind:
    """The answer to a question, as narrow as it."""
    return replace(
        question,
        name=f"uppfoljning.{name}",
        title_sv=title,
        content=content,
        event=always("answer"),
        side=Side.ANSWERER,
        roles=frozenset({"polis_bedomare"}) if question is _POLICE_QUESTION else _UNIT,
        opens_thread=False,
        reply_clock="",
        sender_types=question.recipient_types,
        recipient_types=question.sender_types,
        subject_person=Need.FORBIDDEN,
    )


def _stays(name: str, title: str, content: type[Form], event: str) -> Kind:
    """A document that never leaves the unit."""
    return Kind(
        name=f"uppfoljning.{name}",
        title_sv=title,
        subject="uppfoljning",
        content=content,
        flow="uppfoljning",
        event=always(event),
        side=Side.ASKER,
        roles=_UNIT,
        opens_thread=True,
        local=True,
        sender_types=SOCIAL_TYPES,
        attachments=False,
        gate=Gate.NONE,
        check=_check_judgement,
    )


KINDS = (
    _POLICE_QUESTION,
    _answer(_POLICE_QUESTION, "registersvar", "Uppföljning – registersvar", RegisterAnswer),
    _SOCIAL_QUESTION,
    _answer(_SOCIAL_QUESTION, "socialtjanstsvar", "Uppföljning – svar från socialtjänsten", SocialAnswer),
    _stays("personens_bild", "Uppföljning – personens bild", OwnView, "voice"),
    _stays("samlad_bedomning", "Uppföljning – samlad bedömning", Judgement, "judge"),
    replace(_stays("rapporterad", "Uppföljning – räknad i statistiken", Counted, "count"), opens_thread=False),
    _stays("utgar", "Uppföljning – utgår", Lapsed, "lapse"),
)
