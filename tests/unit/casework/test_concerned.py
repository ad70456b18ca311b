"""Whom a consent must name because of what the case is: custody, home, who decides, the police of a new place."""

import dataclasses
from typing import Any

import msgspec
import pytest

from client.casework.codes import explain
from client.casework.concerned import units_of
from client.casework.consent import ConsentRecord, Party
from client.casework.consent_rules import ConsentRefusedError
from client.casework.header import Staff
from client.casework.parties import Unit
from client.casework.rules import check_incoming, check_outgoing
from client.casework.set_aside import NotConcerned
from keys.facts import FACTS
from keys.places import region_of
from tests.unit.casework.samples import POLICE, SAMPLES, SOCIAL, UNITS, outgoing, record_for, sample_record

DECIDER = "90" * 16
CONTROLLER = dataclasses.replace(UNITS[SOCIAL], kommunkod="1480")
TEAM = dataclasses.replace(CONTROLLER, decides=frozenset({"placering"}), decision_unit=DECIDER)
BOTH_ENDS = pytest.mark.parametrize("received", [False, True])


def fault(name: str, received: bool, **changes: Any) -> dict[str, Any]:
    """What the refusal tells; empty for none."""
    try:
        (check_incoming if received else check_outgoing)(outgoing(name, **changes))
    except ConsentRefusedError as error:
        return dict(error.fields) if error.code == "CNS-04" else {"code": error.code}
    return {}


def named(authority: str, unit: str | None = None, record: ConsentRecord | None = None) -> ConsentRecord:
    """The record with one more line."""
    record = sample_record() if record is None else record
    more = Party(authority=authority, unit=unit, role="bada")
    return msgspec.structs.replace(record, parties=(*record.parties, more))


def set_aside(
    authority: str, unit: str | None = None, region: str | None = None, record: ConsentRecord | None = None
) -> ConsentRecord:
    """A record in which a handler says why an authority, a unit or a region's police is not concerned."""
    staff = Staff(name="Hanna Handläggare", role="handlaggare")
    row = NotConcerned(authority=authority, unit=unit, region=region, reason="Utskriven", decided_by=staff)
    return msgspec.structs.replace(sample_record() if record is None else record, not_concerned=(row,))


@pytest.mark.parametrize(
    ("controller", "case_types", "units"),
    [
        (TEAM, {"intag"}, {DECIDER}),
        (TEAM, {"uppfoljning"}, set()),
        (CONTROLLER, {"intag"}, set()),
        (dataclasses.replace(TEAM, decides=frozenset(FACTS["decides"].words)), {"intag"}, set()),
        (dataclasses.replace(TEAM, decision_unit=""), {"intag"}, set()),
        (None, {"intag"}, set()),
    ],
)
def test_the_unit_that_decides_for_another_is_named(
    controller: Unit | None, case_types: set[str], units: set[str]
) -> None:
    """The one of the card, where the unit itself does not decide all."""
    assert units_of(case_types, controller) == units


@BOTH_ENDS
@pytest.mark.parametrize(
    ("custody", "authority"),
    [
        ("hakte", "kriminalvard"), ("anstalt", "kriminalvard"), ("frivard", "kriminalvard"),
        ("sis_lsu", "sis"), ("sis_lvu", "sis"), ("nej", ""), ("lvm", ""), ("okant", ""),
    ],
)  # fmt: skip
def test_who_holds_the_person_is_named_or_set_aside(custody: str, authority: str, received: bool) -> None:
    """Where she is held says whom the consent must name; a reason is the way out."""
    body = SAMPLES["intag.formedling"]
    body["content"]["custody"] = custody
    told = {"authority": authority, "told": 1} if authority else {}
    assert fault("intag.formedling", received, body=body) == told
    if authority:
        assert fault("intag.formedling", received, body=body, record=named(authority)) == {}
        assert fault("intag.formedling", received, body=body, record=set_aside(authority)) == {}


def test_custody_that_the_case_tells_counts_for_the_author() -> None:
    """A threat request does not say it; the contact before did."""
    assert fault("hotbild.begaran", False, known_custody="anstalt") == {"authority": "kriminalvard", "told": 1}
    assert fault("hotbild.begaran", False, known_custody="anstalt", record=named("kriminalvard")) == {}


