"""F8 closing. Source: domain.md 2.8.

One thread per party. The decision is the notice itself; what the proposal was stays with whoever made it.
"""

from __future__ import annotations

from client.casework import row_guards as guard
from client.casework.flow_tables.parts import ANSWERER, ASKER, AUTO, DECIDES, clocked, each, final
from client.casework.flows import SAME, Flow, Row

state = clocked("avslut")
AVSLUT = Flow(
    "avslut",
    "foreslagen",
    (
        state("foreslagen", "Föreslagen"),
        state("beslutad", "Beslutad"),
        state("meddelad", "Meddelad"),
        final("arkivklar", "Arkivklar"),
    ),
    (
        Row("foreslagen", "send", ASKER, "beslutad", DECIDES, guards=(guard.GOALS_REACHED, guard.NO_PLACEMENT)),
        Row("beslutad", "available", AUTO, "meddelad"),
        Row("meddelad", "available", AUTO, SAME),
        *each(("beslutad", "meddelad"), "confirm", ANSWERER, "arkivklar"),
    ),
)
