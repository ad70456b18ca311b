"""Since when a thread stands as it does, and whose word for it counts: by the times that documents bear."""

from __future__ import annotations

from client.casework.crossing import Local
from client.casework.flow_tables import FLOWS
from client.casework.flows import Side
from client.casework.folding import Folded, fold
from client.engine.steps import Held, Step
from client.engine.thread import counts, last_change

FLOW = FLOWS["konsultation"]
ASKED, ANSWERED = 1_000, 2_000
QUESTION, ANSWER, LOST = (bytes([n]) * 16 for n in (1, 2, 3))


def _held(document_id: bytes, event: str, *seen: bytes, written: int, at: int) -> Held:
    own = event == "send"
    step = Step(event, "handlaggare", list(seen), written, None, "", [], opens=own)
    kind = "konsultation.fraga" if own else "konsultation.svar"
    state = "available" if own else "accepted"
    return Held(document_id, bytes(16), own, state, kind, b"u" * 16, None, "applied", at, at + 500, step)


def _folded(held: list[Held], *local: Local) -> Folded:
    return fold(FLOW, [one.sent(Side.ASKER) for one in held], local)


def _thread(came_at: int, *seen: bytes) -> list[Held]:
    """A question and its answer, which came here at that time."""
    question = _held(QUESTION, "send", written=ASKED, at=ASKED)
    return [question, _held(ANSWER, "answer", QUESTION, *seen, written=ANSWERED, at=came_at)]


def test_what_came_late_makes_a_thread_no_newer() -> None:
    """Two devices that got the answer weeks apart say the same."""
    early, late = _thread(ANSWERED), _thread(ANSWERED + 3_000_000)
    assert last_change(_folded(early), early) == last_change(_folded(late), late) == ANSWERED


def test_that_a_document_was_received_changes_nothing() -> None:
    """The receipt moves the state, and each device of the unit hears of it at another time."""
    held = [_held(QUESTION, "send", written=ASKED, at=ASKED)]
    folded = _folded(held)
    assert (folded.state, last_change(folded, held)) == ("tillganglig", ASKED)


def test_a_clock_that_runs_ahead_sets_no_future() -> None:
    """A document from tomorrow is as old as its coming."""
    held = _thread(ANSWERED - 100)
    assert last_change(_folded(held), held) == ANSWERED - 100


def test_a_step_without_a_document_counts_from_its_own_time() -> None:
    """A colleague took it later than the answer was written."""
    held = [_held(QUESTION, "send", written=ASKED, at=ASKED)]
    taken = Local("take", Side.ANSWERER, QUESTION, ASKED + 700)
    assert last_change(_folded(held, taken), held) == ASKED + 700


def test_who_slept_does_not_overrule_who_has_all() -> None:
    """While something is missing here, a colleague's word counts when it is no older than the documents here."""
    held = _thread(ANSWERED + 3_000_000, LOST)
    folded = _folded(held)
    assert counts(FLOW, folded, held, ("avslutad", ANSWERED))
    assert not counts(FLOW, folded, held, ("avslutad", ANSWERED - 1))
    whole = _thread(ANSWERED + 3_000_000)
    assert not counts(FLOW, _folded(whole), whole, ("avslutad", ANSWERED))
