"""A consent as a FHIR R5 Consent resource (HL7 FHIR 5.0.0), for systems of health care; the mapping of domain.md 3.7.

Who answers for the data stands in the resource itself (``#controller``): an organisation with its number, its address,
and where its data protection officer is reached. What FHIR has no place for stands in extensions of our own
(``urn:sluss:...``): the SHA-256 of the original, because an attachment's hash is a SHA-1 there, and what took the
consent back. Persons are named by the case's own key, never by a number. Guardians are counted, not named: the original
names them.

Public signatures:
    consent_fhir(told) -> dict
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, Final

from client.casework.codelists import AUTHORITY, CASE_TYPE, DATA_CATEGORY, PURPOSE, SECRECY_RULE, CodeList
from client.casework.consent import GDPR_BASIS, SIGNER_KIND, SPECIAL_CATEGORY, Party, SignedPurpose
from client.casework.consent_status import Status
from client.casework.set_aside import POLICE_REGION, NotConcerned
from client.export.consent_told import Told, uuid_of

URN: Final = "urn:sluss:"
#: R5's statuses; what ran out or was taken back is inactive.
_STATUS: Final = MappingProxyType(
    {
        Status.UTKAST: "draft",
        Status.INFORMERAD: "draft",
        Status.AKTIVT: "active",
        Status.SNART_UTGATT: "active",
        Status.UTGATT: "inactive",
        Status.ATERKALLAT: "inactive",
        Status.VAGRAT: "not-done",
        Status.FELREGISTRERAT: "entered-in-error",
    }
)
_IN_FORCE: Final = frozenset({"active"})
_GETS: Final = frozenset({"tar_emot", "bada"})


def consent_fhir(told: Told) -> dict[str, Any]:
    """The resource as JSON would hold it; nothing that is absent."""
    record = told.record
    status = _STATUS[told.stands]
    made: dict[str, Any] = {
        "resourceType": "Consent",
        "id": record.consent_id,
        "meta": {"versionId": record.record_version},
        "language": "sv",
        "contained": _contained(told),
        "extension": _extensions(told),
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid_of(record.consent_id)}"}],
        "status": status,
        "category": [_concept("case_type", CASE_TYPE, record.case_type)],
        "subject": _by_key("Patient", "principal", record.principal_ref, "Personen"),
        "date": (record.signed_at or "")[:10] or None,
        "period": {"start": record.valid_from, "end": record.valid_to},
        "grantor": [
            _by_key("Patient", "principal", record.principal_ref, SIGNER_KIND.label(record.signer_kind)),
        ],
        "grantee": [_party(told, party) for party in record.parties if party.role in _GETS],
        "manager": [_unit(told, record.controller_unit)],
        "controller": [_controller(told)],
        "sourceAttachment": [{"contentType": "application/octet-stream", "title": record.original_location}]
        if record.original_location
        else [],
        "regulatoryBasis": [_concept("gdpr_basis", GDPR_BASIS, code) for code in record.gdpr_basis]
        + [_concept("secrecy_rule", SECRECY_RULE, code) for code in record.secrecy_rules],
        "policyText": [{"display": f"{record.notice_version} ({record.notice_language})"}],
        "verification": [_witnessed(told)],
        "decision": "permit" if status in _IN_FORCE else None,
        "provision": [_provision(told, one) for one in record.purposes if one.signed],
    }
    return {name: value for name, value in made.items() if value not in (None, [])}


def _controller(told: Told) -> dict[str, Any]:
    """The organisation in the resource; the unit where the directory does not tell."""
    if told.controller is None:
        return _unit(told, told.record.controller_unit)
    return {"reference": "#controller", "type": "Organization", "display": told.controller.name}


def _contained(told: Told) -> list[dict[str, Any]]:
    one = told.controller
    if one is None:
        return []
    reached: dict[str, Any] = {"address": {"text": one.address}} if one.address else {}
    reached |= {"telecom": [{"system": "other", "value": one.contact}]} if one.contact else {}
    officer: dict[str, Any] = {"purpose": {"text": "Dataskyddsombud"}}
    officer |= {"telecom": [{"system": "other", "value": one.dataskyddsombud}]}
    contacts = [*([reached] if reached else []), *([officer] if one.dataskyddsombud else [])]
    made = {
        "resourceType": "Organization",
        "id": "controller",
        "identifier": [{"system": f"{URN}org_number", "value": one.org_number}],
        "name": one.name,
        "contact": contacts,
    }
    return [{name: value for name, value in made.items() if value != []}]


def _witnessed(told: Told) -> dict[str, Any]:
    """Who saw the signing, and when."""
    signed_at, witness = told.record.signed_at, told.record.witness_staff.name
    made: dict[str, Any] = {
        "verified": signed_at is not None,
        "verifiedBy": {"type": "Practitioner", "display": witness},
    }
    return made if signed_at is None else {**made, "verificationDate": [signed_at]}


def _provision(told: Told, one: SignedPurpose) -> dict[str, Any]:
    """One purpose that the person has signed: for whom, for what data, until when."""
    record = told.record
    made = {
        "period": {"start": record.valid_from, "end": one.valid_to},
        "actor": [_actor(told, party) for party in record.parties]
        + [
            {"role": _role("tar_emot"), "reference": _unit(told, line.org)}
            for line in record.private_parties
            if line.signed and line.purpose == one.purpose
        ],
        "purpose": [_coding("purpose", PURPOSE, one.purpose)],
        "securityLabel": [_coding("special_category", SPECIAL_CATEGORY, code) for code in record.special_category],
        "code": [_concept("data_category", DATA_CATEGORY, code) for code in record.data_categories],
    }
    return {name: value for name, value in made.items() if value != []}


def _extensions(told: Told) -> list[dict[str, Any]]:
    record = told.record
    texts: Sequence[tuple[str, str | None]] = (
        ("original-sha256", record.original_sha256),
        ("supersedes", record.supersedes),
        ("limits", record.limits),
        ("retention-rule", record.retention_rule),
        ("guardians-signed", str(sum(one.signed for one in record.guardians)) if record.guardians else None),
        *(("not-concerned", _aside(one)) for one in record.not_concerned),
        *(("withdrawn", f"{one.at} {one.scope}") for one in told.withdrawals),
    )
    return [{"url": URN + name, "valueString": value} for name, value in texts if value]


def _aside(one: NotConcerned) -> str:
    region = POLICE_REGION.label(one.region) if one.region else ""
    return " ".join(filter(None, (AUTHORITY.label(one.authority), one.unit, region)))


def _actor(told: Told, party: Party) -> dict[str, Any]:
    return {"role": _role(party.role), "reference": _party(told, party)}


def _role(code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"{URN}party_role", "code": code}]}


def _party(told: Told, party: Party) -> dict[str, Any]:
    if party.unit is not None:
        return _unit(told, party.unit)
    return _by_key("Organization", "authority", party.authority, AUTHORITY.label(party.authority))


def _unit(told: Told, unit_id: str) -> dict[str, Any]:
    return _by_key("Organization", "unit", unit_id, told.unit_name(unit_id))


def _by_key(kind: str, system: str, value: str, display: str) -> dict[str, Any]:
    """A reference by identifier: there is no server to ask for the resource."""
    return {"type": kind, "identifier": {"system": URN + system, "value": value}, "display": display}


def _concept(system: str, codes: CodeList, code: str) -> dict[str, Any]:
    return {"coding": [_coding(system, codes, code)]}


def _coding(system: str, codes: CodeList, code: str) -> dict[str, str]:
    return {"system": URN + system, "code": code, "display": codes.label(code)}
