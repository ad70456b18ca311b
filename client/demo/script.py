"""What is written in the story's documents: invented people, places and events; no date of today, no real number.

The person's number is one of those that the Swedish Tax Agency's format allows but that nobody has.
"""

from __future__ import annotations

import datetime
from typing import Any, Final

NUMBER: Final = "19811218-9876"  # domain.md 7.4: published as a test value

SITUATION: Final = (
    "En ung vuxen i vår kommun vill lämna en kriminell gruppering och är rädd för att bli hittad. "
    "Vi har aldrig haft ett sådant ärende och vet inte i vilken ordning vi ska göra saker."
)
NEXT_SITUATION: Final = (
    "Vi ska prata med någon som funderar på att lämna en gruppering men inte vill ha med polisen att göra. "
    "Vad behöver vi veta innan vi ses?"
)
ADVICE: Final = (
    "Prata med personen ostört och förklara vad ett samtycke innebär innan ni lovar något. "
    "Ta kontakt med polisens avhopparsamordnare tidigt. Lämna inga uppgifter per telefon."
)
OWN_ACCOUNT: Final = (
    "Personen berättar att två äldre män har sökt upp familjen och krävt pengar, och att en vän blev misshandlad. "
    "Sedan dess sover personen hos olika bekanta."
)
SUMMARY: Final = (
    "Personen vill börja om i Björkvika, där det finns släktingar som inte är kända i miljön. "
    "Behov av bostad, sysselsättning och fortsatt kontakt."
)
ADVICE_PERSON: Final = "Stäng av platsdelning i telefonen och gå igenom vilka som kan se dina bilder."
LATE_ACCOUNT: Final = "Personen har fått ett nytt meddelande från en okänd avsändare och vill att polisen ser på det."


def day(offset: int) -> str:
    """A date so many days from now; never today's, which stands in every log line."""
    return (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=offset)).isoformat()


def question(situation: str = SITUATION) -> dict[str, Any]:
    """``konsultation.fraga``."""
    return {
        "topics": ["hotbild_och_risk", "samtycke_sekretess"],
        "has_own_unit": False,
        "police_contacted": "nej",
        "perceived_threat": "allvarlig",
        "age_band": "21_25",
        "resident_here": "ja",
        "situation": situation,
        "need": ["rad", "mall_eller_rutin"],
        "anon_attested": True,
    }


def advice() -> dict[str, Any]:
    """``konsultation.svar``."""
    return {
        "advice": ADVICE,
        "next_steps": ["kontakta_avhopparsamordnare", "inhamta_samtycke"],
        "references": ["Metodstöd för avhopparverksamhet, kapitel fyra"],
        "advice_only": True,
        "minutes_spent": 40,
    }


def thanks() -> dict[str, Any]:
    """``konsultation.avslut``."""
    return {"helpful": "ja", "became": "hotbild"}


def person() -> dict[str, Any]:
    """The person block of the case."""
    return {
        "id_kind": "personnummer",
        "id_value": NUMBER,
        "full_name": "Robin Påhittadsson",
        "protected": "ingen",
        "registered_kommun": "1480",
        "safe_contact": "Bara vardagar före klockan tio, aldrig sms.",
        "language": "sv",
    }


def record(parties: list[dict[str, Any]], purposes: list[str], **changes: Any) -> dict[str, Any]:
    """A consent record as the handler fills it in from the signed paper."""
    return {
        "signer_kind": "personen",
        "case_type": "intag",
        "parties": parties,
        "data_categories": [
            "identitet", "kontakt", "social_situation", "brott_och_domar", "misstankar", "hotbild", "gruppering",
            "boende_plats",
        ],
        "purposes": [{"purpose": purpose, "signed": True, "valid_to": day(300)} for purpose in purposes],
        "secrecy_rules": ["OSL_26_1"],
        "valid_from": day(-3),
        "valid_to": day(300),
        "form": "papper_underskrift",
        "signed_at": f"{day(-3)}T09:30:00Z",
        "signed_place": "Kontoret i centrum",
        "original_sha256": "5f" * 32,
        "original_location": "Arkivskåp tolv, hylla två",
        "notice_version": "avhopp-2026-1",
        "notice_language": "sv",
        "aid_used": ["upplast"],
        "withdrawal_info": "Säg till vem som helst av personalen, på vilket sätt som helst.",
        "retention_rule": "personakt_5_ar",
        "gdpr_basis": ["6_1_e", "9_2_g", "10"],
        "receipt_given": "avstod_av_sakerhet",
        **changes,
    }  # fmt: skip


def threat_request(account: str = OWN_ACCOUNT, purpose: str = "intag") -> dict[str, Any]:
    """``hotbild.begaran``."""
    return {
        "purpose": purpose,
        "urgency": "skyndsam",
        "own_account": account,
        "self_reported_threat": "ja",
        "group": "En gruppering i stadens nordöstra del",
        "role": "Springpojke",
        "alleged_actors": [{"name": "Två äldre män", "relation": "Tidigare uppdragsgivare", "why": "Skuld"}],
        "checkable_events": [{"date_approx": "i våras", "place": "Resecentrum", "what": "Polisen stoppade bilen"}],
        "social_view": "Motivationen är god, men bostaden är osäker.",
        "minor": False,
    }


def threat_result() -> dict[str, Any]:
    """``hotbild.resultat``."""
    return {
        "outcome": "bekraftad_hog",
        "assessor_section": "bops",
        "definition_used": "noa",
        "definition_version": "2023",
        "known_to_police": "val_kand",
        "risk_level": "hog",
        "actors_identified": True,
        "recommended": ["flytt", "sakerhetssamtal"],
        "valid_until": day(180),
        "reassess_if": ["ny_konflikt", "avslojad_plats"],
        "advice_person": ADVICE_PERSON,
        "may_show_person": "delvis",
        "intel_included": False,
    }


def handover(responsible_unit: str) -> dict[str, Any]:
    """``overlamnande.forfragan``."""
    return {
        "kind": "ordinarie_socialtjanst",
        "reason": ["onskemal", "starkast_anknytning"],
        "residence_check": "navet_egen_kommun",
        "protected_handled": True,
        "summary": SUMMARY,
        "ongoing": [{"insats": "Kvalificerad kontaktperson", "till_och_med": day(60)}],
        "urgent_needs": ["tillfalligt_boende"],
        "wanted_date": day(20),
        "interim_responsible": responsible_unit,
        "cost": "mottagare",
        "named_contact": "Jonatan Rydell, växeln",
    }


def handover_answer() -> dict[str, Any]:
    """``overlamnande.svar``."""
    return {"answer": "accepterat", "takeover_date": day(20), "our_case": "Ärende sjutton"}


def handover_done() -> dict[str, Any]:
    """``overlamnande.genomfort``."""
    return {"first_meeting": day(-1), "person_attended": True}
