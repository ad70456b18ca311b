"""What the people of the guide type into the fields: the samples of each kind, with the dates and units of the play.

What a flow wants otherwise than its sample stands in `STEPS`, one answer for each time that the kind is written.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Final

from client.casework.kinds.kind import Need
from client.casework.kinds.registry import KINDS
from client.demo import script, script_cases
from tests.kit.today import CONTENTS
from tests.unit.casework import samples, samples_placement, samples_plan
from tests.unit.casework.samples import PERSON_BLOCK

Json = dict[str, Any]
#: Ids of the samples -> name of the unit in the play.
UNITS: Final[Mapping[str, str]] = {
    samples.SOCIAL: "Göteborg SAV",
    samples.POLICE: "Bops Väst",
    samples.OTHER_KOMMUN: "Björkvika socialtjänst",
    samples_plan.PROVIDER: "Stödet AB",
}
#: Stand for the thread of the need for a placement, and for the unit that decides in Malmö.
PLACEMENT: Final = samples_placement.CONTENTS["kollision.forfragan"]["placement"]
DECIDES: Final = "Malmö"
_HENRIK, _ULLA = ({"name": name, "role": "polis_bedomare"} for name in ("Henrik Palmgren", "Ulla Rask"))


def _now(hours: float) -> str:
    return script_cases.at(hours)


def _question(*kommuner: str, **more: Json) -> Json:
    """``kollision.forfragan`` about these municipalities."""
    asked = copy.deepcopy(CONTENTS["kollision.forfragan"])
    return {**asked, "cells": [{"kommun": one} for one in kommuner], **more}


def _asked_again() -> Json:
    """The same with a neighbour more, which looks like a search for somebody: a colleague has decided on it."""
    decided = {"decided_by": {"name": "Ylva Norrgård", "role": "polis_bedomare"}, "reason": "Kontroll före flytten."}
    return _question("1383", "1382", "1384", repeat_decision=decided)


STEPS: Final[Mapping[tuple[str, str], list[Callable[[], Json]]]] = {
    ("F2", "intag.handelse"): [
        lambda: {"step": "samtycke_efterfragat"},
        lambda: {"step": "samtycke_undertecknat"},
    ],
    ("F2", "intag.svar"): [lambda: {"outcome": "oppnat"}] * 2,
    ("F11", "statistik.granskning"): [lambda: {"step": "slopad"}],
    ("F4", "overlamnande.forfragan"): [lambda: script.handover(samples.SOCIAL)] * 2,
    ("F4", "overlamnande.svar"): [
        lambda: {"answer": "avbojt", "reject_reason": "ej_bosatt_har"},
        lambda: {"answer": "komplettering_behovs", "conditions": "Vilken skola gäller det?"},
        lambda: {"answer": "accepterat_med_villkor", "conditions": "Delad kostnad.", "takeover_date": script.day(0)},
    ],
    ("F4", "overlamnande.villkorssvar"): [lambda: {"answer": "godtas"}],
    ("F4", "overlamnande.genomfort"): [script.handover_done],
    ("F5", "placering.ortsbesked"): [lambda: {"answer": "godtas"}, lambda: {"answer": "klar_att_flytta"}],
    ("F5", "kollision.forfragan"): [lambda: _question("1383", "1382"), _asked_again],
    ("F5", "kollision.utfall"): [lambda: {"outcome": "ingen_traff", "manual_review_by": _ULLA}] * 2,
    ("F5", "kollision.svar"): [lambda: script_cases.verdict(_HENRIK["name"])] * 2,
    ("F5", "placering.bekraftelse"): [script_cases.move] * 2,
    ("F5", "placering.lagesrapport"): [script_cases.report],
    ("F5", "placering.handelse"): [lambda: {"kind": "sociala_medier", "when": _now(-1), "action": "utred"}],
    ("F6", "plan.svar"): [lambda: {"answer": "godtas"}],
    ("F8", "avslut.notis"): [script_cases.closing],
    ("F8", "avslut.bekraftelse"): [script_cases.closed],
}
#: What is typed at a command that asks for words.
TYPED: Final[Mapping[str, str]] = {"search": "råd\n"}
#: What the paper of each flow says: its purposes, its case type.
_PURPOSES: Final[Mapping[str, tuple[str, ...]]] = {
    "F12": ("hotbildsbedomning",),
    "F3": ("hotbildsbedomning",),
    "F7": ("uppfoljning_efter_avslut", "registerslagning"),
}
_CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = {"F7": ("ekonomi_skulder", "halsa", "sysselsattning")}
_CASE_TYPES: Final[Mapping[str, str]] = {"F3": "hotbild", "F12": "hotbild"}
_PARTIES: Final = ("Göteborg SAV", "Bops Väst", "Björkvika socialtjänst")


def content(flow: str, kind: str, turn: int, known: Mapping[str, str]) -> Json:
    """What is written into a document of this kind.

    Args:
        flow: as the guide numbers it.
        kind: of the document.
        turn: how often the flow has had this kind before.
        known: id of the play by id of the samples.
    """
    steps = STEPS.get((flow, kind))
    fields = steps[turn]() if steps else copy.deepcopy(CONTENTS[kind])
    return _known(fields, known)


def header(kind: str, person: str) -> Json:
    """The fields of the header that a person is asked for."""
    made: Json = {"sender_dnr": "SN 2026/15"} if kind == "kvittens.registrerad" else {}
    if kind in samples_placement.PRIORITY:
        made["priority"] = samples_placement.PRIORITY[kind]
    if KINDS[kind].subject_person is Need.REQUIRED:
        made["subject_person"] = PERSON_BLOCK
    if person and KINDS[kind].about_person:
        made["principal_ref"] = person
    return made


def record(flow: str, own: str, person: str, known: Mapping[str, str]) -> Json:
    """What stands on the signed paper."""
    purposes = ["informationsutbyte", *_PURPOSES.get(flow, ())]
    parties = _PARTIES if own in _PARTIES else (own, *_PARTIES)
    more: Json = {"case_type": _CASE_TYPES.get(flow, "intag")} | ({"principal_ref": person} if person else {})
    if own == "Konsultationsteamet":
        parties = (own, "Malmö socialtjänst", "Bops Väst")
    if flow == "F4":
        parties = ("Lillköping socialtjänst", *_PARTIES[:2])
    if flow == "F6":
        line = {"org": known[samples_plan.PROVIDER], "purpose": purposes[0], "signed": True}
        more["private_parties"] = [line]
    made = script.record([party(name) for name in parties], purposes, **more)
    return made | {"data_categories": [*made["data_categories"], *_CATEGORIES.get(flow, ())]}


def supplement(flow: str) -> Json:
    """What the person has signed in addition."""
    if flow == "F5":
        plain = script.record([], [])
        more = ["halsa", "sysselsattning", "familj_anhoriga"]
        return signature() | {
            "case_type": "placering",
            "parties": [party(name) for name in _PARTIES],
            "purposes": [signed("hotbildsbedomning"), signed("placering")],
            "data_categories": [*plain["data_categories"], *more],
            "second_staff": {"name": "Miriam Åkerblom", "role": "beslutsfattare"},
        }
    more = [signed("overlamnande")] if flow == "F4" else []
    return signature() | {"parties": [party("Björkvika socialtjänst")], "purposes": more}


def renewed() -> Json:
    """A new time and a new signature, for the same purposes."""
    until = script.day(330)
    return signature() | {"valid_to": until, "valid_from": script.day(0), "purposes": [signed("informationsutbyte")]}


def signature() -> Json:
    """The paper that was signed today: no earlier one covers what is new."""
    return {"signed_at": f"{script.day(0)}T00:10:00Z", "original_sha256": "5e" * 32}


def signed(purpose: str) -> Json:
    """A purpose with its own signature."""
    return {"purpose": purpose, "signed": True, "valid_to": script.day(300)}


def party(unit: str) -> Json:
    """A unit as the paper names it."""
    authority = {"Bops Väst": "polis"}.get(unit, "socialtjanst")
    return {"authority": authority, "unit": unit, "role": "bada"}


def _known(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _known(one, known) for name, one in value.items()}
    if isinstance(value, list):
        return [_known(one, known) for one in value]
    return known.get(value, value) if isinstance(value, str) else value
