"""F7 follow-up: one thread with the police, one with social services, and one that stays in the unit.

The clock that starts it is local (`follow_up`). Source: domain.md 2.7.
"""

from __future__ import annotations

from client.casework.flow_tables.parts import (
    ANSWERER,
    ASKER,
    AVAILABLE_AGAIN,
    CONSENT_WITHDRAWN,
    CONSENT_WITHDRAWN_AUTO,
    STOPPED,
    clocked,
    each,
    final,
)
from client.casework.flows import Flow, Row

state = clocked("uppfoljning")
UPPFOLJNING = Flow(
    "uppfoljning",
    "schemalagd",
    (
        state("schemalagd", "Schemalagd"),
        state("begard", "Begärd"),
        state("svar_inne", "Svar inne", rests=frozenset({ANSWERER})),  # the judgement is not told to whoever answered
        state("bedomd", "Bedömd"),
        final("rapporterad", "Rapporterad"),
        final("utgar", "Utgår"),
        STOPPED,
    ),
    (
        Row("schemalagd", "send", ASKER, "begard"),
        AVAILABLE_AGAIN,
        Row("begard", "answer", ANSWERER, "svar_inne"),
        *each(("schemalagd", "svar_inne"), "voice", ASKER, "svar_inne"),
        *each(("schemalagd", "svar_inne", "bedomd"), "judge", ASKER, "bedomd"),
        Row("bedomd", "count", ASKER, "rapporterad"),
        # Never begun, or judged in the thread with the other office that was asked.
        *each(("schemalagd", "svar_inne"), "lapse", ASKER, "utgar"),
        CONSENT_WITHDRAWN,
        CONSENT_WITHDRAWN_AUTO,
    ),
)
