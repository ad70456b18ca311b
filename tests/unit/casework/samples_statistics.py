"""Complete contents and routes of statistics: invented."""

from __future__ import annotations

from typing import Any

from client.casework.figures.cells import CELLS
from tests.unit.casework.samples_placement import CHIEF, SOCIAL

COUNTER = {"name": "Stina Statistiker", "role": "statistiker"}
RECEIVER = "a0" * 16
PERIOD = {"year": 2025, "half": "hela", "definition_version": "2026-1"}

CONTENTS: dict[str, dict[str, Any]] = {
    "statistik.sammanstallning": {**PERIOD, "cells": [{"cell": name, "count": 3} for name, _ in CELLS.items]},
    "statistik.granskning": {"step": "granskad"},
    "statistik.rapport": {**PERIOD, "cells": [{"cell": name, "suppressed": True} for name, _ in CELLS.items]},
    "statistik.atertagen": {"taken_back_on": "2026-03-02", "reason": "fel_i_underlaget"},
    "statistik.summerad": {"added_up_on": "2026-03-02"},
}

#: As `samples.ROUTES`.
ROUTES: dict[str, tuple[str, str, dict[str, str], str | None]] = {
    "statistik.sammanstallning": (SOCIAL, SOCIAL, COUNTER, None),
    "statistik.granskning": (SOCIAL, SOCIAL, COUNTER, "samlas"),
    "statistik.rapport": (SOCIAL, RECEIVER, CHIEF, None),
    "statistik.atertagen": (SOCIAL, RECEIVER, CHIEF, "skickad"),
    "statistik.summerad": (RECEIVER, SOCIAL, COUNTER, "skickad"),
}
