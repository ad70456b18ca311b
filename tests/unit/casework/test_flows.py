"""Life cycles: every row of every table, and every step that no table allows."""

import itertools

import pytest

from client.casework.deadlines import Span, SpanUnit
from client.casework.flow_tables import FLOWS, HOTBILD, KONSULTATION, OVERLAMNANDE, SAMTYCKE
from client.casework.flows import (
    ANY,
    SAME,
    By,
    Flow,
    IllegalStepError,
    Row,
    Side,
    deadline_in,
    is_final,
    mermaid,
    open_thread,
    step,
)
from client.casework.kinds.registry import KINDS

SIDES = (Side.ASKER, Side.ANSWERER, Side.AUTO)


def _sides(row: Row) -> tuple[Side, ...]:
    return (Side.ASKER, Side.ANSWERER) if row.side is Side.EITHER else (row.side,)


def _starts(flow: Flow, row: Row) -> list[str]:
    return [state.name for state in flow.states if not state.final] if row.state == ANY else [row.state]


def _legal(flow: Flow) -> dict[tuple[str, str, Side], str]:
    return {
        (state, row.event, side): state if row.next == SAME else row.next
        for row in reversed(flow.rows)
        for state in _starts(flow, row)
        for side in _sides(row)
    }


ROWS = [(flow, row) for flow in FLOWS.values() for row in flow.rows]
STEPS = [(flow, *key, following) for flow in FLOWS.values() for key, following in _legal(flow).items()]
ILLEGAL = [
    (flow, state.name, event, side)
    for flow in FLOWS.values()
    for state, event, side in itertools.product(flow.states, sorted({row.event for row in flow.rows}), SIDES)
    if (state.name, event, side) not in _legal(flow)
    and not (side is Side.AUTO and any(row.side is Side.EITHER and row.event == event for row in flow.rows))
]


@pytest.mark.parametrize(("flow", "state", "event", "side", "following"), STEPS)
def test_legal_step_leads_where_the_table_says(flow: Flow, state: str, event: str, side: Side, following: str) -> None:
    """Each row is a step that can be taken, and its deadline is that of the state it leads to."""
    taken = step(flow, state, event, By(side))
    assert taken.next == following
    assert taken.deadline == deadline_in(flow, following)


@pytest.mark.parametrize(("flow", "state", "event", "side"), ILLEGAL)
def test_illegal_step_is_refused(flow: Flow, state: str, event: str, side: Side) -> None:
    """What no row allows is refused with STA."""
    with pytest.raises(IllegalStepError) as caught:
        step(flow, state, event, By(side))
    assert caught.value.code == "STA"


@pytest.mark.parametrize(("flow", "row"), [(flow, row) for flow, row in ROWS if row.roles])
def test_role_of_a_row_is_asked(flow: Flow, row: Row) -> None:
    """A step for certain roles is refused with ROL to others and open to those."""
    for role in row.roles:
        following = row.state if row.next == SAME else row.next
        assert step(flow, row.state, row.event, By(_sides(row)[0], role)).next == following
    with pytest.raises(IllegalStepError) as caught:
        step(flow, row.state, row.event, By(_sides(row)[0], "telefon"))
    assert caught.value.code == "ROL"


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_table_is_sound(flow: Flow) -> None:
    """Rows name known states, finals have no way out, and every state can be reached."""
    names = {state.name for state in flow.states}
    assert len(names) == len(flow.states)
    for row in flow.rows:
        assert row.state in names | {ANY}
        assert row.next in names | {SAME}
        assert row.state == ANY or not is_final(flow, row.state)
    reached, frontier = {flow.initial}, {flow.initial}
    while frontier:
        frontier = {to for (start, _, _), to in _legal(flow).items() if start in frontier} - reached
        reached |= frontier
    assert reached == names


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_rows_do_not_contradict(flow: Flow) -> None:
    """One state, event and side lead to one state only."""
    seen: dict[tuple[str, str, Side], str] = {}
    for row in flow.rows:
        for state, side in itertools.product(_starts(flow, row), _sides(row)):
            following = state if row.next == SAME else row.next
            assert seen.setdefault((state, row.event, side), following) == following


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_rows_of_one_event_have_the_same_guards(flow: Flow) -> None:
    """Nothing hangs on the state in which an end believes to be: what is asked follows from the event."""
    for row in flow.rows:
        assert row.guards == flow.guards(row.event)


