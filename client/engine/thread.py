"""One thread in the vault: its facts, how it begins, and which document may go on it."""

from __future__ import annotations

import dataclasses

from client.casework.crossing import within_reach
from client.casework.flow_tables import FLOWS
from client.casework.flows import Flow, Side, is_final
from client.casework.folding import Folded
from client.casework.kinds.kind import Kind
from client.casework.kinds.registry import KINDS
from client.engine.steps import Held
from keys.errors import RefusedError


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


def begun(held: list[Held]) -> Thread:
    """A thread that is new here, by the document that opens it."""
    first = next(one for one in held if one.step.opens)
    flow = KINDS[first.kind].flow
    side = Side.ASKER if first.is_own else Side.ANSWERER
    return Thread(first.thread_id, flow, "", side.value, first.unit_id, None, None, None, first.at, first.at)


def counts(flow: Flow, folded: Folded, held: list[Held], told: tuple[str, int]) -> bool:
    """Whether a colleague's word for a state, of that time, counts beside the documents that are here."""
    state, at = told
    here = {one.document_id for one in held}
    incomplete = any(not here.issuperset(one.step.seen) for one in held)
    if incomplete and at >= max(map(_written, held)):
        return True
    return within_reach(flow, folded.state, state)


def last_change(folded: Folded, held: list[Held]) -> int:
    """When the last thing happened in a thread, seconds; that a document came through is nothing of that kind.

    By the times that its documents bear, not by when they came: each device of the unit gets them at another time, and
    who got one late must not take its view for the newer one.
    """
    steps = [one.at for one in folded.entries if one.document_id is None and one.event != "available"]
    return max([*map(_written, held), *steps])


def _written(one: Held) -> int:
    """When it was written, by its header; a clock that runs ahead does not count."""
    return min(one.step.created_at, one.at)


def check_thread(thread: Thread, from_unit: bytes, kind: str) -> None:
    """A thread belongs to two units and one life cycle; a third unit that knows its id is no part of it.

    Raises:
        RefusedError: code ``STA``.
    """
    if thread.unit_id != from_unit:
        raise RefusedError("STA", rule="thread")
    if kind in KINDS and KINDS[kind].flow != thread.flow:
        raise RefusedError("STA", rule="flow")


def may_go_on(known: Thread, kind: Kind, to_unit: bytes, *, own: bytes) -> bool:
    """Whether a document to ``to_unit`` may go on a thread that is here.

    Between two units it stays; what the unit writes for itself may stand in any thread; and a thread that has only been
    in this unit leaves it with a document that can open a thread elsewhere.
    """
    leaves = known.unit_id == own and kind.opens_thread
    return known.flow == kind.flow and (to_unit in {known.unit_id, own} or leaves)
