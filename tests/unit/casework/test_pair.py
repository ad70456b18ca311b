"""Both ends of a thread, driven as a pair: the same documents give the same state at both."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.casework.flow_tables import FLOWS
from client.casework.flows import By, Flow, IllegalStepError, Side, open_thread, step
from client.casework.kinds.registry import KINDS

#: States that differ only by a local step or a receipt which the other end does not see.
ALIKE = {
    "konsultation": {"skickad": "olast", "tillganglig": "olast", "pagar": "olast"},
    "hotbild": {"begard": "olast", "mottagen": "olast", "bedoms": "olast"},
    "overlamnande": {"forfragan_skickad": "olast", "provas": "olast"},
    "samtycke": {"snart_utgatt": "aktivt"},  # what only the calendar moves is in none of these ways
    "placering": {"behov": "olast", "ortsutredning": "olast", "ny_ort": "olast"},
    "kollision": {"fragad": "olast", "granskas": "olast"},
    "intag": {},
    "plan": {},
    "utforare": {},
    "uppfoljning": {},
    "avslut": {"beslutad": "olast", "meddelad": "olast"},
    "aterkomst": {},
    "kvittens": {"lamnad": "olast", "mottagen": "olast"},
    "statistik": {},
    "uttag": {},
}
#: Flows whose answering side is the police.
POLICE = {"hotbild", "placering", "kollision", "uppfoljning"}
#: Flows that begin within one unit -> the event with which another one comes in.
COMES_IN = {"intag": "forward"}
ROLE = {Side.ASKER: "beslutsfattare", Side.ANSWERER: "beslutsfattare"}


@dataclass
class Pair:
    """An asking and an answering office that hold the same thread."""

    flow: Flow
    states: dict[Side, str] = field(default_factory=dict)
    receipt_waits: bool = True

    def __post_init__(self) -> None:
        if self.flow.name in COMES_IN:
            begun = step(self.flow, self.flow.initial, COMES_IN[self.flow.name], By(Side.ASKER)).next
            self.states = {Side.ASKER: begun, Side.ANSWERER: begun}
            return
        self.states = {
            Side.ASKER: open_thread(self.flow, received=False).next,
            Side.ANSWERER: open_thread(self.flow, received=True).next,
        }

    def send(self, side: Side, event: str) -> bool:
        """Send a document when the sender's own rules allow it; it must then be legal at the other end."""
        role = "polis_bedomare" if self.flow.name in POLICE and side is Side.ANSWERER else ROLE[side]
        try:
            sent = step(self.flow, self.states[side], event, By(side, role))
        except IllegalStepError:
            return False
        other = Side.ANSWERER if side is Side.ASKER else Side.ASKER
        self.states[other] = step(self.flow, self.states[other], event, By(side, role)).next
        self.states[side] = sent.next
        return True

    def local(self) -> None:
        """A step that only the answering office sees, when it is legal."""
        try:
            self.states[Side.ANSWERER] = step(self.flow, self.states[Side.ANSWERER], "take", By(Side.ANSWERER)).next
        except IllegalStepError:
            return

    def receipt(self) -> None:
        """The first receipt comes at last, once, to a thread that may have ended meanwhile."""
        if self.receipt_waits and not self.flow.state(self.states[Side.ASKER]).final:
            self.states[Side.ASKER] = step(self.flow, self.states[Side.ASKER], "available", By(Side.AUTO)).next
        self.receipt_waits = False

    def seen_alike(self) -> bool:
        """Whether both ends are in the same state but for what only one of them can know."""
        alike = ALIKE[self.flow.name]
        asker, answerer = (alike.get(state, state) for state in (self.states[Side.ASKER], self.states[Side.ANSWERER]))
        return asker == answerer


def _documents(name: str) -> list[tuple[Side, str]]:
    """Every document of a flow as side and event, but the one that opens it."""
    return sorted(
        {
            (side, event)
            for kind in KINDS.values()
            if kind.flow == name and not kind.local
            for event in kind.event.events
            for side in (Side.ASKER, Side.ANSWERER)
            if kind.side in {side, Side.EITHER} and event != "send"
        }
    )


@pytest.mark.parametrize("name", sorted(FLOWS))
@given(data=st.data())
def test_both_ends_agree_after_every_document(name: str, data: st.DataObject) -> None:
    """Whatever is sent, taken or receipted, and in whatever order, what one end may send the other accepts."""
    pair = Pair(FLOWS[name])
    moves = st.sampled_from([*_documents(name), "local", "receipt"])
    for move in data.draw(st.lists(moves, max_size=12)):
        if move == "local":
            pair.local()
        elif move == "receipt":
            pair.receipt()
        else:
            pair.send(*move)
        assert pair.seen_alike(), pair.states


def test_answer_overtakes_the_receipt() -> None:
    """An answer that comes before the receipt is legal, and the late receipt changes nothing."""
    pair = Pair(FLOWS["konsultation"])
    assert pair.send(Side.ANSWERER, "answer")
    pair.receipt()
    assert pair.states == {Side.ASKER: "besvarad", Side.ANSWERER: "besvarad"}


def test_result_without_any_local_step() -> None:
    """The police may answer at once; accepting the case is implied."""
    pair = Pair(FLOWS["hotbild"])
    assert pair.send(Side.ANSWERER, "result")
    assert pair.seen_alike()
