"""Guard G1: what it stops, what it lets through, and how long it takes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.casework.guard import LABELS, Severity, scan
from tests.unit.casework.guard_corpus import BLOCKED, HALTING, PASSED


def _blocking(text: str) -> set[str]:
    return {finding.rule_id for finding in scan(text) if finding.severity is Severity.BLOCK}


@pytest.mark.parametrize(("rule", "sentence"), BLOCKED)
def test_hard_identifier_is_found(rule: str, sentence: str) -> None:
    """Each sentence of the corpus with a hard identifier is stopped by its rule."""
    assert rule in _blocking(sentence)


@pytest.mark.parametrize("sentence", PASSED)
def test_ordinary_sentence_passes(sentence: str) -> None:
    """Sentences that name nobody are not stopped."""
    assert _blocking(sentence) == set()


@pytest.mark.parametrize(("rule", "sentence"), HALTING)
def test_guess_asks_but_does_not_stop(rule: str, sentence: str) -> None:
    """What only may point out a person is a warning."""
    assert _blocking(sentence) == set()
    assert rule in {finding.rule_id for finding in scan(sentence)}


def test_corpus_is_large_enough() -> None:
    """The corpus holds at least 120 sentences."""
    assert len(BLOCKED) + len(PASSED) + len(HALTING) >= 120


def test_place_is_that_of_the_original_text() -> None:
    """Start and end point into the text as written, although the guard reads a folded copy."""
    text = "Ring\u00a0\u200b０７０–１２３ ４５ ６７ nu"
    finding = next(one for one in scan(text) if one.rule_id == "telefon")
    assert text[finding.start : finding.end] == "０７０–１２３ ４５ ６７"


def test_every_rule_has_a_label() -> None:
    """Whatever rule fires, a person can read what it is about."""
    fired = {finding.rule_id for _, sentence in (*BLOCKED, *HALTING) for finding in scan(sentence)}
    assert fired <= set(LABELS)


def test_findings_carry_no_text() -> None:
    """A finding tells rule and place, never the words."""
    assert "850101" not in repr(scan("850101-1234"))


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1 ",
        "1-",
        "1.",
        "0",
        "a",
        "a.",
        "a@",
        "@",
        "-",
        "A",
        "AB",
        "ABC ",
        "SE45 ",
        "70",
        "070 ",
        "a-",
        "gatan ",
        "a(at)",
        "57.7089 ",
        "K1",
        "dnr ",
        "konto 1",
        "insta ",
        "///a.",
        " ",
        "\u200b",
        "é",
        "Aa ",
        "2023-",
        "20",
        "850101",
    ],
)
def test_hostile_text_is_read_in_linear_time(piece: str) -> None:
    """A hundred thousand characters of any repeated piece take seconds at most, not minutes."""
    text = (piece * 100_000)[:100_000]
    began = time.perf_counter()
    scan(text)
    assert time.perf_counter() - began < 10


@given(st.text(max_size=400))
def test_any_text_gives_places_inside_it(text: str) -> None:
    """Whatever the text, scanning ends with places that lie inside it."""
    assert all(0 <= finding.start < finding.end <= len(text) for finding in scan(text))
