"""The work list of one device's person: which threads want whom, counted and paged in the vault.

Views: ``new`` something unread · ``mine`` I work on it · ``free`` nobody does and it is our turn · ``waiting`` the
other unit's turn · ``overdue`` a clock of it is over · ``failed`` something of ours was refused or stopped · ``open`` ·
``all``.

A thread is in every view that fits it, so counts are honest and do not add up. Whose turn it is follows from the tables
of the life cycles; nothing here changes anything.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Final

from client.casework.flow_tables import FLOWS, OVER
from client.casework.flows import ANY, SAME, Side
from client.engine.context import Context
from client.engine.running import Clocks

VIEWS: Final = ("new", "mine", "free", "waiting", "overdue", "failed", "open", "all")
_RANKED: Final = "standing IS NULL, standing, t.changed_at DESC"
ORDERS: Final = {
    "changed": "t.changed_at DESC",
    "deadline": "t.deadline IS NULL, t.deadline, t.changed_at DESC",
    "begun": "t.begun_at",
    "state": _RANKED,
    "unit": _RANKED,
    "holder": _RANKED,
}
#: Orders by something's name, which is not in the vault: what the name belongs to there.
_KEYS: Final = {"state": "t.flow || ' ' || t.state", "unit": "hex(t.unit_id)", "holder": "hex(t.holder)"}
PAGE_ROWS: Final = 50

_UNREAD: Final = "t.thread_id IN (SELECT thread_id FROM document WHERE direction = 'in' AND read_at IS NULL)"
_FAILED: Final = (
    "t.thread_id IN (SELECT thread_id FROM document WHERE direction = 'out' AND state IN ('refused', 'stopped'))"
)
_NEAREST: Final = "(SELECT r.{} FROM running r WHERE r.subject = t.thread_id ORDER BY r.due_at, r.clock LIMIT 1)"
_HOLDER: Final = "LEFT JOIN setting s ON s.name = 'assigned' AND s.target = t.thread_id AND s.holder <> x''"


def _turns() -> list[tuple[str, str, str]]:
    """(flow, state, side) where that side's unit may move the thread on."""
    return sorted(
        {
            (flow.name, row.state, side.value)
            for flow in FLOWS.values()
            for row in flow.rows
            if row.state not in (ANY, "") and row.next != SAME and row.side is not Side.AUTO
            for side in ((Side.ASKER, Side.ANSWERER) if row.side is Side.EITHER else (row.side,))
        }
    )  # fmt: skip


def _list(rows: Iterable[tuple[str, ...]]) -> str:
    """Constant names of our own tables, as SQL."""
    return ", ".join("(" + ", ".join(f"'{word}'" for word in row) + ")" for row in rows) or "('', '', '')"


