"""F10 consent. Source: domain.md 2.10.

A state here is what the documents of one thread say. Whether a consent has run out, or will soon, follows from its
dates and is nowhere stored (`consent_status`): no clock moves a case.
"""

from __future__ import annotations

from client.casework.flow_tables.parts import ASKER, AUTO, AVAILABLE_AGAIN, EITHER, clocked, each, final
from client.casework.flows import ANY, SAME, Flow, Row

_SIGNED = ("aktivt", "snart_utgatt")
_ENDED = ("aterkallat", "felregistrerat")
_WITHDRAWN_FROM = ("utkast", "informerad", *_SIGNED, "utgatt", "aterkallat")

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
        state("felregistrerat", "Felregistrerat"),
    ),
    (
        Row("utkast", "inform", EITHER, "informerad"),
        # Registering a signed original says that the person was informed: the record names the leaflet.
        *each(("utkast", "informerad"), "send", ASKER, "aktivt"),
        Row("informerad", "sign", EITHER, "aktivt"),
        *each(("utkast", "informerad"), "refuse", EITHER, "vagrat"),
        *each(_SIGNED, "supplement", ASKER, "aktivt"),
        Row("aktivt", "near_end", AUTO, "snart_utgatt"),
        *each(_SIGNED, "remind", ASKER, "snart_utgatt"),
        *each(_SIGNED, "renew", ASKER, "aktivt"),
        *each(_SIGNED, "expire", AUTO, "utgatt"),
        # Neither is ever refused: not before the record has come, not twice, not after the end.
        Row("felregistrerat", "withdraw", EITHER, SAME),
        *each(_WITHDRAWN_FROM, "withdraw", EITHER, "aterkallat"),
        Row(ANY, "entered_in_error", EITHER, "felregistrerat"),
        *each(("aktivt", "snart_utgatt", "utgatt", *_ENDED), "withdraw_follow_up", EITHER, SAME),
        *each(("utkast", "informerad"), "withdraw_follow_up", EITHER, "aktivt"),
        Row(ANY, "confirm_withdrawal", EITHER, SAME),
        AVAILABLE_AGAIN,
    ),
    # A person's withdrawal stands before whatever was written without knowing of it.
    first=("withdraw", "entered_in_error", "withdraw_follow_up"),
)
