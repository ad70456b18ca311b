"""The life cycles of consultation, threat assessment, handover and consent.

Documents that may arrive before the other end's local step or receipt was seen start from all the
states that this end may believe in: the ``_UNREAD`` tuples list them. So an answer right after availability is
legal and implies that somebody took the case.

Deadlines marked [D] in the source are defaults that an operator may change.
Source: domain.md 2.1, 2.3, 2.4, 2.10, 2.13.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from client.casework.deadlines import Span, days, hours, months, office_hours, working_days
from client.casework.flows import ANY, SAME, Flow, Row, Side, State

DECIDES = frozenset({"beslutsfattare"})
ASSESSES = frozenset({"polis_bedomare"})

#: A receipt that comes late, and a withdrawal, may meet a thread in any open state.
AVAILABLE_AGAIN = Row(ANY, "available", Side.AUTO, SAME)
CONSENT_WITHDRAWN = Row(ANY, "consent_withdrawn", Side.EITHER, "stoppad_samtycke")
CONSENT_WITHDRAWN_AUTO = Row(ANY, "consent_withdrawn", Side.AUTO, "stoppad_samtycke")
STOPPED = State(name="stoppad_samtycke", label="Stoppad: samtycket är återkallat", final=True)


def _state(name: str, label: str, span: Span | None = None, **variants: Span) -> State:
    """An open state with its ordinary span and the spans of its variants."""
    ordinary = {"": span} if span else {}
    return State(name=name, label=label, deadlines=MappingProxyType({**ordinary, **variants}))


def _final(name: str, label: str) -> State:
    return State(name=name, label=label, final=True)


def _from(
    states: Iterable[str], event: str, side: Side, following: str, *, roles: frozenset[str] = frozenset()
) -> list[Row]:
    """The same step from several states."""
    return [Row(state, event, side, following, roles) for state in states]


ASKER, ANSWERER, AUTO, EITHER = Side.ASKER, Side.ANSWERER, Side.AUTO, Side.EITHER

# --- F1 consultation -------------------------------------------------------------------------

_UNREAD_F1 = ("skickad", "tillganglig", "pagar")

KONSULTATION = Flow(
    "konsultation",
    "utkast",
    (
        _state("utkast", "Utkast"),
        _state("skickad", "Skickad", hours(24)),
        _state("tillganglig", "Tillgänglig hos mottagaren", working_days(2)),
        _state("pagar", "Pågår", working_days(5)),
        _state("vantar_fragare", "Väntar på den som frågade", days(30)),
        _state("besvarad", "Besvarad", days(30)),
        _final("avslutad", "Avslutad"),
        _final("avbojd", "Avböjd"),
        _final("omvandlad", "Omvandlad till nytt ärende"),
    ),
    (
        Row("utkast", "send", ASKER, "skickad"),
        Row("skickad", "available", AUTO, "tillganglig"),
        *_from(("tillganglig", "pagar", "vantar_fragare", "besvarad"), "available", AUTO, SAME),
        *_from(("skickad", "tillganglig"), "take", ANSWERER, "pagar"),
        *_from(_UNREAD_F1, "supplement", ANSWERER, "vantar_fragare"),
        *_from(_UNREAD_F1, "answer", ANSWERER, "besvarad"),
        *_from(_UNREAD_F1, "decline", ANSWERER, "avbojd"),
        Row("vantar_fragare", "supplement", ASKER, "pagar"),
        Row("vantar_fragare", "silence", AUTO, "avslutad"),
        Row("besvarad", "supplement", ASKER, "pagar"),
        Row("besvarad", "close", ASKER, "avslutad"),
        Row("besvarad", "convert", ASKER, "omvandlad"),
    ),
)

# --- F3 threat assessment --------------------------------------------------------------------

_UNREAD_F3 = ("begard", "mottagen", "bedoms")

HOTBILD = Flow(
    "hotbild",
    "utkast",
    (
        _state("utkast", "Utkast"),
        _state("begard", "Begärd", office_hours(4)),
        _state("mottagen", "Mottagen", working_days(1), akut=hours(2)),
        _state("bedoms", "Bedöms", days(7), akut=hours(24)),
        _state("vantar_komplettering", "Väntar på komplettering", days(7)),
        _state("resultat_lamnat", "Resultat lämnat"),
        _state("oenighet", "Oenighet", days(7)),
        _state("malgrupp_beslutad", "Målgrupp beslutad", days(0, "valid_until")),
        _final("omdirigerad", "Hänvisad till annan avdelning"),
        _final("avvisad", "Avvisad"),
        STOPPED,
    ),
    (
        Row("utkast", "send", ASKER, "begard"),
        Row("begard", "available", AUTO, "mottagen"),
        *_from(
            ("mottagen", "bedoms", "vantar_komplettering", "resultat_lamnat", "oenighet", "malgrupp_beslutad"),
            "available",
            AUTO,
            SAME,
        ),
        *_from(("begard", "mottagen"), "accept", ANSWERER, "bedoms"),
        *_from(("begard", "mottagen"), "redirect", ANSWERER, "omdirigerad"),
        *_from(("begard", "mottagen"), "reject", EITHER, "avvisad"),
        *_from(("begard", "mottagen"), "reject", AUTO, "avvisad"),
        *_from(_UNREAD_F3, "interim", ANSWERER, "bedoms", roles=ASSESSES),
        *_from(_UNREAD_F3, "ask", ANSWERER, "vantar_komplettering", roles=ASSESSES),
        *_from(_UNREAD_F3, "result", ANSWERER, "resultat_lamnat", roles=ASSESSES),
        Row("vantar_komplettering", "supply", ASKER, "bedoms"),
        Row("resultat_lamnat", "decision", ASKER, "malgrupp_beslutad"),
        Row("resultat_lamnat", "disagree", EITHER, "oenighet"),
        Row("oenighet", "meeting_note", EITHER, "malgrupp_beslutad"),
        Row("malgrupp_beslutad", "send", ASKER, "begard"),
        CONSENT_WITHDRAWN,
        CONSENT_WITHDRAWN_AUTO,
    ),
    variants=MappingProxyType({"urgency": {"akut": "akut"}}),
)

# --- F4 handover -----------------------------------------------------------------------------

_UNREAD_F4 = ("forfragan_skickad", "provas")
_NOT_ACCEPTED_F4 = ("forfragan_skickad", "provas", "komplettering", "villkor")

OVERLAMNANDE = Flow(
    "overlamnande",
    "forberedd",
    (
        _state("forberedd", "Förberedd"),
        _state("forfragan_skickad", "Förfrågan skickad", working_days(3), formell=months(1)),
        _state("provas", "Prövas", working_days(10), formell=months(1)),
        _state("komplettering", "Väntar på komplettering", working_days(5)),
        _state("villkor", "Accepterad med villkor", working_days(5)),
        _state("accepterad", "Accepterad", days(14, "takeover_date")),
        _state("uteblev", "Personen uteblev", days(14)),
        _state("avbojd", "Avböjd"),
        _final("genomford", "Genomförd"),
        _final("ater_hos_avsandare", "Åter hos avsändaren"),
        _final("aterkallad", "Återkallad av avsändaren"),
        _final("ivo_ansokan", "Ansökan till IVO, utanför tjänsten"),
        STOPPED,
    ),
    (
        Row("forberedd", "send", ASKER, "forfragan_skickad"),
        AVAILABLE_AGAIN,
        Row("forfragan_skickad", "take", ANSWERER, "provas"),
        *_from(_UNREAD_F4, "accept", ANSWERER, "accepterad", roles=DECIDES),
        *_from(_UNREAD_F4, "accept_with_conditions", ANSWERER, "villkor", roles=DECIDES),
        *_from(_UNREAD_F4, "ask", ANSWERER, "komplettering"),
        *_from(_UNREAD_F4, "decline", ANSWERER, "avbojd", roles=DECIDES),
        Row("komplettering", "supply", ASKER, "provas"),
        Row("villkor", "agree", ASKER, "accepterad"),
        Row("villkor", "disagree", ASKER, "avbojd"),
        *_from(_NOT_ACCEPTED_F4, "recall", ASKER, "aterkallad"),
        Row("accepterad", "first_meeting", ANSWERER, "genomford"),
        Row("accepterad", "no_show", ANSWERER, "uteblev"),
        Row("uteblev", "new_time", EITHER, "accepterad"),
        Row("uteblev", "give_up", EITHER, "ater_hos_avsandare"),
        Row("avbojd", "new_recipient", ASKER, "forberedd"),
        Row("avbojd", "formal", ASKER, "ivo_ansokan", DECIDES),
        CONSENT_WITHDRAWN,
        CONSENT_WITHDRAWN_AUTO,
    ),
    variants=MappingProxyType({"kind": {"formell_overflyttning": "formell"}}),
)

# --- F10 consent -----------------------------------------------------------------------------

_SIGNED = ("aktivt", "snart_utgatt")

SAMTYCKE = Flow(
    "samtycke",
    "utkast",
    (
        _state("utkast", "Utkast"),
        _state("informerad", "Personen är informerad"),
        _state("aktivt", "Aktivt", days(0, "valid_to")),
        _state("snart_utgatt", "Går snart ut", days(0, "valid_to")),
        _state("utgatt", "Har gått ut"),
        _state("aterkallat", "Återkallat"),
        _final("vagrat", "Vägrat"),
        _final("felregistrerat", "Felregistrerat"),
    ),
    (
        Row("utkast", "inform", EITHER, "informerad"),
        # Registering a signed original says that the person was informed: the record names the leaflet.
        *_from(("utkast", "informerad"), "send", ASKER, "aktivt"),
        Row("informerad", "sign", EITHER, "aktivt"),
        *_from(("utkast", "informerad"), "refuse", EITHER, "vagrat"),
        *_from(_SIGNED, "supplement", ASKER, "aktivt"),
        Row("aktivt", "near_end", AUTO, "snart_utgatt"),
        *_from(_SIGNED, "renew", ASKER, "aktivt"),
        *_from(_SIGNED, "expire", AUTO, "utgatt"),
        # A withdrawal is never refused: not before the record has come, not twice, not after the end.
        Row(ANY, "withdraw", EITHER, "aterkallat"),
        *_from(("aktivt", "snart_utgatt", "utgatt", "aterkallat"), "withdraw_follow_up", EITHER, SAME),
        *_from(("utkast", "informerad"), "withdraw_follow_up", EITHER, "aktivt"),
        *_from(_SIGNED, "entered_in_error", EITHER, "felregistrerat"),
        AVAILABLE_AGAIN,
    ),
)

FLOWS: Mapping[str, Flow] = MappingProxyType(
    {flow.name: flow for flow in (KONSULTATION, HOTBILD, OVERLAMNANDE, SAMTYCKE)}
)
