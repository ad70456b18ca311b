"""How much lies at a unit and how long it has lain: figures for its overview, of threads only, nobody is named.

Public signatures:
    Load(context).figures(weeks=12) -> Figures(flows, waits, weeks)

Not here: statistics that leave the unit (`figures`), which are masked.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
from typing import Final

from client.casework.flow_tables import OVER
from client.casework.swedish_time import local_date
from client.engine.context import Context

DAY_SECONDS: Final = 86_400
#: Upper ends, in days, of how long an open thread has waited; the last one has none.
SPANS: Final = (1, 3, 7, 30)
_ENDS: Final = ", ".join(f"('{flow}', '{state}', '{side}')" for flow, state, side in OVER)
_FINAL: Final = f"(flow, state, side) IN (VALUES {_ENDS})"


@dataclasses.dataclass(frozen=True, slots=True)
class FlowLoad:
    """One life cycle: threads that are open, and those of them whose time is over."""

    flow: str
    open: int
    overdue: int


@dataclasses.dataclass(frozen=True, slots=True)
class Figures:
    """All figures.

    Args:
        flows: by life cycle, the fullest first.
        waits: open threads by days since their last change, in the spans of ``SPANS`` and beyond.
        weeks: monday of each week, and how many threads began in it, oldest first.
    """

    flows: tuple[FlowLoad, ...]
    waits: tuple[int, ...]
    weeks: tuple[tuple[datetime.date, int], ...]


class Load:
    """Reads the figures."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._vault = context.vault

    async def figures(self, weeks: int = 12) -> Figures:
        """The figures of now.

        Args:
            weeks: how many weeks back, with the present one.
        """
        now = self._context.clock.now()
        rows = await self._vault.all(
            f"SELECT flow, count(*), sum(deadline IS NOT NULL AND deadline < ?) FROM thread"  # noqa: S608 - constants
            f" WHERE NOT {_FINAL} GROUP BY flow ORDER BY count(*) DESC, flow",
            now,
        )
        flows = tuple(FlowLoad(flow, count, late or 0) for flow, count, late in rows)
        return Figures(flows, await self._waits(now), await self._weeks(now, weeks))

    async def _waits(self, now: int) -> tuple[int, ...]:
        rows = await self._vault.all(
            f"SELECT (? - changed_at) / ?, count(*) FROM thread WHERE NOT {_FINAL} GROUP BY 1",  # noqa: S608
            now, DAY_SECONDS,
        )  # fmt: skip
        counted = [0] * (len(SPANS) + 1)
        for days, count in rows:
            counted[next((n for n, end in enumerate(SPANS) if days < end), len(SPANS))] += count
        return tuple(counted)

    async def _weeks(self, now: int, weeks: int) -> tuple[tuple[datetime.date, int], ...]:
        today = _day(now)
        monday = today - datetime.timedelta(days=today.weekday())
        mondays = [monday - datetime.timedelta(weeks=back) for back in reversed(range(weeks))]
        since = now - (weeks + 1) * 7 * DAY_SECONDS
        rows = await self._vault.all("SELECT begun_at FROM thread WHERE begun_at >= ?", since)
        began = collections.Counter((day := _day(row[0])) - datetime.timedelta(days=day.weekday()) for row in rows)
        return tuple((one, began[one]) for one in mondays)


def _day(seconds: int) -> datetime.date:
    return local_date(datetime.datetime.fromtimestamp(seconds, datetime.UTC))
