"""F9 coming back. Source: domain.md 2.9; the clock is that of an intake."""

from __future__ import annotations

from client.casework import row_guards as guard
from client.casework.flow_tables.parts import ASKER, AVAILABLE_AGAIN, DECIDES, clocked, each, final
from client.casework.flows import Flow, Row

_ASSESSED = ("anmald", "ny_bedomning")

state = clocked("aterkomst")
ATERKOMST = Flow(
    "aterkomst",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("anmald", "Anmäld"),
        state("ny_bedomning", "Ny bedömning"),
        final("oppnat", "Öppnat"),
        final("hanvisad_sig", "Hänvisad till social insatsgrupp"),
        final("avslag", "Avslag"),
    ),
    (
        Row("utkast", "send", ASKER, "anmald", guards=(guard.CONSENT_NEW,)),
        Row("anmald", "take", ASKER, "ny_bedomning"),
        *each(_ASSESSED, "open", ASKER, "oppnat", roles=DECIDES, guards=(guard.DOOR_CHOSEN, guard.CARE_TAKEN_HERE)),
        *each(_ASSESSED, "refer", ASKER, "hanvisad_sig", roles=DECIDES),
        *each(_ASSESSED, "decline", ASKER, "avslag", roles=DECIDES),
        AVAILABLE_AGAIN,
    ),
)
