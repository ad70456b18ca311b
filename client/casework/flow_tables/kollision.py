"""The collision check among police units. No other unit sends, gets or sees anything of it. Source: domain.md 2.5."""

from __future__ import annotations

from client.casework import row_guards as guard
from client.casework.flow_tables.parts import ANSWERER, ASKER, ASSESSES, AVAILABLE_AGAIN, EITHER, clocked, each, final
from client.casework.flows import Flow, Row

_OPEN = ("fragad", "granskas", "besvarad")

state = clocked("kollision")
KOLLISION = Flow(
    "kollision",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("fragad", "Frågad"),
        state("granskas", "Granskas"),
        state("besvarad", "Besvarad"),
        final("borttagen", "Posten är borttagen"),
    ),
    (
        Row("utkast", "send", ASKER, "fragad", guards=(guard.CALM,)),
        AVAILABLE_AGAIN,
        Row("fragad", "take", ANSWERER, "granskas"),
        # An answer may be given anew as long as the placement lasts: what is near may change.
        *each(_OPEN, "outcome", ANSWERER, "besvarad", roles=ASSESSES),
        *each(_OPEN, "remove", EITHER, "borttagen", roles=ASSESSES),
    ),
)
