"""Somebody at a page who acts like a person: with the mouse, or (``keyboard``) with the keyboard alone.

A story is written once and told by either, in either language. Both read where a control is from the page as it is;
nothing is sent but what a person could send, and every press is a real one.

async with a tab of a desk:
    hand = Mouse(tab)
    await hand.follow("Skriv nytt")
    await hand.fill(typed(content))
    await hand.press("Granska")
"""

from __future__ import annotations

import abc
import asyncio
import dataclasses
import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from playwright.async_api import Locator, expect
from playwright.async_api import Page as Tab

from client.casework.swedish_time import local_time
from tests.browser.words import said, swedish
from tests.kit.visitor import typed

#: A busy machine may take long.
ARRIVES_MS = 300_000


def on_page(content: Mapping[str, Any], at: str = "content") -> dict[str, list[str]]:
    """A document's values as its form's controls hold them: instants in Swedish time, everything a list of texts."""
    return {
        name: [_local(str(one)) for one in (value if isinstance(value, list) else [value])]
        for name, value in typed(dict(content), at).items()
        if value != []
    }


def _local(text: str) -> str:
    if not text.endswith("Z") or "T" not in text:
        return text
    return local_time(datetime.datetime.fromisoformat(text)).strftime("%Y-%m-%dT%H:%M")


@dataclasses.dataclass(frozen=True)
class What:
    """Something to act on.

    Args:
        tag: ``A``, ``BUTTON`` or ``SUMMARY``; with commas between them any of these.
        name: with what its words begin, or, ``exact``, what they are.
        to: where a link leads; its ``whole`` address, or with what that begins.
        value: of a button.
        menu: it stands in the menu at the top.
        door: it is one of the doors to choose from.
        row: it stands in the row of a table that says so.
    """

    tag: str
    name: str = ""
    to: str = ""
    value: str = ""
    exact: bool = False
    whole: bool = True
    menu: bool = False
    door: bool = False
    row: str = ""

    @property
    def css(self) -> str:
        """All elements that it may be."""
        to = f'[href{"" if self.whole else "^"}="{self.to}"]' if self.to else ""
        value = f'[value="{self.value}"]' if self.value else ""
        where = "nav.top__nav " if self.menu else f"tr:has-text('{self.row}') " if self.row else ""
        return f"{where}:is({self.tag.lower()}){'.door' if self.door else ''}{to}{value}:not([aria-hidden])"

    @property
    def words(self) -> re.Pattern[str]:
        """What its words look like."""
        return re.compile(rf"^\s*{re.escape(self.name)}" + (r"\s*$" if self.exact else ""))

    def fits(self, facts: Mapping[str, Any]) -> bool:
        """Whether an element with these facts is the one."""
        if facts["tag"] not in self.tag.split(",") or self.value not in {"", facts["value"]}:
            return False
        if facts["menu"] != self.menu or (self.door and not facts["door"]) or self.row not in facts["row"]:
            return False
        leads = facts["to"] == self.to if self.whole and self.to else facts["to"].startswith(self.to)
        return leads and self.words.search(facts["words"]) is not None


