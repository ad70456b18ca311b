"""Documents that cross: whatever the order in which they come, all devices of both ends agree."""

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.casework.crossing import WITHDRAWN, Local, Outcome, Sent, document_step, within_reach
from client.casework.flow_tables import FLOWS, HOTBILD, KONSULTATION, OVERLAMNANDE, PLACERING
from client.casework.flows import By, Flow, IllegalStepError, Side, step
from client.casework.folding import fold, newest, place
from client.casework.header import MAX_SEEN
from client.casework.kinds.registry import KINDS

SIDES = (Side.ASKER, Side.ANSWERER)


def _documents(name: str, *, local: bool = False) -> list[tuple[Side, str]]:
    """Every document of a flow as side and event: those that travel, or those that a unit keeps to itself."""
    return sorted(
        {
            (side, event)
            for kind in KINDS.values()
            if kind.flow == name and kind.local is local
            for event in kind.event.events
            for side in SIDES
            if kind.side in {side, Side.EITHER}
        }
    )


def _local(flow: Flow) -> list[tuple[Side, str]]:
    """Every step of a flow that no document causes, but the withdrawal, which stands at its own time."""
    sent = {event for _, event in _documents(flow.name)}
    steps = [(row.side, row.event) for row in flow.rows if row.event not in sent | {WITHDRAWN, "available"}]
    return sorted({(side, event) for own, event in steps for side in (*SIDES, Side.AUTO) if own in {side, Side.EITHER}})


@dataclass
class Device:
    """One device of an end: the documents that it has, and what it did without a document."""

    flow: Flow
    side: Side
    known: dict[bytes, Sent] = field(default_factory=dict)
    waiting: list[Sent] = field(default_factory=list)
    steps: list[Local] = field(default_factory=list)

    def state(self) -> str:
        """The own state."""
        return fold(self.flow, self.known.values(), self.steps).state

    def write(self, event: str, name: bytes, now: int, *, local: bool = False) -> Sent:
        """Write a document, or raise and change nothing, as the engine does."""
        before = (dict(self.known), self.state())
        by = By(self.side)
        try:
            step(self.flow, self.state(), event, by)
            seen = newest(self.flow, self.known.values(), local=local)
            if not local:
                document_step(self.flow, place(self.flow, self.known.values(), seen), event, by)
        except IllegalStepError:
            assert (self.known, self.state()) == before
            raise
        sent = Sent(
            document_id=name, event=event, side=self.side, seen=frozenset(seen), created_at=now, at=now, local=local
        )
        self.known[name] = sent
        return sent

    def act(self, side: Side, event: str, now: int) -> None:
        """A step that nobody else sees."""
        step(self.flow, self.state(), event, By(side))
        self.steps.append(Local(event, side, (newest(self.flow, self.known.values()) or [b""])[-1], now))

    def try_act(self, side: Side, event: str) -> None:
        """The same where the table allows it; elsewhere it raises and changes nothing."""
        before = self.state()
        try:
            self.act(side, event, 0)
        except IllegalStepError:
            assert self.state() == before

    def take_in(self, sent: Sent) -> None:
        """A document that came; what lacks something before it waits, and nothing else is ever refused."""
        self.waiting.append(sent)
        while ready := [one for one in self.waiting if one.seen <= self.known.keys()]:
            one = ready[0]
            if not one.local:
                document_step(self.flow, place(self.flow, self.known.values(), one.seen), one.event, By(one.side))
            self.known[one.document_id] = one
            self.waiting.remove(one)


