"""Drawings that the server makes: the map of Sweden by county, and bars. A table beside each says the same.

The map's outlines are ``@svg-maps/sweden`` by Victor Cazanave (CC BY 4.0), vendored with its licence; its checksum is
`MAP_SHA256`, and a test compares it.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

import segno

from keys.places import LAN

MAP_SHA256: Final = "eb65b25205cd1c4e72f180d7bcd81c67c47c64e12b04df05a3f32eb779b6e298"
MAP_BOX: Final = "0 0 346 793"
BAR_WIDTH: Final = 400  # in units of the drawing; the page scales it
_PATH: Final = re.compile(r'<path\s+id="[^"]+"\s+name="(?P<name>[^"]+)"\s+d="(?P<d>[^"]+)"')


@dataclasses.dataclass(frozen=True, slots=True)
class County:
    """One county on the map: its code, its name, and its outline in the units of `MAP_BOX`."""

    code: str
    name: str
    outline: str


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is, how many, and how long it is."""

    label: str
    count: int
    width: int


@functools.cache
def counties() -> tuple[County, ...]:
    """The counties with their outlines, by code."""
    text = (files("client.web") / "static" / "vendor" / "sweden.svg").read_text("utf-8")
    drawn = {found["name"]: " ".join(found["d"].split()) for found in _PATH.finditer(text)}
    return tuple(County(code, name, drawn[_short(name)]) for code, name in LAN.items())


def bars(rows: Iterable[tuple[str, int]]) -> tuple[Bar, ...]:
    """One bar a row, the longest as long as `BAR_WIDTH`."""
    listed = list(rows)
    most = max((count for _, count in listed), default=0) or 1
    return tuple(Bar(label, count, round(BAR_WIDTH * count / most)) for label, count in listed)


def drawn(text: str) -> str:
    """A QR code as an SVG element, without styles or scripts."""
    return str(segno.make(text, error="m").svg_inline(scale=4, svgclass="qr", lineclass=None))


def _short(name: str) -> str:
    """The name that the map uses: "Hallands län" is Halland."""
    return name.removesuffix(" län").removesuffix("s")
