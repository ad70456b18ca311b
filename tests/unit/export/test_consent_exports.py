"""A consent for others: the shape of ISO/IEC TS 27560 as JSON-LD, and FHIR R5 against the published model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace as replace_told
from typing import Any

import pytest
from fhir.resources.consent import Consent
from msgspec.structs import replace
from pydantic import ValidationError

from client.casework.consent import (
    Controller,
    Guardian,
    Member,
    NotConcerned,
    PrivateParty,
    SignedPurpose,
    special_categories,
)
from client.casework.consent_status import Status, Withdrawal
from client.casework.header import Staff
from client.export.consent_27560 import CONTEXT, consent_27560
from client.export.consent_fhir import consent_fhir
from client.export.consent_told import Told
from tests.unit.casework.samples import NOW, OTHER_KOMMUN, PERSON, POLICE, SOCIAL, sample_record

PROVIDER = "9a" * 16
NAMES = {SOCIAL: "Göteborg SAV", POLICE: "Bops Väst", PROVIDER: "Omtanken AB"}
AT = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
PLAIN = sample_record()
CATEGORIES = (*PLAIN.data_categories, "halsa")
RICH = sample_record(
    supersedes="c1" * 16,
    signer_kind="personen_och_vardnadshavare",
    guardians=(Guardian(name="Vera Hemlig", signed=True),),
    not_concerned=(NotConcerned(authority="sis", reason="Ej.", decided_by=Staff(name="H", role="handlaggare")),),
    private_parties=(PrivateParty(org=PROVIDER, purpose="overlamnande", signed=True),),
    data_categories=CATEGORIES,
    special_category=special_categories(CATEGORIES, extremism=True),
    extremism=True,
    limits="Inte om min bror.",
    circle=(Member(unit=OTHER_KOMMUN),),
    purposes=(
        *PLAIN.purposes,
        SignedPurpose(purpose="foljeforskning", signed=False, valid_to="2028-02-01"),
        SignedPurpose(purpose="uppfoljning_efter_avslut", signed=True, valid_to="2028-02-01"),
    ),
)
TAKEN = (Withdrawal("2026-04-01T08:00:00Z", "helt"), Withdrawal("2026-04-02T08:00:00Z", "felregistrerat"))


def told(record: Any = RICH, status: Status = Status.AKTIVT, withdrawals: tuple[Withdrawal, ...] = ()) -> Told:
    """What an export is made of."""
    return Told(record=record, status=status, withdrawals=withdrawals, units=NAMES, exported_at=AT)


UNSIGNED = sample_record(event_types=("informerad",), form=None, signed_at=None, original_location=None)
CASES = [
    *(told(PLAIN, status) for status in Status),
    *(told(RICH, status) for status in Status),
    told(RICH, Status.ATERKALLAT, TAKEN),
    told(
        sample_record(event_types=("informerad",), form=None, signed_at=None, original_location=None), Status.INFORMERAD
    ),
]

# -- ISO/IEC TS 27560 -------------------------------------------------------------------------------------------------

#: What domain.md 3.7 calls mandatory, by the part of the record where the standard's guide puts it.
MANDATORY = {
    "record": {"schema_version", "record_id", "pii_principal_id"},
    "processing": {
        "privacy_notice",
        "language",
        "purposes",
        "pii_information",
        "pii_controllers",
        "recipient_third_parties",
        "storage_locations",
        "retention_period",
        "jurisdiction",
        "withdrawal_method",
    },
    "purpose": {"purpose"},
    "pii": {"pii_type"},
    "party": {"party_id", "party_name", "party_address", "party_contact", "party_type"},
    "event": {"event_time", "validity_duration", "entity_id", "event_type", "event_state"},
}
#: Terms of DPV 2.0 that we use, each looked up in its published modules; so is a new one before it is added here.
DPV = {
    *("ConsentRecord", "Process", "Purpose", "PersonalData", "SensitivePersonalData", "SpecialCategoryPersonalData"),
    *("Recipient", "DataController", "ThirdParty", "DataSubject", "DataProtectionOfficer", "ConsentNotice"),
    *("StorageLocation", "StorageDeletion", "WithdrawConsent", "ExplicitlyExpressedConsent"),
    *("ConsentUnknown", "ConsentRequested", "ConsentGiven", "ConsentExpired", "ConsentWithdrawn", "ConsentRefused"),
    *("ConsentInvalidated", "RenewedConsentGiven"),
    *("hasConsentStatus", "hasDataSubject", "hasProcess", "hasNotice", "hasPurpose", "hasLegalBasis"),
    *("hasPersonalData", "hasDataController", "hasStorageCondition", "hasJurisdiction", "hasRecipient", "hasName"),
    *("hasAddress", "hasContact", "hasConsentControl", "isImplementedByEntity", "hasIndicationMethod"),
    *("hasDataProtectionOfficer",),
}
#: The guide's term for each element that it calls mandatory (section 3.2 of the report of 2024-08-01).
GUIDE = {
    "schema_version": "dct:conformsTo",
    "record_id": "dct:identifier",
    "pii_principal_id": "dpv:hasDataSubject",
    "privacy_notice": "dpv:hasNotice",
    "language": "dct:language",
    "purposes": "dpv:hasPurpose",
    "lawful_basis": "dpv:hasLegalBasis",
    "pii_information": "dpv:hasPersonalData",
    "pii_controllers": "dpv:hasDataController",
    "storage_locations": "dpv:hasStorageCondition",
    "retention_period": "dpv:hasStorageCondition",
    "jurisdiction": "dpv:hasJurisdiction",
    "recipient_third_parties": "dpv:hasRecipient",
    "withdrawal_method": "dpv:hasConsentControl",
    "party_id": "dct:identifier",
    "party_address": "dpv:hasAddress",
    "party_name": "dpv:hasName",
    "party_contact": "dpv:hasContact",
    "event_time": "dct:date",
    "validity_duration": "dct:valid",
    "entity_id": "dpv:isImplementedByEntity",
    "event_state": "dpv:hasConsentStatus",
}
_TERM = re.compile(r"(dpv|eu-gdpr|loc|dct|sluss):([A-Za-z0-9_-]+)")
_KEYWORDS = {"@context", "@type", "@id"}


def _parts(made: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "record", made
    for processing in made["pii_processing"]:
        yield "processing", processing
        yield from (("purpose", one) for one in processing["purposes"])
        yield from (("pii", one) for one in processing["pii_information"])
    yield from (("party", one) for one in made["party_identification"])
    yield from (("event", one) for one in made["events"])


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, inner
            if name != "@context":
                yield from _pairs(inner)
    if isinstance(value, list):
        for one in value:
            yield from _pairs(one)


def shape_problems(made: dict[str, Any]) -> list[str]:
    """What is wrong with the shape: a mandatory element lacks or is empty, nobody declared a name or a term."""
    found = [
        f"{part}.{name}"
        for part, block in _parts(made)
        for name in sorted(MANDATORY[part])
        if block.get(name) in (None, "", []) and not (part == "event" and name == "validity_duration")
    ]
    for name, value in _pairs(made):
        term = _TERM.fullmatch(name)
        if name not in _KEYWORDS and name not in made["@context"] and not (term and term[1] in made["@context"]):
            found.append(f"name {name}")
        for text in value if isinstance(value, list) else (value,):
            term = _TERM.fullmatch(text) if isinstance(text, str) else None
            if term and term[1] == "dpv" and term[2] not in DPV:
                found.append(f"term {text}")
    ids = {one["party_id"] for one in made["party_identification"]}
    controllers = {one for processing in made["pii_processing"] for one in processing["pii_controllers"]}
    return found + [f"controller {one}" for one in sorted(controllers - ids)]


@pytest.mark.parametrize("case", CASES)
def test_the_record_has_the_shape_of_the_standard(case: Told) -> None:
    """Every mandatory element, no name outside of the context, no term that DPV has not; JSON and back is the same."""
    made = consent_27560(case)
    assert shape_problems(made) == []
    assert json.loads(json.dumps(made)) == made


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("record_id",), None),
        (("pii_principal_id",), ""),
        (("pii_processing", 0, "purposes", 0, "purpose"), None),
        (("pii_processing", 0, "recipient_third_parties"), []),
        (("pii_processing", 0, "retention_period"), ""),
        (("pii_processing", 0, "pii_controllers"), ["ff" * 16]),
        (("party_identification", 0, "party_name"), ""),
        (("events", 0, "event_state", "@id"), "dpv:ConsentMade"),
        (("nickname",), "x"),
    ],
)
def test_the_shape_test_sees_what_is_wrong(path: tuple[Any, ...], value: Any) -> None:
    """The control: each defect is found."""
    made = json.loads(json.dumps(consent_27560(told())))
    block = made
    for step in path[:-1]:
        block = block[step]
    block[path[-1]] = value
    assert shape_problems(made)


def test_each_element_has_the_term_of_the_guide() -> None:
    """The guide tells which property of DPV or Dublin Core says what each element says."""
    assert {name: CONTEXT[name] for name in GUIDE} == GUIDE


def test_consent_is_told_as_no_legal_basis() -> None:
    """It lifts secrecy; the grounds for handling the data are public task and law (domain.md 3.1)."""
    made = consent_27560(told())
    assert "Consent" not in json.dumps([one["@id"] for one in made["pii_processing"][0]["lawful_basis"]])
    assert all("lawful_basis" not in event for event in made["events"])


def test_every_term_of_the_context_is_declared() -> None:
    """A name maps to a term under a prefix of the same context, and nothing has to be fetched."""
    prefixes = {name for name, value in CONTEXT.items() if value.endswith(("#", "/"))}
    for name, value in CONTEXT.items():
        term = _TERM.fullmatch(value)
        assert name in prefixes or (term is not None and term[1] in prefixes and (term[1] != "dpv" or term[2] in DPV))


def test_what_was_signed_is_what_is_told() -> None:
    """Purposes with their own ends, data of articles 9 and 10, who gets it, what took it back; no person's name."""
    made = consent_27560(told(RICH, Status.ATERKALLAT, TAKEN))
    (processing,) = made["pii_processing"]
    assert [(one["purpose"]["@id"], one["sluss:signed"]) for one in processing["purposes"]][-2:] == [
        ("sluss:foljeforskning", False),
        ("sluss:uppfoljning_efter_avslut", True),
    ]
    assert processing["purposes"][-1]["validity_duration"] == "2026-02-01/2028-02-01"
    sensitive = {one["pii_type"]["@id"]: one["@type"] for one in processing["pii_information"]}
    assert {name: kind for name, kind in sensitive.items() if kind != "dpv:PersonalData"} == {
        "sluss:brott_och_domar": "dpv:SensitivePersonalData",
        "sluss:misstankar": "dpv:SensitivePersonalData",
        "sluss:halsa": "dpv:SpecialCategoryPersonalData",
        "sluss:gruppering": "dpv:SpecialCategoryPersonalData",
    }
    assert [one["event_state"]["@id"] for one in made["events"]][-2:] == [
        "dpv:ConsentWithdrawn",
        "dpv:ConsentInvalidated",
    ]
    assert {one["party_name"] for one in made["party_identification"]} >= set(NAMES.values())
    assert "Vera Hemlig" not in json.dumps(made, ensure_ascii=False)


