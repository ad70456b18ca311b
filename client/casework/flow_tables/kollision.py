"""The collision check among police units. No other unit sends, gets or sees anything of it. Source: domain.md 2.5."""

from __future__ import annotations

from client.casework.deadlines import days, working_days
from client.casework.flow_tables.parts import ANSWERER, ASKER, ASSESSES, AVAILABLE_AGAIN, EITHER, each, final, state
from client.casework.flows import Flow, Row

_OPEN = ("fragad", "granskas", "besvarad")

KOLLISION = Flow(
    "kollision",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("fragad", "Frågad", working_days(1)),
        state("granskas", "Granskas", working_days(1)),
        state("besvarad", "Besvarad", days(14)),
        final("borttagen", "Posten är borttagen"),
    ),
    (
        Row("utkast", "send", ASKER, "fragad"),
        AVAILABLE_AGAIN,
        Row("fragad", "take", ANSWERER, "granskas", ASSESSES),
        # An answer may be given anew as long as the placement lasts: what is near may change.
        *each(_OPEN, "outcome", ANSWERER, "besvarad", roles=ASSESSES),
        *each(_OPEN, "remove", EITHER, "borttagen", roles=ASSESSES),
    ),
)
