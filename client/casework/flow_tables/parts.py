"""What the tables are written with."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from client.casework.deadlines import Span
from client.casework.flows import ANY, SAME, Row, Side, State

DECIDES = frozenset({"beslutsfattare"})
ASSESSES = frozenset({"polis_bedomare"})

#: A receipt that comes late, and a withdrawal, may meet a thread in any open state.
AVAILABLE_AGAIN = Row(ANY, "available", Side.AUTO, SAME)
CONSENT_WITHDRAWN = Row(ANY, "consent_withdrawn", Side.EITHER, "stoppad_samtycke")
CONSENT_WITHDRAWN_AUTO = Row(ANY, "consent_withdrawn", Side.AUTO, "stoppad_samtycke")
STOPPED = State(name="stoppad_samtycke", label="Stoppad: samtycket är återkallat", final=True)


def state(name: str, label: str, span: Span | None = None, **variants: Span) -> State:
    """An open state with its ordinary span and the spans of its variants."""
    ordinary = {"": span} if span else {}
    return State(name=name, label=label, deadlines=MappingProxyType({**ordinary, **variants}))


def final(name: str, label: str) -> State:
    """A state that nothing leads out of."""
    return State(name=name, label=label, final=True)


def each(
    states: Iterable[str], event: str, side: Side, following: str, *, roles: frozenset[str] = frozenset()
) -> list[Row]:
    """The same step from several states."""
    return [Row(state, event, side, following, roles) for state in states]


ASKER, ANSWERER, AUTO, EITHER = Side.ASKER, Side.ANSWERER, Side.AUTO, Side.EITHER
