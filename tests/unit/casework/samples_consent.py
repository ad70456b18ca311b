"""Sample contents and routes of the kinds about consent that are neither the record nor its withdrawal."""

from __future__ import annotations

from typing import Any

SOCIAL, POLICE, CONSENT = "50" * 16, "60" * 16, "c0" * 16
HANDLER = {"name": "Hanna Handläggare", "role": "handlaggare"}
ASSESSOR = {"name": "Pia Polisbedömare", "role": "polis_bedomare"}

CONTENTS: dict[str, dict[str, Any]] = {
    "samtycke.informerad": {"informed_on": "2026-03-01", "notice_version": "2026-1", "notice_language": "sv"},
    "samtycke.vagrat": {
        "what": "vill_utesluta_myndighet",
        "excluded": ["polis"],
        "informed_of_consequence": True,
        "date": "2026-03-02",
        "note": "Personen vill tänka över saken.",
    },
    "samtycke.aterkallelse_bekraftad": {
        "consent_id": CONSENT,
        "stopped_use_at": "2026-03-02T08:45:00Z",
        "kept_because": "allman_handling",
    },
    "samtycke.utgar": {"consent_id": CONSENT, "valid_to": "2027-02-01", "days_before": "30"},
    "samtycke.felregistrerat": {"consent_id": CONSENT, "reason": "fel_person", "note": "Blandades ihop vid intaget."},
}

#: Kind -> (sender, recipient, staff, state of the thread before it; None for a first document).
ROUTES: dict[str, tuple[str, str, dict[str, str], str | None]] = {
    "samtycke.informerad": (SOCIAL, SOCIAL, HANDLER, None),
    "samtycke.vagrat": (SOCIAL, SOCIAL, HANDLER, None),
    "samtycke.aterkallelse_bekraftad": (POLICE, SOCIAL, ASSESSOR, "aterkallat"),
    "samtycke.utgar": (SOCIAL, POLICE, HANDLER, "aktivt"),
    "samtycke.felregistrerat": (SOCIAL, SOCIAL, HANDLER, None),
}
