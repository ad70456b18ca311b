"""F2 intake. Source: domain.md 2.2.

A contact begins in the unit that took it and stays there until it is forwarded; whoever it is forwarded to enters the
same thread with that document. Two states for one in the source: ``undersoks`` here, ``formedlad`` where another unit
investigates and decides, so that two units never decide on the same person.
"""

from __future__ import annotations

from client.casework import row_guards as guard
from client.casework.flow_tables.parts import (
    ANSWERER,
    ASKER,
    AVAILABLE_AGAIN,
    CONSENT_WITHDRAWN,
    CONSENT_WITHDRAWN_AUTO,
    DECIDES,
    STOPPED,
    clocked,
    each,
    final,
)
from client.casework.flows import SAME, Flow, Row

_OPENS = (guard.DOOR_CHOSEN, guard.CARE_TAKEN_HERE)
_OPEN = ("ny", "forstabedomning", "akut_skydd", "vantar_samtycke", "undersoks")

state = clocked("intag")
INTAG = Flow(
    "intag",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("ny", "Ny kontakt"),
        state("forstabedomning", "Första bedömning"),
        state("akut_skydd", "Akut skydd"),
        state("vantar_samtycke", "Väntar på samtycke"),
        state("undersoks", "Undersöks"),
        state("formedlad", "Förmedlad, undersöks hos mottagaren"),
        final("oppnat", "Öppnat"),
        final("hanvisad", "Hänvisad"),
        final("avslag", "Avslag"),
        final("radgivning_klar", "Rådgivning klar"),
        final("avslutad_samtycke_vagrat", "Avslutad: samtycke vägrat"),
        STOPPED,
    ),
    (
        Row("utkast", "send", ASKER, "ny", guards=(guard.PRISON_ANSWERED,)),
        Row("ny", "assess", ASKER, "forstabedomning"),
        *each(("ny", "forstabedomning"), "ask_consent", ASKER, "vantar_samtycke"),
        *each(("ny", "forstabedomning", "vantar_samtycke"), "advice_only", ASKER, "radgivning_klar"),
        *each(("ny", "forstabedomning", "vantar_samtycke", "undersoks"), "acute", ASKER, "akut_skydd"),
        Row("akut_skydd", "placed", ASKER, "forstabedomning", DECIDES),
        *each(("forstabedomning", "vantar_samtycke"), "signed", ASKER, "undersoks"),
        *each(("ny", "forstabedomning", "vantar_samtycke"), "refused", ASKER, "avslutad_samtycke_vagrat"),
        *each(("utkast", *_OPEN), "forward", ASKER, "formedlad"),
        Row("undersoks", "open_here", ASKER, "oppnat", DECIDES, _OPENS),
        Row("undersoks", "refer_here", ASKER, "hanvisad", DECIDES),
        Row("undersoks", "decline_here", ASKER, "avslag", DECIDES),
        Row("formedlad", "open", ANSWERER, "oppnat", guards=_OPENS),
        Row("formedlad", "refer", ANSWERER, "hanvisad"),
        Row("formedlad", "decline", ANSWERER, "avslag"),
        Row("utkast", "advise_relative", ASKER, "radgivning_klar"),
        *each((*_OPEN, "formedlad"), "advise_relative", ASKER, SAME),
        AVAILABLE_AGAIN,
        CONSENT_WITHDRAWN,
        CONSENT_WITHDRAWN_AUTO,
    ),
)
