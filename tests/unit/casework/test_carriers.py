"""No step without something that carries it, and no open state without a step out of it."""

from dataclasses import replace

import pytest

from client.casework import carriers as told
from client.casework.carriers import BY_HAND, NOTICED, carriers
from client.casework.clock_table import THREAD_CLOCKS
from client.casework.flow_tables import FLOWS, HOTBILD, KONSULTATION, OVERLAMNANDE, SAMTYCKE
from client.casework.flows import ANY, SAME, Flow, Row, Side, State
from client.casework.kinds.registry import KINDS

ROWS = [
    pytest.param(flow, row, id=f"{flow.name}-{row.state}-{row.event}") for flow in FLOWS.values() for row in flow.rows
]


def _carried(flow: Flow, state: State) -> list[Row]:
    """Rows that start in the state itself and that something carries."""
    return [row for row in flow.rows if row.state in {state.name, ANY} and carriers(flow, row)]


def _stuck(flow: Flow) -> list[str]:
    """Open states out of which nothing leads but a consent that is withdrawn; states that rest and take nothing."""
    return [
        state.name
        for state in flow.states
        if not state.final
        and not any(
            state.rests or row.next not in {SAME, state.name}
            for row in _carried(flow, state)
            if row.event not in {"consent_withdrawn", "available"} or row.next not in {SAME, "stoppad_samtycke"}
        )
    ]


@pytest.mark.parametrize(("flow", "row"), ROWS)
def test_every_step_has_a_carrier(flow: Flow, row: Row) -> None:
    """A document of its side and roles, a handler's command, or something that the program notices."""
    assert carriers(flow, row)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_no_open_state_is_without_a_way_out(flow: Flow) -> None:
    """Somebody or something can always end it or go on; what rests can be taken up again."""
    assert _stuck(flow) == []


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_every_open_state_leads_to_an_end(flow: Flow) -> None:
    """By carried steps, an end or a state that rests is reached from everywhere, without a withdrawal."""
    ends = {state.name for state in flow.states if state.final or state.rests} - {"stoppad_samtycke"}
    steps = {
        (state.name, row.next)
        for state in flow.states
        if not state.final
        for row in _carried(flow, state)
        if row.next != SAME and row.event != "consent_withdrawn"
    }
    reaching = set(ends)
    while more := {start for start, to in steps if to in reaching} - reaching:
        reaching |= more
    endless = {state.name for state in flow.states} - reaching - {"stoppad_samtycke"}
    # A decided target group stands until the next request; the case is closed by a notice of its own.
    assert endless <= ({"malgrupp_beslutad"} if flow is HOTBILD else set())


@pytest.mark.parametrize("without", ["new_time", "new_recipient", "supply", "agree"])
def test_a_table_that_loses_its_documents_is_noticed(without: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the kinds of a step away: the step has no carrier, and where it was the only one the state is stuck."""
    left = {name: kind for name, kind in KINDS.items() if without not in kind.event.events}
    assert left.keys() < KINDS.keys()
    monkeypatch.setattr(told, "KINDS", left)
    rows = [row for row in OVERLAMNANDE.rows if row.event == without]
    assert [carriers(OVERLAMNANDE, row) for row in rows] == [()] * len(rows)


def test_a_state_that_nothing_leaves_is_noticed() -> None:
    """Handovers as they were, with nothing behind a refusal and behind a meeting that did not take place."""
    gone = {"new_time", "give_up", "new_recipient", "formal"}
    before = replace(OVERLAMNANDE, rows=tuple(row for row in OVERLAMNANDE.rows if row.event not in gone))
    assert _stuck(before) == ["uteblev", "avbojd"]


def test_a_role_that_no_kind_of_the_step_has_carries_nothing() -> None:
    """A step of the police is not carried by a document that only social services write."""
    row = Row("villkor", "agree", Side.ASKER, "accepterad", frozenset({"polis_bedomare"}))
    assert carriers(OVERLAMNANDE, row) == ()
    assert carriers(OVERLAMNANDE, replace(row, side=Side.ANSWERER, roles=frozenset())) == ()


def test_what_carries_a_step_is_named() -> None:
    """Documents by their kinds, the rest by words; a clock only where the table of deadlines closes a thread."""
    by_event = {row.event: carriers(KONSULTATION, row) for row in KONSULTATION.rows}
    assert by_event["answer"] == ("konsultation.svar",)
    assert by_event["take"] == (BY_HAND["take"],)
    assert by_event["available"] == (NOTICED["available"],)
    assert by_event["silence"] == ("tiden är ute",)
    assert {clock.closes for clock in THREAD_CLOCKS} == {"", "silence", "expire"}
    assert carriers(HOTBILD, Row("begard", "silence", Side.AUTO, "avvisad")) == ()
    assert {carriers(SAMTYCKE, row) for row in SAMTYCKE.rows if row.event == "refuse"} == {("samtycke.vagrat",)}