#: States between which only local steps and receipts lie.
UNSEEN = {
    "konsultation": ("skickad", "tillganglig", "pagar"),
    "hotbild": ("begard", "mottagen", "bedoms"),
    "overlamnande": ("forfragan_skickad", "provas"),
    "placering": ("behov", "ortsutredning", "ny_ort"),
    "kollision": ("fragad", "granskas", "besvarad"),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_unseen_local_steps_never_split_the_ends(name: str) -> None:
    """A document of the answering side leads to the same state, whatever the other end has seen."""
    flow = FLOWS[name]
    events = {
        "konsultation": ("answer", "supplement", "decline"),
        "hotbild": ("result", "interim", "ask"),
        "overlamnande": ("accept", "accept_with_conditions", "ask", "decline"),
        "placering": ("clear", "unsuitable", "call"),
        "kollision": ("outcome", "remove"),
    }[name]
    for event in events:
        assert len({step(flow, state, event, By(Side.ANSWERER)).next for state in UNSEEN[name]}) == 1


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_late_receipt_changes_nothing(flow: Flow) -> None:
    """A second receipt leaves every open state but the first as it is."""
    begun = open_thread(flow, received=True).next
    for state in flow.states:
        sent = open_thread(flow, received=False).next
        if not state.final and state.name not in {flow.initial, sent}:
            assert step(flow, state.name, "available", By(Side.AUTO)).next == state.name
    assert is_final(flow, begun) or step(flow, begun, "available", By(Side.AUTO)).next == begun


@pytest.mark.parametrize(
    ("flow", "sender", "recipient"),
    [
        (KONSULTATION, "skickad", "tillganglig"),
        (HOTBILD, "begard", "mottagen"),
        (OVERLAMNANDE, "forfragan_skickad", "forfragan_skickad"),
        (SAMTYCKE, "aktivt", "aktivt"),
    ],
)
def test_thread_opens_at_both_ends(flow: Flow, sender: str, recipient: str) -> None:
    """The sender begins where sending leads, the recipient where availability leads."""
    assert open_thread(flow, received=False).next == sender
    assert open_thread(flow, received=True).next == recipient
    assert step(flow, sender, "available", By(Side.AUTO)).next == recipient


@pytest.mark.parametrize("flow", [HOTBILD, OVERLAMNANDE])
def test_withdrawn_consent_stops_every_open_thread(flow: Flow) -> None:
    """From any open state a withdrawn consent leads to the stop, whoever notices it."""
    for state in flow.states:
        if not state.final:
            for side in SIDES:
                assert step(flow, state.name, "consent_withdrawn", By(side)).next == "stoppad_samtycke"


@pytest.mark.parametrize("state", ["utkast", "informerad", "aktivt", "snart_utgatt", "utgatt", "aterkallat"])
def test_withdrawal_is_never_refused(state: str) -> None:
    """A person may withdraw at any time, before the record has come and a second time too."""
    assert step(SAMTYCKE, state, "withdraw", By(Side.ANSWERER, "telefon")).next == "aterkallat"


@pytest.mark.parametrize(
    ("flow", "state", "variant", "span"),
    [
        (KONSULTATION, "skickad", "", Span(24, SpanUnit.HOURS)),
        (KONSULTATION, "tillganglig", "", Span(2, SpanUnit.WORKING_DAYS)),
        (KONSULTATION, "pagar", "", Span(5, SpanUnit.WORKING_DAYS)),
        (KONSULTATION, "vantar_fragare", "", Span(30, SpanUnit.DAYS)),
        (KONSULTATION, "besvarad", "", Span(30, SpanUnit.DAYS)),
        (HOTBILD, "begard", "", Span(4, SpanUnit.OFFICE_HOURS)),
        (HOTBILD, "mottagen", "", Span(1, SpanUnit.WORKING_DAYS)),
        (HOTBILD, "mottagen", "akut", Span(2, SpanUnit.HOURS)),
        (HOTBILD, "bedoms", "", Span(7, SpanUnit.DAYS)),
        (HOTBILD, "bedoms", "akut", Span(24, SpanUnit.HOURS)),
        (HOTBILD, "vantar_komplettering", "akut", Span(7, SpanUnit.DAYS)),
        (OVERLAMNANDE, "forfragan_skickad", "", Span(3, SpanUnit.WORKING_DAYS)),
        (OVERLAMNANDE, "provas", "", Span(10, SpanUnit.WORKING_DAYS)),
        (OVERLAMNANDE, "provas", "formell", Span(1, SpanUnit.MONTHS)),
        (OVERLAMNANDE, "accepterad", "", Span(14, SpanUnit.DAYS, "takeover_date")),
    ],
)
def test_deadline_of_a_state(flow: Flow, state: str, variant: str, span: Span) -> None:
    """Each state lasts as long as the table of deadlines says, shorter when urgent."""
    assert deadline_in(flow, state, variant) == span


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_diagram_is_drawn_from_the_table(flow: Flow) -> None:
    """The diagram names every state and every event."""
    drawn = mermaid(flow)
    assert drawn.startswith("stateDiagram-v2\n")
    assert all(state.name in drawn for state in flow.states)
    assert all(row.event in drawn for row in flow.rows)
    assert all(
        f"{row.event} ({row.side})" + "".join(f" [{one.name}]" for one in row.guards) in drawn for row in flow.rows
    )


def test_unknown_state_is_refused() -> None:
    """A state that the flow does not have allows nothing."""
    with pytest.raises(IllegalStepError):
        step(HOTBILD, "finns_inte", "result", By(Side.ANSWERER))


@pytest.mark.parametrize("name", sorted(KINDS))
def test_kind_belongs_to_a_flow(name: str) -> None:
    """Every kind names a flow and its codes come from our lists."""
    assert KINDS[name].flow in FLOWS
