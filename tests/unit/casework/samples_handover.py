"""Contents and routes of what follows the answer to a handover: invented; used through `samples`."""

from __future__ import annotations

from typing import Any

from tests.unit.casework.samples_placement import CHIEF, HANDLER, OTHER_KOMMUN, SOCIAL

CONTENTS: dict[str, dict[str, Any]] = {
    "overlamnande.komplettering": {"answers": "Kontaktpersonen kan fortsätta till midsommar."},
    "overlamnande.villkorssvar": {"answer": "godtas_inte", "why": "kostnad"},
    "overlamnande.ny_tid": {"takeover_date": "2026-04-16", "person_told": "ja"},
    "overlamnande.ater": {"reason": "motet_blev_inte_av", "returned_on": "2026-03-02"},
    "overlamnande.vidare": {"next_step": "ansokan_ivo", "decided_on": "2026-03-02"},
}

#: As `samples.ROUTES`.
ROUTES: dict[str, tuple[str, str, dict[str, str], str | None]] = {
    "overlamnande.komplettering": (SOCIAL, OTHER_KOMMUN, HANDLER, "komplettering"),
    "overlamnande.villkorssvar": (SOCIAL, OTHER_KOMMUN, HANDLER, "villkor"),
    "overlamnande.ny_tid": (OTHER_KOMMUN, SOCIAL, HANDLER, "uteblev"),
    "overlamnande.ater": (OTHER_KOMMUN, SOCIAL, HANDLER, "uteblev"),
    "overlamnande.vidare": (SOCIAL, OTHER_KOMMUN, CHIEF, "avbojd"),
}