@dataclass
class Thread:
    """Two ends with several devices, and a post that delivers each document to each device when it likes."""

    flow: Flow
    devices: list[Device]
    post: list[tuple[int, Sent]] = field(default_factory=list)
    clock: int = 0

    @classmethod
    def of(cls, flow: Flow, per_end: int = 2) -> "Thread":
        """The same number of devices at each end."""
        return cls(flow, [Device(flow, side) for side in SIDES for _ in range(per_end)])

    def write(self, writer: int, event: str, name: bytes, *, local: bool = False) -> bool:
        """Write and post; False when the writer's own rules say no."""
        self.clock += 1
        try:
            sent = self.devices[writer].write(event, name, self.clock, local=local)
        except IllegalStepError:
            return False
        side = self.devices[writer].side
        readers = [n for n, one in enumerate(self.devices) if n != writer and (one.side is side or not local)]
        self.post += [(reader, sent) for reader in readers]
        return True

    def deliver(self, n: int) -> None:
        """One of the items in the post, whichever."""
        if self.post:
            reader, sent = self.post.pop(n % len(self.post))
            self.devices[reader].take_in(sent)

    def deliver_all(self) -> None:
        """Everything that is still on its way."""
        while self.post:
            self.deliver(0)

    def shared(self) -> set[str]:
        """The states in which the devices see the thread."""
        return {fold(self.flow, one.known.values(), one.steps).shared for one in self.devices}

    def outcomes(self) -> list[dict[bytes, Outcome]]:
        """What became of each document, as each device sees it."""
        return [
            {name: fold(self.flow, one.known.values()).outcome(name) for name in sorted(one.known)}
            for one in self.devices
        ]


def _consent(event: str, n: int, *seen: int) -> Sent:
    """A document of a consent's thread."""
    ids = frozenset(bytes([one]) * 16 for one in seen)
    return Sent(document_id=bytes([n]) * 16, event=event, side=Side.ASKER, seen=ids, created_at=n, at=n)


@pytest.mark.parametrize(
    ("event", "state"), [("renew", "aktivt"), ("supplement", "aktivt"), ("withdraw", "aterkallat")]
)
def test_what_is_signed_anew_takes_an_expired_consent_up_again(event: str, state: str) -> None:
    """Its last day passes on each end's own calendar; a document, though it changes nothing between them, leads out."""
    flow, ran_out = FLOWS["samtycke"], Local("expire", Side.AUTO, bytes([1]) * 16, 5)
    first, later = _consent("send", 1), _consent(event, 9, 1)
    assert fold(flow, [first], [ran_out]).state == "utgatt"
    for steps in ([ran_out], []):  # the other end's clock has not struck yet
        assert fold(flow, [first, later], steps).state == state
        assert fold(flow, [first, later], steps).shared == state


@pytest.mark.parametrize("name", sorted(FLOWS))
@given(data=st.data())
def test_any_interleaving_ends_in_one_state(name: str, data: st.DataObject) -> None:
    """Four devices write, act alone and read in any order: no document is refused, and all agree in the end."""
    flow = FLOWS[name]
    thread = Thread.of(flow)
    names = st.binary(min_size=2, max_size=2)
    every = [(*one, local) for local in (False, True) for one in _documents(name, local=local)]
    opening, is_local = data.draw(
        st.sampled_from([(event, local) for side, event, local in every if side is Side.ASKER])
    )
    if not thread.write(0, opening, b"\x00", local=is_local):  # some kinds never open a thread
        return
    moves = st.one_of(
        st.tuples(st.sampled_from(every), st.sampled_from((0, 1)), names),
        st.integers(0, 50),
        *([st.tuples(st.integers(0, 3), st.sampled_from(_local(flow)))] if _local(flow) else []),
    )
    for move in data.draw(st.lists(moves, max_size=14)):
        _make(thread, move)
    _must_agree(thread)


#: Handovers behind an answer: refused, on conditions, short of facts, and after a meeting to which nobody came.
_ANSWERED: tuple[tuple[tuple[Side, str], ...], ...] = (
    ((Side.ANSWERER, "decline"),),
    ((Side.ANSWERER, "accept_with_conditions"),),
    ((Side.ANSWERER, "ask"),),
    ((Side.ANSWERER, "accept"), (Side.ANSWERER, "no_show")),
)


@given(data=st.data())
def test_any_interleaving_after_an_answer_ends_in_one_state(data: st.DataObject) -> None:
    """From there too, whatever four devices say of conditions, a new time or another recipient: all agree."""
    thread = Thread.of(OVERLAMNANDE)
    before = data.draw(st.sampled_from(_ANSWERED))
    for n, (side, event) in enumerate([(Side.ASKER, "send"), *before]):
        assert thread.write(SIDES.index(side) * 2, event, bytes([n]))
        thread.deliver_all()
    later = [
        (side, event, False)
        for side, event in _documents("overlamnande")
        if event not in {"send", *(one for _, one in before)}
    ]
    names = st.binary(min_size=2, max_size=2)
    moves = st.one_of(st.tuples(st.sampled_from(later), st.sampled_from((0, 1)), names), st.integers(0, 50))
    for move in data.draw(st.lists(moves, min_size=2, max_size=14)):
        _make(thread, move)
    _must_agree(thread)


