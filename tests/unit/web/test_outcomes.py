"""What the police found, in words: "cannot be confirmed" never reads as "no threat", in no language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from client.casework.kinds.hotbild_words import OUTCOME
from client.casework.kinds.registry import describe
from client.cli.render import labelled
from client.lang.catalogue import LANGUAGES, choose, translated
from client.web.look import worded
from tests.unit.casework.samples import SAMPLES


@pytest.fixture(params=sorted(LANGUAGES))
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each language of the page."""
    choose(request.param)
    yield request.param
    choose("sv")


@pytest.mark.parametrize(("name", "field"), [("hotbild.resultat", "outcome"), ("intag.dorrval", "threat_confirmed")])
@pytest.mark.parametrize("outcome", sorted(OUTCOME.codes))
def test_an_outcome_is_shown_as_itself_alone(outcome: str, name: str, field: str, lang: str) -> None:
    """On the page, which is what is printed too: its own words, and those of no other outcome."""
    content = SAMPLES[name]["content"] | {field: outcome}
    lines = [text for _, text, _ in worded(describe(name), content)]
    words = {code: translated(label, lang) for code, label in OUTCOME.items}
    assert len(set(words.values())) == len(words)
    assert {code for code, text in words.items() if text in lines} == {outcome}
    none = words["ingen_hotbild"].lower()
    assert any(none in line.lower() for line in lines) is (outcome == "ingen_hotbild")


@pytest.mark.parametrize("outcome", sorted(OUTCOME.codes))
def test_the_terminal_says_the_same(outcome: str) -> None:
    """One declaration, one catalogue."""
    content = SAMPLES["hotbild.resultat"]["content"] | {"outcome": outcome}
    shown = [str(text) for _, text in labelled(describe("hotbild.resultat"), content)]
    assert {code for code, label in OUTCOME.items if label in shown} == {outcome}
