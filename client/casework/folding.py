"""The state of a thread from its documents: the same at both ends, whatever the order in which they came.

The rules stand in `crossing`. Here is the walk through the order: which document takes its step, which
is overtaken, which is void; and the own state of one end, which moves by itself between them.

Public signatures:
    fold(flow, documents, local_steps=()) -> Folded(state, shared, entries); .outcome(document_id), .entered_at
    place(flow, documents, seen) -> str                 where somebody stands who has seen these
    newest(flow, documents) -> list[bytes]              what a new document names as seen
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from client.casework.crossing import WITHDRAWN, Local, Order, Outcome, Sent, Taken, binding, document_step
from client.casework.flows import By, Flow, IllegalStepError, Side, step
from client.casework.header import MAX_SEEN

#: Where a step stands that was taken before everything else, and after it.
START: Final = b"start"
LAST: Final = b""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a thread's history: the event, the own state after it, and when, in seconds."""

    event: str
    state: str
    document_id: bytes | None
    at: int
    outcome: Outcome = Outcome.APPLIED


@dataclass(frozen=True, slots=True)
class Folded:
    """A thread: the own state, the state that both ends share, and how it came there."""

    state: str
    shared: str
    entries: tuple[Entry, ...]

    def outcome(self, document_id: bytes) -> Outcome:
        """What a document of the thread did.

        Raises:
            KeyError: it is none.
        """
        for entry in self.entries:
            if entry.document_id == document_id:
                return entry.outcome
        raise KeyError(document_id)

    @property
    def entered_at(self) -> int:
        """When the own state was entered, seconds."""
        at = 0
        state = ""
        for entry in self.entries:
            if entry.state != state and entry.outcome is Outcome.APPLIED:
                state, at = entry.state, entry.at
        return at


class _Walk:
    """One walk through the order; ``outcomes`` grows by one with every document."""

    def __init__(self, flow: Flow, order: Order, alone: dict[frozenset[bytes], str] | None = None) -> None:
        self.flow = flow
        self.order = order
        self._alone = {} if alone is None else alone  # pasts that bind otherwise, each walked once
        self.outcomes: list[Outcome] = []
        self.shared = flow.initial
        self._stood: dict[int, str] = {}  # many documents that cross have the same past

    def take(self, n: int) -> Taken | None:
        """The step of the n-th document, None when it has no effect."""
        document = self.order.documents[n]
        before = (1 << n) - 1
        past = self.order.pasts[n]
        if past not in self._stood:
            whole = past == before and not self.order.binding
            self._stood[past] = self.shared if whole else self.at(past)
        stood = self._stood[past]
        if document.void or self._try(stood, document) is None:
            self.outcomes.append(Outcome.VOID)
            return None
        taken = self._try(self.shared, document)
        if taken is not None:
            self.shared = taken.next
        self.outcomes.append(Outcome.OVERTAKEN if taken is None else Outcome.APPLIED)
        return taken

    def at(self, past: int) -> str:
        """The state to which a past leads."""
        if self.order.binding:
            seen = {one.document_id: one for n, one in enumerate(self.order.documents) if past >> n & 1}
            if binding(self.flow, seen) != self.order.binding & seen.keys():
                return self._by_itself(seen)
        state = self.flow.initial
        for n, outcome in enumerate(self.outcomes):
            if past >> n & 1 and outcome is not Outcome.VOID:
                taken = self._try(state, self.order.documents[n])
                state = state if taken is None else taken.next
        return state

    def _by_itself(self, seen: dict[bytes, Sent]) -> str:
        key = frozenset(seen)
        if key not in self._alone:
            self._alone[key] = _walked(self.flow, Order(self.flow, seen.values()), self._alone).shared
        return self._alone[key]

    def _try(self, state: str, document: Sent) -> Taken | None:
        try:
            return document_step(self.flow, state, document.event, By(document.side, document.role))
        except IllegalStepError:
            return None


def _walked(flow: Flow, order: Order, alone: dict[frozenset[bytes], str] | None = None) -> _Walk:
    """The whole way through an order."""
    walk = _Walk(flow, order, alone)
    for n in range(len(order.documents)):
        walk.take(n)
    return walk


