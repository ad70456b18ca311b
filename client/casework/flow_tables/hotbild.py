"""F3 threat assessment. Source: domain.md 2.3.

Otherwise than there a note of a meeting ends no disagreement: the target group is decided by a decision, with reasons.
"""

from __future__ import annotations

from types import MappingProxyType

from client.casework import row_guards as guard
from client.casework.flow_tables.parts import (
    ANSWERER,
    ASKER,
    ASSESSES,
    AUTO,
    CONSENT_WITHDRAWN,
    CONSENT_WITHDRAWN_AUTO,
    EITHER,
    STOPPED,
    clocked,
    each,
    final,
)
from client.casework.flows import SAME, Flow, Row

_UNREAD_F3 = ("begard", "mottagen", "bedoms")

state = clocked("hotbild")
HOTBILD = Flow(
    "hotbild",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("begard", "Begärd"),
        state("mottagen", "Mottagen"),
        state("bedoms", "Bedöms"),
        state("vantar_komplettering", "Väntar på komplettering"),
        state("resultat_lamnat", "Resultat lämnat"),
        state("oenighet", "Oenighet"),
        state("malgrupp_beslutad", "Målgrupp beslutad", rests=frozenset({ANSWERER})),
        final("omdirigerad", "Hänvisad till annan avdelning"),
        final("avvisad", "Avvisad"),
        STOPPED,
    ),
    (
        Row("utkast", "send", ASKER, "begard"),
        Row("begard", "available", AUTO, "mottagen"),
        *each(
            ("mottagen", "bedoms", "vantar_komplettering", "resultat_lamnat", "oenighet", "malgrupp_beslutad"),
            "available",
            AUTO,
            SAME,
        ),
        *each(("begard", "mottagen"), "accept", ANSWERER, "bedoms"),
        *each(("begard", "mottagen"), "redirect", ANSWERER, "omdirigerad"),
        *each(("begard", "mottagen"), "reject", ANSWERER, "avvisad"),
        *each(("begard", "mottagen"), "reject", AUTO, "avvisad"),
        *each(_UNREAD_F3, "interim", ANSWERER, "bedoms", roles=ASSESSES),
        *each(_UNREAD_F3, "ask", ANSWERER, "vantar_komplettering", roles=ASSESSES),
        *each(_UNREAD_F3, "result", ANSWERER, "resultat_lamnat", roles=ASSESSES),
        Row("vantar_komplettering", "supply", ASKER, "bedoms"),
        *each(("resultat_lamnat", "oenighet"), "decision", ASKER, "malgrupp_beslutad", guards=(guard.RESULT_CURRENT,)),
        Row("resultat_lamnat", "disagree", EITHER, "oenighet"),
        Row("oenighet", "meeting_note", EITHER, SAME),  # the meeting decides nothing: who decides writes that
        Row("malgrupp_beslutad", "send", ASKER, "begard"),
        Row("malgrupp_beslutad", "reassess", ANSWERER, "begard", ASSESSES),
        CONSENT_WITHDRAWN,
        CONSENT_WITHDRAWN_AUTO,
    ),
    variants=MappingProxyType({"urgency": {"akut": "akut"}}),
    # That somebody has begun contradicts no result; a result stands before what a colleague asked or put off.
    first=("accept", "result"),
)
