"""The table of deadlines: every row of domain.md 2.13, every row of our own table, and who is reminded when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from client.casework import placement
from client.casework.clock_rows import Clock, Origin, Subject
from client.casework.clock_table import THREAD_CLOCKS
from client.casework.clock_table_case import CASE_CLOCKS
from client.casework.clock_words import AWAITED
from client.casework.clocks import CLOCKS, Moment, Told, begun, clock_named, clocks_in, ends, first_reminder, stage
from client.casework.deadlines import due, office_hours
from client.casework.flow_tables import FLOWS
from client.casework.flow_tables.parts import AT_BOTH_ENDS
from client.casework.flows import By, Side, step
from client.casework.kinds.hotbild import MINORS_FROM
from client.casework.kinds.kollision import MAX_VALID_DAYS
from client.casework.kinds.registry import KINDS
from client.casework.opening_hours import ORDINARY, hours_on, is_staffed, opening_hours

#: A Tuesday at 15:00 on Swedish clocks, with Christmas, New Year and Epiphany ahead.
START = datetime(2026, 12, 22, 14, 0, tzinfo=UTC)


def at(month: int, day: int, hour: int = 14, *, year: int = 2027) -> datetime:
    """An instant of the weeks after the start."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def row(name: str, variant: str = "") -> Clock:
    """The one row of that name and variant."""
    (found,) = (one for one in CLOCKS if (one.name, one.variant) == (name, variant))
    return found


#: domain.md 2.13, one line for each clock in it: row, name, variant, what is told, end, origin.
OF_THE_SOURCE = [
    ("Case handling Stockholm / Göteborg", "intag.handlaggning", "", Told(days=21), at(1, 12), Origin.REPORT),
    ("Case handling Malmö and others", "intag.handlaggning", "", Told(), at(1, 12), Origin.REPORT),
    ("Case handling, another length on the card", "intag.handlaggning", "", Told(days=14), at(1, 5), Origin.REPORT),
    ("Follow-up after closing (Malmö)", "uppfoljning.efter_avslut", "", Told(), at(12, 22), Origin.REPORT),
    ("Answer to formal överflyttning", "overlamnande.svar", "formell", Told(), at(1, 22), Origin.LAW),
    ("Follow-up during (Stockholm)", "uppfoljning.under_pagaende", "", Told(), at(3, 22), Origin.OURS),
    ("Gallring personakt", "arende.gallring", "", Told(), at(12, 31, 23, year=2032), Origin.LAW),
    ("Registering incoming documents", "handling.registrering", "", Told(), at(12, 23, year=2026), Origin.LAW),
    ("Consultation answer", "konsultation.svar", "", Told(), at(1, 4), Origin.OURS),
    ("Threat request: accept", "hotbild.ta_emot", "", Told(), at(12, 23, year=2026), Origin.OURS),
    ("Threat request: accept, acute", "hotbild.ta_emot", "akut", Told(), at(12, 22, 16, year=2026), Origin.OURS),
    ("Threat request: result", "hotbild.resultat", "", Told(), at(12, 29, year=2026), Origin.OURS),
    ("Threat request: result, acute", "hotbild.resultat", "akut", Told(), at(12, 23, year=2026), Origin.OURS),
    ("Handover answer", "overlamnande.svar", "", Told(), at(1, 12), Origin.OURS),
    ("Placement: receiver answer", "placering.mottagarsvar", "", Told(), at(12, 29, year=2026), Origin.OURS),
    ("Placement: receiver, acute", "placering.mottagarsvar", "akut", Told(), at(12, 23, year=2026), Origin.OURS),
    (
        "Collision result validity", "placering.besked_galler", "",
        Told({"checked_at": "2026-12-22T14:00:00Z", "valid_days": 14}), at(1, 5), Origin.OURS,
    ),
    (
        "Collision result validity, a shorter one", "placering.besked_galler", "",
        Told({"checked_at": "2026-12-22T14:00:00Z", "valid_days": 3}), at(12, 25, year=2026), Origin.OURS,
    ),
    ("Collision: recheck before move", "placering.flytt", "", Told(), at(12, 23, year=2026), Origin.OURS),
    ("Consent length", "samtycke.fornyelse", "", Told({"valid_to": "2027-06-30"}), at(6, 30, 22), Origin.OURS),
    ("Threat result", "hotbild.giltighet", "", Told({"valid_until": "2027-06-22"}), at(6, 22, 22), Origin.OURS),
    ("Hub: unfetched", "handling.hamtning", "", Told(), at(12, 23, year=2026), Origin.OURS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "variant", "told", "end", "origin"),
    [line[1:] for line in OF_THE_SOURCE],
    ids=[r[0] for r in OF_THE_SOURCE],
)
def test_every_row_of_the_source(name: str, variant: str, told: Told, end: datetime, origin: Origin) -> None:
    """A clock of domain.md 2.13 that begins before Christmas ends when the source says, and says whose word that is."""
    assert ends(row(name, variant), START, told) == end
    assert row(name, variant).origin is origin


