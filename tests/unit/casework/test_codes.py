"""Every code has its words, in two languages, and gives nothing away."""

import pytest

from client.casework.code_table import TABLE
from client.casework.code_table_attachment import ATTACHMENT
from client.casework.code_table_call import CALL
from client.casework.code_table_case import CASE
from client.casework.code_table_keys import KEYS
from client.casework.code_table_office import OFFICE
from client.casework.code_table_peer import PEER
from client.casework.code_table_placement import PLACEMENT
from client.casework.code_table_two import TWO
from client.casework.codes import explain, known_codes
from client.casework.consent_rules import CHECKS

LISTED = {
    *("SCH", "VER", "KIND", "FIELD", "SIG", "DUP", "UNK", "ROL", "STA", "TWICE", "AGE", "PID", "BIG", "LONG", "DIR"),
    "CARE",
    *("KEY", "NOKEY", "NOUNIT", "CHAIN", "TRUST", "OPEN", "ROSTER", "COMMIT", "FORK", "EQUIV", "GAP", "LOG", "ENROL"),
    *("PASS", "FILE", "HUB", "DISK", "CLOCK", "LOCKED", "TOKEN", "QUOTA", "SIZE", "HOUR", "UNKNOWN"),
    *ATTACHMENT,
    *OFFICE,
    *CALL,
    *CASE,
    *KEYS,
    *PEER,
    *PLACEMENT,
    *TWO,
}


def test_every_listed_code_is_known() -> None:
    """No code that the product gives lacks its words."""
    assert LISTED | {code for code, _ in CHECKS} == known_codes()


@pytest.mark.parametrize("code", sorted(TABLE))
@pytest.mark.parametrize("lang", ["sv", "en"])
def test_sentences_read_well_without_facts(code: str, lang: str) -> None:
    """Sentence and next step are whole sentences also when no fact is known."""
    told = explain(code, lang)
    for sentence in (told.sentence, told.next_step):
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert "  " not in sentence
        assert " ." not in sentence
        assert len(sentence) < 200


def test_two_languages_differ() -> None:
    """English is not Swedish."""
    assert all(explain(code).sentence != explain(code, "en").sentence for code in TABLE)


def test_unknown_code_is_kept_and_explained() -> None:
    """A code from a newer program is shown as it is, with the words for the unknown."""
    told = explain("NYTT-1")
    assert told.code == "NYTT-1"
    assert told.sentence == explain("UNKNOWN").sentence


@pytest.mark.parametrize(
    ("code", "fields", "part"),
    [
        ("CNS-05", {"purpose": "placering"}, "Ändamålet Placering saknas"),
        ("CNS-06", {"category": "halsa"}, "slaget Hälsa"),
        ("CNS-07", {"date": "2026-03-01"}, "datumet 2026-03-01"),
        ("CNS-08", {"at": "2026-03-01T08:00:00Z"}, "återkallat 2026-03-01 kl. 09.00"),
        ("CNS-08", {"at": "2026-06-30T22:30:00Z"}, "återkallat 2026-07-01 kl. 00.30"),
        ("CNS-08", {"at": "9999-12-31T23:59:59Z"}, "återkallat."),
        ("CNS-01", {"mistaken": "2026-03-01T08:00:00Z"}, "gäller inte sedan 2026-03-01 kl. 09.00"),
        ("CNS-03", {"unit": "ab" * 16}, "mottagaren " + "ab" * 16),
        ("CNS-03", {"unit": "ab" * 16, "own": 1}, "omfattar inte avsändaren " + "ab" * 16),
        ("CNS-03", {"unit": "ab" * 16, "other": 1}, "omfattar inte mottagaren " + "ab" * 16),
        ("CNS-08", {"stale": 1}, "inte att kontrollera just nu"),
        ("UNK", {"found": 0}, "Ingen kollega heter så"),
    ],
)
def test_harmless_fact_is_shown(code: str, fields: dict[str, str], part: str) -> None:
    """Codes of our lists show their label; dates, times and ids are shown as they are."""
    assert part in explain(code, **fields).sentence


def test_english_says_whose_time_it_is() -> None:
    """An instant is in Swedish time in both languages."""
    told = explain("CNS-08", "en", at="2026-06-30T22:30:00Z").sentence
    assert told == "The consent was withdrawn 2026-07-01 at 00:30 (Swedish time)."


@pytest.mark.parametrize("value", ["Påhittad Person", "850101-1234", "x" * 400, ""])
def test_free_text_is_never_shown(value: str) -> None:
    """A fact that looks like content is left out."""
    for name in ("unit", "purpose", "category", "date", "at", "authority"):
        for code in TABLE:
            assert not value or value not in explain(code, **{name: value}).sentence