STADEN = Controller(
    name="Göteborgs Stad",
    org_number="212000-1355",
    address="Box 1, 404 82 Göteborg",
    contact="031-000 00 00",
    dataskyddsombud="dso@goteborg.invalid",
)


def test_who_answers_for_the_data_is_told() -> None:
    """As the record says, else as the directory says today; number, address, contact and data protection officer."""
    moved = replace(STADEN, address="Box 2")
    for record, expected in ((replace(RICH, controller=STADEN), STADEN), (RICH, moved)):
        case = replace_told(told(record), organisations={SOCIAL: moved})
        controller = consent_27560(case)["party_identification"][0]
        assert controller["party_type"] == {"@id": "dpv:DataController"}
        assert (controller["party_name"], controller["sluss:organisation"]) == ("Göteborg SAV", expected.name)
        assert controller["sluss:org_number"] == expected.org_number
        assert (controller["party_address"], controller["party_contact"]) == (expected.address, expected.contact)
        assert controller["dpv:hasDataProtectionOfficer"]["party_contact"] == expected.dataskyddsombud
        assert shape_problems(consent_27560(case)) == []
        made = consent_fhir(case)
        assert json.loads(Consent.model_validate(made).model_dump_json()) == json.loads(json.dumps(made))
        assert made["controller"] == [{"reference": "#controller", "type": "Organization", "display": expected.name}]
        (organisation,) = made["contained"]
        assert organisation["identifier"][0]["value"] == expected.org_number
        assert [one.get("address", {}).get("text") for one in organisation["contact"]] == [expected.address, None]


