"""A unit's facts: what may be written on a card, and what is read from one that says more or other things."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import keys
from client.casework.codelists import AUTHORITY, CASE_TYPE
from keys.cards import MAX_FACTS_BYTES
from keys.codec import decode_body, encode_body
from keys.errors import LocalError
from keys.facts import CASE_TYPES, FACTS, check_facts, fact
from keys.places import kommuner

UNIT = "ab" * 16
DAY = date(2026, 3, 2)
#: Of each fact, values that may be written and values that may not.
GOOD: dict[str, list[Any]] = {
    "gatekeeper": ["polis_forst", "enheten_sjalv", "enhet_med_polisbekraftelse"],
    "decides": [["malgrupp"], ["malgrupp", "bistand", "placering"]],
    "decision_unit": [[UNIT]],
    "threat_assessor": [[UNIT, "cd" * 16], []],
    "deputies": [[UNIT]],
    "handling_days": [1, 21, 366],
    "population": [1, 14_999],
    "consent_text_version": ["2026-1"],
    "required_authorities": [{"intag": ["socialtjanst", "polis"]}, {}],
    "opening_hours": [{"man": "08:00-16:30", "fre": "08:00-24:00"}, {}],
    "catchment_kommuner": [["1480", "1402"], list(kommuner())],
    "catchment_lan": [["14"]],
    "catchment_regions": [["vast", "syd"]],
    "catchment_districts": [["Järva", "Norra innerstaden"]],
    "belongs_by": [["folkbokford", "bosatt"]],
    "verified_until": ["2026-12-31"],
    "otillaten_paverkan_kontroll": ["2026-02-28"],
    "closing_criteria": [["own_housing", "own_income", "no_social_need", "no_active_protection"]],
    "follow_up": ["ett_ar_efter_avslut"],
    "postal_address": ["Box 1, 404 82 Göteborg"],
    "contact": ["031-000 00 00"],
    "dataskyddsombud": ["dso@goteborg.invalid"],
}
BAD: dict[str, list[Any]] = {
    "gatekeeper": ["polisen", ["polis_forst"], 1, None],
    "decides": ["malgrupp", ["allt"], ["malgrupp", "malgrupp"], [1]],
    "decision_unit": [UNIT, [UNIT, "cd" * 16], ["AB" * 16]],
    "threat_assessor": [["Bops Väst"], [UNIT] * 2, [f"{number:032x}" for number in range(9)]],
    "deputies": [{}],
    "handling_days": [0, 367, "21", True],
    "population": [0, 20_000_001],
    "consent_text_version": ["", "x" * 41, "rad\nrad"],
    "required_authorities": [{"annat": ["polis"]}, {"intag": "polis"}, {"intag": ["Polisen!"]}],
    "opening_hours": [{"monday": "08:00-16:00"}, {"man": "8-16"}, {"man": "16:00-08:00"}, {"man": "08:00-25:00"}],
    "catchment_kommuner": [["1479"], ["1480", "1480"], "1480"],
    "catchment_lan": [["02"]],
    "catchment_regions": [["Väst"]],
    "catchment_districts": [[""], ["x" * 41], ["\x00"]],
    "belongs_by": [["skriven"]],
    "verified_until": ["2026-02-30", "i morgon", 20261231],
    "otillaten_paverkan_kontroll": ["20260228"],
    "closing_criteria": [["allt"]],
    "follow_up": ["aldrig"],
    "postal_address": ["", "x" * 201, "rad\nrad"],
    "contact": ["x" * 121, 31],
    "dataskyddsombud": ["", ["dso@goteborg.invalid"]],
}
FLAGS = sorted(name for name, declared in FACTS.items() if declared.holds == "flag")


def _rule(facts: dict[str, Any], unit_type: str = "") -> tuple[object, object]:
    with pytest.raises(LocalError) as caught:
        check_facts(facts, unit_type)
    assert caught.value.code == "FACTS"
    return caught.value.fields["fact"], caught.value.fields["rule"]


def test_every_fact_is_tried() -> None:
    """The lists above leave none out."""
    assert set(GOOD) == set(BAD) == set(FACTS) - set(FLAGS)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_what_is_declared_may_be_written(name: str) -> None:
    """It passes, fits on a card, and is read as it was written."""
    for value in GOOD[name]:
        check_facts({name: value, "decision_unit": [UNIT]})
        read = decode_body(encode_body({name: value}), max_bytes=MAX_FACTS_BYTES)
        assert fact(read, name, DAY) == value


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_is_not_of_its_form_is_refused_and_not_read(name: str) -> None:
    """The error names the fact; on a card of somebody else it counts as not said."""
    for value in BAD[name]:
        assert _rule({name: value}) == (name, "form")
        assert fact({name: value}, name, DAY) is None


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_is_true_or_false(name: str) -> None:
    """Nothing else, also no 1 and no yes."""
    for value in (True, False):
        check_facts({name: value})
        assert fact({name: value}, name, DAY) is value
    for other in (1, "ja", None):
        assert _rule({name: other}) == (name, "form")


def test_a_misspelt_fact_is_refused_by_its_name() -> None:
    """It would do nothing; a name that is no word is not repeated."""
    assert _rule({"takes_under18": True}) == ("takes_under18", "unknown")
    assert _rule({"Hon heter något": True}) == ("?", "unknown")


def test_what_a_newer_program_wrote_is_passed_over() -> None:
    """An old client reads what it knows."""
    assert fact({"new_fact": 1, "handling_days": 21}, "handling_days", DAY) == 21


ROWS = [{"value": False, "valid_to": "2023-03-31"}, {"value": True, "valid_from": "2023-04-01"}]


@pytest.mark.parametrize(
    ("day", "value"),
    [(date(2023, 3, 31), False), (date(2023, 4, 1), True), (date(2030, 1, 1), True), (date(1999, 1, 1), False)],
)
def test_a_fact_has_its_value_of_the_day(day: date, value: bool) -> None:
    """Both days of a row belong to it."""
    check_facts({"takes_under_18": ROWS})
    assert fact({"takes_under_18": ROWS}, "takes_under_18", day) is value


def test_between_two_rows_nothing_is_said() -> None:
    """A gap is a gap."""
    rows = [{"value": True, "valid_to": "2023-03-31"}, {"value": True, "valid_from": "2023-05-01"}]
    check_facts({"takes_lvm": rows})
    assert fact({"takes_lvm": rows}, "takes_lvm", date(2023, 4, 10)) is None


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([{"value": True}, {"value": False}], "overlap"),
        ([{"value": True, "valid_to": "2023-04-01"}, {"value": False, "valid_from": "2023-04-01"}], "overlap"),
        ([{"value": True, "valid_to": "2023-02-30"}], "dated"),
        ([{"valid_to": "2023-02-28"}], "dated"),
        ([{"value": True, "note": "x"}], "dated"),
        ([{"value": "ja", "valid_to": "2023-02-28"}], "form"),
        ([{"value": True, "valid_from": f"20{n:02}-01-01", "valid_to": f"20{n:02}-01-02"} for n in range(9)], "dated"),
    ],
)
def test_rows_that_contradict_are_refused(rows: list[dict[str, Any]], rule: str) -> None:
    """One day, one value; eight rows."""
    assert _rule({"takes_lvu": rows}) == ("takes_lvu", rule)


def test_who_decides_nothing_names_who_does() -> None:
    """A unit without decision power (Malmö) must name its decision unit, a provider its checks."""
    later = [{"value": [], "valid_from": "2026-01-01"}]
    for some in ([], ["malgrupp"], ["bistand", "placering"], later):
        assert _rule({"decides": some}) == ("decision_unit", "missing")
        check_facts({"decides": some, "decision_unit": [UNIT]})
    check_facts({"decides": ["placering", "bistand", "malgrupp"]})
    assert _rule({}, "utforare") == ("verified_until", "missing")
    check_facts({"verified_until": "2026-12-31", "otillaten_paverkan_kontroll": "2026-01-01"}, "utforare")


_anything = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "valid_from", "valid_to", "man", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(FACTS)), _anything)
def test_any_card_is_read_without_harm(name: str, value: Any) -> None:
    """Whatever another administrator signed: a value of the declared form, or nothing."""
    read = fact({name: value}, name, DAY)
    if read is not None:
        check_facts({name: read, "decision_unit": [UNIT]} if name == "decides" else {name: read})


def test_words_are_those_of_casework() -> None:
    """Case types and authorities have one meaning in both."""
    assert set(CASE_TYPES) == CASE_TYPE.codes
    assert all(re.fullmatch(r"[a-z0-9_]{1,40}", code) for code in AUTHORITY.codes)


def test_formats_lists_every_fact() -> None:
    """The page of formats names each."""
    text = (Path(keys.__file__).parent / "FORMATS.md").read_text("utf-8")
    table = text[text.index("| fact | form |") :].split("\n\n")[0]
    named = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert named == set(FACTS)