def _make(thread: Thread, move: Any) -> None:
    """Deliver something, take a step alone, or write."""
    match move:
        case int():
            thread.deliver(move)
        case (int() as actor, (side, event)):
            if side in {Side.AUTO, thread.devices[actor].side}:
                thread.devices[actor].try_act(side, event)
        case ((side, event, local), device, document):
            writer = device if side is Side.ASKER else device + 2
            known = thread.devices[writer].known
            # Nobody writes in a thread that is not here, and one device opens it between the two units.
            if known and (local or writer == 0 or not all(one.local for one in known.values())):
                thread.write(writer, event, document + bytes([writer, len(known)]), local=local)


def _must_agree(thread: Thread) -> None:
    """When everything has come: one state, one outcome of each document, and nothing refused."""
    thread.deliver_all()
    assert all(not one.waiting for one in thread.devices)
    assert len(thread.shared()) == 1
    outcomes = thread.outcomes()
    for side, other in ((0, 1), (2, 3)):
        assert outcomes[side] == outcomes[other]
    assert all(outcomes[0][name] == outcome for name, outcome in outcomes[2].items() if name in outcomes[0])
    assert all(Outcome.VOID not in one.values() for one in outcomes)  # legal where its author stood: never refused


def _crossed(flow: Flow, *events: tuple[Side, str]) -> tuple[Thread, list[bytes]]:
    """An opened thread in which these documents cross; each is posted and none is delivered."""
    thread = Thread.of(flow, per_end=1)
    assert thread.write(0, "send", b"\x00")
    thread.deliver_all()
    names = [bytes([n + 1]) for n in range(len(events))]
    for name, (side, event) in zip(names, events, strict=True):
        assert thread.write(SIDES.index(side), event, name)
    return thread, names


def test_a_request_taken_back_while_it_is_accepted_is_taken_back() -> None:
    """Recall and acceptance of a handover cross: both ends end in the recall, the acceptance is overtaken."""
    thread, (recall, accept) = _crossed(OVERLAMNANDE, (Side.ASKER, "recall"), (Side.ANSWERER, "accept"))
    assert [one.state() for one in thread.devices] == ["aterkallad", "accepterad"]
    thread.deliver_all()
    assert [one.state() for one in thread.devices] == ["aterkallad", "aterkallad"]
    assert thread.outcomes() == [{b"\0": Outcome.APPLIED, recall: Outcome.APPLIED, accept: Outcome.OVERTAKEN}] * 2


def _behind(flow: Flow, before: list[tuple[Side, str]], *events: tuple[Side, str]) -> tuple[set[str], list[Outcome]]:
    """The states of all devices after documents that crossed behind others, and what became of those."""
    thread = Thread.of(flow)
    for n, (side, event) in enumerate(before):
        assert thread.write(SIDES.index(side) * 2, event, bytes([n]))
        thread.deliver_all()
    names = [bytes([64 + n]) for n in range(len(events))]
    for n, ((side, event), name) in enumerate(zip(events, names, strict=True)):
        assert thread.write(SIDES.index(side) * 2 + n % 2, event, name)
    thread.deliver_all()
    outcomes = thread.outcomes()
    assert all(one == outcomes[0] for one in outcomes)
    return {one.state() for one in thread.devices}, [outcomes[0][name] for name in names]


_ASKED = [(Side.ASKER, "send")]
_CONDITIONS = [*_ASKED, (Side.ANSWERER, "accept_with_conditions")]
_NOBODY_CAME = [*_ASKED, (Side.ANSWERER, "accept"), (Side.ANSWERER, "no_show")]
_OVER, _COUNTS = Outcome.OVERTAKEN, Outcome.APPLIED


