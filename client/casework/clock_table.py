"""The one table of deadlines in threads (domain.md 2.13 and the states of 2.1 to 2.11).

The life cycles take their spans from here (`flow_tables.parts`), the engine its clocks, the guide its tables. Rows that
run outside threads stand in `clock_table_case`, what each waits for in `clock_words`. No row moves a case. Two
take a step that nobody else takes: a silent consultation, which concerns nobody, and a consent whose last day has
passed; both rest, and are taken up again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final, TypedDict, Unpack

from client.casework.clock_rows import Clock, Origin, before
from client.casework.deadlines import Span, days, hours, months, office_hours, same_day, working_days
from client.casework.flows import Side

ASKER, ANSWERER, BOTH = Side.ASKER, Side.ANSWERER, Side.EITHER


class _More(TypedDict, total=False):
    variant: str
    opened_by: str
    origin: Origin
    fact: str
    begins: tuple[str, ...]
    restarts: tuple[str, ...]
    ends: tuple[str, ...]
    before: tuple[timedelta, ...]
    while_open: bool
    closes: str


def _row(name: str, states: str, span: Span | None, whose: Side, **more: Unpack[_More]) -> Clock:
    """A row of the flow that its name begins with; ``states`` are words."""
    return Clock(name=name, flow=name.partition(".")[0], states=tuple(states.split()), span=span, whose=whose, **more)


_H1, _H4 = before(hours=1), before(hours=4)
_D1, _D2, _D3, _D7 = before(days=(1,)), before(days=(2,)), before(days=(3,)), before(days=(7,))
_D72, _D147, _D307 = before(days=(7, 2)), before(days=(14, 7)), before(days=(30, 7))
_POLICE, _KOMMUN = "placering.behov", "placering.mottagarforfragan"
_REPORTS = ("report", "stable")

#: Two to three weeks in Stockholm by agreement, about three in Göteborg; the card of each unit says its own.
_HANDLING = _row(
    "intag.handlaggning", "undersoks", days(21), ASKER, origin=Origin.REPORT, fact="handling_days", before=_D72
)

THREAD_CLOCKS: Final[tuple[Clock, ...]] = (
    # -- F1 consultation
    _row("konsultation.tillganglig", "skickad", hours(24), ANSWERER),
    _row("konsultation.ta_emot", "tillganglig", working_days(2), ANSWERER, before=_D1),
    _row("konsultation.svar", "pagar", working_days(5), ANSWERER, before=_D1),
    _row("konsultation.tystnad", "vantar_fragare", days(30), ASKER, before=_D7, closes="silence"),
    _row("konsultation.avslut", "besvarad", days(30), ASKER, before=_D7),
    # -- F2 intake, F9 coming back
    _row("intag.forsta_bedomning", "ny", same_day(), ASKER),
    _row("intag.akut_skydd", "akut_skydd", hours(4), ASKER, before=_H1),
    _HANDLING,
    replace(_HANDLING, name="intag.handlaggning_dar", states=("formedlad",), whose=ANSWERER),
    replace(_HANDLING, name="aterkomst.handlaggning", flow="aterkomst", states=("anmald", "ny_bedomning")),
    # -- F3 threat assessment
    _row("hotbild.tillganglig", "begard", office_hours(4), ANSWERER),
    _row("hotbild.ta_emot", "mottagen", working_days(1), ANSWERER, before=_H4),
    _row("hotbild.ta_emot", "mottagen", hours(2), ANSWERER, variant="akut"),
    _row("hotbild.resultat", "bedoms", days(7), ANSWERER, before=_D2),
    _row("hotbild.resultat", "bedoms", hours(24), ANSWERER, variant="akut", before=_H4),
    _row("hotbild.komplettering", "vantar_komplettering", days(7), ASKER, before=_D2),
    _row("hotbild.oenighet", "oenighet", days(7), BOTH, before=_D2),
    _row(
        "hotbild.giltighet", "resultat_lamnat oenighet malgrupp_beslutad", days(0, "valid_until"), ASKER,
        before=_D307, while_open=True,
    ),
    # -- F4 handover; a formal transfer has a month in all (law), however often it is asked back
    _row("overlamnande.ta_emot", "forfragan_skickad", working_days(3), ANSWERER, before=_D1),
    _row("overlamnande.ta_emot", "forfragan_skickad", None, ANSWERER, variant="formell"),
    _row("overlamnande.komplettering", "komplettering", working_days(5), ASKER, before=_D1),
    _row("overlamnande.svar", "provas", working_days(10), ANSWERER, before=_D2),
    _row(
        "overlamnande.svar", "forfragan_skickad provas komplettering", months(1), ANSWERER,
        variant="formell", origin=Origin.LAW, before=_D72,
    ),
    _row("overlamnande.villkor", "villkor", working_days(5), ASKER, before=_D1),
    _row("overlamnande.forsta_mote", "accepterad", days(14, "takeover_date"), ANSWERER, before=_D7),
    _row("overlamnande.efter_avbojt", "avbojd", working_days(5), ASKER, before=_D1),
    _row("overlamnande.ny_tid", "uteblev", days(14), BOTH, before=_D3),
    # -- F5 placement, the collision check of the police
    _row("placering.ta_emot", "behov", working_days(2), ANSWERER, before=_D1),
    _row("placering.ta_emot", "behov", same_day(), ANSWERER, variant="akut"),
    _row("placering.fraga_mottagare", "mottagare_fragas", working_days(3), ASKER, opened_by=_POLICE, before=_D1),
    _row("placering.fraga_mottagare", "mottagare_fragas", hours(24), ASKER, variant="akut", opened_by=_POLICE),
    _row("placering.mottagarsvar", "mottagare_fragas", working_days(3), ANSWERER, opened_by=_KOMMUN, before=_D1),
    _row("placering.mottagarsvar", "mottagare_fragas", hours(24), ANSWERER, variant="akut", opened_by=_KOMMUN),
    _row("placering.flytt", "klar_att_flytta", hours(24), ASKER, restarts=("clear",)),
    _row(
        "placering.besked_galler", "ort_foreslagen mottagare_fragas tillagg_samtycke klar_att_flytta",
        days(14, "checked_at", counted_by="valid_days"), ASKER, opened_by=_POLICE, before=before(days=(3, 1)),
    ),
    _row("placering.forsta_besok", "placerad omprovas_akut", days(14), ASKER, ends=_REPORTS, before=_D3),
    _row(
        "placering.manadsbesok", "placerad omprovas_akut", months(1), ASKER,
        begins=_REPORTS, restarts=_REPORTS, before=_D7,
    ),
    _row("placering.akut", "omprovas_akut", hours(4), BOTH, before=_H1),
    _row("kollision.ta_emot", "fragad", working_days(1), ANSWERER),
    _row("kollision.granskning", "granskas", working_days(1), ANSWERER),
    _row("kollision.giltighet", "besvarad", days(14), BOTH, restarts=("outcome",), before=_D3),
    # -- F6 plan, provider
    _row("plan.forberedelse", "forbereds", days(14), BOTH, before=_D3),
    _row("plan.svar", "foreslagen", days(14), ANSWERER, before=_D3),
    _row("plan.forsta_rapport", "undertecknad", days(30), BOTH, before=_D7),
    _row("plan.lagesrapport", "pagar", days(30), BOTH, restarts=("report",), before=_D7),
    _row("plan.omprovning", "undertecknad pagar", days(0, "review_date"), ASKER, before=_D7),
    _row("plan.avvikelse", "avvikelse", days(7), ASKER, before=_D2),
    _row("plan.ny_bedomning", "omprovas", days(14), ASKER, before=_D3),
    _row("utforare.svar", "uppdrag_skickat", days(14), ANSWERER, before=_D3),
    _row("utforare.rapport", "pagar", days(30), ANSWERER, restarts=("report",), before=_D7),
    # -- F7 follow-up, F8 closing, F10 consent, F11 statistics
    _row("uppfoljning.svar", "begard", days(30), ANSWERER, before=_D7),
    _row("uppfoljning.bedomning", "svar_inne", days(60), ASKER, before=_D147),
    _row("uppfoljning.rapport", "bedomd", days(30), ASKER, before=_D7),
    _row("avslut.beslut", "foreslagen", days(7), ASKER, before=_D2),
    _row("avslut.bekraftelse", "beslutad meddelad", days(14), ANSWERER, before=_D3),
    _row("samtycke.giltighet", "aktivt snart_utgatt", days(0, "valid_to"), ASKER, closes="expire"),
    _row("samtycke.underskrift", "informerad", days(14), ASKER, before=_D3),
    _row("statistik.samling", "samlas", days(14), ASKER, before=_D3),
    _row("statistik.godkannande", "granskas", days(14), ASKER, before=_D3),
    _row("statistik.sandning", "godkand", days(14), ASKER, before=_D3),
    _row("statistik.summering", "skickad", days(30), ANSWERER, before=_D7),
)  # fmt: skip

#: Variants of threads that have rows of their own.
VARIANTS: Final = tuple(sorted({row.variant for row in THREAD_CLOCKS if row.variant}))
