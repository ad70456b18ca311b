"""Facts of units in words of both languages, and which county a unit serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from client.lang.catalogue import choose
from client.web.facts import counted, serves, takes, told

FACTS: dict[str, Any] = {
    "gatekeeper": "enheten_sjalv",
    "takes_under_18": False,
    "runs_hotline": True,
    "opening_hours": {"man": "08:00-16:00"},
    "required_authorities": {"hotbild": ["polis"]},
    "threat_assessor": ["ab" * 16],
}


@pytest.fixture(autouse=True)
def swedish_again() -> Iterator[None]:
    """The choice of a language ends with the test."""
    yield
    choose("sv")


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("sv", {"Vem som avgör dörren": "enheten avgör själv", "Tar emot under 18 år": "nej",
                "Öppettider": "mån 08:00-16:00", "Hotbilden bedöms av": "Bops"}),
        ("en", {"Who decides the door": "the unit decides by itself", "Takes people under 18": "no",
                "Opening hours": "Mon 08:00-16:00", "The threat is assessed by": "Bops"}),
    ],
)  # fmt: skip
def test_facts_are_told_in_the_language_of_the_page(lang: str, words: dict[str, str]) -> None:
    """Labels and values."""
    choose(lang)
    assert words.items() <= dict(told(FACTS, {"ab" * 16: "Bops"})).items()


def test_only_what_is_taken_stands_in_the_list() -> None:
    """A no is not a short word."""
    assert takes(FACTS) == ["samtal till avhoppartelefonen"]


@pytest.mark.parametrize(
    ("unit", "counties"),
    [
        ({"kommunkod": "1480"}, {"14"}),
        ({"facts": {"catchment_lan": ["09", "01"]}}, {"09", "01"}),
        ({"facts": {"catchment_kommuner": ["0180"]}}, {"01"}),
        ({"police_region": "vast"}, {"13", "14"}),
        ({"facts": {"catchment_regions": ["nord"]}}, {"22", "23", "24", "25"}),
        ({}, set()),
    ],
)
def test_a_unit_serves_where_it_lies_and_where_it_says(unit: dict[str, Any], counties: set[str]) -> None:
    """By municipality, county or police region; a unit that says nothing serves no county on the map."""
    whole = {"kommunkod": None, "police_region": None, "facts": {}, **unit}
    assert {county for county, count in counted([whole]).items() if count} == counties
    assert all(serves(whole, county) for county in counties)
