"""A consent as a record in the form of ISO/IEC TS 27560:2023, as JSON-LD with terms of the Data Privacy Vocabulary.

The mapping is that of domain.md 3.7, after the final report of the W3C community group on that standard (guide 27560,
2024-08-01, with DPV 2). The standard's own text was not at hand, and no schema of it is published. Every element that
the guide calls mandatory is there, under the guide's term. What the standard has no element for (authorities set aside,
a closed circle, the secrecy rules that are waived, the law of the police) stands under names of our own, ``sluss:``.

1. Consent is not the ground for handling data (domain.md 3.1): ``lawful_basis`` is, and what kind of consent an event
   is about stands as its type, not as a legal basis.
2. Data of article 9 are special categories, of article 10 sensitive, all else neither.
3. The context stands inside the record: a reader must not have to ask a server what a consent means.

Public signatures:
    consent_27560(told) -> dict
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

from client.casework.codelists import AUTHORITY, DATA_CATEGORY, PURPOSE
from client.casework.consent import GDPR_BASIS, RETENTION, WRITTEN_FORM, Party
from client.casework.consent_check import GIVING_EVENTS
from client.casework.consent_status import Status, Withdrawal
from client.casework.set_aside import POLICE_REGION
from client.export.consent_told import Told, uuid_of

#: The guide's name for records of this shape.
SCHEMA: Final = "https://w3id.org/dpv/schema/dpv-27560#record"
#: Names of the standard, each with the term of DPV or Dublin Core that says the same; ``sluss:`` is our own.
CONTEXT: Final[dict[str, str]] = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "dct": "http://purl.org/dc/terms/",
    "sluss": "urn:sluss:consent#",
    "schema_version": "dct:conformsTo",
    "record_id": "dct:identifier",
    "pii_principal_id": "dpv:hasDataSubject",
    "pii_processing": "dpv:hasProcess",
    "privacy_notice": "dpv:hasNotice",
    "language": "dct:language",
    "purposes": "dpv:hasPurpose",
    "purpose": "dct:type",
    "lawful_basis": "dpv:hasLegalBasis",
    "pii_information": "dpv:hasPersonalData",
    "pii_type": "dct:type",
    "sensitive_pii_category": "sluss:sensitive",
    "pii_controllers": "dpv:hasDataController",
    "storage_locations": "dpv:hasStorageCondition",
    "retention_period": "dpv:hasStorageCondition",
    "jurisdiction": "dpv:hasJurisdiction",
    "recipient_third_parties": "dpv:hasRecipient",
    "withdrawal_method": "dpv:hasConsentControl",
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
    "entity_id": "dpv:isImplementedByEntity",
    "validity_duration": "dct:valid",
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
        "6_1_c": "eu-gdpr:A6-1-c",
        "6_1_e": "eu-gdpr:A6-1-e",
        "9_2_g": "eu-gdpr:A9-2-g",
        "9_2_h": "eu-gdpr:A9-2-h",
        "10": "sluss:gdpr_article_10",
        "brottsdatalagen": "sluss:brottsdatalagen",
    }
)

_ARTICLE_10: Final = frozenset({"brott_och_domar", "misstankar"})
#: What the person does is to sign for this alone (domain.md 3.2 no 18).
_TYPE: Final = "dpv:ExplicitlyExpressedConsent"


def consent_27560(told: Told) -> dict[str, Any]:
    """The record, its one processing section, its parties and its events."""
    record = told.record
    return {
        "@context": CONTEXT,
        "@type": "dpv:ConsentRecord",
        "@id": f"urn:uuid:{uuid_of(record.consent_id)}",
        "schema_version": {"@id": SCHEMA},
        "record_id": uuid_of(record.consent_id),
        "pii_principal_id": {"@type": "dpv:DataSubject", "dct:identifier": uuid_of(record.principal_ref)},
        "dct:hasVersion": record.record_version,
        "dct:replaces": None if record.supersedes is None else f"urn:uuid:{uuid_of(record.supersedes)}",
        "dct:created": record.signed_at,
        "dpv:hasConsentStatus": {"@id": _STATUS[told.stands]},
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
        "privacy_notice": {"@type": "dpv:ConsentNotice", "dct:identifier": record.notice_version},
        "language": record.notice_language,
        "purposes": [_purpose(told, n) for n in range(len(record.purposes))],
        "lawful_basis": [_term(_LEGAL[code], GDPR_BASIS.label(code)) for code in record.gdpr_basis],
        "pii_information": [_category(told, code) for code in record.data_categories],
        "pii_controllers": [record.controller_unit],
        "storage_locations": [_condition("dpv:StorageLocation", f"{record.storage}: {record.original_location or ''}")],
        "retention_period": _condition("dpv:StorageDeletion", RETENTION.label(record.retention_rule)),
        "jurisdiction": {"@id": f"loc:{record.jurisdiction}"},
        "recipient_third_parties": [_party(told, party) for party in record.parties],
        "withdrawal_method": _condition("dpv:WithdrawConsent", record.withdrawal_info),
        "sluss:original_sha256": record.original_sha256,
        "sluss:secrecy_rules_waived": list(record.secrecy_rules),
        "sluss:limits": record.limits,
        "sluss:not_concerned": [
            {
                "sluss:authority": AUTHORITY.label(one.authority),
                **({} if one.unit is None else {"sluss:unit": one.unit}),
                **({} if one.region is None else {"sluss:police_region": POLICE_REGION.label(one.region)}),
                "sluss:reason": one.reason,
            }
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
        "purpose": {"@id": f"sluss:{one.purpose}"},
        "dct:title": PURPOSE.label(one.purpose),
        "sluss:signed": one.signed,
        "validity_duration": _period(record.valid_from, one.valid_to),
        "sluss:private_recipients": [
            line.org for line in record.private_parties if line.purpose == one.purpose and line.signed
        ],
    }


def _category(told: Told, code: str) -> dict[str, Any]:
    """One kind of data; articles 9 and 10 are told apart from the rest, and from each other."""
    special = code in told.record.special_category or (code == "gruppering" and told.record.extremism)
    kind = "dpv:PersonalData"
    if special:
        kind = "dpv:SensitivePersonalData" if code in _ARTICLE_10 else "dpv:SpecialCategoryPersonalData"
    return {
        "@type": kind,
        "pii_type": {"@id": f"sluss:{code}"},
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
    """Every party by its id, the responsible unit first."""
    record = told.record
    ids: dict[str, str] = {line.org: "dpv:ThirdParty" for line in record.private_parties}
    ids |= {party.unit: "dpv:Recipient" for party in record.parties if party.unit is not None}
    ids = {record.controller_unit: "", **ids} | {record.controller_unit: "dpv:DataController"}
    return [_reached(told, unit_id, kind) for unit_id, kind in ids.items()]


def _reached(told: Told, unit_id: str, kind: str) -> dict[str, Any]:
    """Whose unit it is and where it is reached; through the federation, at its own id, where its card does not tell."""
    organisation = told.controller if unit_id == told.record.controller_unit else told.organisations.get(unit_id)
    made: dict[str, Any] = {
        "party_id": unit_id,
        "party_name": told.unit_name(unit_id),
        "party_type": {"@id": kind},
        "party_address": f"urn:sluss:unit:{unit_id}",
        "party_contact": told.unit_name(unit_id),
    }
    if organisation is None:
        return made
    made |= {"sluss:organisation": organisation.name, "sluss:org_number": organisation.org_number}
    made |= {"party_address": organisation.address} if organisation.address else {}
    made |= {"party_contact": organisation.contact} if organisation.contact else {}
    if organisation.dataskyddsombud:
        officer = {"@type": "dpv:DataProtectionOfficer", "party_contact": organisation.dataskyddsombud}
        made["dpv:hasDataProtectionOfficer"] = officer
    return made


def _events(told: Told) -> list[dict[str, Any]]:
    """The record's own chain, then what took it back."""
    record = told.record
    valid = _period(record.valid_from, record.valid_to)
    own = [{**_event(told, event.at, event.type, valid), "sluss:chain_sum": event.digest} for event in record.events]
    return own + [_taken_back(told, one) for one in told.withdrawals]


