"""F5 placement: one table for the thread with the police and for the one with the receiving municipality.

The police thread opens with the need (``send``), the municipality's with a question that names nobody
(``ask_recipient``). Both end in the same states, so that a placement reads alike in every office.
Source: domain.md 2.5.
"""

from __future__ import annotations

from types import MappingProxyType

from client.casework import row_guards as guard
from client.casework.flow_tables.parts import (
    ANSWERER,
    ASKER,
    ASSESSES,
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

#: The other end may not have seen that the police began.
_SEARCHES = ("behov", "ortsutredning", "ny_ort")
#: A place is agreed on, and nobody has moved.
_AGREED = ("mottagare_fragas", "klar_att_flytta")
#: The municipality has said that it can; it may hear that the supplement is signed, or at once who comes.
_WAITS = ("tillagg_samtycke", "klar_att_flytta")
_THERE = ("placerad", "omprovas_akut")
_CHECKED = (guard.PLACE_CHECKED,)

state = clocked("placering")
PLACERING = Flow(
    "placering",
    "utkast",
    (
        state("utkast", "Utkast"),
        state("behov", "Behov anmält"),
        state("ortsutredning", "Ort utreds"),
        state("ny_ort", "Ny ort behövs"),
        state("ort_foreslagen", "Ort föreslagen"),
        state("mottagare_fragas", "Mottagare tillfrågas"),
        state("tillagg_samtycke", "Väntar på tillägg till samtycket"),
        state("klar_att_flytta", "Klar att flytta"),
        state("placerad", "Placerad"),
        state("omprovas_akut", "Omprövas akut"),
        final("mottagare_kan_inte", "Mottagaren kan inte"),
        final("upphord", "Upphörd"),
        final("avbruten", "Avbruten"),
        STOPPED,
    ),
    (
        Row("utkast", "send", ASKER, "behov", guards=(guard.CALM,)),
        Row("utkast", "ask_recipient", ASKER, "mottagare_fragas"),
        AVAILABLE_AGAIN,
        *each(("behov", "ny_ort"), "start", ANSWERER, "ortsutredning"),
        # -- the verdict of the police, asked again before a move and after an incident
        *each((*_SEARCHES, "omprovas_akut"), "clear", ANSWERER, "ort_foreslagen", roles=ASSESSES, guards=_CHECKED),
        *each(("ort_foreslagen", *_AGREED), "clear", ANSWERER, SAME, roles=ASSESSES, guards=_CHECKED),
        *each((*_SEARCHES, "ort_foreslagen", *_AGREED, *_THERE), "unsuitable", ANSWERER, "ny_ort", roles=ASSESSES),
        *each((*_SEARCHES, "ort_foreslagen", *_AGREED), "call", ANSWERER, "ortsutredning", roles=ASSESSES),
        Row("omprovas_akut", "call", ANSWERER, SAME, ASSESSES),
        # What two officers found themselves, kept by the police: no verdict, but one may stand on it (`placement`).
        *each((*_SEARCHES, "ort_foreslagen", *_AGREED, *_THERE), "look", ANSWERER, SAME, roles=ASSESSES),
        # -- what the unit says to the police
        Row("ort_foreslagen", "agree", ASKER, "mottagare_fragas", DECIDES),
        Row("ort_foreslagen", "disagree", ASKER, "ortsutredning", DECIDES),
        *each((*_AGREED, "omprovas_akut"), "look_again", ASKER, "ortsutredning"),
        Row("mottagare_fragas", "ready", ASKER, "klar_att_flytta"),
        # -- what the receiving municipality answers
        Row("mottagare_fragas", "can", ANSWERER, "tillagg_samtycke"),
        Row("mottagare_fragas", "cannot", ANSWERER, "mottagare_kan_inte"),
        Row("tillagg_samtycke", "supplement_signed", ASKER, "klar_att_flytta"),
        *each((*_AGREED, "tillagg_samtycke"), "call_off", ASKER, "avbruten"),
        # -- the move and after
        *each(_WAITS, "confirm", ASKER, "placerad", roles=DECIDES, guards=(guard.PLACE_CLEARED,)),
        Row("placerad", "report", EITHER, SAME),
        Row("placerad", "stable", EITHER, SAME),
        Row("omprovas_akut", "report", EITHER, SAME),
        Row("omprovas_akut", "stable", EITHER, "placerad"),
        *each(_THERE, "incident", EITHER, "omprovas_akut"),
        *each(_THERE, "end", ASKER, "upphord"),
        *each((*_SEARCHES, "ort_foreslagen", *_AGREED, "tillagg_samtycke"), "end", ASKER, "avbruten"),
        CONSENT_WITHDRAWN,
        CONSENT_WITHDRAWN_AUTO,
    ),
    variants=MappingProxyType({"duration_expected": {"akut_dagar": "akut"}, "risk_class": {"akut": "akut"}}),
    # A report that all is well knows nothing of the incident that crosses it: the incident stands last.
    first=("stable", "report", "cannot"),
)
