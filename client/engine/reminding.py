"""Reminders: which clocks a person should hear of now, and why. Derived, each time anew; nothing is counted or stored.

Rules:
1. Whoever's turn it is, is reminded before the end as the table says, at the end, and every seventh day after it. Who
   waits for another unit hears of it when the time is over.
2. A reminder ends for every device of the unit when one of them acts: the thread goes on, the document is fetched, the
   consent is renewed. Or when a person says that it is seen; then it comes again only with the next stage.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from client.casework.clock_rows import Clock, Subject
from client.casework.clock_table_case import FETCH, THIN_OUT
from client.casework.clocks import clock_named, stage
from client.casework.flows import Side
from client.engine.case_clocks import CLOSED_AT
from client.engine.clock_row import BOTH, Running, Runs, instant, run
from client.engine.context import Context
from client.engine.running import Clocks
from keys.ids import ID_BYTES, digest
from keys.internal import SettingName

#: People of whom nothing was begun after their case was closed, but what follows a closing, and when it last changed.
_CLOSED: Final = (
    "SELECT principal, max(changed_at) FROM thread a WHERE principal IS NOT NULL GROUP BY principal"  # noqa: S608 - constant words
    f" HAVING max(CASE flow WHEN 'avslut' THEN coalesce({CLOSED_AT}, -1) ELSE -1 END) >="
    " max(CASE WHEN flow IN ('avslut', 'uppfoljning', 'samtycke', 'kvittens', 'uttag') THEN 0 ELSE begun_at END)"
)
_YEAR_SECONDS: Final = 365 * 86_400
_THIN_YEARS: Final = 5  # sooner nothing can be due (clock_table_case.THIN_OUT)


@dataclasses.dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder.

    Args:
        reminder_id: the same on every device of the unit.
        running: the clock.
        stage: as `clocks.stage` counts.
        is_overdue: its time is over.
        holder: device of the colleague who works on the thread, None for nobody.
    """

    reminder_id: bytes
    running: Running
    stage: int
    is_overdue: bool
    holder: bytes | None

    @property
    def clock(self) -> Clock:
        """The row of the table, in words."""
        return clock_named(self.running.clock)

    @property
    def why(self) -> str:
        """``before``, ``end`` or ``again``."""
        ahead = len(self.clock.before)
        return "before" if self.stage <= ahead else "end" if self.stage == ahead + 1 else "again"


class Reminding:
    """The reminders of an office."""

    def __init__(self, context: Context, clocks: Clocks) -> None:
        self._context = context
        self._vault = context.vault
        self._clocks = clocks

    async def open(self) -> list[Reminder]:
        """What nobody of the unit has acted on or seen, the nearest end first."""
        await self._clocks.refresh()
        now = self._context.clock.now()
        found = [*await self._clocks.due_before(now), *await self._unfetched(), *await self._to_thin_out(now)]
        closed = await self._closed_cases()
        seen, holders = await self._settings(now)
        reminders = [
            self._reminder(one, now, holders)
            for one in sorted(found, key=lambda one: (one.due_at, one.clock, one.subject))
            if not (one.principal in closed and clock_named(one.clock).subject is Subject.CONSENT)
        ]
        return [one for one in reminders if one.stage and one.reminder_id not in seen and self._concerns(one)]

    def _reminder(self, running: Running, now: int, holders: dict[bytes, bytes]) -> Reminder:
        clock = clock_named(running.clock)
        reached = stage(clock, instant(running.due_at), instant(now))
        name = b"\0".join([running.clock.encode(), running.subject, b"%d %d" % (running.begun_at, reached)])
        return Reminder(digest(name)[:ID_BYTES], running, reached, running.due_at < now, holders.get(running.subject))

    def _concerns(self, reminder: Reminder) -> bool:
        return reminder.is_overdue or reminder.running.responsible in {BOTH, bytes(self._context.unit_id)}

    async def _unfetched(self) -> list[Running]:
        """Documents that went to the hub and that nobody has said to have."""
        rows = await self._vault.all(
            "SELECT d.document_id, d.unit_id, d.at FROM outbox o CROSS JOIN document d USING (document_id)"
            " WHERE d.state = 'sent'"
        )
        found = [
            run(self._context, FETCH, Runs(one, Side.ASKER, unit, None), since=at, dates={}) for one, unit, at in rows
        ]
        return [one for one in found if one is not None]

    async def _to_thin_out(self, now: int) -> list[Running]:
        """Cases that ended so long ago that somebody must decide on them."""
        rows = await self._vault.all(f"{_CLOSED} AND max(changed_at) < ?", now - _THIN_YEARS * _YEAR_SECONDS)
        own = bytes(self._context.unit_id)
        found = [
            run(self._context, THIN_OUT, Runs(key.encode(), Side.ASKER, own, key), since=last, dates={})
            for key, last in rows
        ]
        return [one for one in found if one is not None]

    async def _closed_cases(self) -> set[str]:
        """The keys of people whose case is closed."""
        return {row[0] for row in await self._vault.all(_CLOSED)}

    async def _settings(self, now: int) -> tuple[set[bytes], dict[bytes, bytes]]:
        """Reminders that somebody has seen, and who works on the threads of which somebody is to be reminded."""
        seen = await self._vault.all(
            "SELECT target FROM setting WHERE name = ? AND holder <> x''", SettingName.REMINDED.value
        )
        holders = await self._vault.all(
            "SELECT target, holder FROM setting WHERE name = ? AND holder <> x''"
            " AND target IN (SELECT subject FROM running WHERE remind_at <= ?)",
            SettingName.ASSIGNED.value, now,
        )  # fmt: skip
        return {target for (target,) in seen}, dict(map(tuple, holders))
