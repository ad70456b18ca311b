"""A handler at a browser: pages of several offices side by side, and everything that a browser complains about."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, ConsoleMessage, expect
from playwright.async_api import Page as Tab

from client.web.server import Page
from tests.kit.offices import Offices

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
#: What EN 301 549 asks for on the web, and the newer criteria of WCAG 2.2.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549"]
Colours = Literal["light", "dark"]
#: Nothing here is about speed: a busy machine may take long.
expect.set_options(timeout=30_000)


@dataclasses.dataclass
class Hall:
    """The offices, their pages, and the browser."""

    browser: Browser
    offices: Offices
    pages: dict[str, Page]
    complaints: list[str] = dataclasses.field(default_factory=list)

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, browser: Browser, offices: Offices) -> AsyncIterator[Hall]:
        """Open the page of each office."""
        pages = {key: Page(office.desk) for key, office in offices.items()}
        for page in pages.values():
            await page.open(0)
        try:
            yield cls(browser, offices, pages)
        finally:
            for page in pages.values():
                await page.close()

    async def enter(
        self,
        key: str,
        *,
        size: tuple[int, int] = (1280, 900),
        colours: Colours = "light",
        scripts: bool = True,
        lang: str = "sv",
    ) -> Tab:
        """A new browser window of that office's person, who has come in."""
        context = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=colours, java_script_enabled=scripts
        )
        context.set_default_timeout(20_000)
        tab = await context.new_page()
        tab.on("console", self._heard)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        await tab.goto(self.pages[key].door())
        await tab.wait_for_url("**/")
        if lang != "sv":
            await tab.goto(f"{address(tab)}/settings")
            await tab.select_option("#lang", lang)
            await tab.locator("form[action='/language'] button").click()
            await tab.goto(f"{address(tab)}/")
        return tab

    def _heard(self, message: ConsoleMessage) -> None:
        """What a page refused with 422 is no complaint; anything else of that kind is."""
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.complaints.append(message.text)


def address(tab: Tab) -> str:
    """Scheme, host and port of a page."""
    return "/".join(tab.url.split("/")[:3])


async def hides(tab: Tab) -> None:
    """Esc twice, until they come within the second that counts: a busy machine may be slower than a person."""
    async with asyncio.timeout(120):
        while not tab.url.endswith("/hidden"):
            await tab.keyboard.press("Escape")
            await tab.keyboard.press("Escape")
            await asyncio.sleep(0.5)


@functools.cache
def _axe() -> str:
    return AXE.read_text("utf-8")


async def violations(tab: Tab) -> list[str]:
    """What axe-core finds wrong with the page as it is now: rule, and where."""
    if not await tab.evaluate("() => 'axe' in window"):
        await tab.evaluate(_axe())
    found: dict[str, Any] = await tab.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


async def overflows(tab: Tab) -> Sequence[str]:
    """Elements that stand out of the window to the right."""
    wide: list[str] = await tab.evaluate(
        "() => [...document.querySelectorAll('body *')].filter(e => { const r = e.getBoundingClientRect();"
        " return r.width > 0 && r.left >= 0 && r.right > document.documentElement.clientWidth + 1; })"
        ".map(e => e.tagName + '.' + e.className).slice(0, 5)"
    )
    return wide
