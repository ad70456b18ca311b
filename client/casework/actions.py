"""What can be done with a thread now: steps without a document, and documents that may be sent.

A handler who takes a case, a clock that runs out, a receipt that comes: these move a thread too, but
nothing travels for them. Menus and buttons are made from what stands here, so that nobody is offered
what the rules would refuse.

Public signatures:
    act(flow_name, state, event, by, now=..., opening=None) -> Moved(state, deadline, due)
    local_events(flow_name, state, by) -> tuple[str, ...]
    sendable_kinds(flow_name, state, by, unit_type, to_type="") -> tuple[str, ...]    state None: what may open a thread

Example:
    >>> act("konsultation", "tillganglig", "take", By(Side.ANSWERER, "handlaggare"), now=now).state
    'pagar'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from client.casework.deadlines import Span, due
from client.casework.flow_tables import FLOWS
from client.casework.flows import By, Flow, IllegalStepError, Side, step
from client.casework.kinds.kind import Kind
from client.casework.kinds.registry import KINDS


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a thread went.

    Args:
        state: the new state.
        deadline: how long it may last.
        due: when that time is over, UTC.
    """

    state: str
    deadline: Span | None
    due: datetime | None


def variant_of(flow: Flow, opening: Mapping[str, object]) -> str:
    """Which of the deadlines the first document of a thread chose.

    Args:
        flow: the life cycle.
        opening: fields of the first document's content.
    """
    for field_name, chosen in flow.variants.items():
        value = opening.get(field_name)
        if isinstance(value, str) and value in chosen:
            return chosen[value]
    return ""


def act(
    flow_name: str, state: str, event: str, by: By, *, now: datetime, opening: Mapping[str, object] | None = None
) -> Moved:
    """Take a step that no document causes.

    Args:
        flow_name: key of `flow_tables.FLOWS`.
        state: where the thread is.
        event: what happens.
        by: who does it; `Side.AUTO` for receipts and clocks.
        now: aware datetime.
        opening: content of the first document, for deadlines.

    Raises:
        IllegalStepError: STA or ROL; nothing has changed.
    """
    flow = FLOWS[flow_name]
    taken = step(flow, state, event, by, variant=variant_of(flow, opening or {}))
    ends = due(taken.deadline, now, opening) if taken.deadline is not None else None
    return Moved(taken.next, taken.deadline, ends)


def local_events(flow_name: str, state: str, by: By) -> tuple[str, ...]:
    """Events that somebody may cause here without a document, in the order of the table."""
    flow = FLOWS[flow_name]
    sent = {event for kind in KINDS.values() if kind.flow == flow_name for event in kind.event.events}
    events = dict.fromkeys(row.event for row in flow.rows if row.side is not Side.AUTO and row.event not in sent)
    return tuple(event for event in events if _is_legal(flow, state, event, by))


def sendable_kinds(flow_name: str, state: str | None, by: By, unit_type: str, *, to_type: str = "") -> tuple[str, ...]:
    """Kinds of document that somebody may send now.

    Args:
        flow_name: key of `flow_tables.FLOWS`.
        state: where the thread is; None when there is none yet.
        by: side and role of the person.
        unit_type: type of the person's unit.
        to_type: type of the other unit, empty when none is chosen yet.
    """
    flow = FLOWS[flow_name]
    return tuple(
        kind.name
        for kind in KINDS.values()
        if kind.flow == flow_name and _may_send(kind, by, unit_type, to_type) and _fits(flow, kind, state, by)
    )


def _may_send(kind: Kind, by: By, unit_type: str, to_type: str) -> bool:
    """Side, role and unit types."""
    right_unit = not kind.sender_types or unit_type in kind.sender_types
    goes_there = kind.local or not to_type or not kind.recipient_types or to_type in kind.recipient_types
    return right_unit and goes_there and by.role in kind.roles and kind.side in {by.side, Side.EITHER}


def _fits(flow: Flow, kind: Kind, state: str | None, by: By) -> bool:
    """At least one of the events that the kind may cause is legal now."""
    if state is None and not kind.opens_thread:
        return False
    start = flow.initial if state is None else state
    return any(_is_legal(flow, start, event, by) for event in kind.event.events)


def _is_legal(flow: Flow, state: str, event: str, by: By) -> bool:
    try:
        step(flow, state, event, by)
    except IllegalStepError:
        return False
    return True
