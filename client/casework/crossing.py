"""Documents of a thread that cross on the way: their order, and what each of them may do.

Rules:
1. A document names the documents of its thread that its author had before her (``seen``). Those, and
   what they name, are its past. Of two documents of which neither is in the other's past it is said
   that they *cross*.
2. A document is legal when its author's place allowed it: the state that its past alone leads to.
   What came meanwhile from elsewhere does not make it illegal, nor legal.
3. All documents are put into one order: pasts first; of those that cross the one whose event stands
   first in the table (`flows.rank`), then the asker's, then the lower id. Before all of these comes a
   word that *binds* (``Flow.binding``): the table names its event, and the other end has written upon it.
   Where a past is asked for, only what is in that past binds: so an author is judged by what she saw.
4. In this order each document takes its step if the state allows it. One that was legal at its
   author's place and finds another state is *overtaken*: kept, shown, without effect on the state.
5. What only one end sees (a case is taken, a receipt came, a unit writes for itself) moves that
   end's own state, behind the document after which it happened. It never decides about a document:
   whatever its author may have done by herself before she wrote counts as done.
6. A withdrawn consent stops a thread at the withdrawal's own signed time: documents written before
   it or in its second count, later ones are overtaken, however late either of them arrives.

So the shared state hangs on the set of documents alone, not on the order in which they came.

Public signatures:
    Sent(document_id, event, side, role, seen, created_at, at, available_at, void, local)
    Local(event, side, after, at)
    Order(flow, documents).documents, .binding, .pasts, .of(seen)
    binding(flow, by_id) -> frozenset of ids
    document_step(flow, state, event, by) -> Taken      raises IllegalStepError

Not here: the walk through the order (`folding`), which documents there are (the engine's vault),
the tables (`flow_tables`).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from client.casework.flows import ANY, SAME, By, Flow, IllegalStepError, Row, Side, is_final, rank, step
from client.casework.kinds.registry import KINDS

#: The event that stands at its own time and not behind a document (rule 6).
WITHDRAWN: Final = "consent_withdrawn"


class Outcome(StrEnum):
    """What a document did to its thread."""

    APPLIED = "applied"
    OVERTAKEN = "overtaken"  # legal where its author stood; another document came first
    VOID = "void"  # refused, stopped or recalled, or not legal at its author's place


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One document of a thread.

    Args:
        document_id: 16 bytes.
        event: what it causes.
        side: who sent it.
        role: of the member of staff.
        seen: documents of the thread that the author had before her.
        created_at: seconds; by its header.
        at: seconds; when it was written or came here.
        available_at: seconds; when the recipient had it, None as long as this end does not know.
        void: it has no effect: refused, stopped, recalled.
        local: it stays in its unit: the other end does not know of it.
    """

    document_id: bytes
    event: str
    side: Side
    role: str = ""
    seen: frozenset[bytes] = frozenset()
    created_at: int = 0
    at: int = 0
    available_at: int | None = None
    void: bool = False
    local: bool = False


@dataclass(frozen=True, slots=True)
class Local:
    """A step without a document: behind which one (empty: the last), and when, in seconds."""

    event: str
    side: Side
    after: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A document's step. ``stays``: it leaves every end in the state in which that end is."""

    next: str
    stays: bool


def document_step(flow: Flow, state: str, event: str, by: By) -> Taken:
    """The step of a document from a state that both ends share.

    Raises:
        IllegalStepError: STA when no row allows it, ROL when only another role may.
    """
    refused: IllegalStepError | None = None
    for start in _within_reach(flow, state, by.side):
        try:
            following = step(flow, start, event, by).next
        except IllegalStepError as error:
            refused = error if refused is None or error.code == "ROL" else refused
        else:
            stays = following == start
            return Taken(state if stays else following, stays)
    raise refused or IllegalStepError(flow=flow.name, state=state, event=event)


def _within_reach(flow: Flow, state: str, side: Side) -> Iterator[str]:
    """The state itself, then those to which the author may have come by steps that nobody else saw."""
    yield state  # mostly that is enough, and nothing else is worked out
    travels = [kind for kind in KINDS.values() if kind.flow == flow.name and not kind.local]
    by_documents = {event for kind in travels for event in kind.event.events}
    sides = {side, Side.EITHER, Side.AUTO}
    own = [row for row in flow.rows if row.event not in by_documents and row.side in sides and row.event != WITHDRAWN]
    reached = [state]
    for start in reached:
        if start != state:
            yield start
        reached += [row.next for row in own if _leads_on(flow, row, start) and row.next not in reached]


def _leads_on(flow: Flow, row: Row, state: str) -> bool:
    return row.next != SAME and (row.state == state or (row.state == ANY and not is_final(flow, state)))


def within_reach(flow: Flow, state: str, other: str) -> bool:
    """Whether steps without a document, of whoever it be, lead from a state to the other one."""
    return any(other in _within_reach(flow, state, side) for side in (Side.ASKER, Side.ANSWERER))


class Order:
    """The documents in the order of rule 3, each with its past as a set of places in that order."""

    def __init__(self, flow: Flow, documents: Iterable[Sent]) -> None:
        by_id = {document.document_id: document for document in documents if not document.local}
        self.binding = binding(flow, by_id)
        self.documents = list(_ordered(flow, by_id, self.binding))
        places = {document.document_id: n for n, document in enumerate(self.documents)}
        self.pasts: list[int] = []
        for n, document in enumerate(self.documents):
            self.pasts.append(self._past(n, [places[one] for one in document.seen if one in places]))

    def _past(self, n: int, seen: list[int]) -> int:
        past = 0
        for place_of in seen:
            if place_of < n:  # a circle, which only a sender out of its mind makes, is cut where the order cuts it
                past |= self.pasts[place_of] | 1 << place_of
        return past

    def of(self, seen: Iterable[bytes]) -> int:
        """The past of somebody who has seen these."""
        wanted = frozenset(seen)
        places = [n for n, document in enumerate(self.documents) if document.document_id in wanted]
        return self._past(len(self.documents), places)


def binding(flow: Flow, by_id: dict[bytes, Sent]) -> frozenset[bytes]:
    """What the other end has written upon; a document without effect binds nobody, for only its sender keeps it."""
    later = [document for document in by_id.values() if flow.binding and not document.void]
    pairs = [(by_id[name], document) for document in later for name in document.seen if name in by_id]
    return frozenset(one.document_id for one, by in pairs if one.event in flow.binding and one.side is not by.side)


def _ordered(flow: Flow, by_id: dict[bytes, Sent], first: frozenset[bytes]) -> Iterator[Sent]:
    waits = {name: {one for one in document.seen if one in by_id} for name, document in by_id.items()}
    followers: dict[bytes, list[bytes]] = {name: [] for name in by_id}
    for name, before in waits.items():
        for one in before:
            followers[one].append(name)
    keys = {
        name: (name not in first, rank(flow, one.event), one.side is not Side.ASKER, name)
        for name, one in by_id.items()
    }
    ready = [keys[name] for name, before in waits.items() if not before]
    heapq.heapify(ready)
    while waits:
        name = heapq.heappop(ready)[-1] if ready else min(keys[one] for one in waits)[-1]
        if name not in waits:
            continue
        del waits[name]
        yield by_id[name]
        for follower in followers[name]:
            if follower in waits:
                waits[follower].discard(name)
                if not waits[follower]:
                    heapq.heappush(ready, keys[follower])
