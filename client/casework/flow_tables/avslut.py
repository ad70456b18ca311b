"""F8 closing. Source: domain.md 2.8.

One thread per party. The decision is the notice itself; what the proposal was stays with whoever made it.
"""

from __future__ import annotations

from client.casework.deadlines import days
from client.casework.flow_tables.parts import ANSWERER, ASKER, AUTO, DECIDES, each, final, state
from client.casework.flows import SAME, Flow, Row

AVSLUT = Flow(
    "avslut",
    "foreslagen",
    (
        state("foreslagen", "Föreslagen"),
        state("beslutad", "Beslutad", days(14)),
        state("meddelad", "Meddelad", days(14)),
        final("arkivklar", "Arkivklar"),
    ),
    (
        Row("foreslagen", "send", ASKER, "beslutad", DECIDES),
        Row("beslutad", "available", AUTO, "meddelad"),
        Row("meddelad", "available", AUTO, SAME),
        *each(("beslutad", "meddelad"), "confirm", ANSWERER, "arkivklar"),
    ),
)
