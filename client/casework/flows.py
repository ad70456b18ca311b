"""Life cycles as tables: state, event, side, roles, guards, next state, deadline.

Rules:
1. A step that no row allows raises and changes nothing. Nothing but a row moves a thread.
2. Both ends compute the same state from the same documents, also when these cross (`crossing`). A
   step that only one end sees (a handler takes a case, a receipt is late) never decides whether a
   document is legal.
3. The sending side opens a thread with the event ``send``; the receiving side with ``send`` and
   then ``available``, since a document that it can read is available to it.
4. `ANY` in a row stands for every state that is not final, `SAME` for the state one is in.
5. A row's guards are asked of every document that takes its step, at one place (`row_guards`); rows of one event have
   the same ones, so nothing hangs on which of them two ends believe to be in.
6. A deadline belongs to the state that one enters; passing it changes nothing.

Public signatures:
    open_thread(flow, received=..., variant="") -> Step
    step(flow, state, event, by, variant="") -> Step(next, deadline)      raises IllegalStepError
    By(side, role="")       Side.ASKER | ANSWERER | AUTO | EITHER
    rank(flow, event) -> int          which of two documents that crossed comes first
    is_final(flow, state) -> bool;  deadline_in(flow, state, variant="") -> Span | None
    mermaid(flow) -> str

Not here: the tables themselves (`flow_tables`), which document causes which event (`kinds`).

Example:
    >>> step(KONSULTATION, "tillganglig", "answer", By(Side.ANSWERER, "handlaggare")).next
    'besvarad'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final

from client.casework.deadlines import Span
from client.casework.row_guards import Guard
from keys.errors import RefusedError

#: In a row: every state that is not final; the state one is in.
ANY: Final = "*"
SAME: Final = "="


class Side(StrEnum):
    """Who moves the thread: the unit that opened it, the unit it went to, or a client by itself."""

    ASKER = "fragare"
    ANSWERER = "mottagare"
    AUTO = "automatik"
    EITHER = "bada"


@dataclass(frozen=True, slots=True)
class By:
    """Who takes a step. ``role`` is empty for automatic steps."""

    side: Side
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state.

    Args:
        name: its code.
        label: what a person reads.
        final: nothing leads out of it.
        rests: at whose end nothing is waited for, although a document takes the thread up again.
        deadlines: span by variant (urgency, kind of handover); ``""`` is the ordinary one.
    """

    name: str
    label: str
    final: bool = False
    rests: frozenset[Side] = frozenset()
    deadlines: Mapping[str, Span] = field(default_factory=dict)

    def is_over(self, side: Side) -> bool:
        """Whether nobody at that end has to do anything: the state is final, or rests there."""
        return self.final or side in self.rests


@dataclass(frozen=True, slots=True)
class Row:
    """One allowed step.

    Args:
        state: where it starts, or `ANY`.
        event: what happens.
        side: who may cause it.
        next: where it leads, or `SAME`.
        roles: roles that may cause it, empty for every role of that side.
        guards: what must hold besides.
    """

    state: str
    event: str
    side: Side
    next: str
    roles: frozenset[str] = frozenset()
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """A life cycle.

    Args:
        name: its code.
        initial: the first state.
        states: all states.
        rows: all steps.
        variants: field of the thread's first document -> its value -> variant of deadlines.
        first: events that come first when documents cross, the strongest first; the others follow in
            the order in which the rows name them (`crossing`).
        binding: events that come before all that crosses them once the other end has written upon them.
    """

    name: str
    initial: str
    states: tuple[State, ...]
    rows: tuple[Row, ...]
    variants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    binding: tuple[str, ...] = ()
    _known: dict[tuple[str, str, Side], tuple[Row, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def rows_for(self, here: State, event: str, side: Side) -> tuple[Row, ...]:
        """The rows that allow this side this event in that state, looked for once."""
        key = (here.name, event, side)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = tuple(row for row in self.rows if _applies(row, here, event, side))
        return found

    def guards(self, event: str) -> tuple[Guard, ...]:
        """What must hold for a document that causes this event."""
        return tuple(dict.fromkeys(guard for row in self.rows if row.event == event for guard in row.guards))

    def state(self, name: str) -> State:
        """The state of that name.

        Raises:
            IllegalStepError: the flow has no such state.
        """
        for state in self.states:
            if state.name == name:
                return state
        raise IllegalStepError(flow=self.name, state=name)


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of a step: the next state, and how long it may last."""

    next: str
    deadline: Span | None


class IllegalStepError(RefusedError):
    """The step is not allowed in this state (STA), or not by this role (ROL); nothing has changed."""

    default_code: ClassVar[str] = "STA"


def open_thread(flow: Flow, *, received: bool, variant: str = "") -> Step:
    """The first step of a thread.

    Args:
        flow: its life cycle.
        received: True at the recipient, for whom the document is already available.
        variant: which of the state's deadlines applies.
    """
    sent = step(flow, flow.initial, "send", By(Side.ASKER), variant=variant)
    return step(flow, sent.next, "available", By(Side.AUTO), variant=variant) if received else sent


def step(flow: Flow, state: str, event: str, by: By, *, variant: str = "") -> Step:
    """Take one step, or raise and change nothing.

    Args:
        flow: the life cycle.
        state: where the thread is.
        event: what happens.
        by: who causes it; an empty role passes rows that ask for none in particular.
        variant: which of the next state's deadlines applies.

    Raises:
        IllegalStepError: STA when no row allows it, ROL when only another role may.
    """
    here = flow.state(state)
    candidates = flow.rows_for(here, event, by.side)
    if not candidates:
        raise IllegalStepError(flow=flow.name, state=state, event=event)
    for row in candidates:
        if not row.roles or not by.role or by.role in row.roles:
            following = state if row.next == SAME else row.next
            return Step(following, deadline_in(flow, following, variant))
    raise IllegalStepError("ROL", flow=flow.name, state=state, event=event)


def _applies(row: Row, here: State, event: str, side: Side) -> bool:
    starts_here = row.state == here.name or (row.state == ANY and not here.final)
    return starts_here and row.event == event and row.side in {side, Side.EITHER}


def is_final(flow: Flow, state: str) -> bool:
    """Whether nothing leads out of the state."""
    return flow.state(state).final


def rank(flow: Flow, event: str) -> int:
    """Place of an event when documents cross: the lowest comes first."""
    order = dict.fromkeys((*flow.first, *(row.event for row in flow.rows)))
    return next((place for place, name in enumerate(order) if name == event), len(order))


def deadline_in(flow: Flow, state: str, variant: str = "") -> Span | None:
    """How long the state may last; the ordinary span when the variant has none of its own."""
    spans = flow.state(state).deadlines
    return spans.get(variant, spans.get(""))


def mermaid(flow: Flow) -> str:
    """The life cycle as a Mermaid state diagram: event, side, guards; rows for `ANY` are gathered in one note."""
    return "\n".join(_diagram_lines(flow)) + "\n"


def _diagram_lines(flow: Flow) -> Iterator[str]:
    yield "stateDiagram-v2"
    yield f"    [*] --> {flow.initial}"
    for row in flow.rows:
        source = "varje_oppet_lage" if row.state == ANY else row.state
        target = source if row.next == SAME else row.next
        asked = "".join(f" [{guard.name}]" for guard in row.guards)
        yield f"    {source} --> {target}: {row.event} ({row.side}){asked}"
    for state in flow.states:
        if state.final:
            yield f"    {state.name} --> [*]"