@BOTH_ENDS
@pytest.mark.parametrize(
    ("person", "asks"),
    [
        ({"registered_kommun": "1280"}, True),
        ({"registered_kommun": "1480"}, False),
        ({"registered_kommun": "1280", "residence_kommun": "1480"}, False),
        ({"registered_kommun": "1480", "residence_kommun": "1280"}, True),
        ({}, False),
        ({"registered_kommun": "1280", "protected": "skyddad_folkbokforing"}, False),
    ],
)
def test_another_home_municipality_is_named_or_set_aside(person: dict[str, str], asks: bool, received: bool) -> None:
    """Where she lives, else is registered; a protected registration tells nothing."""
    body = SAMPLES["hotbild.begaran"]
    body["header"]["subject_person"] |= person
    two = {"signatures": 2, "second_roles": frozenset({"beslutsfattare"})}
    known = {"body": body, "controller": CONTROLLER, **two}
    assert fault("hotbild.begaran", received, **known) == ({"authority": "hemkommun", "told": 1} if asks else {})
    assert fault("hotbild.begaran", received, **known, record=named("hemkommun")) == {}
    assert fault("hotbild.begaran", received, **known, record=set_aside("hemkommun")) == {}
    assert fault("hotbild.begaran", received, body=body, **two) == {}  # nobody knows where the unit is


@BOTH_ENDS
@pytest.mark.parametrize(("case_type", "asks"), [("intag", True), ("plan", True), ("uppfoljning", False)])
def test_the_unit_that_decides_is_named(case_type: str, asks: bool, received: bool) -> None:
    """By its id, for a consent that its responsible unit cannot decide on; otherwise nobody asks."""
    record = sample_record(case_type=case_type)
    name = "samtycke.registrerat"
    body = SAMPLES[name]
    body["content"]["case_type"] = case_type
    assert fault(name, received, body=body, record=record, controller=TEAM) == ({"unit": DECIDER} if asks else {})
    with_it = named("socialtjanst", DECIDER, record)
    assert fault(name, received, body=body, record=with_it, controller=TEAM) == {}
    assert fault(name, received, body=body, record=record, controller=CONTROLLER) == {}
    aside = [set_aside("socialtjanst", unit, None, record) for unit in (DECIDER, None, SOCIAL)]
    told = [fault(name, received, body=body, record=one, controller=TEAM) for one in aside]
    missed = {"unit": DECIDER} if asks else {}
    assert told == [{}, missed, missed]


@BOTH_ENDS
def test_the_police_of_the_new_place_are_named(received: bool) -> None:
    """A confirmation of a placement in another region asks for the police there, as a unit or as a whole."""
    name = "placering.bekraftelse"
    region = region_of(SAMPLES[name]["content"]["place"])
    near, far = {POLICE: frozenset({"vast", region})}, {POLICE: frozenset({"vast"})}
    record = record_for(name)
    assert fault(name, received, record=record, police_regions=near) == {}
    assert fault(name, received, record=record, police_regions={POLICE: frozenset()}) == {}  # of the whole country
    assert fault(name, received, record=record, police_regions=far) == {"region": region}
    there = named("polis", "91" * 16, record)
    assert fault(name, received, record=there, police_regions=far | {"91" * 16: frozenset({region})}) == {}
    assert fault(name, received, record=named("polis", None, record), police_regions=far) == {}
    elsewhere = "nord" if region != "nord" else "ost"
    aside = [set_aside("polis", None, one, record) for one in (region, None, elsewhere)]
    told: list[dict[str, Any]] = [fault(name, received, record=one, police_regions=far) for one in aside]
    assert told == [{}, {"region": region}, {"region": region}]  # the police as a whole is another reason


def test_the_region_that_is_missed_is_told_by_its_name() -> None:
    """In words that a person knows, with the way out."""
    told = explain("CNS-04", region="vast")
    assert "region Väst" in told.sentence
    assert "ej berörd" in told.next_step
