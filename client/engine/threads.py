"""Threads in the vault: the state of each flow instance and how it came there. The rules stand in casework."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from client.casework.actions import Moved, act
from client.casework.flow_tables import FLOWS
from client.casework.flows import By, IllegalStepError, Side, is_final
from client.casework.kinds.kind import Kind
from client.casework.kinds.registry import KINDS
from client.engine.clock import Clock
from client.engine.vault import Vault
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import RefusedError

_NAMES = (
    "thread_id", "flow", "state", "side", "unit_id", "principal", "consent_id", "deadline", "begun_at", "changed_at",
)  # fmt: skip
_COLUMNS = ", ".join(_NAMES)


@dataclasses.dataclass(frozen=True, slots=True)
class Thread:
    """One flow instance. ``side`` is the own part in it; times in seconds."""

    thread_id: bytes
    flow: str
    state: str
    side: str
    unit_id: bytes
    principal: str | None
    consent_id: bytes | None
    deadline: int | None
    begun_at: int
    changed_at: int

    @property
    def is_final(self) -> bool:
        """Whether nothing leads out of its state."""
        return is_final(FLOWS[self.flow], self.state)


class Threads:
    """The threads of an office."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

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
        await self._vault.write(
            f"INSERT OR REPLACE INTO thread ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            *(getattr(thread, name) for name in _NAMES),  # ``astuple`` would copy each value
        )
        await self._vault.write(
            "INSERT INTO thread_event (n, thread_id, event, state, document_id, at)"
            " VALUES ((SELECT count(*) FROM thread_event WHERE thread_id = ?), ?, ?, ?, ?, ?)",
            thread.thread_id, thread.thread_id, event, thread.state, document_id, self._clock.now(),
        )  # fmt: skip

    async def automatic(
        self, thread: Thread, event: str, document_id: bytes | None = None, *, at: int | None = None
    ) -> None:
        """Take a step that nobody takes, where the life cycle has one, inside a transaction.

        Args:
            thread: as it is.
            event: what happened.
            document_id: of the document to which it happened.
            at: since when it counts, seconds; None for now. A step that each device of the unit takes at another time
                must count from the same.
        """
        now = datetime.datetime.fromtimestamp(self._clock.now(), datetime.UTC)
        opening = await self.opening(thread.thread_id)
        try:
            moved = act(thread.flow, thread.state, event, By(Side.AUTO), now=now, opening=opening)
        except IllegalStepError:
            return
        await self.moved(thread, moved, event, document_id, at=at)

    async def moved(
        self, thread: Thread, moved: Moved, event: str, document_id: bytes | None = None, *, at: int | None = None
    ) -> None:
        """Write a step that no document took, inside a transaction; one that leads nowhere else is left out."""
        if moved.state != thread.state:
            deadline = None if moved.due is None else int(moved.due.timestamp())
            changed_at = self._clock.now() if at is None else max(at, thread.changed_at)
            later = dataclasses.replace(thread, state=moved.state, deadline=deadline, changed_at=changed_at)
            await self.save(later, event, document_id)


def may_go_on(known: Thread, kind: Kind, to_unit: bytes, *, own: bytes) -> bool:
    """Whether a document to ``to_unit`` may go on a thread that is here.

    Between two units it stays; what the unit writes for itself may stand in any thread; and a thread that has only been
    in this unit leaves it with a document that can open a thread elsewhere.
    """
    leaves = known.unit_id == own and kind.opens_thread
    return known.flow == kind.flow and (to_unit in {known.unit_id, own} or leaves)


def counterpart(known: Thread | None, to_unit: bytes, *, own: bytes) -> bytes:
    """The other unit of a thread after a document to ``to_unit``; the own one as long as nobody else is in it."""
    return to_unit if known is None or to_unit != own else known.unit_id


def check_thread(thread: Thread, from_unit: bytes, kind: str) -> None:
    """A thread belongs to two units and one life cycle; a third unit that knows its id is no part of it.

    Raises:
        RefusedError: code ``STA``.
    """
    if thread.unit_id != from_unit:
        raise RefusedError("STA", rule="thread")
    if kind in KINDS and KINDS[kind].flow != thread.flow:
        raise RefusedError("STA", rule="flow")
