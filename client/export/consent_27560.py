"""A consent as a record in the form of ISO/IEC TS 27560:2023, as JSON-LD with terms of the Data Privacy Vocabulary.

The mapping is that of domain.md 3.7, after the W3C community group's guide to that standard; the standard's own text
was not at hand. Every element that the guide calls mandatory is there. What the standard has no element for
(authorities set aside, a closed circle, the secrecy rules that are waived) stands under names of our own, ``sluss:``.

The context stands inside the record: a reader must not have to ask a server what a consent means.

Public signatures:
    consent_27560(told) -> dict
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

from client.casework.codelists import AUTHORITY, DATA_CATEGORY, PURPOSE
from client.casework.consent import GDPR_BASIS, RETENTION, WRITTEN_FORM, Party
from client.casework.consent_status import Status, Withdrawal
from client.export.consent_told import Told, uuid_of

SCHEMA: Final = "ISO/IEC TS 27560:2023"
#: Names of the standard, each with the term of DPV or Dublin Core that says the same; ``sluss:`` is our own.
CONTEXT: Final[dict[str, str]] = {
    "dpv": "https://w3id.org/dpv#",
    "gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "sluss": "urn:sluss:consent#",
    "schema_version": "dct:conformsTo",
    "record_id": "dct:identifier",
    "pii_principal_id": "dpv:hasDataSubject",
    "pii_processing": "dpv:hasProcess",
    "privacy_notice": "dpv:hasNotice",
    "language": "dct:language",
    "purposes": "dpv:hasPurpose",
    "purpose": "dct:subject",
    "lawful_basis": "dpv:hasLegalBasis",
    "pii_information": "dpv:hasPersonalData",
    "pii_type": "dct:type",
    "sensitive_pii_category": "sluss:sensitive",
    "pii_controllers": "dpv:hasDataController",
    "collection_method": "sluss:collectionMethod",
    "storage_locations": "dpv:hasStorageCondition",
    "retention_period": "sluss:retention",
    "jurisdiction": "dpv:hasJurisdiction",
    "recipient_third_parties": "dpv:hasRecipient",
    "withdrawal_method": "sluss:withdrawalMethod",
    "party_identification": "sluss:parties",
    "party_id": "dct:identifier",
    "party_name": "dpv:hasName",
    "party_address": "dpv:hasAddress",
    "party_contact": "dpv:hasContact",
    "party_type": "dct:type",
    "events": "sluss:events",
    "event_time": "dct:date",
    "event_type": "dct:type",
    "event_state": "dpv:hasConsentStatus",
    "entity_id": "dpv:isIndicatedBy",
    "validity_duration": "dpv:hasDuration",
}
#: DPV's statuses of consent; an expired or withdrawn one does not allow anything.
_STATUS: Final = MappingProxyType(
    {
        Status.UTKAST: "dpv:ConsentUnknown",
        Status.INFORMERAD: "dpv:ConsentRequested",
        Status.AKTIVT: "dpv:ConsentGiven",
        Status.SNART_UTGATT: "dpv:ConsentGiven",
        Status.UTGATT: "dpv:ConsentExpired",
        Status.ATERKALLAT: "dpv:ConsentWithdrawn",
        Status.VAGRAT: "dpv:ConsentRefused",
        Status.FELREGISTRERAT: "dpv:ConsentInvalidated",
    }
)
_EVENT: Final = MappingProxyType(
    {
        "informerad": "dpv:ConsentRequested",
        "given": "dpv:ConsentGiven",
        "utokad": "dpv:ConsentGiven",
        "fornyad": "dpv:RenewedConsentGiven",
        "aterkallad": "dpv:ConsentWithdrawn",
        "vagrad": "dpv:ConsentRefused",
        "utgangen": "dpv:ConsentExpired",
        "felregistrerad": "dpv:ConsentInvalidated",
    }
)
#: The grounds for handling the data. Consent is none of them: it lifts secrecy (domain.md 3.1).
_LEGAL: Final = MappingProxyType(
    {
        "6_1_c": "gdpr:A6-1-c",
        "6_1_e": "gdpr:A6-1-e",
        "9_2_g": "gdpr:A9-2-g",
        "9_2_h": "gdpr:A9-2-h",
        "10": "sluss:gdpr_article_10",
        "brottsdatalagen": "sluss:brottsdatalagen",
    }
)


def consent_27560(told: Told) -> dict[str, Any]:
    """The record, its one processing section, its parties and its events."""
    record = told.record
    return {
        "@context": CONTEXT,
        "@type": "dpv:ConsentRecord",
        "@id": f"urn:uuid:{uuid_of(record.consent_id)}",
        "schema_version": SCHEMA,
        "record_id": uuid_of(record.consent_id),
        "pii_principal_id": uuid_of(record.principal_ref),
        "dct:hasVersion": record.record_version,
        "dct:replaces": None if record.supersedes is None else f"urn:uuid:{uuid_of(record.supersedes)}",
        "dct:created": record.signed_at,
        "dpv:hasConsentStatus": _STATUS[told.status],
        "pii_processing": [_processing(told)],
        "party_identification": _identified(told),
        "events": _events(told),
        "sluss:exported_at": told.exported_at,
    }


def _processing(told: Told) -> dict[str, Any]:
    """What the person has signed."""
    record = told.record
    return {
        "@type": "dpv:Process",
        "privacy_notice": record.notice_version,
        "language": record.notice_language,
        "purposes": [_purpose(told, n) for n in range(len(record.purposes))],
        "lawful_basis": [_term(_LEGAL[code], GDPR_BASIS.label(code)) for code in record.gdpr_basis],
        "pii_information": [_category(told, code) for code in record.data_categories],
        "pii_controllers": [record.controller_unit],
        "collection_method": WRITTEN_FORM.label(record.form or ""),
        "storage_locations": [f"{record.storage}: {record.original_location or ''}"],
        "retention_period": RETENTION.label(record.retention_rule),
        "jurisdiction": record.jurisdiction,
        "recipient_third_parties": [_party(told, party) for party in record.parties],
        "withdrawal_method": record.withdrawal_info,
        "sluss:original_sha256": record.original_sha256,
        "sluss:secrecy_rules_waived": list(record.secrecy_rules),
        "sluss:limits": record.limits,
        "sluss:not_concerned": [
            {"sluss:authority": AUTHORITY.label(one.authority), "sluss:reason": one.reason}
            for one in record.not_concerned
        ],
        "sluss:closed_circle": [member.unit for member in record.circle],
    }


def _purpose(told: Told, n: int) -> dict[str, Any]:
    """One purpose with its own signature and its own end."""
    record = told.record
    one = record.purposes[n]
    return {
        "@type": "dpv:Purpose",
        "purpose": f"sluss:{one.purpose}",
        "dct:title": PURPOSE.label(one.purpose),
        "sluss:signed": one.signed,
        "validity_duration": _period(record.valid_from, one.valid_to),
        "sluss:private_recipients": [
            line.org for line in record.private_parties if line.purpose == one.purpose and line.signed
        ],
    }


def _category(told: Told, code: str) -> dict[str, Any]:
    """One kind of data; articles 9 and 10 are told apart from the rest."""
    special = code in told.record.special_category or (code == "gruppering" and told.record.extremism)
    return {
        "@type": "dpv:SensitivePersonalData" if special else "dpv:PersonalData",
        "pii_type": f"sluss:{code}",
        "dct:title": DATA_CATEGORY.label(code),
        "sensitive_pii_category": special,
    }


def _party(told: Told, party: Party) -> dict[str, Any]:
    return {
        "@type": "dpv:Recipient",
        "party_id": party.unit or f"sluss:{party.authority}",
        "dct:title": AUTHORITY.label(party.authority) if party.unit is None else told.unit_name(party.unit),
        "sluss:role": party.role,
    }


def _identified(told: Told) -> list[dict[str, Any]]:
    """Every party by its id: the responsible unit first. A unit is reached through the federation, at its own id."""
    record = told.record
    ids: dict[str, str] = {line.org: "dpv:ThirdParty" for line in record.private_parties}
    ids |= {party.unit: "dpv:Recipient" for party in record.parties if party.unit is not None}
    ids = {record.controller_unit: "", **ids} | {record.controller_unit: "dpv:DataController"}
    return [
        {
            "party_id": unit_id,
            "party_name": told.unit_name(unit_id),
            "party_type": kind,
            "party_address": f"urn:sluss:unit:{unit_id}",
            "party_contact": told.unit_name(unit_id),
        }
        for unit_id, kind in ids.items()
    ]


def _events(told: Told) -> list[dict[str, Any]]:
    """The record's own chain, then what took it back."""
    record = told.record
    own = [
        {
            "event_time": event.at,
            "event_type": event.type,
            "event_state": _EVENT[event.type],
            "entity_id": _entity(told, event.type),
            "validity_duration": _period(record.valid_from, record.valid_to),
            "sluss:chain_sum": event.digest,
        }
        for event in record.events
    ]
    return own + [_taken_back(told, one) for one in told.withdrawals]


def _entity(told: Told, event_type: str) -> str:
    """Who did it: the person gives and takes back, the unit tells and corrects."""
    record = told.record
    by_unit = event_type in {"informerad", "utgangen", "felregistrerad"}
    return record.controller_unit if by_unit else uuid_of(record.principal_ref)


def _taken_back(told: Told, one: Withdrawal) -> dict[str, Any]:
    mistaken = one.scope == "felregistrerat"
    return {
        "event_time": one.at,
        "event_type": "felregistrerad" if mistaken else "aterkallad",
        "event_state": "dpv:ConsentInvalidated" if mistaken else "dpv:ConsentWithdrawn",
        "entity_id": _entity(told, "felregistrerad" if mistaken else "aterkallad"),
        "validity_duration": None,
        "sluss:scope": one.scope,
        "sluss:recipient": one.recipient or None,
        "sluss:purposes": sorted(one.purposes),
    }


def _period(begins: str, ends: str) -> dict[str, str]:
    return {"@type": "dpv:Duration", "dct:valid": f"{begins}/{ends}"}


def _term(term: str, title: str) -> dict[str, str]:
    return {"@id": term, "dct:title": title}