# -- FHIR R5 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_the_resource_is_a_fhir_consent(case: Told) -> None:
    """The published model of R5 takes it, keeps all of it, and gives the same back."""
    made = consent_fhir(case)
    read = Consent.model_validate(made)
    assert json.loads(read.model_dump_json()) == json.loads(json.dumps(made))


@pytest.mark.parametrize("change", [{"nickname": "x"}, {"period": {"start": "soon"}}, {"provision": [{"purpose": 5}]}])
def test_the_model_refuses_what_is_none(change: dict[str, Any]) -> None:
    """The control: it is strict."""
    with pytest.raises(ValidationError):
        Consent.model_validate(consent_fhir(told()) | change)


@pytest.mark.parametrize(
    ("status", "expected", "decision"),
    [
        (Status.INFORMERAD, "draft", None),
        (Status.AKTIVT, "active", "permit"),
        (Status.SNART_UTGATT, "active", "permit"),
        (Status.UTGATT, "inactive", None),
        (Status.ATERKALLAT, "inactive", None),
        (Status.VAGRAT, "not-done", None),
        (Status.FELREGISTRERAT, "entered-in-error", None),
    ],
)
def test_only_what_is_in_force_permits(status: Status, expected: str, decision: str | None) -> None:
    """A reader who looks at nothing else than status and decision does no harm."""
    made = consent_fhir(told(status=status))
    assert (made["status"], made.get("decision")) == (expected, decision)


def test_only_signed_purposes_permit_and_the_provider_only_where_its_line_is() -> None:
    """A purpose that is not signed gives no provision; a private provider is an actor of its own purpose alone."""
    made = consent_fhir(told())
    purposes = [one["purpose"][0]["code"] for one in made["provision"]]
    assert "foljeforskning" not in purposes
    assert purposes[-1] == "uppfoljning_efter_avslut"
    names = {
        one["purpose"][0]["code"]: {actor["reference"]["display"] for actor in one["actor"]}
        for one in made["provision"]
    }
    assert [code for code, actors in names.items() if "Omtanken AB" in actors] == ["overlamnande"]
    assert made["subject"]["identifier"]["value"] == PERSON
    assert "Vera Hemlig" not in json.dumps(made, ensure_ascii=False)


def test_an_unsigned_line_makes_no_actor() -> None:
    """A provider whose line is empty gets nothing."""
    record = replace(RICH, private_parties=(replace(RICH.private_parties[0], signed=False),))
    assert "Omtanken AB" not in json.dumps(consent_fhir(told(record)), ensure_ascii=False)
