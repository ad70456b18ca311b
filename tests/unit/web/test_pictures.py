"""The map is the one that was looked at, every county is on it, and bars are as long as they say."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from client.web.look import FKUI_SHA256
from client.web.pictures import BAR_WIDTH, MAP_SHA256, bars, counties
from keys.places import LAN


def test_the_map_is_the_one_that_was_looked_at() -> None:
    """What is vendored has the checksum that stands in the code, and its licence lies beside it."""
    vendor = files("client.web") / "static" / "vendor"
    assert hashlib.sha256((vendor / "sweden.svg").read_bytes()).hexdigest() == MAP_SHA256
    assert "Attribution 4.0" in (vendor / "sweden.LICENSE.md").read_text("utf-8")


def test_the_style_sheet_is_the_one_that_was_looked_at() -> None:
    """The same for the design system."""
    vendor = files("client.web") / "static" / "vendor"
    assert hashlib.sha256((vendor / "fkui.css").read_bytes()).hexdigest() == FKUI_SHA256
    licence = (vendor / "fkui.LICENSE.md").read_text("utf-8")
    assert "Försäkringskassan" in licence
    assert "Permission is hereby granted, free of charge" in licence


def test_every_county_has_an_outline_of_its_own() -> None:
    """21 counties by code, none twice."""
    assert [one.code for one in counties()] == list(LAN)
    assert len({one.outline for one in counties()}) == len(LAN)


def test_the_longest_bar_fills_its_room() -> None:
    """The others in proportion; nothing is no bar, also when all are nothing."""
    assert [bar.width for bar in bars([("a", 4), ("b", 1), ("c", 0)])] == [BAR_WIDTH, BAR_WIDTH // 4, 0]
    assert [bar.width for bar in bars([("a", 0)])] == [0]
