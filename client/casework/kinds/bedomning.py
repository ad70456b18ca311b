"""F3, the documents around the assessment: that it has begun, another section, a refusal, a disagreement, a meeting.

The first three say nothing of a person and ask no consent: a request whose consent fails must be answerable.
Source: domain.md 2.3.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from client.casework.codelists import POLICE_TYPES, THREAT_READERS, codelist
from client.casework.fields import UNIT, Form, date, flag, ident, long, many, one
from client.casework.flows import Side
from client.casework.kinds.hotbild_words import DISPUTED, REASSESS_IF, SECTION
from client.casework.kinds.kind import Gate, Kind, Need, always
from client.casework.windows import COMING, HAPPENED

REFUSED_BECAUSE = codelist(
    "hotbild_refused",
    {
        "samtycke_brister": "Samtycket brister",
        "underlag_saknas": "Underlag saknas",
        "fel_person": "Begäran gäller inte rätt person",
        "annat": "Annat",
    },
)
MEETING_RESULT = codelist(
    "meeting_result",
    {
        "enighet": "Enighet",
        "oenighet_kvarstar": "Oenigheten kvarstår, enheten beslutar",
        "ny_bedomning": "Ny bedömning",
    },
)


class Accepted(Form, frozen=True, kw_only=True):
    """``hotbild.antagen``: the police assess, and say until when."""

    expected_date: Annotated[
        str, date("Väntat datum för resultat", window=COMING, help="Tiden till resultatet räknas från nu.")
    ]
    assessor_section: Annotated[
        str | None, one(SECTION, "Avdelning som bedömer", help="Lämna tomt om det inte är bestämt.")
    ] = None


class Redirected(Form, frozen=True, kw_only=True):
    """``hotbild.omdirigerad``: another section assesses."""

    to_section: Annotated[str, one(SECTION, "Rätt avdelning")]
    to_unit: Annotated[
        str | None,
        ident(
            "Rätt enhet", names=UNIT, help="Den som frågade skickar en ny begäran dit. Samtycket måste nämna enheten."
        ),
    ] = None


class Refused(Form, frozen=True, kw_only=True):
    """``hotbild.avvisad``: the request is not assessed."""

    reason: Annotated[str, one(REFUSED_BECAUSE, "Skäl")]


class Reassessed(Form, frozen=True, kw_only=True):
    """``hotbild.omprovning``: the police know something new, and assess again without having been asked."""

    because: Annotated[
        tuple[str, ...],
        many(REASSESS_IF, "Vad som är nytt", help="Det förra resultatet gäller tills vidare.", category="hotbild"),
    ]
    expected_date: Annotated[str, date("Väntat datum för resultat", window=COMING)]


class Disagreement(Form, frozen=True, kw_only=True):
    """``bedomning.oenighet``: the two sides see it differently, and say so."""

    point: Annotated[str, one(DISPUTED, "Vad gäller det", help="Det som ni ser olika på.")]
    our_view: Annotated[
        str,
        long(2000, "Vår bild", help="Er bild och vad den bygger på. Den andra sidan läser det.", category="hotbild"),
    ]
    wants_meeting: Annotated[
        bool, flag("Vi vill ha ett möte", help="Efter ett möte skriver någon av er en mötesanteckning.")
    ]


class MeetingNote(Form, frozen=True, kw_only=True):
    """``bedomning.mote``: what came of a meeting about a disagreement."""

    held_on: Annotated[str, date("Mötet hölls", window=HAPPENED)]
    result: Annotated[
        str, one(MEETING_RESULT, "Vad mötet ledde till", help="Enas ni inte beslutar den enhet som har ärendet.")
    ]
    note: Annotated[
        str, long(2000, "Mötesanteckning", help="Vad som sades och vad ni kom fram till.", category="hotbild")
    ]


_POLICE = frozenset({"polis_bedomare", "handlaggare", "beslutsfattare"})


def _answer(name: str, title: str, content: type[Form], event: str) -> Kind:
    """An answer of the police that holds codes only."""
    return Kind(
        name=name,
        title_sv=title,
        subject="hotbild_svar",
        content=content,
        flow="hotbild",
        event=always(event),
        side=Side.ANSWERER,
        roles=_POLICE,
        sender_types=POLICE_TYPES,
        about_person=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        guarded=True,
        gate=Gate.NONE,
    )


def _word(name: str, title_sv: str, content: type[Form], event: str) -> Kind:
    """Said by either end about an assessment that both have before them."""
    return Kind(
        name=name,
        title_sv=title_sv,
        subject="hotbild_svar",
        content=content,
        flow="hotbild",
        event=always(event),
        side=Side.EITHER,
        roles=_POLICE,
        purpose="hotbildsbedomning",
        readers=THREAT_READERS,
        case_type="hotbild",
    )


KINDS = (
    _answer("hotbild.antagen", "Hotbildsbedömning – antagen", Accepted, "accept"),
    _answer("hotbild.omdirigerad", "Hotbildsbedömning – annan avdelning", Redirected, "redirect"),
    _answer("hotbild.avvisad", "Hotbildsbedömning – avvisad", Refused, "reject"),
    replace(
        _word("hotbild.omprovning", "Hotbildsbedömning – ny bedömning på polisens initiativ", Reassessed, "reassess"),
        side=Side.ANSWERER,
        roles=frozenset({"polis_bedomare"}),
        sender_types=POLICE_TYPES,
    ),
    _word("bedomning.oenighet", "Bedömning – oenighet", Disagreement, "disagree"),
    _word("bedomning.mote", "Bedömning – mötesanteckning", MeetingNote, "meeting_note"),
)