#: Of a thread ``t``: nothing is waited for.
IS_FINAL: Final = f"(t.flow, t.state, t.side) IN (VALUES {_list(OVER)})"
_TURN: Final = f"(t.flow, t.state, t.side) IN (VALUES {_list(_turns())})"
#: What the views ask of a thread, looked up once for each.
_THREADS: Final = (
    f"SELECT t.*, s.holder, {_UNREAD} AS unread, {_FAILED} AS failed, {_TURN} AS turn, {IS_FINAL} AS ended"  # noqa: S608
    f" FROM thread t {_HOLDER}"
)
#: Nineteen of twenty threads have ended, and the list of turns is long: ``ended`` stands first where both are asked.
#: Threads that are alike to every view, with their number: the long lists above are then asked of some dozen groups and
#: not of each of 10,000 threads. A time that is over is as good as 0.
_GROUPS: Final = (
    "alike AS MATERIALIZED (SELECT t.flow, t.state, t.side, s.holder, iif(t.deadline < ?2, 0, NULL) AS deadline,"  # noqa: S608
    f" {_UNREAD} AS unread, {_FAILED} AS failed, count(*) AS n FROM thread t {_HOLDER} GROUP BY 1, 2, 3, 4, 5, 6, 7)"
)
_WHERE: Final = {
    "new": "unread",
    "mine": "t.holder = ?1 AND NOT ended",
    "free": "t.holder IS NULL AND turn AND NOT ended",
    "waiting": "NOT ended AND NOT turn",
    "overdue": "t.deadline < ?2 AND NOT ended",
    "failed": "failed",
    "open": "NOT ended",
    "all": "1",
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """Which threads of a view, and in which order; what is empty narrows nothing.

    Args:
        order: of ``ORDERS``.
        flow: only threads of this life cycle.
        states: only threads in one of these, as (flow, state); None for any.
        unit_id: only threads with this unit.
        holder: only threads that this device's person works on; of no bytes: that nobody works on; None for any.
        ranks: for the orders by name: where each of them stands, by its key in the vault (``flow state``, or an id as
            capital hexadecimal digits); what is not among them comes last.
    """

    order: str = "changed"
    flow: str = ""
    states: frozenset[tuple[str, str]] | None = None
    unit_id: bytes = b""
    holder: bytes | None = None
    ranks: Mapping[str, int] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class WorkRow:
    """One thread of the list. Ids are bytes, times seconds; ``clock`` is the one that ends at ``deadline``."""

    thread_id: bytes
    flow: str
    state: str
    side: str
    unit_id: bytes
    deadline: int | None
    changed_at: int
    holder: bytes | None
    clock: str | None
    responsible: bytes | None
    unread: bool
    failed: bool
    our_turn: bool
    final: bool


_ALL: Final = Narrow()


class WorkList:
    """Reads the list."""

    def __init__(self, context: Context, clocks: Clocks) -> None:
        self._context = context
        self._vault = context.vault
        self._clocks = clocks

    async def counts(self) -> dict[str, int]:
        """How many threads each view holds."""
        await self._clocks.refresh()
        sums = ", ".join(f"sum(n * ({where}))" for where in _WHERE.values())
        row = await self._vault.one(
            f"WITH {_GROUPS}, t AS MATERIALIZED"  # noqa: S608 - constants
            f" (SELECT t.*, {_TURN} AS turn, {IS_FINAL} AS ended FROM alike t) SELECT {sums} FROM t",
            *self._facts(),
        )
        return {view: (row[n] or 0) if row else 0 for n, view in enumerate(_WHERE)}

    async def rows(self, view: str, narrow: Narrow = _ALL, page: int = 0) -> list[WorkRow]:
        """One page of a view.

        Args:
            view: of ``VIEWS``.
            narrow: which of them, in which order.
            page: from 0, ``PAGE_ROWS`` rows each.
        """
        await self._clocks.refresh()
        wanted = narrow.states
        states = f"(t.flow, t.state) IN (VALUES {_list(sorted(wanted))})" if wanted else "1" if wanted is None else "0"
        rank, joined = "NULL", ""
        if narrow.order in _KEYS:
            rank = "r.value"
            joined = f"LEFT JOIN rank r ON r.key = {_KEYS[narrow.order]}"
        order = ORDERS[narrow.order]
        rows = await self._vault.all(
            "WITH rank AS MATERIALIZED (SELECT key, value FROM json_each(?7)), t AS ("  # noqa: S608 - constants
            f"SELECT t.*, {rank} AS standing FROM ({_THREADS}) t {joined} WHERE {_WHERE[view]} AND ?3 IN ('', t.flow)"
            f" AND {states} AND (?5 = x'' OR t.unit_id = ?5) AND (?6 IS NULL OR coalesce(t.holder, x'') = ?6)"
            f" ORDER BY {order}, t.thread_id LIMIT {PAGE_ROWS} OFFSET ?4)"
            " SELECT t.thread_id, t.flow, t.state, t.side, t.unit_id, t.deadline, t.changed_at, t.holder,"
            f" {_NEAREST.format('clock')}, {_NEAREST.format('responsible')}, unread, failed, turn, ended"
            f" FROM t ORDER BY {order}, t.thread_id",
            *self._facts(), narrow.flow, page * PAGE_ROWS, narrow.unit_id, narrow.holder,
            json.dumps(dict(narrow.ranks)),
        )  # fmt: skip
        return [WorkRow(*row[:10], *(bool(one) for one in row[10:])) for row in rows]

    async def present(self) -> list[tuple[str, str, bytes]]:
        """Every life cycle, state and unit that some thread has."""
        return [(*row,) for row in await self._vault.all("SELECT DISTINCT flow, state, unit_id FROM thread")]

    def _facts(self) -> tuple[bytes, int]:
        return self._context.device_id, self._context.clock.now()
