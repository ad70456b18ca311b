"""One complete body per kind, a consent record, and contexts: invented people, offices and numbers.

SAMPLES[kind_name] -> body as the codec would decode it (a fresh copy on each access)
sample_record(**changes) -> ConsentRecord
record_as_dict(record) -> dict        what travels in ``consents``
outgoing(kind_name, **changes) -> rules.Context that passes
"""

from __future__ import annotations

import copy
from collections import UserDict
from datetime import UTC, datetime
from typing import Any

import msgspec

from client.casework.consent import (
    ConsentRecord,
    Party,
    PrivateParty,
    SignedPurpose,
    add_event,
    special_categories,
)
from client.casework.header import Staff
from client.casework.kinds.registry import KINDS
from client.casework.parties import Unit
from client.casework.question import Context
from client.casework.two_persons import TWO
from tests.unit.casework import (
    samples_cases,
    samples_consent,
    samples_handover,
    samples_placement,
    samples_plan,
    samples_statistics,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

SOCIAL = "50" * 16
POLICE = "60" * 16
OTHER_KOMMUN = "70" * 16
PERSON = "80" * 16
CONSENT = "c0" * 16
THREAD = "d0" * 16
MESSAGE = "e0" * 16
FIRST_MESSAGE = "e1" * 16

UNITS = {
    SOCIAL: Unit(unit_id=SOCIAL, unit_type="avhopparenhet", authority="socialtjanst"),
    POLICE: Unit(unit_id=POLICE, unit_type="polis_bops", authority="polis"),
    OTHER_KOMMUN: Unit(unit_id=OTHER_KOMMUN, unit_type="ordinarie_socialtjanst", authority="socialtjanst"),
    samples_placement.OTHER_POLICE: Unit(
        unit_id=samples_placement.OTHER_POLICE, unit_type="polis_underrattelse", authority="polis"
    ),
    samples_statistics.RECEIVER: Unit(unit_id=samples_statistics.RECEIVER, unit_type="statistikmottagare"),
    samples_plan.PROVIDER: Unit(unit_id=samples_plan.PROVIDER, unit_type="utforare", private=True),
}

HANDLER = {"name": "Hanna Handläggare", "role": "handlaggare"}
CHIEF = {"name": "Bo Beslutsfattare", "role": "beslutsfattare"}
ASSESSOR = {"name": "Pia Polisbedömare", "role": "polis_bedomare"}

PERSON_BLOCK: dict[str, Any] = {
    "id_kind": "personnummer",
    "id_value": "19811218-9876",
    "full_name": "Påhittad Person",
    "protected": "ingen",
    "safe_contact": "Bara vardagar före klockan tio.",
    "language": "sv",
}

CONTENTS: dict[str, dict[str, Any]] = {
    "konsultation.fraga": {
        "topics": ["hotbild_och_risk", "samtycke_sekretess"],
        "has_own_unit": False,
        "police_contacted": "nej",
        "perceived_threat": "allvarlig",
        "age_band": "18_20",
        "resident_here": "ja",
        "situation": "En ung vuxen vill lämna en gruppering och är rädd för tidigare kamrater.",
        "need": ["rad", "mall_eller_rutin"],
        "anon_attested": True,
    },
    "konsultation.svar": {
        "advice": "Börja med att fråga om personen vill ha hjälp och beskriv vad ett samtycke innebär.",
        "next_steps": ["inhamta_samtycke", "begar_hotbildsbedomning"],
        "references": ["Stöd om samverkan, kapitel tre"],
        "advice_only": True,
        "minutes_spent": 45,
    },
    "konsultation.komplettering": {"note": "Har personen barn i kommunen?"},
    "konsultation.avslut": {"helpful": "ja", "became": "hotbild"},
    "konsultation.omvandlad": {"new_thread": "ab" * 16},
    "konsultation.avbojd": {"reason": "fel_enhet"},
    "hotbild.begaran": {
        "purpose": "intag",
        "urgency": "skyndsam",
        "own_account": "Personen berättar om hot sedan i höstas och undviker vissa platser.",
        "self_reported_threat": "ja",
        "group": "En gruppering i stadens norra del",
        "role": "Perifer",
        "alleged_actors": [{"name": "Okänd äldre man", "relation": "Tidigare vän", "why": "Skuld"}],
        "checkable_events": [
            {"date_approx": "hösten 2025", "place": "Centralstationen", "what": "Polisen stoppade bilen"}
        ],
        "social_view": "Motivationen är god. Bostaden är osäker.",
        "minor": False,
    },
    "hotbild.delbesked": {"so_far": "Underlaget gås igenom.", "expected_date": "2026-03-06"},
    "hotbild.komplettering_begard": {"questions": "När hände det senaste hotet?"},
    "hotbild.komplettering": {"answers": "I början av februari."},
    "hotbild.resultat": {
        "outcome": "bekraftad",
        "assessor_section": "bops",
        "definition_used": "noa",
        "definition_version": "2023",
        "known_to_police": "delvis",
        "risk_level": "forhojd",
        "actors_identified": True,
        "recommended": ["sakerhetssamtal", "tillfalligt_boende"],
        "valid_until": "2026-09-02",
        "reassess_if": ["ny_konflikt"],
        "advice_person": "Stäng av platsdelning i telefonen.",
        "may_show_person": "delvis",
        "intel_included": False,
    },
    "hotbild.omprovning": {"because": ["frigivning"], "expected_date": "2026-03-06"},
    "bedomning.oenighet": {"point": "hotbild", "our_view": "Vi ser en högre hotbild.", "wants_meeting": True},
    "overlamnande.forfragan": {
        "kind": "hemkommun_folkbokford",
        "reason": ["folkbokford", "onskemal"],
        "residence_check": "navet_egen_kommun",
        "protected_handled": True,
        "summary": "Personen vill bo i hemkommunen och behöver stöd med boende och sysselsättning.",
        "ongoing": [{"insats": "Kvalificerad kontaktperson", "till_och_med": "2026-06-30"}],
        "urgent_needs": ["tillfalligt_boende"],
        "wanted_date": "2026-04-01",
        "interim_responsible": SOCIAL,
        "cost": "mottagare",
        "named_contact": "Hanna Handläggare",
    },
    "overlamnande.svar": {"answer": "accepterat", "takeover_date": "2026-04-01", "our_case": "SN 12"},
    "overlamnande.genomfort": {"first_meeting": "2026-03-02", "person_attended": True},
    "overlamnande.uteblev": {"planned_meeting": "2026-03-02", "new_meeting": "2026-04-09"},
    "overlamnande.aterkallat": {"recalled_on": "2026-03-02"},
    "samtycke.registrerat": {"consent_id": CONSENT, "case_type": "intag", "scan_enclosed": False},
    "samtycke.utokat": {"consent_id": CONSENT, "case_type": "intag", "scan_enclosed": False},
    "samtycke.aterkallat": {
        "consent_id": CONSENT,
        "scope": "helt",
        "received_how": "telefon",
        "at": "2026-03-02T08:30:00Z",
    },
}

for _more in (samples_placement, samples_plan, samples_cases, samples_statistics, samples_consent, samples_handover):
    CONTENTS |= _more.CONTENTS

#: Kind -> (sender, recipient, staff, state of the thread before it; None for a first document).
ROUTES: dict[str, tuple[str, str, dict[str, str], str | None]] = {
    "konsultation.fraga": (OTHER_KOMMUN, SOCIAL, HANDLER, None),
    "konsultation.svar": (SOCIAL, OTHER_KOMMUN, HANDLER, "tillganglig"),
    "konsultation.komplettering": (SOCIAL, OTHER_KOMMUN, HANDLER, "pagar"),
    "konsultation.avslut": (OTHER_KOMMUN, SOCIAL, HANDLER, "besvarad"),
    "konsultation.omvandlad": (OTHER_KOMMUN, SOCIAL, HANDLER, "besvarad"),
    "konsultation.avbojd": (SOCIAL, OTHER_KOMMUN, HANDLER, "tillganglig"),
    "hotbild.begaran": (SOCIAL, POLICE, HANDLER, None),
    "hotbild.delbesked": (POLICE, SOCIAL, ASSESSOR, "bedoms"),
    "hotbild.komplettering_begard": (POLICE, SOCIAL, ASSESSOR, "bedoms"),
    "hotbild.komplettering": (SOCIAL, POLICE, HANDLER, "vantar_komplettering"),
    "hotbild.resultat": (POLICE, SOCIAL, ASSESSOR, "mottagen"),
    "hotbild.omprovning": (POLICE, SOCIAL, ASSESSOR, "malgrupp_beslutad"),
    "bedomning.oenighet": (SOCIAL, POLICE, HANDLER, "resultat_lamnat"),
    "overlamnande.forfragan": (SOCIAL, OTHER_KOMMUN, HANDLER, None),
    "overlamnande.svar": (OTHER_KOMMUN, SOCIAL, CHIEF, "provas"),
    "overlamnande.genomfort": (OTHER_KOMMUN, SOCIAL, HANDLER, "accepterad"),
    "overlamnande.uteblev": (OTHER_KOMMUN, SOCIAL, HANDLER, "accepterad"),
    "overlamnande.aterkallat": (SOCIAL, OTHER_KOMMUN, HANDLER, "provas"),
    "samtycke.registrerat": (SOCIAL, POLICE, HANDLER, None),
    "samtycke.utokat": (SOCIAL, POLICE, HANDLER, "aktivt"),
    "samtycke.aterkallat": (SOCIAL, POLICE, HANDLER, "aktivt"),
}

ROUTES |= samples_placement.ROUTES | samples_plan.ROUTES | samples_cases.ROUTES | samples_statistics.ROUTES
ROUTES |= samples_consent.ROUTES | samples_handover.ROUTES


def _header(name: str) -> dict[str, Any]:
    kind = KINDS[name]
    sender, recipient, staff, state = ROUTES[name]
    header: dict[str, Any] = {
        "message_id": MESSAGE,
        "thread_id": THREAD,
        "message_type": name,
        "schema_version": kind.schema_version,
        "sender_unit": sender,
        "sender_staff": staff,
        "recipient_unit": recipient,
        "created_at": "2026-03-02T09:00:00Z",
        "priority": samples_placement.PRIORITY.get(name, "rutin"),
        "disclosure_basis": "samtycke" if kind.about_person else "inga_personuppgifter",
        "subject_generic": kind.subject,
    }
    if kind.local:
        header |= {"disclosure_basis": "stannar_i_enheten", "secrecy_marks": ["OSL_26_1"]}
    elif kind.about_person:
        header |= {"consent_ref": CONSENT, "secrecy_marks": ["OSL_26_1"]}
    if kind.about_person:
        header["principal_ref"] = PERSON
    if kind.subject_person.value == "required":
        header["subject_person"] = PERSON_BLOCK
    header |= samples_cases.HEADERS.get(name, {})
    if state is not None:
        header["in_reply_to"] = FIRST_MESSAGE
    return header


class _Samples(UserDict[str, dict[str, Any]]):
    """Gives a copy, so that a test may change it."""

    def __getitem__(self, name: str) -> dict[str, Any]:
        return copy.deepcopy(super().__getitem__(name))


SAMPLES = _Samples(
    {name: {"header": _header(name), "content": content, "consents": []} for name, content in CONTENTS.items()}
)

_CATEGORIES = (
    "identitet",
    "kontakt",
    "social_situation",
    "brott_och_domar",
    "misstankar",
    "hotbild",
    "gruppering",
    "boende_plats",
)


def sample_record(**changes: Any) -> ConsentRecord:
    """A signed consent that covers every sample; ``changes`` replace fields (the event chain is kept whole)."""
    record = ConsentRecord(
        consent_id=CONSENT,
        record_version="1.0",
        principal_ref=PERSON,
        signer_kind="personen",
        case_type="intag",
        controller_unit=SOCIAL,
        parties=(
            Party(authority="socialtjanst", unit=SOCIAL, role="bada"),
            Party(authority="polis", unit=POLICE, role="bada"),
            Party(authority="socialtjanst", unit=OTHER_KOMMUN, role="bada"),
        ),
        data_categories=_CATEGORIES,
        special_category=special_categories(_CATEGORIES),
        purposes=tuple(
            SignedPurpose(purpose=purpose, signed=True, valid_to="2027-02-01")
            for purpose in ("informationsutbyte", "hotbildsbedomning", "overlamnande")
        ),
        secrecy_rules=("OSL_26_1",),
        valid_from="2026-02-01",
        valid_to="2027-02-01",
        form="papper_underskrift",
        signed_at="2026-02-01T10:00:00Z",
        signed_place="Kontoret",
        original_sha256="ab" * 32,
        original_location="Arkivskåp ett",
        notice_version="2026-01",
        notice_language="sv",
        witness_staff=Staff(name="Vera Vittne", role="handlaggare"),
        withdrawal_info="Säg till vem som helst av personalen, på vilket sätt som helst.",
        retention_rule="personakt_5_ar",
        storage="enhetens_system",
        jurisdiction="SE",
        gdpr_basis=("6_1_e", "9_2_g", "10"),
        events=(),
        receipt_given="papper",
    )
    events = changes.pop("event_types", ("informerad", "given"))
    record = msgspec.structs.replace(record, **changes)
    if "events" not in changes:
        for event_type in events:
            record = add_event(record, event_type, at="2026-02-01T10:00:00Z", by="handlaggare")
    return record


#: Kinds that always need a second signature.
SIGNED_BY_TWO = {
    "placering.bekraftelse",
    "kollision.forfragan",
    "kollision.egenkontroll",
    "kollision.utfall",
    "kollision.svar",
    "samtycke.felregistrerat",
    "uttag.begaran",
}

#: What a consent to a placement covers beside.
_MORE_CATEGORIES = (*_CATEGORIES, "halsa", "sysselsattning", "familj_anhoriga", "ekonomi_skulder")


def record_for(kind_name: str) -> ConsentRecord:
    """A consent that covers the sample of the kind: the plain one, or with a signed supplement."""
    plain = sample_record()
    signed = {entry.purpose for entry in plain.purposes}
    needed = [one for one in (KINDS[kind_name].purpose, KINDS[kind_name].also_purpose) if one and one not in signed]
    if not needed and kind_name != "utforare.uppdrag":
        return plain
    line = PrivateParty(org=samples_plan.PROVIDER, purpose="informationsutbyte", signed=True)
    return sample_record(
        supersedes="c1" * 16,
        purposes=(*plain.purposes, *(SignedPurpose(purpose=one, signed=True, valid_to="2027-02-01") for one in needed)),
        private_parties=(line,),
        data_categories=_MORE_CATEGORIES,
        special_category=special_categories(_MORE_CATEGORIES),
    )


def record_as_dict(record: ConsentRecord) -> dict[str, Any]:
    """The record as the codec would decode it."""
    built: dict[str, Any] = msgspec.to_builtins(record)
    return {name: value for name, value in built.items() if value is not None}


def asker_of(kind_name: str) -> str:
    """The unit that opened the thread of a sample; of what the answering unit keeps for itself, one that it is not."""
    sender, recipient, _staff, _state = ROUTES[kind_name]
    if KINDS[kind_name].side.value == "fragare":
        return sender
    return SOCIAL if KINDS[kind_name].local else recipient


def outgoing(kind_name: str, **changes: Any) -> Context:
    """A context in which the sample of the kind passes, with changes."""
    sender, recipient, _staff, state = ROUTES[kind_name]
    asker = None
    if state is not None:
        asker = asker_of(kind_name)
    values: dict[str, Any] = {
        "body": SAMPLES[kind_name],
        "sender": UNITS[sender],
        "recipient": UNITS[recipient],
        "state": state,
        "asker_unit": asker,
        "record": record_for(kind_name),
        "signatures": TWO if kind_name in SIGNED_BY_TWO else 1,
        "second_roles": KINDS[kind_name].second_roles if kind_name in SIGNED_BY_TWO else frozenset(),
        "now": NOW,
        "withdrawals_checked_at": NOW,
    }
    return Context(**(values | changes))
