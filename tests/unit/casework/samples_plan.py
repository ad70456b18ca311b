"""Complete contents and routes of plan, provider and follow-up: invented."""

from __future__ import annotations

from typing import Any

from tests.unit.casework.samples_placement import ASSESSOR, CHIEF, HANDLER, OTHER_KOMMUN, POLICE, SOCIAL

PROVIDER = "90" * 16

CONTENTS: dict[str, dict[str, Any]] = {
    "plan.upprattad": {
        "goals": ["boende", "missbruk"],
        "actions": [
            {
                "what": "Stödsamtal en gång i veckan",
                "responsible": SOCIAL,
                "external_provider": "Föreningen Vändpunkten",
                "start": "2026-03-09",
                "end": "2026-06-30",
                "short_or_long": "kort",
            }
        ],
        "conditions": ["drogfri", "inga_nya_brott", "folja_plan"],
        "parties": [{"unit": SOCIAL}, {"unit": POLICE}],
        "signed_by_person": True,
        "review_date": "2026-06-01",
    },
    "plan.svar": {"answer": "andras", "what": "Lägg till en kontaktperson hos oss."},
    "plan.lagesrapport": {
        "period": {"start": "2026-02-01", "end": "2026-03-02"},
        "per_action": [{"action": 1, "status": "pagar", "note": "Tre samtal av fyra."}],
        "conditions_met": [{"condition": "drogfri", "met": "ja"}],
        "next": "Fortsätta samtalen.",
    },
    "plan.avvikelse": {"kind": "uteblivit", "proposal": "samtal"},
    "plan.omprovning": {"begun_on": "2026-04-09", "meeting_on": "2026-04-10", "plan_made_anew": False},
    "plan.beslut": {"decision": "fortsatter", "decided_on": "2026-03-02"},
    "utforare.uppdrag": {
        "actions": [{"what": "Stödsamtal en gång i veckan", "start": "2026-03-09", "end": "2026-06-30"}],
        "report_by": "2026-04-08",
    },
    "utforare.rapport": {"actions": [{"action": 1, "status": "pagar", "note": "Tre samtal av fyra."}], "final": False},
    "uppfoljning.registerfraga": {"registers": ["belastning", "misstanke"]},
    "uppfoljning.registersvar": {
        "belastning": "ingen_traff",
        "misstanke": "traff",
        "new_crime_after_close": "okant",
        "court_pending": "nej",
        "local_knowledge": "positiv",
    },
    "uppfoljning.socialtjanstfraga": {"asked": ["boende", "inkomst"]},
    "uppfoljning.socialtjanstsvar": {
        "current_support": ["inget"],
        "own_housing": "ja",
        "own_income": "ja",
        "no_support_needed": "ja",
    },
    "uppfoljning.personens_bild": {"still_out": "ja"},
    "uppfoljning.samlad_bedomning": {
        "result": "lyckat",
        "basis": ["polisens_lokalkannedom", "socialtjanst"],
        "suspected_only": True,
        "left_group": "ja",
        "left_all_crime": "okant",
        "definition_version": "2026-1",
    },
    "uppfoljning.rapporterad": {"year": 2026, "half": "forsta"},
    "uppfoljning.utgar": {"reason": "bedoms_i_annan_trad", "noted_on": "2026-03-02"},
}

#: As `samples.ROUTES`.
ROUTES: dict[str, tuple[str, str, dict[str, str], str | None]] = {
    "plan.upprattad": (SOCIAL, POLICE, HANDLER, None),
    "plan.svar": (POLICE, SOCIAL, ASSESSOR, "foreslagen"),
    "plan.lagesrapport": (SOCIAL, POLICE, HANDLER, "undertecknad"),
    "plan.avvikelse": (SOCIAL, POLICE, HANDLER, "pagar"),
    "plan.omprovning": (SOCIAL, POLICE, HANDLER, "avvikelse"),
    "plan.beslut": (SOCIAL, POLICE, CHIEF, "avvikelse"),
    "utforare.uppdrag": (SOCIAL, PROVIDER, HANDLER, None),
    "utforare.rapport": (PROVIDER, SOCIAL, HANDLER, "pagar"),
    "uppfoljning.registerfraga": (SOCIAL, POLICE, HANDLER, None),
    "uppfoljning.registersvar": (POLICE, SOCIAL, ASSESSOR, "begard"),
    "uppfoljning.socialtjanstfraga": (SOCIAL, OTHER_KOMMUN, HANDLER, None),
    "uppfoljning.socialtjanstsvar": (OTHER_KOMMUN, SOCIAL, HANDLER, "begard"),
    "uppfoljning.personens_bild": (SOCIAL, SOCIAL, HANDLER, None),
    "uppfoljning.samlad_bedomning": (SOCIAL, SOCIAL, HANDLER, "svar_inne"),
    "uppfoljning.rapporterad": (SOCIAL, SOCIAL, HANDLER, "bedomd"),
    "uppfoljning.utgar": (SOCIAL, SOCIAL, HANDLER, "svar_inne"),
}
