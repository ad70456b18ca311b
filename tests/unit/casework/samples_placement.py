"""Complete contents and routes of placement and collision check: invented."""

from __future__ import annotations

from typing import Any

SOCIAL = "50" * 16
POLICE = "60" * 16
OTHER_POLICE = "61" * 16
OTHER_KOMMUN = "70" * 16

HANDLER = {"name": "Hanna Handläggare", "role": "handlaggare"}
CHIEF = {"name": "Bo Beslutsfattare", "role": "beslutsfattare"}
ASSESSOR = {"name": "Pia Polisbedömare", "role": "polis_bedomare"}

CONTENTS: dict[str, dict[str, Any]] = {
    "placering.behov": {
        "reason": "hotbild",
        "move_by": "2026-03-20",
        "duration_expected": "manader",
        "household": {"adults": 1, "children": 1, "pets": False},
        "cannot_be_near": [{"kommun": "1280", "why": "Tidigare vänner bor där"}],
        "no_place_excluded": False,
        "ties_elsewhere": [],
        "no_ties_known": True,
        "treatment_needed": ["missbruk"],
        "work_study": ["arbete", "skola_barn"],
        "self_reliance": "behover_stod",
        "hvb_possible": "nej",
        "social_media_plan": "genomgang_gjord",
    },
    "placering.paborjad": {"expected_date": "2026-03-06"},
    "placering.ortsbesked": {"answer": "godtas"},
    "placering.mottagarforfragan": {
        "needs": ["bostad", "skola"],
        "from_date": "2026-03-20",
        "risk_class": "forhojd",
    },
    "placering.mottagarsvar": {"answer": "kan_ta_emot"},
    "placering.mottagarbesked": {"answer": "tillagg_undertecknat"},
    "placering.bekraftelse": {
        "place": "2480",
        "address": "Den adress som ni har ordnat",
        "moves_at": "2026-03-03T08:00:00Z",
        "contacts": "Hanna Handläggare, på det nummer som ni har.",
    },
    "placering.lagesrapport": {"home_visit": "2026-03-02", "with_police": True, "assessment": "stabil"},
    "placering.handelse": {"kind": "sociala_medier", "when": "2026-03-01T20:00:00Z", "action": "utred"},
    "placering.upphor": {"date": "2026-09-01", "reason": "skydd_behovs_inte"},
    "kollision.forfragan": {
        "placement": "ab" * 16,
        "tokens": [{"kind": "gruppering", "token": "G-17-NORD"}, {"kind": "konflikt", "token": "K-4"}],
        "cells": [{"kommun": "2480"}, {"kommun": "2401"}, {"kommun": "2460"}],
        "checked_scope": "kommun_och_grannar",
    },
    "kollision.egenkontroll": {
        "place": "2480",
        "checked_scope": "kommun_och_grannar",
        "outcome": "ingen_traff",
        "manual_review_by": ASSESSOR,
    },
    "kollision.utfall": {"outcome": "ingen_traff", "manual_review_by": ASSESSOR},
    "kollision.borttagen": {"removed_on": "2026-03-02", "reason": "placering_upphord"},
    "kollision.svar": {
        "place": "2480",
        "verdict": "gront_inga_hinder_kanda",
        "checked_at": "2026-03-02T08:00:00Z",
        "valid_days": 14,
        "checked_scope": "kommun_och_grannar",
        "check_made": True,
        "manual_review_by": ASSESSOR,
    },
}

#: As `samples.ROUTES`.
ROUTES: dict[str, tuple[str, str, dict[str, str], str | None]] = {
    "placering.behov": (SOCIAL, POLICE, HANDLER, None),
    "placering.paborjad": (POLICE, SOCIAL, ASSESSOR, "behov"),
    "placering.ortsbesked": (SOCIAL, POLICE, CHIEF, "ort_foreslagen"),
    "placering.mottagarforfragan": (SOCIAL, OTHER_KOMMUN, HANDLER, None),
    "placering.mottagarsvar": (OTHER_KOMMUN, SOCIAL, HANDLER, "mottagare_fragas"),
    "placering.mottagarbesked": (SOCIAL, OTHER_KOMMUN, HANDLER, "tillagg_samtycke"),
    "placering.bekraftelse": (SOCIAL, OTHER_KOMMUN, CHIEF, "tillagg_samtycke"),
    "placering.lagesrapport": (SOCIAL, POLICE, HANDLER, "placerad"),
    "placering.handelse": (SOCIAL, POLICE, HANDLER, "placerad"),
    "placering.upphor": (SOCIAL, POLICE, HANDLER, "placerad"),
    "kollision.forfragan": (POLICE, OTHER_POLICE, ASSESSOR, None),
    "kollision.egenkontroll": (POLICE, POLICE, ASSESSOR, "ortsutredning"),
    "kollision.utfall": (OTHER_POLICE, POLICE, ASSESSOR, "granskas"),
    "kollision.borttagen": (POLICE, OTHER_POLICE, ASSESSOR, "besvarad"),
    "kollision.svar": (POLICE, SOCIAL, ASSESSOR, "ortsutredning"),
}

PRIORITY = {"placering.handelse": "akut"}
