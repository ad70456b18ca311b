"""Whom a consent must name in this very case, beside the list of its case type (`authorities`).

Rules:
1. Whoever is in custody: the authority that holds her. Whoever lives elsewhere: that municipality, unless her
   registration is protected and tells nothing. Where the case type's list has it.
2. A unit that does not decide (`keys.facts`): its decision unit, by name.
3. Who is placed: the police of the new place, by a unit of that region or as a whole authority.
4. For each of them a reason why it is not concerned is the way out (`set_aside`).

The facts of a document are the same at both ends; what the author's own case tells beside is asked at that end only.

Public signatures:
    concerned(header, content, controller, custody="") -> frozenset[str]     authorities of rule 1
    units_of(case_types, controller) -> frozenset[str]                       rule 2
    lacks_police(record, place, regions) -> str                              rule 3: the region missed, or empty
    left_out(record, authorities, units) -> dict[str, str]                   rule 4: the first of them that is missed

Source: domain.md 3.3, the columns "always" and "if applicable".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from client.casework.codelists import PROTECTED_BLOCKS_ROUTING
from client.casework.consent import ConsentRecord
from client.casework.header import Header
from client.casework.parties import Unit
from client.casework.set_aside import set_aside
from keys.facts import FACTS
from keys.places import region_of

#: Code of the list of custody -> the authority that holds the person.
_HOLDS: Final[Mapping[object, str]] = {
    "hakte": "kriminalvard",
    "anstalt": "kriminalvard",
    "frivard": "kriminalvard",
    "sis_lsu": "sis",
    "sis_lvu": "sis",
}
#: Case types whose list says "unit + decision unit".
_WITH_DECISION_UNIT: Final = frozenset({"intag", "hotbild", "plan", "placering"})


def concerned(header: Header, content: object, controller: Unit | None, custody: object = "") -> frozenset[str]:
    """Rule 1.

    Args:
        header: of the document.
        content: its struct.
        controller: the unit that is responsible for the consent, None when that is not known.
        custody: what the author's case tells of it, for documents that do not say it themselves.
    """
    found = {_HOLDS.get(getattr(content, "custody", None) or custody, "")}
    person = header.subject_person
    if person is not None and controller is not None and person.protected not in PROTECTED_BLOCKS_ROUTING:
        home = person.residence_kommun or person.registered_kommun
        if home and controller.kommunkod and home != controller.kommunkod:
            found.add("hemkommun")
    return frozenset(found - {""})


def units_of(case_types: Collection[str], controller: Unit | None) -> frozenset[str]:
    """Rule 2."""
    if controller is None or controller.decides is None or _WITH_DECISION_UNIT.isdisjoint(case_types):
        return frozenset()
    itself = controller.decides >= set(FACTS["decides"].words)
    return frozenset(() if itself or not controller.decision_unit else (controller.decision_unit,))


def lacks_police(record: ConsentRecord, place: object, regions: Mapping[str, frozenset[str]]) -> str:
    """Rule 3.

    Args:
        record: the consent.
        place: code of the municipality.
        regions: police units that the record names -> their regions; none for a unit of the whole country.
    """
    region = region_of(str(place))
    if region in set_aside(record.not_concerned).regions:
        return ""
    named = [regions.get(one.unit or "", frozenset()) for one in record.parties if one.authority == "polis"]
    return "" if any(not one or region in one for one in named) else region


def left_out(record: ConsentRecord, authorities: Collection[str], units: Collection[str]) -> dict[str, str]:
    """What a consent must name and neither names nor sets aside: ``authority`` or ``unit``; empty for nothing.

    Args:
        record: the consent.
        authorities: codes of those that it must name.
        units: ids of those that it must name.
    """
    aside = set_aside(record.not_concerned)
    missing = set(authorities) - {party.authority for party in record.parties} - aside.authorities
    unnamed = set(units) - {party.unit for party in record.parties} - aside.units
    return {"authority": min(missing)} if missing else {"unit": min(unnamed)} if unnamed else {}
