"""F5 placement: from the need to the end, with the police and with the receiving municipality.

Rules:
1. The municipality that is asked learns first what is needed, from when, and how great the risk is. Who it is about
   comes with the confirmation: after it has said that it can, and with a supplement to the consent that names it. That
   nobody comes is said without a name too: no consent names whom the person has not agreed to.
2. A confirmation needs two signatures, and a verdict of the police on the place, given within the last day before the
   move (`placement`).
3. What tells where the person is goes only to those who need it, is read only by the roles of ``readers``, and is
   written in no other thread.

Source: domain.md 2.5. The fields stand in `placering_fields`, the verdict in `kollision`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from client.casework.codelists import POLICE_TYPES, SOCIAL_TYPES
from client.casework.fields import Form
from client.casework.flows import Side
from client.casework.header import Header
from client.casework.kinds import placering_fields as forms
from client.casework.kinds.kind import CaseCheck, Causes, Gate, Kind, Need, always, by_field
from client.casework.problems import Problem, problem

#: Roles that may read what places a person (domain.md 2.0.5: not the hotline, not those who follow up or count).
READERS = frozenset({"handlaggare", "beslutsfattare", "polis_bedomare", "registrator"})

_SOCIAL = frozenset({"handlaggare", "beslutsfattare"})


def _yes(_header: Header, _content: Form) -> bool:
    return True


def _check_need(header: Header, content: Form) -> Iterable[Problem]:
    """A place that will not do has a name; a decision-maker answers for a need that is told again and again."""
    if isinstance(content, forms.Need):
        for row in content.cannot_be_near:
            if row.kommun is None and row.place is None:
                yield problem("content.cannot_be_near.kommun", "missing", "Kommun")
        yield from forms.check_repeated(header, content.repeat_decision, frozenset({"beslutsfattare"}))


def _check_incident(header: Header, content: Form) -> Iterable[Problem]:
    """An incident is always urgent."""
    if isinstance(content, forms.Incident) and header.priority != "akut":
        yield problem("header.priority", "const", "Prioritet")


def _about(name: str, title: str, content: type[Form], event: Causes) -> Kind:
    """A document of the unit about the person, inside a thread."""
    return Kind(
        name=f"placering.{name}",
        title_sv=title,
        subject="placering",
        content=content,
        flow="placering",
        event=event,
        side=Side.ASKER,
        roles=_SOCIAL,
        sender_types=SOCIAL_TYPES,
        recipient_types=SOCIAL_TYPES | POLICE_TYPES,
        attachments=False,
        readers=READERS,
        purpose="placering",
        case_type="placering",
    )


def _by_all(kind: Kind, check: CaseCheck | None = None) -> Kind:
    """The same, sent by whichever of the three sees it first."""
    return replace(
        kind,
        side=Side.EITHER,
        roles=_SOCIAL | {"polis_bedomare"},
        sender_types=SOCIAL_TYPES | POLICE_TYPES,
        check=check or kind.check,
    )


def _nameless(name: str, title: str, content: type[Form], event: Causes, *, side: Side) -> Kind:
    """A document between the unit and the receiving municipality that names nobody."""
    return Kind(
        name=f"placering.{name}",
        title_sv=title,
        subject="placering",
        content=content,
        flow="placering",
        event=event,
        side=side,
        roles=_SOCIAL,
        opens_thread=side is Side.ASKER,
        sender_types=SOCIAL_TYPES,
        recipient_types=SOCIAL_TYPES,
        about_person=False,
        subject_person=Need.FORBIDDEN,
        attachments=False,
        guarded=True,
        gate=Gate.NONE,
        readers=READERS,
    )


_STATED: dict[object, str] = {"stabil": "stable", "orolig": "report", "akut": "report"}
_SAID: dict[object, str] = {
    "godtas": "agree",
    "godtas_inte": "disagree",
    "ny_ort_behovs": "look_again",
    "klar_att_flytta": "ready",
}
_TOLD: dict[object, str] = {
    "tillagg_undertecknat": "supplement_signed",
    "tillagg_vagrat": "call_off",
    "inte_aktuellt": "call_off",
}
_ANSWERED: dict[object, str] = {"kan_ta_emot": "can", "kan_med_villkor": "can", "kan_inte": "cannot"}

KINDS = (
    replace(
        _about("behov", "Placering – behov", forms.Need, always("send")),
        opens_thread=True,
        recipient_types=POLICE_TYPES,
        subject_person=Need.REQUIRED,
        attachments=True,
        reply_clock="placering.ta_emot",
        schema_version="1.1",
        check=_check_need,
    ),
    replace(
        _nameless("paborjad", "Placering – ort utreds", forms.Begun, always("start"), side=Side.ANSWERER),
        roles=_SOCIAL | {"polis_bedomare"},
        sender_types=POLICE_TYPES,
    ),
    replace(
        _about("ortsbesked", "Placering – besked om orten", forms.PlaceAnswer, by_field("answer", _SAID)),
        recipient_types=POLICE_TYPES,
    ),
    replace(
        _nameless(
            "mottagarforfragan",
            "Placering – förfrågan till mottagare",
            forms.RecipientRequest,
            always("ask_recipient"),
            side=Side.ASKER,
        ),
        reply_clock="placering.mottagarsvar",
    ),
    _nameless(
        "mottagarsvar",
        "Placering – mottagarens svar",
        forms.RecipientAnswer,
        by_field("answer", _ANSWERED),
        side=Side.ANSWERER,
    ),
    replace(
        _nameless(
            "mottagarbesked",
            "Placering – besked till mottagaren",
            forms.RecipientTold,
            by_field("answer", _TOLD),
            side=Side.ASKER,
        ),
        opens_thread=False,
    ),
    replace(
        _about("bekraftelse", "Placering – bekräftelse", forms.Confirmation, always("confirm")),
        roles=frozenset({"beslutsfattare"}),
        subject_person=Need.REQUIRED,
        two_signatures=_yes,
        decides="placering",
        places=_yes,
        schema_version="1.1",
    ),
    _by_all(_about("lagesrapport", "Placering – lägesrapport", forms.Report, by_field("assessment", _STATED))),
    _by_all(_about("handelse", "Placering – händelse", forms.Incident, always("incident")), _check_incident),
    _about("upphor", "Placering – upphör", forms.Ended, always("end")),
)
