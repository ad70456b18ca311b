"""Guard G1: what it stops, what it lets through, and how long it takes."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from client.casework import guard
from client.casework.guard import LABELS, Severity, guesses, is_blocked, scan
from client.casework.guard_hints import WARNING
from client.casework.guard_patterns import BLOCKING
from client.casework.guard_search import Search
from client.casework.guard_text import fold
from tests.bench.guard import quality
from tests.unit.casework.guard_corpus import BLOCKED, CORPUS, HALTING, PASSED
from tests.unit.casework.guard_plain import PLAIN
from tests.unit.casework.guard_written import sentences

#: What rules are made of: cues, digits, letters and separators.
_PIECES = [
    "gatan ", "Kungs gata ", "nr ", "nummer ", "dnr ", "ärende ", "konto ", "bg ", "insta ", "reg nr ", "SE",
    "DE89", "K", "B ", "ABC ", "abc", "SN ", "T220", "a@b.se", "(at)", "@", "°", "/", "-", "+", ".", ",", " ",
    "  ", "1", "12", "123", "2024", "2023/123", "850101", "8501", "6400123", "57.7089", "april", "född ",
    "MC ", "Påhitt", "skolan", "jobbar på ", "somalisk ", "mord", "noll ", "tolv", "åttio", "www.x.se",
    "///a.b.c", "EU) ", "OSL ", "Öst", "N", "\n", "ä", "Lilla ",
]  # fmt: skip


def _blocking(text: str) -> set[str]:
    return {finding.rule_id for finding in scan(text) if finding.severity is Severity.BLOCK}


def _tried_everywhere(text: str) -> list[tuple[str, int, int]]:
    """What all rules find when each looks at all of a text."""
    folded = fold(text).text
    rules = (*BLOCKING, *WARNING)
    return sorted((rule.name, *match.span()) for rule in rules for match in rule.pattern.finditer(folded))


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


@settings(max_examples=300)
@given(sentences())
def test_a_number_in_any_written_form_and_surroundings_is_stopped(sentence: str) -> None:
    """Recall is whole for identity numbers: any number, cut and joined in any way, in any digits, in any sentence."""
    assert is_blocked(sentence)


def test_what_can_be_two_things_is_called_what_it_is() -> None:
    """A mobile number is no identity number, unless it is written as one or its check digit is right."""
    assert _blocking("070-123 45 67") == _blocking("0701234567") == {"telefon"}
    assert _blocking("070123-4567") == _blocking("0701012387") == {"personnummer", "telefon"}


def test_corpus_is_large_enough() -> None:
    """The corpus holds at least 300 different sentences, and in nearly half of them nobody is named."""
    assert len({text for text, _ in CORPUS}) == len(CORPUS) >= 300
    assert sum(names for _, names in CORPUS) <= 1.3 * len(PASSED)


def test_recall_is_whole_and_precision_is_high() -> None:
    """Every sentence with a hard identifier is stopped; of those that are stopped nearly all have one.

    ``python -m tests.bench guard`` prints both numbers.
    """
    recall, precision = quality(CORPUS)
    assert recall == 1.0
    assert precision >= 0.98


@pytest.mark.parametrize("taken_out", range(len(BLOCKING)), ids=lambda place: f"{place}-{BLOCKING[place].name}")
def test_without_a_rule_somebody_is_named(monkeypatch: pytest.MonkeyPatch, taken_out: int) -> None:
    """Each is needed: with it taken out, a sentence of the corpus that is stopped goes through."""
    monkeypatch.setattr(guard, "BLOCKING", (*BLOCKING[:taken_out], *BLOCKING[taken_out + 1 :]))
    assert not all(is_blocked(sentence) for _, sentence in BLOCKED)


def test_without_the_search_for_numbers_somebody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each sort that it looks for, a sentence goes through that nothing else stops."""
    monkeypatch.setattr(guard, "find_numbers", lambda _text: [])
    passed = {rule for rule, sentence in BLOCKED if not is_blocked(sentence)}
    assert passed == {"personnummer", "samordningsnummer", "telefon"}


def test_rules_look_only_where_they_can_match_and_miss_nothing() -> None:
    """Each rule finds around digits and cues what it finds when it looks at the whole text."""
    for text in (*(text for text, _ in CORPUS), " ".join(text for text, _ in CORPUS)):
        assert _tried_everywhere(text) == sorted(Search(fold(text).text).hits((*BLOCKING, *WARNING)))


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_rules_miss_nothing_in_any_mixture(text: str) -> None:
    """The same for texts put together of all that rules are made of."""
    assert _tried_everywhere(text) == sorted(Search(fold(text).text).hits((*BLOCKING, *WARNING)))


def test_own_municipality_is_no_place_to_ask_about() -> None:
    """The asker's own name tells nothing new; a neighbour's does, and a name that begins a sentence may be a word."""
    assert {one.rule_id for one in scan("Vi är Kiruna, se där.", own_kommun="2584")} == set()
    assert {one.rule_id for one in scan("Vi är Kiruna, se där.", own_kommun="2583")} == {"ortnamn"}
    assert scan("Mark är personen på. Vara eller inte vara. Vi vill ange det, och are you sure.") == ()


def test_a_long_question_is_not_felt() -> None:
    """6,000 characters with a number in nearly every sentence."""
    text = " ".join(PLAIN)[:6000]
    times = []
    for _ in range(5):
        began = time.process_time()
        scan(text)
        times.append(time.process_time() - began)
    assert min(times) < 0.15


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
    began = time.process_time()
    scan(text)
    assert time.process_time() - began < 10


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_what_asks_is_what_the_search_calls_a_guess(text: str) -> None:
    """Asked for guesses alone, the guard answers as when it is asked for everything."""
    told = {finding.rule_id for finding in scan(text, own_kommun="2584") if finding.severity is Severity.WARN}
    assert guesses(text, own_kommun="2584") == told


@given(st.text(max_size=400))
def test_any_text_gives_places_inside_it(text: str) -> None:
    """Whatever the text, scanning ends with places that lie inside it."""
    assert all(0 <= finding.start < finding.end <= len(text) for finding in scan(text))


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_what_stops_a_document_is_what_the_search_calls_hard(text: str) -> None:
    """Asked for hard identifiers alone, the guard answers as when it is asked for everything."""
    assert is_blocked(text) is any(finding.severity is Severity.BLOCK for finding in scan(text))


def test_every_hard_identifier_of_the_examples_stops_a_document() -> None:
    """The examples that must be stopped are; those that must pass are not."""
    assert [sentence for _, sentence in BLOCKED if not is_blocked(sentence)] == []
    assert [sentence for sentence in PASSED if is_blocked(sentence)] == []