def test_rows_of_the_source_that_are_no_clocks() -> None:
    """A date from which something is allowed, and a bound that a rule keeps, stand where the rules read them."""
    assert MINORS_FROM == "2023-04-01"
    assert timedelta(hours=24) == placement.RECHECK
    assert MAX_VALID_DAYS == 14


def test_reminders_of_the_source() -> None:
    """A consent is recalled thirty and seven days ahead, a document that nobody fetched again after a week."""
    renew, fetch = clock_named("samtycke.fornyelse"), clock_named("handling.hamtning")
    assert renew.before == (timedelta(days=30), timedelta(days=7))
    end = at(6, 30)
    days = [(31, 0), (30, 1), (8, 1), (7, 2), (0, 2), (-1, 3), (-6, 3), (-7, 4), (-14, 5)]
    assert [(ahead, stage(renew, end, end - timedelta(days=ahead))) for ahead, _ in days] == days
    assert [stage(fetch, end, end + timedelta(days=late)) for late in (-1, 0, 1, 7)] == [0, 0, 1, 2]
    assert first_reminder(renew, end) == end - timedelta(days=30)
    assert first_reminder(fetch, end) == end


#: Every other row of our table: name, variant, whose turn, end of one that began at the start.
OF_OURS = [
    ("konsultation.tillganglig", "", Side.ANSWERER, at(12, 23, year=2026)),
    ("konsultation.ta_emot", "", Side.ANSWERER, at(12, 28, year=2026)),
    ("konsultation.tystnad", "", Side.ASKER, at(1, 21)),
    ("konsultation.avslut", "", Side.ASKER, at(1, 21)),
    ("intag.forsta_bedomning", "", Side.ASKER, at(12, 22, 23, year=2026)),
    ("intag.akut_skydd", "", Side.ASKER, at(12, 22, 18, year=2026)),
    ("intag.handlaggning_dar", "", Side.ANSWERER, at(1, 12)),
    ("aterkomst.handlaggning", "", Side.ASKER, at(1, 12)),
    ("hotbild.tillganglig", "", Side.ANSWERER, at(12, 23, 9, year=2026)),
    ("hotbild.komplettering", "", Side.ASKER, at(12, 29, year=2026)),
    ("hotbild.oenighet", "", Side.EITHER, at(12, 29, year=2026)),
    ("overlamnande.ta_emot", "", Side.ANSWERER, at(12, 29, year=2026)),
    ("overlamnande.ta_emot", "formell", Side.ANSWERER, None),
    ("overlamnande.komplettering", "", Side.ASKER, at(1, 4)),
    ("overlamnande.villkor", "", Side.ASKER, at(1, 4)),
    ("overlamnande.forsta_mote", "", Side.ANSWERER, at(1, 15, 23)),
    ("overlamnande.efter_avbojt", "", Side.ASKER, at(1, 4)),
    ("overlamnande.ny_tid", "", Side.EITHER, at(1, 5)),
    ("placering.ta_emot", "", Side.ANSWERER, at(12, 28, year=2026)),
    ("placering.ta_emot", "akut", Side.ANSWERER, at(12, 22, 23, year=2026)),
    ("placering.fraga_mottagare", "", Side.ASKER, at(12, 29, year=2026)),
    ("placering.fraga_mottagare", "akut", Side.ASKER, at(12, 23, year=2026)),
    ("placering.forsta_besok", "", Side.ASKER, at(1, 5)),
    ("placering.manadsbesok", "", Side.ASKER, at(1, 22)),
    ("placering.akut", "", Side.EITHER, at(12, 22, 18, year=2026)),
    ("kollision.ta_emot", "", Side.ANSWERER, at(12, 23, year=2026)),
    ("kollision.granskning", "", Side.ANSWERER, at(12, 23, year=2026)),
    ("kollision.giltighet", "", Side.EITHER, at(1, 5)),
    ("kollision.borttagning", "", Side.ASKER, at(12, 23, year=2026)),
    ("plan.forberedelse", "", Side.EITHER, at(1, 5)),
    ("plan.svar", "", Side.ANSWERER, at(1, 5)),
    ("plan.forsta_rapport", "", Side.EITHER, at(1, 21)),
    ("plan.lagesrapport", "", Side.EITHER, at(1, 21)),
    ("plan.omprovning", "", Side.ASKER, at(3, 22, 23)),
    ("plan.avvikelse", "", Side.ASKER, at(12, 29, year=2026)),
    ("plan.ny_bedomning", "", Side.ASKER, at(1, 5)),
    ("utforare.svar", "", Side.ANSWERER, at(1, 5)),
    ("utforare.rapport", "", Side.ANSWERER, at(1, 21)),
    ("uppfoljning.svar", "", Side.ANSWERER, at(1, 21)),
    ("uppfoljning.bedomning", "", Side.ASKER, at(2, 20)),
    ("uppfoljning.rapport", "", Side.ASKER, at(1, 21)),
    ("uppfoljning.vid_omprovning", "", Side.ASKER, at(3, 22, 23)),
    ("avslut.beslut", "", Side.ASKER, at(12, 29, year=2026)),
    ("samtycke.underskrift", "", Side.ASKER, at(1, 5)),
    ("avslut.bekraftelse", "", Side.ANSWERER, at(1, 5)),
    ("samtycke.giltighet", "", Side.ASKER, at(6, 30, 22)),
    ("statistik.samling", "", Side.ASKER, at(1, 5)),
    ("statistik.godkannande", "", Side.ASKER, at(1, 5)),
    ("statistik.sandning", "", Side.ASKER, at(1, 5)),
    ("statistik.summering", "", Side.ANSWERER, at(1, 21)),
]
DATES = Told({"takeover_date": "2027-01-01", "review_date": "2027-03-22", "valid_to": "2027-06-30"})


