"""What carries each step of a life cycle: a document, a handler's command, or something that the program notices.

A step that nothing carries is one that nobody can take. So no row stands in a table without a carrier, and no open
state without a step out of it; the tests hold all tables against this.

Public signatures:
    carriers(flow, row) -> tuple[str, ...]      kinds of document, or words of the other two; empty for none
    BY_HAND, NOTICED                            event -> what carries it, in Swedish as the guide says it

Not here: who takes these steps (the engine: ``receipts``, ``withdrawing``, ``after_kept``, ``running``, ``agreed``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from client.casework.clock_table import THREAD_CLOCKS
from client.casework.flows import Flow, Row, Side
from client.casework.kinds.registry import KINDS

#: Steps of a person without a document.
BY_HAND: Final[Mapping[str, str]] = MappingProxyType({"take": "`sluss take`"})
#: Steps of the program.
NOTICED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "available": "kvittensen att dokumentet är tillgängligt",
        "consent_withdrawn": "samtycket är återkallat eller vägrat",
        "reject": "mottagarens program avvisar begäran",
    }
)
_CLOCK: Final = "tiden är ute"


def carriers(flow: Flow, row: Row) -> tuple[str, ...]:
    """What may cause the step of a row.

    Args:
        flow: the life cycle.
        row: one of its rows.
    """
    if row.event == "consent_withdrawn":  # whoever's program notices it first
        return (NOTICED[row.event],)
    if row.side is Side.AUTO:
        closes = any(row.event == clock.closes and flow.name == clock.flow for clock in THREAD_CLOCKS)
        return (_CLOCK,) if closes else tuple(filter(None, [NOTICED.get(row.event)]))
    named = [kind.name for kind in KINDS.values() if kind.flow == flow.name and row.event in kind.event.events]
    fitting = [name for name in named if _from_there(name, row)]
    return tuple(fitting) or tuple(filter(None, [BY_HAND.get(row.event)]))


def _from_there(name: str, row: Row) -> bool:
    """The kind comes from the side of the row, and may be written by one of its roles."""
    kind = KINDS[name]
    sides = Side.EITHER in {kind.side, row.side} or kind.side is row.side
    return sides and (not row.roles or not row.roles.isdisjoint(kind.roles))
