"""F8 closing. Source: domain.md 2.8.

One thread per party. A handler may propose to close, in the unit; the decision is the notice itself, which may go on
the proposal's thread. What a decision-maker does not follow ends there.
"""

from __future__ import annotations

from client.casework import row_guards as guard
from client.casework.flow_tables.parts import ANSWERER, ASKER, AUTO, DECIDES, clocked, each, final
from client.casework.flows import SAME, Flow, Row

state = clocked("avslut")
AVSLUT = Flow(
    "avslut",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("foreslagen", "Föreslagen"),
        state("beslutad", "Beslutad"),
        state("meddelad", "Meddelad"),
        final("arkivklar", "Arkivklar"),
        final("avslutas_inte", "Avslutas inte"),
    ),
    (
        *each(("utkast", "foreslagen"), "propose", ASKER, "foreslagen"),
        *each(
            ("utkast", "foreslagen"),
            "send",
            ASKER,
            "beslutad",
            roles=DECIDES,
            guards=(guard.GOALS_REACHED, guard.NO_PLACEMENT),
        ),
        Row("foreslagen", "turn_down", ASKER, "avslutas_inte", DECIDES),
        Row("beslutad", "available", AUTO, "meddelad"),
        *each(("foreslagen", "meddelad"), "available", AUTO, SAME),
        *each(("beslutad", "meddelad"), "confirm", ANSWERER, "arkivklar"),
    ),
)