@pytest.mark.parametrize(("name", "variant", "whose", "end"), OF_OURS, ids=[f"{r[0]}-{r[1]}" for r in OF_OURS])
def test_every_row_of_ours(name: str, variant: str, whose: Side, end: datetime | None) -> None:
    """A clock of our own table names whose turn it is and ends when it should, also over the holidays."""
    assert (row(name, variant).whose, ends(row(name, variant), START, DATES)) == (whose, end)


def test_no_row_is_left_out() -> None:
    """Each row of the table is one of the lines above."""
    lines = {(line[1], line[2]) for line in OF_THE_SOURCE} | {(line[0], line[1]) for line in OF_OURS}
    assert {(one.name, one.variant) for one in CLOCKS} == lines


def _turn(clock: Clock) -> tuple[Side, ...]:
    return (Side.ASKER, Side.ANSWERER) if clock.whose is Side.EITHER else (clock.whose,)


@pytest.mark.parametrize("clock", CLOCKS, ids=lambda one: f"{one.name}-{one.variant}")
def test_row_is_sound(clock: Clock) -> None:
    """A row has words, stands in states that are open, and names events, variants and documents that exist."""
    assert AWAITED[clock.name]
    assert list(clock.before) == sorted(clock.before, reverse=True)
    if clock in CASE_CLOCKS:
        assert (clock.flow, clock.states) == ("", ())
        assert clock.subject is not Subject.THREAD
        return
    flow = FLOWS[clock.flow]
    assert clock.states
    assert clock.subject is Subject.THREAD
    assert not any(flow.state(name).is_over(side) for name in clock.states for side in _turn(clock))
    events = {one.event for one in flow.rows}
    assert {*clock.begins, *clock.restarts, *clock.ends, *filter(None, [clock.closes])} <= events
    assert clock.variant in {"", *(variant for chosen in flow.variants.values() for variant in chosen.values())}
    assert not clock.opened_by or KINDS[clock.opened_by].opens_thread
    assert set(AWAITED) == {one.name for one in CLOCKS}


