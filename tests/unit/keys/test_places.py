"""Municipalities, counties and police regions: complete, and as the source counts them."""

import hashlib
from collections import Counter
from datetime import date

import pytest

from keys.places import LAN, POLICE_REGIONS, REGION_OF_LAN, kommuner, region_of, stockholm_districts

#: domain.md 7.1: municipalities per county.
PER_LAN = {
    "01": 26, "03": 8, "04": 9, "05": 13, "06": 13, "07": 8, "08": 12, "09": 1, "10": 5, "12": 33, "13": 6, "14": 49,
    "17": 16, "18": 12, "19": 10, "20": 15, "21": 10, "22": 7, "23": 8, "24": 15, "25": 14,
}  # fmt: skip
#: domain.md 7.2: municipalities per police region.
PER_REGION = {"nord": 44, "mitt": 28, "stockholm": 27, "ost": 35, "vast": 55, "syd": 58, "bergslagen": 43}


def test_every_county_has_its_municipalities() -> None:
    """290 in all, and in each county as many as the source counts."""
    assert len(kommuner()) == 290
    assert Counter(one.lan for one in kommuner().values()) == PER_LAN
    assert set(LAN) == set(PER_LAN)


def test_every_police_region_has_its_municipalities() -> None:
    """Each county lies in one of the seven regions, and the sums are those of the source."""
    assert Counter(region_of(code) for code in kommuner()) == PER_REGION
    assert set(POLICE_REGIONS) == set(PER_REGION)
    assert set(REGION_OF_LAN) == set(LAN)


@pytest.mark.parametrize(
    ("code", "name", "region"),
    [
        ("0180", "Stockholm", "stockholm"),
        ("1480", "Göteborg", "vast"),
        ("1280", "Malmö", "syd"),
        ("0980", "Gotland", "stockholm"),
        ("0331", "Heby", "mitt"),
        ("2584", "Kiruna", "nord"),
        ("1880", "Örebro", "bergslagen"),
        ("0580", "Linköping", "ost"),
    ],
)
def test_known_places_have_their_codes(code: str, name: str, region: str) -> None:
    """Some that anybody can look up."""
    assert kommuner()[code].name == name
    assert region_of(code) == region


def test_codes_and_names_are_those_of_the_source() -> None:
    """The digest of code and short name of all rows, taken from the open table that the file's head names."""
    rows = "".join(f"{row.code},{row.name}\n" for row in kommuner().values())
    assert (
        hashlib.sha256(rows.encode()).hexdigest() == "90df0f36f2c27196b14a4e9e3b29d084ae38dd1e840fa2e0adff28f9820ae238"
    )


def test_names_and_codes_are_whole_and_differ() -> None:
    """Four digits and two names in every row; no name twice; in the order of the codes."""
    rows = list(kommuner().values())
    assert all(len(row.code) == 4 and row.code.isdigit() and row.name and row.full_name for row in rows)
    assert len({row.name for row in rows}) == len({row.full_name for row in rows}) == 290
    assert [row.code for row in rows] == sorted(row.code for row in rows)
    assert all(row.full_name.endswith(("kommun", "stad")) for row in rows)


@pytest.mark.parametrize("code", ["", "0185", "9999", "180", "0180 "])
def test_a_code_that_nobody_has_is_in_no_region(code: str) -> None:
    """Plausible is not enough."""
    assert region_of(code) == ""


@pytest.mark.parametrize(
    ("day", "number", "there", "gone"),
    [
        (date(2023, 6, 30), 13, "Rinkeby-Kista", "Järva"),
        (date(2023, 7, 1), 11, "Järva", "Rinkeby-Kista"),
        (date(2026, 1, 1), 11, "Norra innerstaden", "Östermalm"),
    ],
)
def test_stockholm_has_the_districts_of_the_day(day: date, number: int, there: str, gone: str) -> None:
    """Thirteen, and eleven from 1 July 2023."""
    names = stockholm_districts(day)
    assert len(names) == number
    assert there in names
    assert gone not in names