@pytest.mark.parametrize(
    ("flow", "before", "events", "state", "outcomes"),
    [
        (
            OVERLAMNANDE, _NOBODY_CAME, [(Side.ANSWERER, "new_time"), (Side.ASKER, "give_up")],
            "ater_hos_avsandare", [_OVER, _COUNTS],
        ),
        (
            OVERLAMNANDE, _NOBODY_CAME, [(Side.ANSWERER, "new_time"), (Side.ASKER, "new_time")],
            "accepterad", [_OVER, _COUNTS],
        ),
        (OVERLAMNANDE, _CONDITIONS, [(Side.ASKER, "agree"), (Side.ASKER, "disagree")], "avbojd", [_OVER, _COUNTS]),
        (OVERLAMNANDE, _CONDITIONS, [(Side.ASKER, "agree"), (Side.ASKER, "recall")], "aterkallad", [_OVER, _COUNTS]),
        (
            HOTBILD, _ASKED, [(Side.ANSWERER, "result"), (Side.ANSWERER, "accept")],
            "resultat_lamnat", [_COUNTS, _COUNTS],
        ),
        (
            PLACERING, _ASKED, [(Side.ANSWERER, "unsuitable"), (Side.ANSWERER, "start")],
            "ny_ort", [_COUNTS, _COUNTS],
        ),
        (
            PLACERING, [(Side.ASKER, "ask_recipient"), (Side.ANSWERER, "can")],
            [(Side.ASKER, "confirm"), (Side.ASKER, "supplement_signed")], "placerad", [_COUNTS, _COUNTS],
        ),
    ],
)  # fmt: skip
def test_which_of_the_later_steps_counts(
    flow: Flow, before: list[tuple[Side, str]], events: list[tuple[Side, str]], state: str, outcomes: list[Outcome]
) -> None:
    """Giving up and saying no stand before going on; that somebody has begun contradicts nothing."""
    assert _behind(flow, before, *events) == ({state}, outcomes)


def _agreed_and_not(*, is_met: bool) -> tuple[Thread, list[bytes]]:
    """One asker agrees to conditions, the recipient may act on that, and the asker's colleague says no, unknowing."""
    thread = Thread.of(OVERLAMNANDE)
    for n, (side, event) in enumerate(_CONDITIONS):
        assert thread.write(SIDES.index(side) * 2, event, bytes([n]))
        thread.deliver_all()
    agree, meeting, disagree = b"\x40", b"\x41", b"\x42"
    assert thread.write(0, "agree", agree)
    thread.deliver(next(n for n, (reader, _) in enumerate(thread.post) if reader == 2))
    if is_met:
        assert thread.write(2, "first_meeting", meeting)
    assert thread.write(1, "disagree", disagree)
    return thread, [agree, meeting, disagree]


def test_what_the_other_end_has_acted_on_is_not_undone_by_a_colleague() -> None:
    """Conditions were agreed to and the person was met: a crossing no is overtaken. Without the meeting it counts."""
    thread, (agree, meeting, disagree) = _agreed_and_not(is_met=True)
    thread.deliver_all()
    assert thread.shared() == {"genomford"}
    for outcomes in thread.outcomes():
        assert (outcomes[agree], outcomes[meeting], outcomes[disagree]) == (_COUNTS, _COUNTS, _OVER)
    thread, _ = _agreed_and_not(is_met=False)
    thread.deliver_all()
    assert thread.shared() == {"avbojd"}


def test_who_had_not_heard_of_the_meeting_is_judged_by_what_she_saw() -> None:
    """Both words and not the meeting: she asks another unit, which was hers to do. Overtaken, and refused by none."""
    thread, _ = _agreed_and_not(is_met=True)
    for sent in [sent for reader, sent in thread.post if reader == 1 and sent.event == "agree"]:
        thread.devices[1].take_in(sent)
        thread.post.remove((1, sent))
    assert thread.write(1, "new_recipient", b"\x43")
    thread.deliver_all()
    assert thread.shared() == {"genomford"}
    assert [one[b"\x43"] for one in thread.outcomes()] == [_OVER] * 4