class Hand(abc.ABC):
    """What both can do; ``tab`` is the page that they sit at, ``lang`` the language in which they read it.

    Everything is named in Swedish, the language of the source; ``swedish`` gathers what is still Swedish on the pages
    of somebody who reads English.
    """

    def __init__(self, tab: Tab, lang: str = "sv") -> None:
        self.tab = tab
        self.lang = lang
        self.acts = 0
        self.swedish: set[str] = set()

    @abc.abstractmethod
    async def take(self, what: What, *, leads_on: bool = True) -> None:
        """Act on a link, a button, or the words before something folded."""

    @abc.abstractmethod
    async def fill(self, values: Mapping[str, Sequence[str]]) -> None:
        """Every control of the page's form that is named here; rows are added until there are enough."""

    async def goes_to(self, page: str) -> None:
        """A page of the menu."""
        await self.take(What("A", self.says(page), menu=True))

    async def follow(self, name: str, *, exact: bool = False) -> None:
        """A link whose words begin so, or are these."""
        await self.take(What("A", self.says(name), exact=exact))

    async def follow_to(self, path: str) -> None:
        """The first link on the page that leads there."""
        await self.take(What("A", to=path))

    async def press(self, name: str) -> None:
        """A button whose words begin so."""
        await self.take(What("BUTTON", self.says(name)))

    async def choose(self, name: str) -> None:
        """A door, link or button, whose words begin so."""
        await self.take(What("A,BUTTON", self.says(name), door=True))

    async def open_up(self, name: str) -> None:
        """Unfold what stands behind these words."""
        await self.take(What("SUMMARY", self.says(name)), leads_on=False)

    async def sees(self, text: str) -> None:
        """It stands on the page, now or soon."""
        await expect(self._shown(text)).to_be_visible(timeout=ARRIVES_MS)

    async def sees_in(self, page: str, text: str) -> None:
        """It stands on a page of the menu that does not renew itself, sooner or later."""
        async with asyncio.timeout(ARRIVES_MS / 1000):
            await self.goes_to(page)
            while not await self._shown(text).count():
                await asyncio.sleep(0.2)
                await self.goes_to(page)

    async def newest(self) -> str:
        """The id of the last document of the thread that is open."""
        told = await self.tab.locator("main article.doc").last.get_attribute("id")
        return (told or "").removeprefix("d-")

    async def finds(self, begin: str, name: str = "", *, row: str = "") -> None:
        """Follow a link of these words that leads to an address that begins so, as soon as it is there."""
        what = What("A", self.says(name), to=begin, exact=bool(name), whole=False, row=row)
        await self.there(what)
        await self.take(what)

    async def there(self, what: What) -> None:
        """It is on the page, and nothing covers the page, now or soon."""
        await expect(self.tab.locator(what.css).filter(has_text=what.words).first).to_be_visible(timeout=ARRIVES_MS)

    def says(self, text: str) -> str:
        """A text of the pages as this person reads it."""
        return said(text, self.lang)

    async def came(self) -> None:
        """A page has come: what is Swedish on it?"""
        if self.lang != "sv":
            self.swedish |= await swedish(self.tab, filled=True)

    def _shown(self, text: str) -> Locator:
        return self.tab.locator("main").get_by_text(self.says(text)).first

    async def rows_lacking(self, values: Mapping[str, Sequence[str]]) -> str:
        """A list of blocks of which the form has too few, or nothing."""
        for name, wanted in values.items():
            if name.startswith("rows:"):
                there = self.tab.locator(f'input[name="{name}"]')
                if int(await there.first.input_value()) < int(wanted[0]):
                    return name.removeprefix("rows:")
        return ""


class Mouse(Hand):
    """Clicks, and types into the field that was clicked."""

    async def take(self, what: What, *, leads_on: bool = True) -> None:
        """Click it."""
        found = self.tab.locator(what.css)
        if what.name:
            found = found.filter(has_text=what.words)
        if not leads_on:
            await self._click(found.first)
            return
        async with self.tab.expect_event("load"):
            await self._click(found.first)
        await self.came()

    async def fill(self, values: Mapping[str, Sequence[str]]) -> None:
        """One control after the other, by its label."""
        while lacking := await self.rows_lacking(values):
            await self.take(What("BUTTON", value=lacking))
        for name, wanted in values.items():
            if not name.startswith("rows:"):
                await self._fill(self.tab.locator(f'main form [name="{name}"]'), wanted)

    async def _fill(self, control: Locator, wanted: Sequence[str]) -> None:
        first = control.first
        name = await first.get_attribute("name")
        closed = self.tab.locator("main details:not([open])", has=self.tab.locator(f'[name="{name}"]'))
        if await closed.count():
            await self._click(closed.first.locator("summary"))
        kind, tag = await first.evaluate("e => [e.type, e.tagName]")
        if kind in {"radio", "checkbox"}:
            for one in await control.all():
                if (await one.get_attribute("value") in wanted) != await one.is_checked():
                    await self._click(self.tab.locator(f'label[for="{await one.get_attribute("id")}"]'))
        elif tag == "SELECT":
            self.acts += 2
            await first.select_option(wanted[0])
        else:
            self.acts += 1
            await first.fill("\n".join(wanted))

    async def _click(self, what: Locator) -> None:
        self.acts += 1
        await what.click()
