"""F1 consultation. Source: domain.md 2.1."""

from __future__ import annotations

from client.casework.flow_tables.parts import ANSWERER, ASKER, AT_BOTH_ENDS, AUTO, clocked, each, final
from client.casework.flows import SAME, Flow, Row

_UNREAD_F1 = ("skickad", "tillganglig", "pagar")

state = clocked("konsultation")
KONSULTATION = Flow(
    "konsultation",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("skickad", "Skickad"),
        state("tillganglig", "Tillgänglig hos mottagaren"),
        state("pagar", "Pågår"),
        state("vantar_fragare", "Väntar på den som frågade"),
        state("besvarad", "Besvarad"),
        state("avslutad_tyst", "Avslutad: inget svar på motfrågan", rests=AT_BOTH_ENDS),
        final("avslutad", "Avslutad"),
        final("avbojd", "Avböjd"),
        final("omvandlad", "Omvandlad till nytt ärende"),
    ),
    (
        Row("utkast", "send", ASKER, "skickad"),
        Row("skickad", "available", AUTO, "tillganglig"),
        *each(("tillganglig", "pagar", "vantar_fragare", "besvarad"), "available", AUTO, SAME),
        *each(("skickad", "tillganglig"), "take", ANSWERER, "pagar"),
        *each(_UNREAD_F1, "supplement", ANSWERER, "vantar_fragare"),
        *each(_UNREAD_F1, "answer", ANSWERER, "besvarad"),
        *each(_UNREAD_F1, "decline", ANSWERER, "avbojd"),
        Row("vantar_fragare", "supplement", ASKER, "pagar"),
        # The one step of a clock (domain.md 2.13): it concerns nobody, and the next document opens the thread again.
        Row("vantar_fragare", "silence", AUTO, "avslutad_tyst"),
        Row("avslutad_tyst", "available", AUTO, SAME),
        Row("avslutad_tyst", "supplement", ASKER, "pagar"),
        Row("besvarad", "supplement", ASKER, "pagar"),
        Row("besvarad", "close", ASKER, "avslutad"),
        Row("besvarad", "convert", ASKER, "omvandlad"),
    ),
    # An answer is worth more than the question back that a colleague sent at the same time.
    first=("answer",),
)
