"""Instants in words."""

from __future__ import annotations

import pytest

from client.lang.catalogue import choose
from client.web.look import ago

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
