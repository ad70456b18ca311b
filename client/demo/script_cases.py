"""What is written in the second half of the story: invented people, places and events, as in `script`."""

from __future__ import annotations

import datetime
from typing import Any, Final

from client.demo.script import day

#: Both are published as test values (domain.md 7.4), or nobody's.
KIM_NUMBER: Final = "19701063-2391"

CALLBACK: Final = "Ring bara mellan klockan tolv och ett, och lägg på om någon annan svarar."
CALLER_SUMMARY: Final = (
    "Personen har ringt två gånger, vill lämna en gruppering och är rädd för att stanna hemma. "
    "Behöver någonstans att bo medan ni utreder."
)
NEAR: Final = "Tidigare vänner till familjen bor kvar där"
ADDRESS: Final = "Den lägenhet som ni har ordnat på Storgatan"
VIEW: Final = "Vi bedömer hotbilden som högre än den som har bekräftats, efter det som hände utanför gymmet."
DEVIATION: Final = "Polisen har inte kunnat bekräfta hotet, men personen kan inte återvända hem utan att bli hittad."
BACK_SUMMARY: Final = "Personen är tillbaka efter ett avslut på egen begäran. Teamet föreslår att ärendet öppnas igen."
CHANGED: Final = "Personen bröt förra gången på egen begäran, har nu barn och vill försöka igen."
#: Spoken by the person on the telephone.
MALMO_ACCOUNT: Final = "Personen blev stoppad utanför gymmet och fick veta att skulden har fördubblats."

_MALMO_CRITERIA: Final = {
    "over_18": "uppfyllt",
    "hotbild_bekraftad_av_polis": "oklart",
    "lever_i_kriminell_miljo": "uppfyllt",
    "vill_andra_livsstil": "uppfyllt",
}


def at(hours: float) -> str:
    """The instant so many hours from now, in UTC."""
    when = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def kim() -> dict[str, Any]:
    """The person who calls the hotline."""
    return {
        "id_kind": "samordningsnummer",
        "id_value": KIM_NUMBER,
        "full_name": "Kim Exempelsson",
        "protected": "ingen",
        "registered_kommun": "1480",
        "safe_contact": CALLBACK,
        "language": "sv",
    }


def unknown() -> dict[str, Any]:
    """The person in Malmö, whose number the unit has not written down."""
    return {"id_kind": "okand", "age_at_intake": 26, "full_name": "Alex Låtsasson", "protected": "ingen"}


def contact(check: str) -> dict[str, Any]:
    """``intag.kontakt``; ``check`` is what is kept of the return code."""
    return {
        "channel": "telefon",
        "caller_kind": "personen_sjalv",
        "safe_callback": True,
        "safe_contact": CALLBACK,
        "return_code_check": check,
        "wants_to_leave": "ja",
        "milieu": "kriminell_gruppering",
        "group_type": "icke_namngiven",
        "perceived_threat": "allvarlig",
        "aware_of_threat": "ja",
        "needs_now": ["skydd", "tillfalligt_boende"],
        "custody": "nej",
        "police_coordination": "ja",
        "seen_before": "nej",
        "consent_status": "ej_fragat",
    }


def forwarding() -> dict[str, Any]:
    """``intag.formedling``."""
    return {
        "summary": CALLER_SUMMARY,
        "perceived_threat": "allvarlig",
        "needs_now": ["skydd", "tillfalligt_boende"],
        "custody": "nej",
        "police_coordination": "ja",
        "named_contact": "Sanna Westerberg, växeln",
    }


def forwarding_back() -> dict[str, Any]:
    """``intag.formedling`` of somebody who is back, to whoever decides."""
    return {**forwarding(), "summary": BACK_SUMMARY, "named_contact": "Tove Hagelin, växeln"}


def opened(unit: str) -> dict[str, Any]:
    """``intag.svar`` and ``aterkomst.beslut``."""
    return {"outcome": "oppnat", "decision_unit": unit}


