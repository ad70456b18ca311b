"""F10 consent. Source: domain.md 2.10.

A state here is what the documents of one thread say. Whether a consent has run out follows from its dates and is
nowhere stored (`consent_status`): no clock moves a case. That the person was informed, and with which leaflet, stands
in the record's own events (`consent_events`), before there is a thread.
"""

from __future__ import annotations

from client.casework import row_guards as guard
from client.casework.flow_tables.parts import ASKER, AVAILABLE_AGAIN, EITHER, clocked, each, final
from client.casework.flows import ANY, SAME, Flow, Row, State

_SIGNED = ("aktivt", "snart_utgatt")
_ENDED = ("aterkallat", "felregistrerat")
_WITHDRAWN_FROM = ("utkast", *_SIGNED, "aterkallat")

state = clocked("samtycke")
SAMTYCKE = Flow(
    "samtycke",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("aktivt", "Aktivt"),
        state("snart_utgatt", "Går snart ut"),
        State(name="aterkallat", label="Återkallat", rests=True),
        final("vagrat", "Vägrat"),
        State(name="felregistrerat", label="Felregistrerat", rests=True),
    ),
    (
        Row("utkast", "send", ASKER, "aktivt"),
        Row("utkast", "refuse", EITHER, "vagrat", guards=(guard.NO_CONSENT_HELD,)),
        *each(_SIGNED, "supplement", ASKER, "aktivt"),
        *each(_SIGNED, "remind", ASKER, "snart_utgatt", guards=(guard.END_DAY_RIGHT,)),
        *each(_SIGNED, "renew", ASKER, "aktivt"),
        # Neither is ever refused: not before the record has come, not twice, not after the end.
        Row("felregistrerat", "withdraw", EITHER, SAME),
        *each(_WITHDRAWN_FROM, "withdraw", EITHER, "aterkallat"),
        Row(ANY, "entered_in_error", EITHER, "felregistrerat", guards=(guard.RECORD_OURS,)),
        *each((*_SIGNED, *_ENDED), "withdraw_follow_up", EITHER, SAME),
        Row("utkast", "withdraw_follow_up", EITHER, "aktivt"),
        Row(ANY, "confirm_withdrawal", EITHER, SAME),
        AVAILABLE_AGAIN,
    ),
    # A person's withdrawal stands before whatever was written without knowing of it.
    first=("withdraw", "entered_in_error", "withdraw_follow_up"),
)
