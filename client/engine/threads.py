"""Threads in the vault: the state of each flow instance and how it came there.

Rules:
1. Where a thread stands follows from its documents (``client.casework.crossing``) and from the steps of this end alone.
   ``refold`` works it out anew whenever one of them is new, or a document turns out to have no effect.
2. A colleague's word for a state (``told``) counts as long as the documents are not here, and after that where steps
   without a document lead there: it never contradicts them.
3. What another document overtook is marked, and a person is told.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any, Final

from client.casework import folding
from client.casework.actions import Moved, act
from client.casework.crossing import WITHDRAWN, Local, Outcome
from client.casework.deadlines import due
from client.casework.flow_tables import FLOWS
from client.casework.flows import By, IllegalStepError, Side, deadline_in
from client.casework.folding import Folded, fold
from client.engine.alarms import Alarms
from client.engine.clock import Clock
from client.engine.steps import Held, Steps, between_two, has_opening
from client.engine.thread import Thread, begun, counts, last_change
from client.engine.vault import Vault
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES

NOWHERE: Final = ""  # no state: nobody writes in a thread of which she has seen nothing
_TOLD: Final = "told"
_NAMES: Final = (
    "thread_id", "flow", "state", "side", "unit_id", "principal", "consent_id", "deadline", "begun_at", "changed_at",
)  # fmt: skip
_COLUMNS: Final = ", ".join(_NAMES)


class Threads:
    """The threads of an office."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._alarms = Alarms(vault, clock)
        self.steps = Steps(vault)

    async def get(self, thread_id: bytes) -> Thread | None:
        """A thread by its id."""
        row = await self._vault.one(f"SELECT {_COLUMNS} FROM thread WHERE thread_id = ?", thread_id)  # noqa: S608
        return None if row is None else Thread(*row)

    async def all(self) -> list[Thread]:
        """All threads, the last changed first."""
        rows = await self._vault.all(f"SELECT {_COLUMNS} FROM thread ORDER BY changed_at DESC, thread_id")  # noqa: S608
        return [Thread(*row) for row in rows]

    async def opening(self, thread_id: bytes) -> dict[str, Any] | None:
        """Content of the thread's first document, for rules that hang on the question."""
        body: bytes | None = await self._vault.value(
            "SELECT d.body FROM thread_event e JOIN document d USING (document_id)"
            " WHERE e.thread_id = ? ORDER BY e.n LIMIT 1",
            thread_id,
        )
        if body is None:
            return None
        content = decode_body(body, max_bytes=MAX_BODY_BYTES).get("content")
        return content if isinstance(content, dict) else None

    async def other_open(self, flow: str, principal: str | None, except_thread: bytes) -> bool:
        """Whether another thread of this flow that we opened for this person is not at its end."""
        if principal is None:
            return False
        rows = await self._vault.all(
            f"SELECT {_COLUMNS} FROM thread"  # noqa: S608 - constant columns
            " WHERE flow = ? AND principal = ? AND side = ? AND thread_id <> ?",
            flow, principal, Side.ASKER.value, except_thread,
        )  # fmt: skip
        return any(not Thread(*row).is_final for row in rows)

    async def of_person(self, principal: object) -> list[Thread]:
        """Threads about the person with this key; none where no key is known."""
        rows = await self._vault.all(f"SELECT {_COLUMNS} FROM thread WHERE principal = ?", principal)  # noqa: S608
        return [Thread(*row) for row in rows]

    async def of_consents(self, consent_ids: list[bytes]) -> list[Thread]:
        """Threads whose last document leaned on one of these consents."""
        found: list[Thread] = []
        for consent_id in consent_ids:
            rows = await self._vault.all(f"SELECT {_COLUMNS} FROM thread WHERE consent_id = ?", consent_id)  # noqa: S608
            found += [Thread(*row) for row in rows]
        return found

    async def of_consent_flow(self, unit_id: bytes, principal: str) -> Thread | None:
        """The thread in which this person's consent was told to a unit, or by it."""
        row = await self._vault.one(
            f"SELECT {_COLUMNS} FROM thread"  # noqa: S608 - constant columns
            " WHERE flow = 'samtycke' AND unit_id = ? AND principal = ? ORDER BY begun_at DESC LIMIT 1",
            unit_id, principal,
        )  # fmt: skip
        return None if row is None else Thread(*row)

    async def save(self, thread: Thread, event: str, document_id: bytes | None) -> None:
        """Write a thread's new state and the event that led there, inside a transaction."""
        await self._put(thread)
        await self._vault.write(
            "INSERT INTO thread_event (n, thread_id, event, state, document_id, at)"
            " VALUES ((SELECT count(*) FROM thread_event WHERE thread_id = ?), ?, ?, ?, ?, ?)",
            thread.thread_id, thread.thread_id, event, thread.state, document_id, self._clock.now(),
        )  # fmt: skip

    # -- steps without a document -------------------------------------------------------------------------------------

    async def automatic(
        self, thread: Thread, event: str, document_id: bytes | None = None, *, at: int | None = None
    ) -> None:
        """Take a step that nobody takes, where the life cycle has one, inside a transaction (`act`)."""
        await self.act(thread, event, By(Side.AUTO), document_id, at=at)

    async def act(
        self, thread: Thread, event: str, by: By, document_id: bytes | None = None, *, at: int | None = None
    ) -> None:
        """Take a step that no document takes, where the life cycle has one, inside a transaction.

        Args:
            thread: as it is.
            event: what happened.
            by: who did it.
            document_id: of the document to which it happened.
            at: since when it counts, seconds; None for now. A step that each device of the unit takes at another time
                must count from the same.
        """
        now = datetime.datetime.fromtimestamp(self._clock.now(), datetime.UTC)
        opening = await self.opening(thread.thread_id)
        moved: Moved | None = None
        try:
            moved = act(thread.flow, thread.state, event, by, now=now, opening=opening)
        except IllegalStepError:
            if event != WITHDRAWN:  # which stands at its own time: what comes later may have been written before it
                return
        await self._note_local(thread.thread_id, Local(event, by.side, document_id or b"", at or self._clock.now()))
        if not await self.refold(thread.thread_id) and moved is not None:
            await self._move(thread, moved, event, document_id, at=at)

    async def told(self, thread: Thread, opening: bytes | None) -> None:
        """Take a colleague's word for where a thread stands, inside a transaction; of two the later counts."""
        before = await self._vault.one(
            "SELECT at, state FROM thread_local WHERE thread_id = ? AND event = ?", thread.thread_id, _TOLD
        )
        if before is not None and tuple(before) >= (thread.changed_at, thread.state):
            return
        await self._vault.write("DELETE FROM thread_local WHERE thread_id = ? AND event = ?", thread.thread_id, _TOLD)
        await self._note_local(thread.thread_id, Local(_TOLD, Side.AUTO, b"", thread.changed_at), thread.state)
        if not await self.refold(thread.thread_id):
            await self.save(thread, _TOLD, opening)

    async def _move(
        self, thread: Thread, moved: Moved, event: str, document_id: bytes | None, *, at: int | None
    ) -> None:
        """A step in a thread whose documents are not here; one that leads nowhere else is left out."""
        if moved.state != thread.state:
            deadline = None if moved.due is None else int(moved.due.timestamp())
            changed_at = self._clock.now() if at is None else max(at, thread.changed_at)
            later = dataclasses.replace(thread, state=moved.state, deadline=deadline, changed_at=changed_at)
            await self.save(later, event, document_id)

    async def _note_local(self, thread_id: bytes, local: Local, state: str = "") -> None:
        """Keep it, behind the document that it is about or the last one of the thread."""
        after = local.after or await self._vault.value(
            "SELECT document_id FROM thread_event WHERE thread_id = ? AND document_id IS NOT NULL"
            " ORDER BY n DESC LIMIT 1",
            thread_id,
        )
        await self._vault.write(
            "INSERT INTO thread_local (n, thread_id, event, side, state, after, at) VALUES"
            " ((SELECT coalesce(max(n), -1) + 1 FROM thread_local WHERE thread_id = ?), ?, ?, ?, ?, ?, ?)",
            thread_id, thread_id, local.event, local.side.value, state, after or b"", local.at,
        )  # fmt: skip

    # -- the state from the documents ---------------------------------------------------------------------------------

    async def seen(self, thread_id: bytes, *, local: bool) -> list[bytes]:
        """What a new document in the thread names as seen; only one that stays here names what stayed here."""
        held, thread = await self._held(thread_id)
        if not held or thread is None:
            return []
        return folding.newest(FLOWS[thread.flow], [one.sent(Side(thread.side)) for one in held], local=local)

    async def place(self, thread: Thread, seen: list[bytes]) -> str | None:
        """The shared state where somebody stands who has seen these.

        None when the thread's first document is not here; `NOWHERE` for who has seen nothing of a thread that is.
        """
        held, _ = await self._held(thread.thread_id)
        if not has_opening(held):
            return None
        if not any(one.document_id in seen for one in held) and not all(one.is_local for one in held):
            return NOWHERE
        return folding.place(FLOWS[thread.flow], [one.sent(Side(thread.side)) for one in held], seen)

    async def refold(self, thread_id: bytes) -> bool:
        """Work out where a thread stands, inside a transaction; False when its first document is not here."""
        held, known = await self._held(thread_id)
        if not has_opening(held):
            return False
        await self.steps.keep(held)
        thread = known or begun(held)
        flow = FLOWS[thread.flow]
        rows = await self._vault.all(
            "SELECT event, side, after, at, state FROM thread_local WHERE thread_id = ? ORDER BY n", thread_id
        )
        steps = [Local(event, Side(side), after, at) for event, side, after, at, _ in rows if event != _TOLD]
        folded = fold(flow, [one.sent(Side(thread.side)) for one in held], steps)
        later = self._after(thread, folded, held)
        for event, _, _, at, state in rows:
            if event == _TOLD and counts(flow, folded, held, (state, at)):
                later = dataclasses.replace(later, state=state, changed_at=max(at, later.changed_at))
        await self._write(known, later, folded, held)
        return True

    async def _held(self, thread_id: bytes) -> tuple[list[Held], Thread | None]:
        known = await self.get(thread_id)
        held = between_two(await self.steps.held(thread_id), None if known is None else known.unit_id)
        return held, known

    def _after(self, thread: Thread, folded: Folded, held: list[Held]) -> Thread:
        """The thread as its documents leave it."""
        by_id = {one.document_id: one for one in held}
        dates: dict[str, object] = {}
        consent_id, variant = thread.consent_id, ""
        for entry in folded.entries:
            one = by_id.get(entry.document_id or b"")
            if one is not None and entry.outcome is not Outcome.VOID:
                if entry.outcome is Outcome.APPLIED:
                    dates |= {str(name): value for name, value in one.step.dates}
                consent_id, variant = one.consent_id or consent_id, variant or one.step.variant
        span = deadline_in(FLOWS[thread.flow], folded.state, variant)
        start = datetime.datetime.fromtimestamp(min(folded.entered_at, self._clock.now()), datetime.UTC)
        ends = None if span is None else due(span, start, dates)
        deadline = None if ends is None else int(ends.timestamp())
        unit_id = next((one.unit_id for one in held if not one.is_local), thread.unit_id)
        principal = thread.principal or next((one.step.principal for one in held if one.step.principal), None)
        return dataclasses.replace(
            thread,
            unit_id=unit_id,
            state=folded.state,
            principal=principal,
            consent_id=consent_id,
            deadline=deadline,
            changed_at=last_change(folded, held),
        )

    async def _write(self, known: Thread | None, later: Thread, folded: Folded, held: list[Held]) -> None:
        """Thread, history and outcomes, where they are new."""
        thread_id = later.thread_id
        history = [(n, one.event, one.state, one.document_id, one.at) for n, one in enumerate(folded.entries)]
        before = await self._vault.all(
            "SELECT n, event, state, document_id, at FROM thread_event WHERE thread_id = ? ORDER BY n", thread_id
        )
        if history != [tuple(row) for row in before]:
            await self._vault.write("DELETE FROM thread_event WHERE thread_id = ?", thread_id)
            await self._vault.write_many(
                "INSERT INTO thread_event (thread_id, n, event, state, document_id, at) VALUES (?, ?, ?, ?, ?, ?)",
                [(thread_id, *row) for row in history],
            )
        if later != known:
            await self._put(later)
        for one in held:
            outcome = folded.outcome(one.document_id)
            if await self.steps.mark(one, outcome):
                await self._tell(one.document_id, outcome)

    async def _tell(self, document_id: bytes, outcome: Outcome) -> None:
        if outcome is Outcome.OVERTAKEN:
            await self._alarms.raise_("OVERTAKEN", document_id=document_id)
        else:
            await self._alarms.clear("OVERTAKEN", document_id=document_id)

    async def _put(self, thread: Thread) -> None:
        await self._vault.write(
            f"INSERT OR REPLACE INTO thread ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            *(getattr(thread, name) for name in _NAMES),  # ``astuple`` would copy each value
        )
