"""What the tables are written with."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final, Protocol

from client.casework.clock_table import VARIANTS
from client.casework.clocks import clocks_in
from client.casework.flows import ANY, SAME, Row, Side, State
from client.casework.row_guards import Guard

DECIDES = frozenset({"beslutsfattare"})
ASSESSES = frozenset({"polis_bedomare"})

#: A receipt that comes late, and a withdrawal, may meet a thread in any open state.
AVAILABLE_AGAIN = Row(ANY, "available", Side.AUTO, SAME)
CONSENT_WITHDRAWN = Row(ANY, "consent_withdrawn", Side.EITHER, "stoppad_samtycke")
CONSENT_WITHDRAWN_AUTO = Row(ANY, "consent_withdrawn", Side.AUTO, "stoppad_samtycke")
STOPPED = State(name="stoppad_samtycke", label="Stoppad: samtycket är återkallat eller vägrat", final=True)


class Clocked(Protocol):
    """Writes an open state; ``rests``: at whose end nothing is waited for."""

    def __call__(self, name: str, label: str, *, rests: frozenset[Side] = frozenset()) -> State:
        """One state."""


def clocked(flow: str) -> Clocked:
    """How a life cycle writes its open states: with the spans that the table of deadlines has for them."""

    def state(name: str, label: str, *, rests: frozenset[Side] = frozenset()) -> State:
        spans = {
            variant: one.span
            for variant in ("", *VARIANTS)
            for one in reversed(clocks_in(flow, name, variant))
            if one.span is not None
        }
        own = {variant: span for variant, span in spans.items() if not variant or span != spans.get("")}
        return State(name=name, label=label, rests=rests, deadlines=MappingProxyType(own))

    return state


def final(name: str, label: str) -> State:
    """A state that nothing leads out of."""
    return State(name=name, label=label, final=True)


def each(
    states: Iterable[str],
    event: str,
    side: Side,
    following: str,
    *,
    roles: frozenset[str] = frozenset(),
    guards: tuple[Guard, ...] = (),
) -> list[Row]:
    """The same step from several states."""
    return [Row(state, event, side, following, roles, guards) for state in states]


#: At both ends of a thread nothing is waited for.
AT_BOTH_ENDS: Final = frozenset({Side.ASKER, Side.ANSWERER})
ASKER, ANSWERER, AUTO, EITHER = Side.ASKER, Side.ANSWERER, Side.AUTO, Side.EITHER
