"""The demonstration's desks as processes, somebody at the page of each, and two browsers that share nothing.

async with opened(folder, browsers, {SAV: Way(Keys), BOPS: Way(Mouse, "en")}) as table:
    await table[SAV].goes_to("Samtycken")
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser
from playwright.async_api import Page as Tab

from client.demo import cast
from client.demo.stage import Stage
from tests.browser.hands import ARRIVES_MS, Hand, Mouse

LILLKOPING, SAV, CHIEF, HOTLINE, BOPS, SECOND, MALMO, MALMO_SOCIAL, GROVA, BJORKVIKA = (
    office.key for office in cast.OFFICES
)
NAMES: Final = {office.key: office.name_sv for office in cast.OFFICES}
STAFF: Final = {office.key: office.staff for office in cast.OFFICES}
#: Seconds to take something back: none, as nobody in the story does.
AT_ONCE: Final = "undo_seconds = 0\n"


@dataclasses.dataclass(frozen=True)
class Way:
    """How somebody works: with what, and in which language."""

    hand: type[Hand] = Mouse
    lang: str = "sv"

    @property
    def name(self) -> str:
        """For the list of tests."""
        return f"{self.hand.__name__.lower()}-{self.lang}"


@dataclasses.dataclass
class Table:
    """Who sits where, the running offices, and what the browsers complained about."""

    stage: Stage
    hands: dict[str, Hand] = dataclasses.field(default_factory=dict)
    complaints: list[str] = dataclasses.field(default_factory=list)

    def __getitem__(self, key: str) -> Hand:
        """Who sits at a desk."""
        return self.hands[key]

    @property
    def units(self) -> dict[str, str]:
        """The units' ids by desk."""
        return self.stage.units

    @property
    def swedish(self) -> dict[str, set[str]]:
        """What was Swedish on pages in English, by desk."""
        return {key: hand.swedish for key, hand in self.hands.items() if hand.swedish}


@contextlib.asynccontextmanager
async def opened(folder: Path, browsers: Sequence[Browser], ways: Mapping[str, Way]) -> AsyncIterator[Table]:
    """A federation of this moment with these desks open, and somebody at each page, in turn in each browser."""
    async with Stage.set_up(folder, ways) as stage:
        table = Table(stage)
        for number, (key, way) in enumerate(ways.items()):
            await stage.until(key, "units", lambda units: _reached(units, ways))
            tab = await _entered(browsers[number % len(browsers)], table, key, way.lang)
            table.hands[key] = way.hand(tab, way.lang)
        yield table


def _reached(units: list[dict[str, Any]], ways: Mapping[str, Way]) -> bool:
    """Whether everybody who plays has keys to write to."""
    playing = {NAMES[key] for key in ways}
    return all(one["reachable"] for one in units if one["name_sv"] in playing)


async def _entered(browser: Browser, table: Table, key: str, lang: str) -> Tab:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(ARRIVES_MS)
    tab = await context.new_page()
    tab.on("pageerror", lambda error: table.complaints.append(str(error)))
    await tab.goto((await table.stage.call(key, "page"))["page"])
    await tab.wait_for_url("**/")
    if lang != "sv":
        hand = Mouse(tab)
        await hand.goes_to("Inställningar")
        await tab.select_option("#lang", lang)
        await hand.press("Byt")
    return tab
