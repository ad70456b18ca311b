"""The life cycles against domain.md 2.1 to 2.11, as they are typed from there (`domain_tables`)."""

from __future__ import annotations

import dataclasses
from typing import Final, NamedTuple

import pytest

from client.casework.carriers import carriers
from client.casework.clock_table import VARIANTS
from client.casework.clock_table_case import FOLLOW_UP, FOLLOW_UP_AT_REVIEW, FOLLOW_UP_DURING, RENEW
from client.casework.clocks import clocks_in
from client.casework.deadlines import Span, days, hours, months, office_hours, same_day, working_days
from client.casework.flow_tables import FLOWS
from client.casework.flows import ANY, By, Flow, IllegalStepError, Row, Side, is_final, step
from client.casework.kinds.registry import KINDS
from tests.unit.casework.domain_tables import ALONE, BESIDES, NEW_STATES, OTHERWISE, TYPED, WIDER, WITHOUT_TABLE


class Line(NamedTuple):
    """One row of the source."""

    flow: str
    state: str
    event: str
    next: str
    side: Side
    roles: frozenset[str]
    spans: dict[str, Span]


_UNITS: Final = {"h": hours, "oh": office_hours, "d": days, "wd": working_days, "mo": months}


def _spans(words: str) -> dict[str, Span]:
    """The deadlines of a state by variant: ``7 d; akut 24 h``, ``14 d takeover_date``, ``valid_until``."""
    found = {}
    for part in filter(None, map(str.strip, words.split(";"))):
        variant, rest = ("", part.split()) if part.split()[0] not in VARIANTS else (part.split()[0], part.split()[1:])
        if rest == ["same", "day"]:
            found[variant] = same_day()
        elif len(rest) == 1:
            found[variant] = days(0, rest[0])
        else:
            anchor = rest[2] if len(rest) > 2 else ""
            made = _UNITS[rest[1]]
            found[variant] = made(int(rest[0]), anchor) if anchor and made is days else made(int(rest[0]))
    return found


def _lines() -> list[Line]:
    lines = []
    for flow, text in TYPED.items():
        for raw in filter(None, map(str.strip, text.splitlines())):
            state, event, to, side, roles, span = map(str.strip, raw.split("|"))
            lines.append(Line(flow, state, event, to, Side(side), frozenset(roles.split()), _spans(span)))
    return lines


LINES: Final = _lines()
ALL_ROLES: Final = ("handlaggare", "beslutsfattare", "polis_bedomare", "statistiker", "uppfoljare", "telefon")


def _of(line: Line) -> tuple[str, str, str]:
    return line.flow, line.state, line.event


def _besides() -> set[tuple[str, str, str]]:
    found = set()
    for raw in filter(None, map(str.strip, BESIDES.splitlines())):
        flow, event, states, why = map(str.strip, raw.split("|"))
        assert why
        found |= {(flow, state, event) for state in states.split()}
    return found


def _sides(side: Side) -> tuple[Side, ...]:
    return (Side.ASKER, Side.ANSWERER) if side is Side.EITHER else (side,)


def test_every_life_cycle_is_typed_or_is_told_in_words() -> None:
    """None was forgotten, on either side."""
    assert set(TYPED) | WITHOUT_TABLE == set(FLOWS)
    assert not set(TYPED) & WITHOUT_TABLE


@pytest.mark.parametrize("line", LINES, ids=lambda one: "-".join(_of(one)))
def test_a_row_of_the_source_is_a_step(line: Line) -> None:
    """It leads where the source says, or where the listed difference does; for its roles, and for no other side."""
    flow = FLOWS[line.flow]
    following = OTHERWISE.get(_of(line), (line.next, ""))[0]
    assert (following == line.next) is (_of(line) not in OTHERWISE)  # a difference that is none is taken off the list
    states = [one.name for one in flow.states if not one.final] if line.state == ANY else [line.state]
    for state in states:
        for side in _sides(line.side):
            for role in line.roles or {""}:
                assert step(flow, state, line.event, By(side, role)).next == following
        for side in {Side.ASKER, Side.ANSWERER} - {*_sides(line.side)} if line.side is not Side.AUTO else set():
            typed = any(one.event == line.event and side in _sides(one.side) for one in LINES if one.flow == line.flow)
            if not typed:
                with pytest.raises(IllegalStepError):
                    step(flow, state, line.event, By(side, next(iter(line.roles), "")))


#: Roles that decide or assess: where the source names one of these, no other role may take the step.
NARROW: Final = ("beslutsfattare", "polis_bedomare", "statistiker")