class _Own:
    """The state of one end: the shared steps, and its own between them."""

    def __init__(self, flow: Flow, local_steps: Sequence[Local], kept: Sequence[tuple[bytes, Sent]]) -> None:
        self.flow = flow
        self._kept = kept
        self.state = flow.initial
        self.entries: list[Entry] = []
        self._stops = sorted(one.at for one in local_steps if one.event == WITHDRAWN)
        self._steps = [one for one in local_steps if one.event != WITHDRAWN]
        self.stopped = False

    def stop(self, until: int | None) -> None:
        """Withdrawals before that time, in seconds; None for all. What was written in the same second counts."""
        due = [at for at in self._stops if until is None or at < until]
        if due and not self.stopped:
            self.stopped = self._step(WITHDRAWN, Side.AUTO, due[0])

    def document(self, sent: Sent, taken: Taken | None, outcome: Outcome) -> None:
        """A document, and what happened here right behind it."""
        if self.stopped and outcome is Outcome.APPLIED:
            outcome = Outcome.OVERTAKEN
        elif taken is not None:
            self.state = self._after(sent, taken)
        self.entries.append(Entry(sent.event, self.state, sent.document_id, sent.at, outcome))
        if outcome is Outcome.APPLIED and sent.available_at is not None:
            self._step("available", Side.AUTO, sent.available_at)
        self.local(sent.document_id)

    def _after(self, sent: Sent, taken: Taken) -> str:
        """What stays where both ends are may yet take this end out of where it has come alone (a consent ran out)."""
        if not taken.stays:
            return taken.next
        try:
            return step(self.flow, self.state, sent.event, By(sent.side, sent.role)).next
        except IllegalStepError:
            return self.state

    def local(self, after: bytes) -> None:
        """What was written for the own unit, and the steps that were taken, behind a document."""
        for before, sent in self._kept:
            if before == after:
                self._keep(sent)
        for one in self._steps:
            if one.after == after:
                self._step(one.event, one.side, one.at)

    def _keep(self, sent: Sent) -> None:
        try:
            self.state = step(self.flow, self.state, sent.event, By(sent.side, sent.role)).next
            outcome = Outcome.APPLIED
        except IllegalStepError:
            outcome = Outcome.OVERTAKEN
        self.entries.append(Entry(sent.event, self.state, sent.document_id, sent.at, outcome))
        self.local(sent.document_id)

    def _step(self, event: str, side: Side, at: int) -> bool:
        try:
            following = step(self.flow, self.state, event, By(side)).next
        except IllegalStepError:
            return False
        if following != self.state:
            self.state = following
            self.entries.append(Entry(event, following, None, at))
        return True


def fold(flow: Flow, documents: Iterable[Sent], local_steps: Sequence[Local] = ()) -> Folded:
    """Where a thread stands.

    Args:
        flow: its life cycle.
        documents: all of it, in any order.
        local_steps: what happened at this end without a document, in the order in which it happened.
    """
    known = list(documents)
    order = Order(flow, known)
    walk, own = _Walk(flow, order), _Own(flow, local_steps, _kept(flow, order, known))
    own.local(START)
    for n, document in enumerate(order.documents):
        own.stop(document.created_at)
        taken = walk.take(n)
        own.document(document, taken, walk.outcomes[n])
    own.local(LAST)
    own.stop(None)
    return Folded(own.state, walk.shared, tuple(own.entries))


def _kept(flow: Flow, order: Order, documents: Sequence[Sent]) -> list[tuple[bytes, Sent]]:
    """What the unit wrote for itself, in order, each with the travelling document behind which it stands."""
    places = {document.document_id: n for n, document in enumerate(order.documents)}
    kept = Order(flow, [replace(one, local=False) for one in documents if one.local]).documents
    behind = [max((places[name] for name in one.seen if name in places), default=None) for one in kept]
    return [(START if n is None else order.documents[n].document_id, one) for n, one in zip(behind, kept, strict=True)]


def place(flow: Flow, documents: Iterable[Sent], seen: Iterable[bytes]) -> str:
    """The shared state at the place of somebody who has seen these documents and their pasts."""
    order = Order(flow, documents)
    return _walked(flow, order).at(order.of(seen))


def newest(flow: Flow, documents: Iterable[Sent], *, local: bool = False) -> list[bytes]:
    """What a new document names as seen: the last ``MAX_SEEN`` that travelled and count, in their order.

    Args:
        flow: the life cycle.
        documents: those that are here.
        local: the new one stays in the unit, and names half as many of what else the unit wrote for itself too.
    """
    known = list(documents)
    travelled = [one.document_id for one in Order(flow, known).documents if not one.void]
    if not local:
        return travelled[-MAX_SEEN:]
    kept = Order(flow, [replace(one, local=False) for one in known if one.local]).documents
    return travelled[-MAX_SEEN // 2 :] + [one.document_id for one in kept][-MAX_SEEN // 2 :]
