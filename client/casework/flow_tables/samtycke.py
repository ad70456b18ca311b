"""F10 consent. Source: domain.md 2.10."""

from __future__ import annotations

from client.casework.flow_tables.parts import ASKER, AUTO, AVAILABLE_AGAIN, EITHER, clocked, each, final
from client.casework.flows import ANY, SAME, Flow, Row

_SIGNED = ("aktivt", "snart_utgatt")

state = clocked("samtycke")
SAMTYCKE = Flow(
    "samtycke",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("informerad", "Personen är informerad"),
        state("aktivt", "Aktivt"),
        state("snart_utgatt", "Går snart ut"),
        state("utgatt", "Har gått ut"),
        state("aterkallat", "Återkallat"),
        final("vagrat", "Vägrat"),
        final("felregistrerat", "Felregistrerat"),
    ),
    (
        Row("utkast", "inform", EITHER, "informerad"),
        # Registering a signed original says that the person was informed: the record names the leaflet.
        *each(("utkast", "informerad"), "send", ASKER, "aktivt"),
        Row("informerad", "sign", EITHER, "aktivt"),
        *each(("utkast", "informerad"), "refuse", EITHER, "vagrat"),
        *each(_SIGNED, "supplement", ASKER, "aktivt"),
        Row("aktivt", "near_end", AUTO, "snart_utgatt"),
        *each(_SIGNED, "renew", ASKER, "aktivt"),
        *each(_SIGNED, "expire", AUTO, "utgatt"),
        # A withdrawal is never refused: not before the record has come, not twice, not after the end.
        Row(ANY, "withdraw", EITHER, "aterkallat"),
        *each(("aktivt", "snart_utgatt", "utgatt", "aterkallat"), "withdraw_follow_up", EITHER, SAME),
        *each(("utkast", "informerad"), "withdraw_follow_up", EITHER, "aktivt"),
        *each(_SIGNED, "entered_in_error", EITHER, "felregistrerat"),
        AVAILABLE_AGAIN,
    ),
    # A person's withdrawal stands before whatever was written without knowing of it.
    first=("withdraw", "withdraw_follow_up"),
)
