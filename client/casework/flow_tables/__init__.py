"""The life cycles, one module for each.

Documents that may arrive before the other end's local step or receipt was seen start from all the
states that this end may believe in: the ``_UNREAD`` tuples list them. So an answer right after availability is
legal and implies that somebody took the case.

Deadlines marked [D] in the source are defaults that an operator may change.
Source: domain.md 2.1, 2.3-2.5, 2.10, 2.13.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from client.casework.flow_tables.aterkomst import ATERKOMST
from client.casework.flow_tables.avslut import AVSLUT
from client.casework.flow_tables.hotbild import HOTBILD
from client.casework.flow_tables.intag import INTAG
from client.casework.flow_tables.kollision import KOLLISION
from client.casework.flow_tables.konsultation import KONSULTATION
from client.casework.flow_tables.kvittens import KVITTENS
from client.casework.flow_tables.overlamnande import OVERLAMNANDE
from client.casework.flow_tables.placering import PLACERING
from client.casework.flow_tables.plan import PLAN, UTFORARE
from client.casework.flow_tables.samtycke import SAMTYCKE
from client.casework.flow_tables.statistik import STATISTIK
from client.casework.flow_tables.uppfoljning import UPPFOLJNING
from client.casework.flow_tables.uttag import UTTAG
from client.casework.flows import Flow, Side

FLOWS: Mapping[str, Flow] = MappingProxyType(
    {
        flow.name: flow
        for flow in (
            KONSULTATION,
            INTAG,
            HOTBILD,
            OVERLAMNANDE,
            SAMTYCKE,
            PLACERING,
            KOLLISION,
            PLAN,
            UTFORARE,
            UPPFOLJNING,
            AVSLUT,
            ATERKOMST,
            KVITTENS,
            STATISTIK,
            UTTAG,
        )
    }
)

#: Life cycle, state and side of whatever waits for nobody at that end.
OVER: tuple[tuple[str, str, str], ...] = tuple(
    (flow.name, state.name, side.value)
    for flow in FLOWS.values()
    for state in flow.states
    for side in (Side.ASKER, Side.ANSWERER)
    if state.is_over(side)
)

__all__ = [
    "ATERKOMST",
    "AVSLUT",
    "FLOWS",
    "HOTBILD",
    "INTAG",
    "KOLLISION",
    "KONSULTATION",
    "KVITTENS",
    "OVER",
    "OVERLAMNANDE",
    "PLACERING",
    "PLAN",
    "SAMTYCKE",
    "STATISTIK",
    "UPPFOLJNING",
    "UTFORARE",
    "UTTAG",
]