#: Open states in which nobody is waited for: before anything was sent, and what the person or the police bring.
UNTIMED = {
    *((flow.name, flow.initial) for flow in FLOWS.values()),
    ("konsultation", "avslutad_tyst"),
    ("intag", "forstabedomning"), ("intag", "vantar_samtycke"),
    ("placering", "ortsutredning"), ("placering", "ny_ort"),
    ("samtycke", "aterkallat"), ("samtycke", "felregistrerat"), ("samtycke", "utgatt"),
    ("kvittens", "lamnad"), ("uttag", "godkant"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("flow", "state"), [(flow.name, state.name) for flow in FLOWS.values() for state in flow.states if not state.final]
)
def test_every_open_state_has_a_clock_or_is_known_to_have_none(flow: str, state: str) -> None:
    """Nothing waits unseen: an open state has a clock, or stands in the list of those that have none."""
    kinds = [name for name, kind in KINDS.items() if kind.flow == flow and kind.opens_thread]
    opened = [clocks_in(flow, state, opened_by=kind) for kind in kinds]
    assert any(opened) is ((flow, state) not in UNTIMED)


def test_no_clock_moves_a_case() -> None:
    """Two clocks take a step: a silent consultation, and a consent by its own date; the next document leaves there."""
    silent, ended = (one for one in CLOCKS if one.closes)
    assert (silent.name, ended.name) == ("konsultation.tystnad", "samtycke.giltighet")
    assert not any(kind.about_person for kind in KINDS.values() if kind.flow == silent.flow)
    handler = By(Side.ASKER, "handlaggare")
    for clock, event, back in ((silent, "supplement", "pagar"), (ended, "renew", "aktivt")):
        flow = FLOWS[clock.flow]
        for state in clock.states:
            rests = step(flow, state, clock.closes, By(Side.AUTO)).next
            assert flow.state(rests).rests == AT_BOTH_ENDS
            assert step(flow, rests, event, handler).next == back


def moments(*lines: tuple[str, str]) -> list[Moment]:
    """A history with a step each hundred seconds."""
    return [Moment(event, state, 100 * n) for n, (event, state) in enumerate(lines, start=1)]


PLACED = (("confirm", "placerad"),)


@pytest.mark.parametrize(
    ("name", "history", "begins"),
    [
        ("hotbild.resultat", moments(("send", "begard"), ("accept", "bedoms"), ("interim", "bedoms")), 200),
        ("aterkomst.handlaggning", moments(("send", "anmald"), ("take", "ny_bedomning")), 100),
        ("avslut.bekraftelse", moments(("send", "beslutad"), ("available", "meddelad")), 100),
        ("plan.lagesrapport", moments(("report", "pagar"), ("report", "pagar")), 200),
        ("placering.flytt", moments(("ready", "klar_att_flytta")), 100),
        ("placering.flytt", moments(("ready", "klar_att_flytta"), ("clear", "klar_att_flytta")), 200),
        ("placering.forsta_besok", moments(*PLACED), 100),
        ("placering.forsta_besok", moments(*PLACED, ("stable", "placerad")), None),
        ("placering.manadsbesok", moments(*PLACED), None),
        ("placering.manadsbesok", moments(*PLACED, ("stable", "placerad"), ("report", "placerad")), 300),
        ("placering.manadsbesok", moments(("stable", "placerad"), ("end", "upphord")), None),
        ("placering.akut", moments(*PLACED, ("incident", "omprovas_akut"), ("report", "omprovas_akut")), 200),
        ("konsultation.svar", [], None),
    ],
)
def test_when_a_clock_began(name: str, history: list[Moment], begins: int | None) -> None:
    """A clock goes on through its states, begins anew with its own events, and has not begun without them."""
    assert begun(clock_named(name), history) == begins


def test_a_formal_transfer_is_asked_back_within_its_month() -> None:
    """The month of the law goes on while the sender is asked for more."""
    asked = moments(("send", "forfragan_skickad"), ("take", "provas"), ("ask", "komplettering"))
    running = clocks_in("overlamnande", "komplettering", "formell", "overlamnande.forfragan")
    assert [(one.name, begun(one, asked)) for one in running] == [
        ("overlamnande.komplettering", 300),
        ("overlamnande.svar", 100),
    ]


def test_who_is_waited_for_hangs_on_who_was_asked() -> None:
    """The same state waits for the unit in the thread with the police, and for the municipality in the other one."""
    police = clocks_in("placering", "mottagare_fragas", "", "placering.behov")
    kommun = clocks_in("placering", "mottagare_fragas", "", "placering.mottagarforfragan")
    assert [(one.name, one.whose) for one in police] == [
        ("placering.fraga_mottagare", Side.ASKER),
        ("placering.besked_galler", Side.ASKER),
    ]
    assert [(one.name, one.whose) for one in kommun] == [("placering.mottagarsvar", Side.ANSWERER)]


ALWAYS = dict.fromkeys(("man", "tis", "ons", "tor", "fre", "lor", "son"), "00:00-24:00")


@pytest.mark.parametrize(
    ("told", "end"),
    [
        (None, at(12, 28, 10, year=2026)),
        ({}, at(12, 28, 10, year=2026)),
        ({"man": "fel"}, at(12, 28, 10, year=2026)),
        (
            {"ons": "08:00-16:30", "man": "10:00-12:00", "tis": "10:00-12:00"},
            datetime(2026, 12, 29, 10, 30, tzinfo=UTC),
        ),
        ({"tis": "09:00-24:00"}, at(12, 29, 12, year=2026)),
        (ALWAYS, at(12, 23, 19, year=2026)),
        ({"son": "12:00-13:00", "tis": "08:00-09:00"}, at(12, 25, 12, year=2026)),
    ],
)
def test_office_hours_are_those_of_the_card(told: object, end: datetime) -> None:
    """Office time that begins on the day before Christmas Eve at four: by the card, on holidays by its Sunday."""
    start = datetime(2026, 12, 23, 15, 0, tzinfo=UTC)
    needed = 2 if told == {"son": "12:00-13:00", "tis": "08:00-09:00"} else 4
    assert due(office_hours(needed), start, opening=opening_hours(told)) == end


def test_office_time_over_the_change_of_clocks() -> None:
    """Office time is counted on Swedish clocks: the Monday after the change opens an hour earlier in UTC."""
    friday = datetime(2026, 3, 27, 15, 0, tzinfo=UTC)  # four o'clock; closes at five
    assert due(office_hours(2), friday) == datetime(2026, 3, 30, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "is_there"),
    [
        (datetime(2026, 12, 22, 7, 0, tzinfo=UTC), True),
        (datetime(2026, 12, 22, 6, 59, tzinfo=UTC), False),
        (datetime(2026, 12, 22, 16, 0, tzinfo=UTC), False),
        (datetime(2026, 12, 24, 10, 0, tzinfo=UTC), False),
        (datetime(2026, 12, 27, 10, 0, tzinfo=UTC), False),
    ],
)
def test_who_is_there_now(instant: datetime, is_there: bool) -> None:
    """Ordinary hours are Monday to Friday eight to five, and no hours at all on a holiday."""
    assert is_staffed(ORDINARY, instant) is is_there


def test_flow_tables_take_their_spans_from_the_table() -> None:
    """What a life cycle says of its states is what the table says, variant by variant."""
    for flow in FLOWS.values():
        for state in flow.states:
            for variant, span in state.deadlines.items():
                assert span in {one.span for one in clocks_in(flow.name, state.name, variant)}
    assert {one.flow for one in THREAD_CLOCKS} <= set(FLOWS)


@pytest.mark.parametrize(
    ("told", "day", "words"),
    [
        ({"man": "08:00-16:30"}, "2026-11-23", "08:00-16:30"),
        ({"man": "08:00-16:30"}, "2026-11-24", "-"),
        ({"fre": "08:00-16:30"}, "2026-12-25", "-"),  # a Friday, and Christmas Day
        ({"fre": "08:00-16:30", "son": "10:00-24:00"}, "2026-12-25", "10:00-24:00"),
        (None, "2026-11-24", "08:00-17:00"),
    ],
)
def test_the_hours_of_a_day_are_told_as_people_write_them(told: object, day: str, words: str) -> None:
    """A public holiday is a Sunday."""
    assert hours_on(opening_hours(told), date.fromisoformat(day)) == words
