"""F3, the documents around the assessment: that it has begun, the wrong section, a refusal, the note of a meeting.

The first three say nothing of a person and ask no consent: a request whose consent fails must be answerable.
Source: domain.md 2.3.
"""

from __future__ import annotations

from typing import Annotated

from client.casework.codelists import POLICE_TYPES, THREAT_READERS, codelist
from client.casework.fields import Form, date, ident, long, one
from client.casework.flows import Side
from client.casework.kinds.hotbild_words import SECTION
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
    assessor_section: Annotated[str | None, one(SECTION, "Avdelning som bedömer")] = None


class Redirected(Form, frozen=True, kw_only=True):
    """``hotbild.omdirigerad``: another section assesses."""

    to_section: Annotated[str, one(SECTION, "Rätt avdelning")]
    to_unit: Annotated[str | None, ident("Rätt enhet")] = None


class Refused(Form, frozen=True, kw_only=True):
    """``hotbild.avvisad``: the request is not assessed."""

    reason: Annotated[str, one(REFUSED_BECAUSE, "Skäl")]


class MeetingNote(Form, frozen=True, kw_only=True):
    """``bedomning.mote``: what came of a meeting about a disagreement."""

    held_on: Annotated[str, date("Mötet hölls", window=HAPPENED)]
    result: Annotated[str, one(MEETING_RESULT, "Vad mötet ledde till")]
    note: Annotated[str, long(2000, "Mötesanteckning", category="hotbild")]


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


KINDS = (
    _answer("hotbild.antagen", "Hotbildsbedömning – antagen", Accepted, "accept"),
    _answer("hotbild.omdirigerad", "Hotbildsbedömning – annan avdelning", Redirected, "redirect"),
    _answer("hotbild.avvisad", "Hotbildsbedömning – avvisad", Refused, "reject"),
    Kind(
        name="bedomning.mote",
        title_sv="Bedömning – mötesanteckning",
        subject="hotbild_svar",
        content=MeetingNote,
        flow="hotbild",
        event=always("meeting_note"),
        side=Side.EITHER,
        roles=_POLICE,
        purpose="hotbildsbedomning",
        readers=THREAT_READERS,
        case_type="hotbild",
    ),
)