@pytest.mark.parametrize(
    "line", [one for one in LINES if one.roles and one.roles <= {*NARROW}], ids=lambda one: "-".join(_of(one))
)
def test_what_one_role_decides_no_other_does(line: Line) -> None:
    """Neither the row nor, where the row leaves it open, a kind of document lets another role do it."""
    flow = FLOWS[line.flow]
    rows = [row for row in flow.rows if row.event == line.event and row.state == line.state]
    allowed = {role for row in rows for role in _roles(flow, row)}
    assert (allowed <= line.roles) is ((line.flow, line.event) not in WIDER)


STEPS: Final = [(flow, row) for flow in FLOWS.values() for row in flow.rows if row.side is not Side.AUTO]


def _alone(flow: Flow, row: Row) -> str:
    """The one role that may take a step, as it is typed; empty where several may."""
    return next((role for role, events in ALONE.items() if row.event in events.get(flow.name, "").split()), "")


@pytest.mark.parametrize(("flow", "row"), STEPS, ids=lambda one: getattr(one, "name", getattr(one, "event", "")))
def test_a_step_is_taken_by_one_role_alone_where_that_is_typed(flow: Flow, row: Row) -> None:
    """From each state, by the row's role or by that of all its documents; the others are for several."""
    if any(name in KINDS for name in carriers(flow, row)):
        alone = _alone(flow, row)
        assert _roles(flow, row) == {alone} if alone else len(_roles(flow, row)) > 1
    else:
        assert not row.roles  # nobody's role is asked of a step without a document


def test_every_step_that_is_typed_for_one_role_is_in_a_table() -> None:
    """A name that no table has would promise nothing."""
    typed = {(flow, event) for events in ALONE.values() for flow, names in events.items() for event in names.split()}
    assert typed <= {(flow.name, row.event) for flow, row in STEPS}


def test_only_an_assessor_answers_from_the_registers() -> None:
    """Its step is that of the social services' answer too, so the row cannot say it (2.7)."""
    assert KINDS["uppfoljning.registersvar"].roles == {"polis_bedomare"}


def _roles(flow: Flow, row: Row) -> frozenset[str]:
    """Who may take a step: the row's roles, and those of the documents that carry it."""
    carried = frozenset(role for name in carriers(flow, row) if name in KINDS for role in KINDS[name].roles)
    return row.roles & carried if row.roles else carried


@pytest.mark.parametrize("line", [one for one in LINES if one.spans], ids=lambda one: "-".join(_of(one)))
def test_a_state_has_the_deadline_of_the_source(line: Line) -> None:
    """A clock of that very length runs in it, in each variant."""
    for variant, span in line.spans.items():
        running = [one.span for one in clocks_in(line.flow, line.state, variant) if one.span is not None]
        assert span in [_plain(one) for one in running]


def _plain(span: Span) -> Span:
    """Without the field that may shorten it."""
    return dataclasses.replace(span, counted_by="")


@pytest.mark.parametrize("name", TYPED)
def test_the_code_has_no_step_that_is_neither_in_the_source_nor_accounted_for(name: str) -> None:
    """What is besides the source stands in the list, with why; and what stands in the list is there."""
    typed = {(one.state, one.event) for one in LINES if one.flow == name}
    typed |= {(ANY, event) for state, event in typed if state == ANY}
    found = {(row.state, row.event) for row in FLOWS[name].rows}
    assert found - typed == {(state, event) for flow, state, event in _besides() if flow == name}
    assert {one for one in typed - found if (ANY, one[1]) not in found} == set()


@pytest.mark.parametrize("name", TYPED)
def test_the_code_has_the_states_of_the_source(name: str) -> None:
    """All of them, and no other but those that are listed."""
    typed = {state for one in LINES if one.flow == name for state in (one.state, one.next)} - {ANY}
    known = {state.name for state in FLOWS[name].states}
    assert typed <= known
    assert known - typed == NEW_STATES.get(name, set())


def test_the_ends_of_the_source_are_ends() -> None:
    """Nothing leads out of them."""
    ends = {
        "konsultation": "avslutad avbojd omvandlad", "intag": "radgivning_klar avslag avslutad_samtycke_vagrat",
        "overlamnande": "genomford ivo_ansokan", "placering": "upphord avbruten", "plan": "avbruten avslutad",
        "uppfoljning": "rapporterad utgar", "avslut": "arkivklar", "aterkomst": "oppnat hanvisad_sig avslag",
        "hotbild": "stoppad_samtycke", "statistik": "summerad atertagen", "samtycke": "vagrat",
    }  # fmt: skip
    for flow, names in ends.items():
        assert all(is_final(FLOWS[flow], state) for state in names.split())


def test_the_clocks_of_follow_up_and_renewal_are_those_of_the_source() -> None:
    """2.7: after twelve months, each ninety days, or at each review; 2.10: thirty and seven days before."""
    assert (FOLLOW_UP.span, FOLLOW_UP_DURING.span) == (months(12), days(90))
    assert FOLLOW_UP_AT_REVIEW.span == days(0, "review_date")
    assert [one.days for one in RENEW.before] == [30, 7]
