"""The handlers' guide says what the declarations say."""

from __future__ import annotations

import re

import pytest

from client.casework.flow_tables import FLOWS
from client.casework.flows import IllegalStepError
from client.casework.guide import CHAPTERS, STEPS, renewed
from client.casework.kinds.registry import KINDS
from client.cli import guide as command

GUIDE = command.GUIDE.read_text("utf-8")
WRITTEN = command.STEPS.read_text("utf-8")


def test_the_guide_is_as_the_declarations_are() -> None:
    """Drawn anew it is the same; where it is not, ``make guide`` draws it."""
    assert renewed(GUIDE, WRITTEN) == GUIDE


def test_every_life_cycle_and_every_kind_has_its_place() -> None:
    """One diagram a life cycle, one table a kind, every state by its label."""
    assert GUIDE.count("```mermaid") == len(FLOWS)
    for flow in FLOWS.values():
        assert f"\n### {flow.name}\n" in GUIDE
        assert all(state.label in GUIDE for state in flow.states)
    assert [name for name in KINDS if f"(`{name}`)\n" not in GUIDE] == []


def test_what_is_changed_by_hand_is_drawn_over() -> None:
    """A label altered between the markers is put right; a word outside stays."""
    assert renewed(GUIDE.replace("Konsultation – svar", "Konsultation - annat"), WRITTEN) == GUIDE
    assert renewed(GUIDE + "\nEgen text.\n", WRITTEN) == GUIDE + "\nEgen text.\n"


@pytest.mark.parametrize("name", [STEPS, *CHAPTERS])
def test_a_missing_marker_is_a_fault(name: str) -> None:
    """Without one of its markers a chapter cannot be drawn, and nothing is written."""
    with pytest.raises(ValueError, match=name):
        renewed(re.sub(f"<!-- {name}: slut -->\n", "", GUIDE), WRITTEN)


@pytest.mark.parametrize(
    "wrong", ["{{dokument hotbild.svar}}", "{{tid hotbild borta}}", "{{tid hotbild avvisad}}", "{{ny hotbild}}"]
)
def test_steps_name_what_is_declared(wrong: str) -> None:
    """A kind or a state that is none, a state without a time, a word that means nothing: nothing is written."""
    with pytest.raises((ValueError, IllegalStepError)):
        renewed(GUIDE, WRITTEN + wrong)


def test_what_the_steps_name_is_filled_in() -> None:
    """Title, code and roles of a document; how long a state should last."""
    filled = renewed(GUIDE, "{{dokument kollision.utfall}}, {{tid konsultation pagar}}\n")
    assert "**Kontroll av placering – utfall** (`kollision.utfall`; polisbedömare), 5 arbetsdagar\n" in filled
