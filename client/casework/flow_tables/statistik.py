"""F11 statistics: the collection that stays in the unit, and the report that leaves. Source: domain.md 2.11."""

from __future__ import annotations

from client.casework.flow_tables.parts import ANSWERER, ASKER, AVAILABLE_AGAIN, DECIDES, clocked, each, final
from client.casework.flows import Flow, Row

_REVIEWS = frozenset({"statistiker"})

state = clocked("statistik")
STATISTIK = Flow(
    "statistik",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("samlas", "Samlas"),
        state("granskas", "Granskad, väntar på godkännande"),
        state("godkand", "Godkänd"),
        state("skickad", "Skickad"),
        final("summerad", "Summerad"),
        final("atertagen", "Återtagen"),
    ),
    (
        # -- in the unit
        *each(("utkast", "samlas", "granskas", "godkand"), "collect", ASKER, "samlas"),
        Row("samlas", "review", ASKER, "granskas", _REVIEWS),
        Row("granskas", "approve", ASKER, "godkand", DECIDES),
        *each(("samlas", "granskas", "godkand"), "drop", ASKER, "atertagen"),
        Row("godkand", "sent", ASKER, "skickad"),
        # -- between unit and recipient
        Row("utkast", "send", ASKER, "skickad"),
        AVAILABLE_AGAIN,
        Row("skickad", "take_back", ASKER, "atertagen", DECIDES),
        Row("skickad", "add_up", ANSWERER, "summerad"),
    ),
    # What was taken back is not added up.
    first=("take_back",),
)
