"""F4 handover. Source: domain.md 2.4.

A thread has two units, so whoever asks another one opens another thread: the source's way from a refusal back to
``forberedd`` ends this thread, and both units read that it has.
"""

from __future__ import annotations

from types import MappingProxyType

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
from client.casework.flows import Flow, Row

_ASKED = (guard.ONE_REQUEST, guard.RESULT_PASSABLE, guard.CARE_TAKEN_THERE)
_UNREAD_F4 = ("forfragan_skickad", "provas")
_NOT_ACCEPTED_F4 = ("forfragan_skickad", "provas", "komplettering", "villkor")

state = clocked("overlamnande")
OVERLAMNANDE = Flow(
    "overlamnande",
    "forberedd",
    (
        state("forberedd", "Förberedd"),
        state("forfragan_skickad", "Förfrågan skickad"),
        state("provas", "Prövas"),
        state("komplettering", "Väntar på komplettering"),
        state("villkor", "Accepterad med villkor"),
        state("accepterad", "Accepterad"),
        state("uteblev", "Personen uteblev"),
        state("avbojd", "Avböjd"),
        final("genomford", "Genomförd"),
        final("ater_hos_avsandare", "Åter hos avsändaren"),
        final("annan_mottagare", "En annan mottagare tillfrågas"),
        final("aterkallad", "Återkallad av avsändaren"),
        final("ivo_ansokan", "Ansökan till IVO, utanför tjänsten"),
        STOPPED,
    ),
    (
        Row("forberedd", "send", ASKER, "forfragan_skickad", guards=_ASKED),
        AVAILABLE_AGAIN,
        Row("forfragan_skickad", "take", ANSWERER, "provas"),
        *each(_UNREAD_F4, "accept", ANSWERER, "accepterad", roles=DECIDES),
        *each(_UNREAD_F4, "accept_with_conditions", ANSWERER, "villkor", roles=DECIDES),
        *each(_UNREAD_F4, "ask", ANSWERER, "komplettering"),
        *each(_UNREAD_F4, "decline", ANSWERER, "avbojd", roles=DECIDES),
        Row("komplettering", "supply", ASKER, "provas"),
        Row("villkor", "agree", ASKER, "accepterad"),
        Row("villkor", "disagree", ASKER, "avbojd"),
        *each(_NOT_ACCEPTED_F4, "recall", ASKER, "aterkallad"),
        Row("accepterad", "first_meeting", ANSWERER, "genomford"),
        Row("accepterad", "no_show", ANSWERER, "uteblev"),
        Row("uteblev", "new_time", EITHER, "accepterad"),
        Row("uteblev", "give_up", EITHER, "ater_hos_avsandare"),
        Row("avbojd", "give_up", ASKER, "ater_hos_avsandare"),
        Row("avbojd", "new_recipient", ASKER, "annan_mottagare"),
        Row("avbojd", "formal", ASKER, "ivo_ansokan", DECIDES),
        CONSENT_WITHDRAWN,
        CONSENT_WITHDRAWN_AUTO,
    ),
    variants=MappingProxyType({"kind": {"formell_overflyttning": "formell"}}),
    # Who takes a request back that the other end accepts at the same moment has taken it back: the
    # person does not stand between two units that each believe the other to be responsible.
    # So too with who gives up, for the sender may ask elsewhere at once; and conditions that one colleague agreed to
    # and another did not bind nobody.
    first=("recall", "give_up", "disagree"),
    # Unless the recipient has acted on it: who has met the person is not told afterwards that nobody asked for it.
    binding=("agree",),
)
