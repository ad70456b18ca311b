"""F12 receipts that people give: told, and there. Source: domain.md 2.12."""

from __future__ import annotations

from client.casework import row_guards as guard
from client.casework.flow_tables.parts import ASKER, AUTO, clocked, final
from client.casework.flows import Flow, Row

state = clocked("kvittens")
KVITTENS = Flow(
    "kvittens",
    "utkast",
    (state("utkast", "Utkast"), state("lamnad", "Lämnad"), final("mottagen", "Mottagen")),
    (
        Row("utkast", "send", ASKER, "lamnad", guards=(guard.DOCUMENT_CAME,)),
        Row("lamnad", "available", AUTO, "mottagen"),
    ),
)
