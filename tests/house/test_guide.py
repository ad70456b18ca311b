"""The handlers' guide says what the declarations say."""

from __future__ import annotations

import re

import pytest

from client.casework.flow_tables import FLOWS
from client.casework.flows import IllegalStepError
from client.casework.guide import CHAPTERS, renewed
from client.casework.guide_steps import STEPS
from client.casework.kinds.registry import KINDS
from client.cli import guide as command

GUIDE = command.GUIDE.read_text("utf-8")
WRITTEN = command.STEPS.read_text("utf-8")
ENGLISH = command.ENGLISH.read_text("utf-8")
ENGLISH_WRITTEN = command.ENGLISH_STEPS.read_text("utf-8")


def test_the_guide_is_as_the_declarations_are() -> None:
    """Drawn anew it is the same; where it is not, ``make guide`` draws it."""
    assert renewed(GUIDE, WRITTEN) == GUIDE
    assert command.in_english(ENGLISH, ENGLISH_WRITTEN, WRITTEN) == ENGLISH


def test_every_life_cycle_and_every_kind_has_its_place() -> None:
    """One diagram a life cycle, one table a kind, every state by its label."""
    assert GUIDE.count("```mermaid") == len(FLOWS)
    for flow in FLOWS.values():
        assert f"\n### {flow.name}\n" in GUIDE
        assert all(state.label in GUIDE for state in flow.states)
    assert [name for name in KINDS if f"(`{name}`)\n" not in GUIDE] == []


@pytest.mark.parametrize(("lang", "guide"), [("sv", GUIDE), ("en", ENGLISH)])
def test_the_guides_show_every_page_that_is_drawn(lang: str, guide: str) -> None:
    """All pictures of a language and no others, each with words for who does not see it."""
    shown = re.findall(r"^!\[[^\]]{10,}\]\(\.\./deploy/pictures/(.+)\)$", guide, re.MULTILINE)
    there = command.GUIDE.parents[1] / "deploy" / "pictures"
    assert sorted(shown) == sorted(path.name for path in there.glob(f"*.{lang}.png"))
    assert len(shown) == guide.count("![")


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


def test_english_steps_are_filled_in_english() -> None:
    """Title and roles from the catalogue; a text of the page that has no translation is a fault."""
    filled = command.in_english(ENGLISH, _steps("{{dokument kollision.utfall}}, {{ord Skriv nytt}}\n"), WRITTEN)
    assert "**Placement check – outcome** (`kollision.utfall`; police assessor), Write\n" in filled
    with pytest.raises(ValueError, match="Ingenting"):
        command.in_english(ENGLISH, _steps("{{ord Ingenting}}"), WRITTEN)


@pytest.mark.parametrize("more", [0, 2])
def test_commands_have_each_a_place_in_english(more: int) -> None:
    """One place too many or too few, and nothing is written."""
    with pytest.raises(ValueError, match="/"):
        command.in_english(ENGLISH, "{{kommandon}}\n" * more, "```console\nsluss list\n```\n")


def _steps(text: str) -> str:
    return text + "{{kommandon}}\n" * ENGLISH_WRITTEN.count("{{kommandon}}")
