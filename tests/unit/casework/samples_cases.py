"""Samples of intake, target group, closing, return and receipts; used through `samples`."""

from __future__ import annotations

from typing import Any

from tests.unit.casework.samples_placement import ASSESSOR, CHIEF, HANDLER, OTHER_KOMMUN, POLICE, SOCIAL

CRITERIA = (
    "koppling_natverk", "tydlig_koppling", "bekraftad_hog_hotbild", "motiverad", "kan_tillgodogora_program",
    "inget_langre_fangelsestraff", "behover_flytta",
)  # fmt: skip

CONTENTS: dict[str, dict[str, Any]] = {
    "intag.kontakt": {
        "channel": "telefon",
        "caller_kind": "personen_sjalv",
        "safe_callback": True,
        "safe_contact": "Bara vardagar före klockan tio.",
        "wants_to_leave": "ja",
        "milieu": "kriminell_gruppering",
        "group_type": "icke_namngiven",
        "perceived_threat": "allvarlig",
        "aware_of_threat": "ja",
        "needs_now": ["skydd", "tillfalligt_boende"],
        "custody": "nej",
        "awaiting_prison": "nej",
        "police_coordination": "nej_ej_aktuellt",
        "seen_before": "nej",
        "category_prelim": "oklar",
        "consent_status": "ej_fragat",
    },
    "intag.handelse": {"step": "bedomning", "note": "Personen ringer igen i morgon."},
    "intag.anhorig_rad": {
        "relation": "foralder",
        "advice": "Lyssna, ställ inga ultimatum och ring igen när ni vill.",
        "next_steps": ["anhorigstod"],
        "minutes_spent": 20,
    },
    "intag.formedling": {
        "summary": "Personen vill lämna en gruppering och behöver skydd.",
        "perceived_threat": "allvarlig",
        "needs_now": ["skydd"],
        "custody": "nej",
        "police_coordination": "ja",
        "named_contact": "Hanna Handläggare",
    },
    "intag.dorrval": {
        "door": "stadsdel",
        "district": "Södermalm",
        "threat_confirmed": "ej_bekraftad",
        "motiv": "Personen kan bo kvar.",
    },
    "intag.svar": {"outcome": "hanvisad", "referred_to": "50" * 16, "decision_unit": "70" * 16},
    "intag.beslut": {"outcome": "oppnat", "decision_unit": "50" * 16},
    "hotbild.antagen": {"expected_date": "2026-03-09", "assessor_section": "bops"},
    "hotbild.omdirigerad": {"to_section": "grova_brott"},
    "hotbild.avvisad": {"reason": "samtycke_brister"},
    "bedomning.mote": {
        "held_on": "2026-03-02",
        "result": "enighet",
        "note": "Båda ser nu samma hotbild.",
    },
    "malgrupp.beslut": {
        "scheme": "goteborg",
        "result": "sarskild_avhoppare",
        "criteria": [{"criterion": one, "met": "uppfyllt"} for one in CRITERIA],
        "police_result": "e1" * 16,
        "deviates_from_police": True,
        "deviation_reason": "Personen kan inte bo kvar, även om hotbilden inte är bekräftad.",
    },
    "avslut.forslag": {"reason": "mal_uppnatt", "proposed_on": "2026-03-02", "why": "Alla mål är uppnådda."},
    "avslut.avslag": {"why": "Personen behöver stödet ett tag till."},
    "avslut.notis": {
        "reason": "mal_uppnatt",
        "own_housing": "ja",
        "own_income": "ja",
        "no_social_need": "ja",
        "no_active_protection": "ja",
        "ended_by_person": False,
        "followup_consent": True,
        "remaining_placement": False,
        "decision": "SN 2026/14",
        "closed_on": "2026-03-02",
        "count_in_stats": False,
    },
    "avslut.bekraftelse": {"stopped_on": "2026-03-04"},
    "aterkomst.notis": {
        "earlier_case": "SN 2024/3",
        "times": "andra",
        "time_since_last": "1_till_3_ar",
        "last_close_reason": "egen_begaran",
        "what_changed": "Personen har flyttat tillbaka och vill försöka igen.",
        "new_consent": "c0" * 16,
        "new_threat_assessment": True,
    },
    "aterkomst.beslut": {"outcome": "oppnat"},
    "kvittens.registrerad": {"document": "e1" * 16, "registered_on": "2026-03-02"},
    "kvittens.avvisad": {"document": "e1" * 16, "code": "PID", "note": "Ta bort uppgifterna och skicka igen."},
    "uttag.begaran": {"what": "arende", "why": "Ärendet är avslutat och ska till kommunarkivet."},
    "uttag.gjort": {"taken_on": "2026-03-02"},
}


#: Kind -> (sender, recipient, staff, state of the thread before it).
ROUTES: dict[str, tuple[str, str, dict[str, str], str | None]] = {
    "intag.kontakt": (SOCIAL, SOCIAL, HANDLER, None),
    "intag.handelse": (SOCIAL, SOCIAL, HANDLER, "ny"),
    "intag.anhorig_rad": (SOCIAL, SOCIAL, HANDLER, None),
    "intag.formedling": (SOCIAL, OTHER_KOMMUN, HANDLER, None),
    "intag.dorrval": (POLICE, SOCIAL, ASSESSOR, None),
    "intag.svar": (OTHER_KOMMUN, SOCIAL, HANDLER, "formedlad"),
    "intag.beslut": (SOCIAL, SOCIAL, CHIEF, "undersoks"),
    "hotbild.antagen": (POLICE, SOCIAL, ASSESSOR, "mottagen"),
    "hotbild.omdirigerad": (POLICE, SOCIAL, ASSESSOR, "mottagen"),
    "hotbild.avvisad": (POLICE, SOCIAL, ASSESSOR, "mottagen"),
    "bedomning.mote": (SOCIAL, POLICE, HANDLER, "oenighet"),
    "malgrupp.beslut": (SOCIAL, POLICE, CHIEF, "resultat_lamnat"),
    "avslut.forslag": (SOCIAL, SOCIAL, HANDLER, None),
    "avslut.avslag": (SOCIAL, SOCIAL, CHIEF, "foreslagen"),
    "avslut.notis": (SOCIAL, POLICE, CHIEF, None),
    "avslut.bekraftelse": (POLICE, SOCIAL, HANDLER, "meddelad"),
    "aterkomst.notis": (SOCIAL, SOCIAL, HANDLER, None),
    "aterkomst.beslut": (SOCIAL, SOCIAL, CHIEF, "anmald"),
    "kvittens.registrerad": (SOCIAL, POLICE, HANDLER, None),
    "kvittens.avvisad": (SOCIAL, POLICE, HANDLER, None),
    "uttag.begaran": (SOCIAL, SOCIAL, HANDLER, None),
    "uttag.gjort": (SOCIAL, SOCIAL, HANDLER, "godkant"),
}

#: What a kind's header must have beside.
HEADERS: dict[str, dict[str, Any]] = {"kvittens.registrerad": {"sender_dnr": "SN 2026/15"}}
