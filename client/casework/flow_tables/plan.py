"""F6 plan and progress, and the order to a provider that carries a part of it. Source: domain.md 2.6."""

from __future__ import annotations

from client.casework import row_guards as guard
from client.casework.flow_tables.parts import (
    ANSWERER,
    ASKER,
    AVAILABLE_AGAIN,
    CONSENT_WITHDRAWN,
    CONSENT_WITHDRAWN_AUTO,
    DECIDES,
    EITHER,
    STOPPED,
    clocked,
    each,
    final,
)
from client.casework.flows import SAME, Flow, Row

_PROPOSED = ("forbereds", "foreslagen")
_RUNS = ("undertecknad", "pagar")
_DEVIATES = ("avvikelse", "omprovas")

state = clocked("plan")
PLAN = Flow(
    "plan",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("forbereds", "Förbereds med parterna"),
        state("foreslagen", "Föreslagen"),
        state("undertecknad", "Undertecknad"),
        state("pagar", "Pågår"),
        state("avvikelse", "Avvikelse"),
        state("omprovas", "Omprövas"),
        final("avbruten", "Avbruten"),
        final("avslutad", "Avslutad"),
        STOPPED,
    ),
    (
        # ``send`` is a plan that the person has signed, ``propose`` one that she has not.
        *each(("utkast", "forbereds", *_RUNS, *_DEVIATES), "send", ASKER, "foreslagen"),
        Row("foreslagen", "send", ASKER, SAME),
        *each(("utkast", *_RUNS, *_DEVIATES), "propose", ASKER, "forbereds"),
        *each(_PROPOSED, "propose", ASKER, "forbereds"),
        AVAILABLE_AGAIN,
        *each(_PROPOSED, "change", ANSWERER, SAME),
        Row("foreslagen", "accept", ANSWERER, "undertecknad"),
        *each(_RUNS, "report", EITHER, "pagar"),
        *each(_DEVIATES, "report", EITHER, SAME),
        *each(_RUNS, "deviate", EITHER, "avvikelse"),
        *each(_DEVIATES, "deviate", EITHER, SAME),
        Row("avvikelse", "review", ASKER, "omprovas"),
        *each(_DEVIATES, "go_on", ASKER, "pagar", roles=DECIDES),
        *each((*_PROPOSED, *_RUNS, *_DEVIATES), "break_off", ASKER, "avbruten", roles=DECIDES),
        *each(_RUNS, "finish", ASKER, "avslutad", roles=DECIDES),
        CONSENT_WITHDRAWN,
        CONSENT_WITHDRAWN_AUTO,
    ),
    # A decision to end stands before what was written without knowing of it, and a new plan before assent to the old.
    first=("break_off", "finish", "propose", "send"),
)

state = clocked("utforare")
UTFORARE = Flow(
    "utforare",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("uppdrag_skickat", "Uppdrag skickat"),
        state("pagar", "Pågår"),
        final("avslutat", "Avslutat"),
        STOPPED,
    ),
    (
        Row("utkast", "send", ASKER, "uppdrag_skickat", guards=(guard.PROVIDER_VERIFIED,)),
        AVAILABLE_AGAIN,
        *each(("uppdrag_skickat", "pagar"), "report", ANSWERER, "pagar"),
        *each(("uppdrag_skickat", "pagar"), "final_report", ANSWERER, "avslutat"),
        CONSENT_WITHDRAWN,
        CONSENT_WITHDRAWN_AUTO,
    ),
)