def need() -> dict[str, Any]:
    """``placering.behov``."""
    return {
        "reason": "hotbild",
        "move_by": day(10),
        "duration_expected": "manader",
        "household": {"adults": 1, "children": 0, "pets": False},
        "cannot_be_near": [{"kommun": "1280", "why": NEAR}],
        "no_place_excluded": False,
        "ties_elsewhere": [],
        "no_ties_known": True,
        "treatment_needed": ["missbruk"],
        "work_study": ["arbete"],
        "self_reliance": "behover_stod",
        "hvb_possible": "nej",
        "social_media_plan": "genomgang_gjord",
    }


def own_check(reviewer: str) -> dict[str, Any]:
    """``kollision.egenkontroll``: two officers looked at the place themselves."""
    return {
        "place": "1383",
        "checked_scope": "kommun_och_grannar",
        "outcome": "ingen_traff",
        "manual_review_by": {"name": reviewer, "role": "polis_bedomare"},
    }


def verdict(reviewer: str) -> dict[str, Any]:
    """``kollision.svar``: green, for a fortnight at most."""
    return {
        "place": "1383",
        "verdict": "gront_inga_hinder_kanda",
        "checked_at": at(-0.2),
        "valid_days": 14,
        "checked_scope": "kommun_och_grannar",
        "check_made": True,
        "manual_review_by": {"name": reviewer, "role": "polis_bedomare"},
    }


def move() -> dict[str, Any]:
    """``placering.bekraftelse``."""
    return {"place": "1383", "address": ADDRESS, "moves_at": at(6), "contacts": "Miriam Åkerblom, på växeln."}


def report() -> dict[str, Any]:
    """``placering.lagesrapport``."""
    return {"home_visit": day(-1), "with_police": True, "assessment": "stabil"}


def not_confirmed() -> dict[str, Any]:
    """``hotbild.resultat``: the police could not confirm it, which is not the same as no threat."""
    return {
        "outcome": "kan_inte_bedomas_okand_for_polisen",
        "assessor_section": "grova_brott",
        "definition_used": "noa",
        "definition_version": "2023",
        "known_to_police": "okand",
        "actors_identified": False,
        "recommended": ["sakerhetssamtal"],
        "valid_until": day(90),
        "reassess_if": ["ny_konflikt"],
        "may_show_person": "nej",
        "intel_included": False,
    }


def disagreement() -> dict[str, Any]:
    """``bedomning.oenighet``."""
    return {"point": "hotbild", "our_view": VIEW, "wants_meeting": True}


def target_group(result: str, decided_by: str) -> dict[str, Any]:
    """``malgrupp.beslut`` by Malmö's own definition, against the police's picture; the team does not decide it."""
    return {
        "scheme": "malmo",
        "result": "malgrupp",
        "criteria": [{"criterion": name, "met": met} for name, met in _MALMO_CRITERIA.items()],
        "police_result": result,
        "deviates_from_police": True,
        "deviation_reason": DEVIATION,
        "decision_unit": decided_by,
    }


def closing() -> dict[str, Any]:
    """``avslut.notis``: the person ends it."""
    return {
        "reason": "egen_begaran",
        "ended_by_person": True,
        "followup_consent": False,
        "remaining_placement": False,
        "decision": "Beslut fyrtioett",
        "closed_on": day(-1),
    }


def closed() -> dict[str, Any]:
    """``avslut.bekraftelse``."""
    return {"stopped_on": day(-1)}


def comes_back(consent_id: str) -> dict[str, Any]:
    """``aterkomst.notis``."""
    return {
        "earlier_case": "Ärende trettionio",
        "times": "andra",
        "time_since_last": "under_3_manader",
        "last_close_reason": "egen_begaran",
        "what_changed": CHANGED,
        "new_consent": consent_id,
        "new_threat_assessment": True,
    }