def test_what_was_refused_binds_nobody() -> None:
    """A meeting without effect, which only its sender keeps, leaves the order as it is at the other end."""
    thread, (agree, meeting, disagree) = _agreed_and_not(is_met=True)
    thread.deliver_all()
    known = thread.devices[2].known
    void = [replace(one, void=True) if one.document_id == meeting else one for one in known.values()]
    ends = [fold(OVERLAMNANDE, some) for some in (void, [one for one in void if not one.void])]
    assert {one.shared for one in ends} == {"avbojd"}
    assert [(one.outcome(agree), one.outcome(disagree)) for one in ends] == [(_OVER, _COUNTS)] * 2


def test_by_the_order_of_arrival_the_ends_would_stay_apart() -> None:
    """The same two documents, taken as they come: each end refuses the other's. That is why there is an order."""
    recalled = document_step(OVERLAMNANDE, "forfragan_skickad", "recall", By(Side.ASKER)).next
    accepted = document_step(OVERLAMNANDE, "forfragan_skickad", "accept", By(Side.ANSWERER)).next
    assert recalled != accepted
    with pytest.raises(IllegalStepError):
        document_step(OVERLAMNANDE, recalled, "accept", By(Side.ANSWERER))
    with pytest.raises(IllegalStepError):
        document_step(OVERLAMNANDE, accepted, "recall", By(Side.ASKER))


def test_what_leans_on_an_overtaken_document_is_overtaken_too() -> None:
    """The answerer goes on from an acceptance that the recall overtook: no refusal, and no effect."""
    thread, (_, accept) = _crossed(OVERLAMNANDE, (Side.ASKER, "recall"), (Side.ANSWERER, "accept"))
    assert thread.write(1, "first_meeting", b"\x09")
    thread.deliver_all()
    assert thread.shared() == {"aterkallad"}
    outcomes = thread.outcomes()[0]
    assert (outcomes[accept], outcomes[b"\x09"]) == (Outcome.OVERTAKEN, Outcome.OVERTAKEN)


def test_two_answers_of_one_unit_count_once() -> None:
    """Two devices answer the same question offline: the lower id counts, everywhere."""
    thread = Thread.of(KONSULTATION)
    assert thread.write(0, "send", b"\x00")
    thread.deliver_all()
    assert thread.write(3, "answer", b"\x01")
    assert thread.write(2, "answer", b"\x02")
    thread.deliver_all()
    assert thread.outcomes() == [{b"\0": Outcome.APPLIED, b"\1": Outcome.APPLIED, b"\2": Outcome.OVERTAKEN}] * 4


def test_a_step_that_was_illegal_at_its_authors_place_has_no_effect() -> None:
    """Not legal where its author stood, though something that crossed it would have made it legal: void."""
    opening = Sent(document_id=b"\0", event="send", side=Side.ASKER)
    accept = Sent(document_id=b"\1", event="accept", side=Side.ANSWERER, seen=frozenset({b"\0"}))
    early = Sent(document_id=b"\2", event="first_meeting", side=Side.ANSWERER, seen=frozenset({b"\0"}))
    folded = fold(OVERLAMNANDE, [early, accept, opening])
    assert folded.state == "accepterad"
    assert folded.outcome(b"\2") is Outcome.VOID


def test_a_refused_document_and_what_leans_on_it_have_no_effect() -> None:
    """An acceptance that was refused for its consent, and the meeting that followed it: as if never written."""
    opening = Sent(document_id=b"\0", event="send", side=Side.ASKER)
    accept = Sent(document_id=b"\1", event="accept", side=Side.ANSWERER, seen=frozenset({b"\0"}), void=True)
    meeting = Sent(document_id=b"\2", event="first_meeting", side=Side.ANSWERER, seen=frozenset({b"\0", b"\1"}))
    folded = fold(OVERLAMNANDE, [opening, accept, meeting])
    assert folded.state == "forfragan_skickad"
    assert {folded.outcome(b"\1"), folded.outcome(b"\2")} == {Outcome.VOID}


def test_documents_that_name_each_other_are_put_in_some_order() -> None:
    """A circle, which no honest program makes, ends in a state all the same, whatever the order of arrival."""
    opening = Sent(document_id=b"\0", event="send", side=Side.ASKER)
    one = Sent(document_id=b"\1", event="supplement", side=Side.ANSWERER, seen=frozenset({b"\0", b"\2"}))
    two = Sent(document_id=b"\2", event="answer", side=Side.ANSWERER, seen=frozenset({b"\0", b"\1"}))
    found = {fold(KONSULTATION, some).state for some in itertools.permutations([opening, one, two])}
    assert len(found) == 1


