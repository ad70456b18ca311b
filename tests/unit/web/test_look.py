"""Instants in words."""

from __future__ import annotations

from importlib.resources import files

import pytest

from client.lang.catalogue import choose
from client.web.look import Look, ago, hour, week

NOW = "2026-11-23T15:41:00Z"  # a Monday, 16.41 in Sweden


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        ("2026-11-25T15:40:00Z", "om 2 dagar"),  # two days that began a minute ago
        ("2026-12-23T15:40:00Z", "om 30 dagar"),
        ("2026-11-24T15:41:00Z", "om 1 dag"),
        ("2026-11-24T15:40:00Z", "om 23 timmar"),
        ("2026-11-23T15:41:30Z", "nyss"),
        ("2026-11-23T13:41:00Z", "för 2 timmar sedan"),
        ("2026-11-21T20:00:00Z", "för 2 dagar sedan"),
        ("", ""),
    ],
)
def test_how_far_an_instant_is(instant: str, words: str) -> None:
    """From a day on the days of the calendar count, as people count them; below, whole hours and minutes."""
    choose("sv")
    assert ago(instant, NOW) == words


def test_a_week_is_told_as_people_count_them() -> None:
    """ISO weeks of Swedish days: the last hour of a Sunday in UTC is Monday here."""
    choose("sv")
    assert week("2026-11-22T23:30:00Z") == "v. 48"
    choose("en")
    assert week("2027-01-01T12:00:00Z") == "week 53"
    choose("sv")
    assert week("") == ""


def test_every_page_says_that_it_is_a_demonstration() -> None:
    """Also those that stand on their own: hidden, for a stranger, on the way in, on paper."""
    templates = {path.name: path.read_text("utf-8") for path in (files("client.web") / "templates").iterdir()}
    whole = {name for name, text in templates.items() if "<!doctype html>" in text}
    assert {"hidden.html", "stranger.html", "entered.html", "print.html"} <= whole
    assert {name for name in whole if "Demonstration –" not in templates[name]} == set()
    for lang, word in (("sv", "påhittade"), ("en", "invented")):
        assert word in Look(demonstration=True).page("stranger.html", lang=lang)
        assert word not in Look(demonstration=False).page("stranger.html", lang=lang)


@pytest.mark.parametrize(
    ("instant", "lang", "words"),
    [
        ("2026-11-23T22:00:00Z", "sv", "måndag 23 nov 2026 kl. 23–00"),
        ("2026-11-30T06:00:00Z", "en", "Monday 30 Nov 2026 between 07 and 08"),
    ],
)
def test_an_hour_is_not_told_as_an_instant(instant: str, lang: str, words: str) -> None:
    """The hub tells only the hour in which it took something; it never stands as a minute before its own writing."""
    choose(lang)
    assert hour(instant) == words
