"""F1 consultation. Source: domain.md 2.1."""

from __future__ import annotations

from client.casework.deadlines import days, hours, working_days
from client.casework.flow_tables.parts import ANSWERER, ASKER, AUTO, each, final, state
from client.casework.flows import SAME, Flow, Row

_UNREAD_F1 = ("skickad", "tillganglig", "pagar")

KONSULTATION = Flow(
    "konsultation",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("skickad", "Skickad", hours(24)),
        state("tillganglig", "Tillgänglig hos mottagaren", working_days(2)),
        state("pagar", "Pågår", working_days(5)),
        state("vantar_fragare", "Väntar på den som frågade", days(30)),
        state("besvarad", "Besvarad", days(30)),
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
        Row("vantar_fragare", "silence", AUTO, "avslutad"),
        Row("besvarad", "supplement", ASKER, "pagar"),
        Row("besvarad", "close", ASKER, "avslutad"),
        Row("besvarad", "convert", ASKER, "omvandlad"),
    ),
    # An answer is worth more than the question back that a colleague sent at the same time.
    first=("answer",),
)