def _event(told: Told, at: str, event_type: str, valid: str | None) -> dict[str, Any]:
    made = {
        "event_time": at,
        "event_type": {"@id": _TYPE},
        "event_state": {"@id": _EVENT[event_type]},
        "entity_id": _entity(told, event_type),
        "validity_duration": valid,
        "sluss:event": event_type,
    }
    signed = event_type in GIVING_EVENTS and told.record.form
    return made | ({"dpv:hasIndicationMethod": WRITTEN_FORM.label(told.record.form or "")} if signed else {})


def _entity(told: Told, event_type: str) -> str:
    """Who did it: the person gives and takes back, the unit tells and corrects."""
    record = told.record
    by_unit = event_type in {"informerad", "utgangen", "felregistrerad"}
    return record.controller_unit if by_unit else uuid_of(record.principal_ref)


def _taken_back(told: Told, one: Withdrawal) -> dict[str, Any]:
    """A withdrawal, or the unit's word that it was a mistake; it counts from then on, without an end."""
    return {
        **_event(told, one.at, "felregistrerad" if one.scope == "felregistrerat" else "aterkallad", None),
        "sluss:scope": one.scope,
        "sluss:recipient": one.recipient or None,
        "sluss:purposes": sorted(one.purposes),
    }


def _period(begins: str, ends: str) -> str:
    """From a day to a day, as ISO 8601 writes an interval."""
    return f"{begins}/{ends}"


def _condition(kind: str, words: str) -> dict[str, str]:
    return {"@type": kind, "dct:description": words}


def _term(term: str, title: str) -> dict[str, str]:
    return {"@id": term, "dct:title": title}
