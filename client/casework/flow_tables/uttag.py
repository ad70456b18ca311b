"""Taking out a file: it is approved, and then done, once. Source: domain.md 2.0.5, 6.1."""

from __future__ import annotations

from client.casework.flow_tables.parts import ASKER, AT_BOTH_ENDS, AVAILABLE_AGAIN, clocked, final
from client.casework.flows import Flow, Row

APPROVED = "godkant"
state = clocked("uttag")
UTTAG = Flow(
    "uttag",
    "utkast",
    (state("utkast", "Utkast"), state(APPROVED, "Godkänt av två", rests=AT_BOTH_ENDS), final("gjort", "Uttaget")),
    (
        Row("utkast", "send", ASKER, APPROVED),
        Row(APPROVED, "taken_out", ASKER, "gjort"),
        AVAILABLE_AGAIN,
    ),
)