@pytest.mark.parametrize("taken_at_first", [True, False])
def test_a_local_step_never_decides_about_a_document(taken_at_first: bool) -> None:
    """Whether the answerer took the case before or after the recall was written, the recall counts."""
    thread = Thread.of(OVERLAMNANDE, per_end=1)
    assert thread.write(0, "send", b"\0")
    thread.deliver_all()
    if taken_at_first:
        thread.devices[1].act(Side.ANSWERER, "take", 5)
        assert thread.devices[1].state() == "provas"
    assert thread.write(0, "recall", b"\1")
    thread.deliver_all()
    assert {one.state() for one in thread.devices} == {"aterkallad"}


def test_a_withdrawal_stands_at_its_own_time() -> None:
    """Written before the withdrawal: it counts, however late it comes. Written after it: overtaken."""
    opening = Sent(document_id=b"\0", event="send", side=Side.ASKER, created_at=10, at=10)
    accept = Sent(document_id=b"\1", event="result", side=Side.ANSWERER, seen=frozenset({b"\0"}), created_at=20, at=90)
    later = Sent(document_id=b"\2", event="disagree", side=Side.ASKER, seen=frozenset({b"\1"}), created_at=40, at=91)
    folded = fold(HOTBILD, [later, accept, opening], [Local(WITHDRAWN, Side.AUTO, b"\0", 30)])
    assert folded.state == "stoppad_samtycke"
    assert [entry.event for entry in folded.entries] == ["send", "result", WITHDRAWN, "disagree"]
    assert (folded.outcome(b"\1"), folded.outcome(b"\2")) == (Outcome.APPLIED, Outcome.OVERTAKEN)


def test_what_was_written_in_the_second_of_a_withdrawal_counts() -> None:
    """Both times are whole seconds: a meeting reported right before the person withdrew has taken place."""
    opening = Sent(document_id=b"\0", event="send", side=Side.ASKER, created_at=30, at=30)
    result = Sent(document_id=b"\1", event="result", side=Side.ANSWERER, seen=frozenset({b"\0"}), created_at=30, at=30)
    folded = fold(HOTBILD, [opening, result], [Local(WITHDRAWN, Side.AUTO, b"\0", 30)])
    assert [entry.event for entry in folded.entries] == ["send", "result", WITHDRAWN]
    assert {folded.outcome(b"\0"), folded.outcome(b"\1")} == {Outcome.APPLIED}


def test_a_receipt_moves_only_the_own_state() -> None:
    """A question that its recipient has is available at the asker's, and still merely sent to both."""
    opening = Sent(document_id=b"\0", event="send", side=Side.ASKER, available_at=5)
    folded = fold(KONSULTATION, [opening])
    assert (folded.state, folded.shared) == ("tillganglig", "skickad")


def test_what_is_seen_is_bounded() -> None:
    """A long thread names its newest documents; the older ones are in their past."""
    thread = Thread.of(KONSULTATION, per_end=1)
    assert thread.write(0, "send", b"\0")
    for n in range(MAX_SEEN):
        thread.deliver_all()
        assert thread.write(1, "answer", bytes([1, n]))
        thread.deliver_all()
        assert thread.write(0, "supplement", bytes([2, n]))
    thread.deliver_all()
    named = newest(KONSULTATION, thread.devices[1].known.values())
    assert len(named) == MAX_SEEN
    assert place(KONSULTATION, thread.devices[1].known.values(), named) == "pagar"


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_steps_that_nobody_saw_lead_a_document_to_one_state(name: str) -> None:
    """From every state: whatever its author did alone before, a document leads to the state of the shared step."""
    flow = FLOWS[name]
    for state, (side, event) in itertools.product(flow.states, _documents(name)):
        for hidden in flow.states:
            if not within_reach(flow, state.name, hidden.name) or hidden.name == state.name:
                continue
            try:
                shared = document_step(flow, state.name, event, By(side))
                alone = step(flow, hidden.name, event, By(side)).next
            except IllegalStepError:
                continue
            assert shared.stays or alone in {shared.next, hidden.name}, (state.name, hidden.name, event)
