"""F10 consent. Source: domain.md 2.10.

A state here is what the documents of one thread say, and whether the last day of the record has passed. Whether
something may lean on a consent hangs on the record itself, never on such a state (`consent_status`, `consent_rules`).
That the person was told, and with which leaflet, is a document that stays in the unit until she signs or refuses.
"""

from __future__ import annotations

from client.casework import row_guards as guard
from client.casework.flow_tables.parts import ASKER, AT_BOTH_ENDS, AUTO, AVAILABLE_AGAIN, EITHER, clocked, each, final
from client.casework.flows import ANY, SAME, Flow, Row

_SIGNED = ("aktivt", "snart_utgatt")
_ENDED = ("aterkallat", "felregistrerat")
_IN_FORCE = (*_SIGNED, "utgatt")
_WITHDRAWN_FROM = ("utkast", "informerad", *_IN_FORCE, "aterkallat")

state = clocked("samtycke")
SAMTYCKE = Flow(
    "samtycke",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("informerad", "Informerad"),
        state("aktivt", "Aktivt"),
        state("snart_utgatt", "Går snart ut"),
        state("utgatt", "Utgått", rests=AT_BOTH_ENDS),
        state("aterkallat", "Återkallat", rests=AT_BOTH_ENDS),
        final("vagrat", "Vägrat"),
        state("felregistrerat", "Felregistrerat", rests=AT_BOTH_ENDS),
    ),
    (
        *each(("utkast", "informerad"), "inform", ASKER, "informerad"),
        *each(("utkast", "informerad"), "send", ASKER, "aktivt"),
        *each(("utkast", "informerad"), "refuse", ASKER, "vagrat", guards=(guard.NO_CONSENT_HELD,)),
        *each(_IN_FORCE, "supplement", ASKER, "aktivt"),
        *each(_SIGNED, "remind", ASKER, "snart_utgatt", guards=(guard.END_DAY_RIGHT,)),
        *each(_IN_FORCE, "renew", ASKER, "aktivt"),
        # The last day of the record has passed: nothing may lean on it, nobody need do anything, and the case stays
        # open (domain.md 2.10, 2.13). Each end sees it on its own calendar, and a new signature takes it up again.
        *each(_SIGNED, "expire", AUTO, "utgatt"),
        # Neither is ever refused: not before the record has come, not twice, not after the end.
        Row("felregistrerat", "withdraw", EITHER, SAME),
        *each(_WITHDRAWN_FROM, "withdraw", EITHER, "aterkallat"),
        Row(ANY, "entered_in_error", EITHER, "felregistrerat", guards=(guard.RECORD_OURS,)),
        *each((*_IN_FORCE, *_ENDED), "withdraw_follow_up", EITHER, SAME),
        Row("utkast", "withdraw_follow_up", EITHER, "aktivt"),
        Row(ANY, "confirm_withdrawal", EITHER, SAME),
        AVAILABLE_AGAIN,
    ),
    # A person's withdrawal stands before whatever was written without knowing of it.
    first=("withdraw", "entered_in_error", "withdraw_follow_up"),
)
