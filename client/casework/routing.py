"""Whom to write to: a proposal from where a person belongs, the age, the kind of document and the directory.

A hint and nothing else: a person chooses. Rules:
1. With protected or unknown registration nothing is proposed: the register may name a municipality that the person has
   no tie to (domain.md 7.6). The recipient is chosen by hand and two people sign.
2. The municipality where somebody lives comes before the one of registration; where somebody merely is, is told apart.
   Which of them makes somebody belong to a unit is said by its card (``belongs_by``); without it where she lives.
3. What a city's unit takes and who decides there stands on its card (`keys.facts`), not here.
4. Rule U1: a child goes to a unit for defectors only when its card says that it takes children; else to the ordinary
   social services (`parties.takes_under_18`).
5. A municipality that is not connected gives whom to call.

Public signatures:
    route(kind, question, units, own="") -> Routing(proposals, by_hand, advice)
    Question(protected=..., registered=..., residence=..., staying=..., district=..., age=..., custody=...)
    Place(unit_id, name, unit_type, kommunkod, police_region, facts)       a unit of the directory, its facts of today

Source: domain.md 1.1, 2.0.3, 2.0.4, 2.4, 7.2, 7.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from client.casework import codelists as lists
from client.casework.fields import Form, When, integer, kommun, one, text, yn
from client.casework.kinds.intag_words import CUSTODY
from client.casework.kinds.registry import KINDS
from client.casework.parties import takes_under_18
from client.casework.routing_words import (
    Sentence,
    adviser_reason,
    assessor_reason,
    gate_reason,
    ordinary_reason,
    sentence,
    staying_advice,
    unconnected,
)
from keys.places import region_of

ADULT_YEARS = 18
#: Custody -> the fact of a card that says whether the unit takes such a person.
_CARE = {"lvm": "lvm", "sis_lvu": "lvu"}
#: How somebody may belong to a unit, the strongest first.
_BELONGING = ("bosatt", "folkbokford", "vistas")
_OPEN = tuple(sorted(lists.PROTECTED.codes - lists.PROTECTED_BLOCKS_ROUTING))
_ORDINARY = ("stadsdel_socialtjanst", "ordinarie_socialtjanst", "sig")
_POLICE = ("polis_bops", "polis_grova_brott", "polis_avhopparsamordnare")


class Question(Form, frozen=True, kw_only=True):
    """What is asked about somebody; nobody can be told by it, and it is not kept."""

    protected: Annotated[str, one(lists.PROTECTED, "Skyddade personuppgifter")]
    registered: Annotated[
        str | None,
        kommun(
            "Folkbokföringskommun",
            need=When("protected", _OPEN),
            never=When("protected", tuple(lists.PROTECTED_BLOCKS_ROUTING)),
        ),
    ] = None
    residence: Annotated[
        str | None,
        kommun("Bosättningskommun, om en annan", never=When("protected", tuple(lists.PROTECTED_BLOCKS_ROUTING))),
    ] = None
    staying: Annotated[
        str | None,
        kommun("Vistelsekommun, om en annan", never=When("protected", tuple(lists.PROTECTED_BLOCKS_ROUTING))),
    ] = None
    district: Annotated[str | None, text(60, "Stadsdel i Stockholm", never=When("protected", ("okant",)))] = None
    age: Annotated[int | None, integer(0, 120, "Ålder")] = None
    custody: Annotated[str | None, one(CUSTODY, "Pågående insatser eller frihetsberövad")] = None
    threat_confirmed: Annotated[str | None, yn("Har polisen bekräftat hotbilden")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A unit of the directory that takes documents.

    Args:
        unit_id: 32 hexadecimal characters.
        name: its Swedish name.
        unit_type: code of `codelists.UNIT_TYPE`.
        kommunkod: its municipality, empty for none.
        police_region: its region, empty for none.
        facts: those of its card that hold today.
    """

    unit_id: str
    name: str
    unit_type: str
    kommunkod: str = ""
    police_region: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A unit that a document could go to, and why."""

    unit_id: str
    name: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Routing:
    """Proposals, the best first; ``by_hand``: choose yourself and let two people sign; sentences of advice."""

    proposals: tuple[Proposal, ...]
    by_hand: bool
    advice: tuple[Sentence, ...]


def route(kind: str, question: Question, units: Sequence[Place], *, own: str = "") -> Routing:
    """Propose recipients.

    Args:
        kind: name of the kind of document.
        question: about whom, in general words.
        units: the directory's units that take documents.
        own: id of the asking unit, which is never proposed.
    """
    if question.protected in lists.PROTECTED_BLOCKS_ROUTING:
        return Routing((), True, (sentence("by_hand"),))
    home = question.residence or question.registered
    if home is None:
        return Routing((), False, (sentence("no_place"),))
    others = [unit for unit in units if unit.unit_id != own]
    finder = _Finder(question, home, others)
    advice: list[Sentence] = []
    if kind.startswith("konsultation."):
        found = list(finder.advisers())
    elif _goes_to_police(kind):
        found = list(finder.assessors())
    else:
        found, advice = list(finder.responsible()), list(finder.refusals())
    found = [one for one in found if _takes(kind, finder.types[one.unit_id])]
    if not found:
        advice += unconnected(home, [unit.name for unit in finder.by_nearness()][:1])
    if question.staying not in {None, home}:
        advice.append(staying_advice(str(question.staying)))
    return Routing(tuple(dict.fromkeys(found)), False, tuple(advice))


def _serves(unit: Place, kommunkod: str) -> bool:
    facts = unit.facts
    return (
        kommunkod == unit.kommunkod
        or kommunkod in facts.get("catchment_kommuner", ())
        or kommunkod[:2] in facts.get("catchment_lan", ())
        or ("catchment_regions" in facts and region_of(kommunkod) in facts["catchment_regions"])
    )


def _recipient_types(kind: str) -> frozenset[str]:
    return KINDS[kind].recipient_types if kind in KINDS else frozenset()


def _takes(kind: str, unit_type: str) -> bool:
    """Whether a unit of this type may get documents of the kind; where it declares none, every unit may."""
    types = _recipient_types(kind)
    return not types or unit_type in types


def _goes_to_police(kind: str) -> bool:
    types = _recipient_types(kind)
    return bool(types) and types <= lists.POLICE_TYPES


class _Finder:
    """The directory seen from one municipality."""

    def __init__(self, question: Question, home: str, units: Sequence[Place]) -> None:
        self._question = question
        self._home = home
        self._home_region = region_of(home)
        self._units = units
        self.types = {unit.unit_id: unit.unit_type for unit in units}
        known = question.residence or question.registered
        self._belongs = {"bosatt": known, "folkbokford": question.registered, "vistas": question.staying or known}
        served = {unit.unit_id: place for unit in units if (place := self._place(unit))}
        self._served = served
        self._local = [unit for unit in units if unit.unit_id in served]

    def advisers(self) -> Iterator[Proposal]:
        """Units that advise other municipalities, the nearest first."""
        for unit in self.by_nearness():
            yield Proposal(unit.unit_id, unit.name, adviser_reason(unit.kommunkod, self._home))

    def by_nearness(self) -> list[Place]:
        """Advising units: of the municipality, of its county, of its police region, of the country."""
        found = [unit for unit in self._units if unit.facts.get("advises_other_kommuner") is True]
        return sorted(found, key=lambda unit: (self._distance(unit), unit.name))

    def assessors(self) -> Iterator[Proposal]:
        """Who assesses threats: those whom the local unit's card names, else the police of the region."""
        gates = [unit for unit in self._local if unit.unit_type == "avhopparenhet"]
        named = [name for gate in gates for name in gate.facts.get("threat_assessor", ())]
        known = {unit.unit_id: unit for unit in self._units}
        for unit_id in named:
            if unit_id in known:
                yield Proposal(unit_id, known[unit_id].name, assessor_reason(self._home, gates[0].name))
        if not any(unit_id in known for unit_id in named):
            for unit in self._of_types(_POLICE, self._units):
                if self._home_region in {unit.police_region, *unit.facts.get("catchment_regions", ())}:
                    yield Proposal(unit.unit_id, unit.name, assessor_reason(self._home, ""))

    def responsible(self) -> Iterator[Proposal]:
        """The unit for defectors where it takes the person, then the ordinary services."""
        for gate in self._gates():
            if gate.facts.get("gatekeeper") == "polis_forst":
                yield from self.assessors()
            if not self._refusal(gate):
                reason = gate_reason(self._served[gate.unit_id], gate.name, gate.facts, self._names())
                yield Proposal(gate.unit_id, gate.name, reason)
        for unit in self._of_types(_ORDINARY, self._local):
            if self._question.district in {None, *unit.facts.get("catchment_districts", [self._question.district])}:
                yield Proposal(unit.unit_id, unit.name, ordinary_reason(self._served[unit.unit_id], unit.unit_type))

    def refusals(self) -> Iterator[Sentence]:
        """Why the unit for defectors is not proposed."""
        for gate in self._gates():
            reason = self._refusal(gate)
            if reason:
                yield sentence(reason, unit=gate.name)

    def _names(self) -> dict[str, str]:
        return {unit.unit_id: unit.name for unit in self._units}

    def _gates(self) -> list[Place]:
        return [unit for unit in self._local if unit.unit_type == "avhopparenhet"]

    def _refusal(self, gate: Place) -> str:
        """What of this person the unit does not take, as a key of `routing_words.TEXTS`; empty for nothing."""
        question, facts = self._question, gate.facts
        if (
            question.age is not None
            and question.age < ADULT_YEARS
            and not takes_under_18(gate.unit_type, facts.get("takes_under_18"))
        ):
            return "under_18"
        care = _CARE.get(question.custody or "", "")
        if care and facts.get(f"takes_{care}") is False:
            return care
        if question.threat_confirmed == "nej" and facts.get("takes_without_confirmed_threat") is False:
            return "hot"
        return ""

    def _place(self, unit: Place) -> str:
        """The municipality by which the person belongs to a unit, as its card counts; empty for none."""
        if not unit.facts:
            return self._home if unit.kommunkod == self._home else ""
        words = unit.facts.get("belongs_by")
        places = [self._home] if words is None else [self._belongs[word] for word in _BELONGING if word in words]
        return next((place for place in places if place and _serves(unit, place)), "")

    def _distance(self, unit: Place) -> int:
        if unit.kommunkod == self._home:
            return 0
        if unit.kommunkod[:2] == self._home[:2]:
            return 1
        return 2 if region_of(unit.kommunkod) == self._home_region else 3

    def _of_types(self, types: tuple[str, ...], units: Sequence[Place]) -> list[Place]:
        found = [unit for unit in units if unit.unit_type in types]
        elsewhere = {unit_id for unit_id, place in self._served.items() if place != self._home}
        return sorted(found, key=lambda unit: (unit.unit_id in elsewhere, types.index(unit.unit_type), unit.name))
