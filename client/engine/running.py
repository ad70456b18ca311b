"""The clocks that run in this office, kept beside the threads.

Rules:
1. A clock is derived from history, documents, consents and cards. The vault itself notes what changed (its triggers),
   and that is worked out before anybody reads; so nothing hangs on when this office was open.
2. ``thread.deadline`` is the nearest end of the thread's clocks.
3. No clock moves a thread, but for the one whose row names a step (a silent consultation rests).

Not here: the rules (``client.casework.clocks``), clocks outside threads (``case_clocks``), reminders (``reminding``).
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Awaitable
from typing import Any, Final

from client.casework.actions import variant_of
from client.casework.clock_rows import Clock
from client.casework.clocks import CLOCKS, Moment, anchors_of, begun, clocks_in
from client.casework.flow_tables import FLOWS
from client.casework.flows import Side
from client.engine.case_clocks import CLOSED_AT, CaseClocks, dates_of
from client.engine.clock_row import Running, Runs, run
from client.engine.consents import Consents
from client.engine.contents import content_of
from client.engine.context import Context
from client.engine.thread import Thread
from client.engine.threads import Threads
from keys.errors import LockedError, PeerError
from keys.ids import UnitId, digest
from keys.logging import get_logger

_AT_ONCE: Final = 200
_LOOKED_BACK: Final = 50  # documents of a thread that are searched for a date
_COLUMNS: Final = "subject, clock, begun_at, remind_at, due_at, responsible, principal"
_SIZE: Final = "clock_log_size"
_STUMBLES: Final = (ArithmeticError, LookupError, PeerError, TypeError, ValueError)
_log = get_logger("running")
_CLOSES: Final = {clock.name: clock.closes for clock in CLOCKS if clock.closes}


class Clocks:
    """The clocks of an office."""

    def __init__(self, context: Context, consents: Consents, threads: Threads) -> None:
        self._context = context
        self._vault = context.vault
        self._consents = consents
        self._threads = threads
        self._case = CaseClocks(context, consents)

    async def refresh(self) -> None:
        """Work out what changed. While the keys are locked the cards cannot be read, and it waits."""
        with contextlib.suppress(LockedError):
            await self._note_new_cards()
            while await self._vault.value("SELECT 1 FROM clock_stale LIMIT 1"):
                async with self._vault.transaction():
                    for (subject,) in await self._vault.all("SELECT subject FROM clock_stale LIMIT ?", _AT_ONCE):
                        await self._renew(subject)

    async def duty(self) -> None:
        """Once a round: let the threads rest whose clock says so."""
        await self.refresh()
        for name, event in _CLOSES.items():
            rows = await self._vault.all(
                "SELECT subject FROM running WHERE clock = ? AND due_at < ?", name, self._context.clock.now()
            )
            for (thread_id,) in rows:
                async with self._vault.transaction():
                    thread = await self._threads.get(thread_id)
                    if thread is not None:
                        await self._threads.automatic(thread, event)
                        await self._renew(thread_id)

    async def of_thread(self, thread_id: bytes) -> list[Running]:
        """The clocks of one thread, the nearest end first; ``refresh`` came before."""
        rows = await self._vault.all(
            f"SELECT {_COLUMNS} FROM running WHERE subject = ? ORDER BY due_at, clock",  # noqa: S608 - constant columns
            thread_id,
        )
        return [Running(*row) for row in rows]

    async def due_before(self, now: int) -> list[Running]:
        """All clocks of which somebody is reminded by then, the nearest end first; ``refresh`` came before."""
        rows = await self._vault.all(
            f"SELECT {_COLUMNS} FROM running WHERE remind_at <= ? ORDER BY due_at, subject, clock",  # noqa: S608
            now,
        )
        return [Running(*row) for row in rows]

    async def overdue(self, now: int) -> set[bytes]:
        """What clocks run for whose time is over; ``refresh`` came before."""
        return {row[0] for row in await self._vault.all("SELECT DISTINCT subject FROM running WHERE due_at < ?", now)}

    # -- working out --------------------------------------------------------------------------------------------------

    async def _renew(self, subject: bytes) -> None:
        part = self._case.parts.get(subject)
        if part is None:
            await self._vault.write("DELETE FROM running WHERE subject = ?", subject)
            found = await self._or_none(self._of_thread(subject))
            deadline = min((one.due_at for one in found), default=None)
            await self._vault.write("UPDATE thread SET deadline = ? WHERE thread_id = ?", deadline, subject)
        else:
            clock, work_out = part
            await self._vault.write("DELETE FROM running WHERE clock = ?", clock.name)
            found = await self._or_none(work_out())
        await self._vault.write_many(
            f"INSERT OR REPLACE INTO running ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            [dataclasses.astuple(one) for one in found],
        )
        await self._vault.write("DELETE FROM clock_stale WHERE subject = ?", subject)

    async def _or_none(self, worked_out: Awaitable[list[Running]]) -> list[Running]:
        """One document that cannot be read must not end the work list: without clocks it is still there."""
        try:
            return await worked_out
        except _STUMBLES as error:
            _log.error("a clock could not be worked out", error_type=type(error).__name__)
            return []

    async def _of_thread(self, thread_id: bytes) -> list[Running]:
        thread = await self._threads.get(thread_id)
        if thread is None or thread.flow not in FLOWS:
            return []
        flow = FLOWS[thread.flow]
        opened_by, opening = await self._opening(thread_id)
        clocks = clocks_in(thread.flow, thread.state, variant_of(flow, opening), opened_by)
        if not clocks:
            return []
        history = await self._history(thread)
        anchors = await self._anchors(thread, clocks)
        runs = Runs(thread_id, Side(thread.side), thread.unit_id, thread.principal)
        closed = any(clock.while_open for clock in clocks) and await self._is_closed(thread)
        began = [(clock, begun(clock, history)) for clock in clocks if not (closed and clock.while_open)]
        found = [run(self._context, clock, runs, since=at, dates=anchors) for clock, at in began if at is not None]
        return [one for one in found if one is not None]

    async def _is_closed(self, thread: Thread) -> bool:
        """Whether the person's case was closed after the thread began."""
        return bool(
            await self._vault.value(
                f"SELECT 1 FROM thread a WHERE flow = 'avslut' AND principal = ? AND {CLOSED_AT} >= ? LIMIT 1",  # noqa: S608
                thread.principal, thread.begun_at,
            )
        )  # fmt: skip

    async def _opening(self, thread_id: bytes) -> tuple[str, dict[str, Any]]:
        """Kind and content of the thread's first document."""
        row = await self._vault.one(
            "SELECT d.kind, d.body FROM thread_event e JOIN document d USING (document_id)"
            " WHERE e.thread_id = ? ORDER BY e.n LIMIT 1",
            thread_id,
        )
        return ("", {}) if row is None else (row[0], content_of(row[1]))

    async def _history(self, thread: Thread) -> list[Moment]:
        rows = await self._vault.all(
            "SELECT event, state, at FROM thread_event WHERE thread_id = ? ORDER BY n", thread.thread_id
        )
        history = [Moment(*row) for row in rows]
        if not history or history[-1].state != thread.state:  # a colleague told where it stands
            history.append(Moment("", thread.state, thread.changed_at))
        return history

    async def _anchors(self, thread: Thread, clocks: tuple[Clock, ...]) -> dict[str, object]:
        """The dates that these clocks count from: of each the newest that has it and that counts."""
        wanted = anchors_of(clocks)
        if not wanted:
            return {}
        held = None if thread.consent_id is None else await self._consents.get(thread.consent_id)
        found = {} if held is None else dict(dates_of(held.record))
        rows = await self._vault.all(
            "SELECT body FROM document WHERE thread_id = ? AND outcome = 'applied'"
            " ORDER BY at, rowid LIMIT ? OFFSET max(0, (SELECT count(*) FROM document WHERE thread_id = ?) - ?)",
            thread.thread_id, _LOOKED_BACK, thread.thread_id, _LOOKED_BACK,
        )  # fmt: skip
        for (body,) in rows:
            content = content_of(body)
            found |= {name: content[name] for name in wanted if content.get(name) is not None}
        return found

    # -- cards --------------------------------------------------------------------------------------------------------

    async def _note_new_cards(self) -> None:
        """The log has grown: threads with units whose card is another one are worked out anew."""
        directory = self._context.replica.directory
        if await self._vault.number(_SIZE) == directory.size:
            return
        own = bytes(self._context.unit_id)
        async with self._vault.transaction():
            rows = await self._vault.all("SELECT DISTINCT unit_id FROM thread")
            for unit_id in {own, *(row[0] for row in rows)}:
                await self._note_card(unit_id, is_own=unit_id == own)
            await self._vault.set_number(_SIZE, directory.size)

    async def _note_card(self, unit_id: bytes, *, is_own: bool) -> None:
        entry = self._context.replica.directory.units.get(UnitId(unit_id))
        sealed = digest(b"" if entry is None else entry.statement.card)
        known = await self._vault.value("SELECT digest FROM clock_card WHERE unit_id = ?", unit_id)
        if known == sealed:
            return
        await self._vault.write("INSERT OR REPLACE INTO clock_card VALUES (?, ?)", unit_id, sealed)
        await self._vault.write(
            "INSERT OR IGNORE INTO clock_stale SELECT thread_id FROM thread WHERE ? OR unit_id = ?", is_own, unit_id
        )
        if is_own:
            for part in self._case.parts:
                await self._vault.write("INSERT OR IGNORE INTO clock_stale VALUES (?)", part)
