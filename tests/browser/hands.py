"""Somebody at a page who acts like a person: with the mouse, or with the keyboard alone.

A story is written once and told by either. Both read where a control is from the page as it is; nothing is sent but
what a person could send, and every press is a real one.

async with a tab of a desk:
    hand = Mouse(tab)
    await hand.follow("Skriv nytt")
    await hand.fill(typed(content))
    await hand.press("Granska")
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from playwright.async_api import Locator, expect
from playwright.async_api import Page as Tab

from client.casework.swedish_time import local_time
from tests.browser.desk import address
from tests.kit.visitor import typed

#: A busy machine may take long.
ARRIVES_MS = 120_000
_MOST_TABS = 400
_FACTS = """() => {
  const e = document.activeElement;
  const words = (e.labels?.[0]?.textContent ?? e.getAttribute("aria-label") ?? e.textContent ?? "").trim();
  return {tag: e.tagName, type: e.type ?? "", name: e.name ?? "", value: e.value ?? "", checked: !!e.checked,
    words: words.replace(/\\s+/g, " "), form: e.form?.className ?? "", open: e.parentElement?.open ?? false,
    holds: [...(e.parentElement?.querySelectorAll("[name]") ?? [])].map(one => one.name)};
}"""


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


class Hand:
    """What both can do; ``tab`` is the page that they sit at."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.acts = 0

    async def goes_to(self, path: str) -> None:
        """An address that the person has as a bookmark."""
        await self.tab.goto(address(self.tab) + path)

    async def sees(self, text: str) -> None:
        """It stands on the page, now or soon."""
        await expect(self.tab.locator("main").get_by_text(text).first).to_be_visible(timeout=ARRIVES_MS)

    async def sees_after_reloading(self, text: str) -> None:
        """It stands on a page that does not renew itself, sooner or later."""
        async with asyncio.timeout(ARRIVES_MS / 1000):
            while not await self.tab.locator("main").get_by_text(text).count():
                await asyncio.sleep(0.2)
                await self.tab.reload()

    async def finds_approval(self) -> None:
        """Open what waits for one's approval, as soon as it is there."""
        await expect(self.tab.locator("main a[href^='/approvals/']").first).to_be_visible(timeout=ARRIVES_MS)
        name = await self.tab.locator("main a[href^='/approvals/']").first.inner_text()
        await self.follow(name)

    async def open_up(self, name: str) -> None:
        """Unfold what stands behind these words."""
        raise NotImplementedError

    async def finds(self, name: str) -> None:
        """A link to a thread is there, now or soon."""
        link = self.tab.locator("main a[href^='/thread/']", has_text=name).first
        await expect(link).to_be_visible(timeout=ARRIVES_MS)

    async def follow(self, name: str, *, exact: bool = False) -> None:
        """A link whose words begin so, or are these."""
        raise NotImplementedError

    async def press(self, name: str) -> None:
        """A button whose words begin so."""
        raise NotImplementedError

    async def fill(self, values: Mapping[str, Sequence[str]]) -> None:
        """Every control of the page's form that is named here; rows are added until there are enough."""
        raise NotImplementedError

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

    async def follow(self, name: str, *, exact: bool = False) -> None:
        """Click it."""
        async with self.tab.expect_navigation():
            await self._click(self.tab.get_by_role("link", name=name, exact=exact).first)

    async def press(self, name: str) -> None:
        """Click it."""
        async with self.tab.expect_navigation():
            await self._click(self.tab.get_by_role("button", name=name).first)

    async def open_up(self, name: str) -> None:
        """Click them."""
        await self._click(self.tab.locator("main summary", has_text=name).first)

    async def fill(self, values: Mapping[str, Sequence[str]]) -> None:
        """One control after the other, by its label."""
        while lacking := await self.rows_lacking(values):
            async with self.tab.expect_navigation():
                await self._click(self.tab.locator(f'button[name="add"][value="{lacking}"]'))
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


class Keys(Hand):
    """Tab, Enter, space, arrows and letters; no mouse."""

    async def follow(self, name: str, *, exact: bool = False) -> None:
        """Tab to it and press Enter."""
        await self._tab_to("A", name, exact=exact)
        async with self.tab.expect_navigation():
            await self._key("Enter")

    async def press(self, name: str) -> None:
        """Tab to it and press Enter."""
        await self._tab_to("BUTTON", name)
        async with self.tab.expect_navigation():
            await self._key("Enter")

    async def open_up(self, name: str) -> None:
        """Tab to them and press Enter."""
        await self._tab_to("SUMMARY", name)
        await self._key("Enter")

    async def fill(self, values: Mapping[str, Sequence[str]]) -> None:
        """Through the form from its top, control after control, until the last of them has its value."""
        left = {name: list(wanted) for name, wanted in values.items() if not name.startswith("rows:")}
        while lacking := await self.rows_lacking(values):
            await self._add(lacking)
        for _ in range(_MOST_TABS):
            if not left:
                return
            facts = await self._tab()
            name = facts["name"]
            if facts["tag"] == "SUMMARY" and not facts["open"] and any(one in left for one in facts["holds"]):
                await self._key("Enter")
            elif name in left and await self._set(facts, left[name]):
                del left[name]
        raise AssertionError(f"the keyboard does not reach {sorted(left)}")

    async def _add(self, lacking: str) -> None:
        for _ in range(_MOST_TABS):
            facts = await self._tab()
            if (facts["name"], facts["value"]) == ("add", lacking):
                async with self.tab.expect_navigation():
                    await self._key("Enter")
                return
        raise AssertionError(f"the keyboard does not reach a row of {lacking}")

    async def _set(self, facts: dict[str, Any], wanted: list[str]) -> bool:
        """Give the control with the focus its value; whether the name has all that it should."""
        if facts["type"] == "checkbox":
            if facts["value"] in wanted:
                wanted.remove(facts["value"])
                if not facts["checked"]:
                    await self._key("Space")
            return not wanted
        if facts["type"] == "radio":
            await self._choose(facts, wanted[0], "ArrowDown")
            if not (await self._facts())["checked"]:
                await self._key("Space")
        elif facts["tag"] == "SELECT":
            await self._choose(facts, wanted[0], "ArrowDown")
        elif facts["type"] in {"date", "datetime-local"}:
            await self._type_date(wanted[0])
        else:
            await self._key("Control+A")
            await self.tab.keyboard.type("\n".join(wanted))
            self.acts += 1
        return True

    async def _choose(self, facts: dict[str, Any], wanted: str, arrow: str) -> None:
        for _ in range(_MOST_TABS):
            if facts["value"] == wanted:
                return
            await self._key(arrow)
            facts = await self._facts()
        raise AssertionError(f"the arrows do not reach {wanted}")

    async def _type_date(self, wanted: str) -> None:
        """Year, month, day, hour, minute, in the order in which the field of this browser asks for them."""
        day, _, clock = wanted.partition("T")
        year, month, date = day.split("-")
        hour, minute = int(clock[:2] or 0), clock[3:]
        twelve = f"{hour % 12 or 12:02}{minute}{'pm' if hour >= 12 else 'am'}" if clock else ""
        for text in (f"{month}{date}{year}" + (f"\t{twelve}" if clock else ""), f"{year}\t{month}{date}\t{clock}"):
            await self.tab.keyboard.type(text)
            if (await self._facts())["value"] == wanted:
                return
        raise AssertionError(f"the date {wanted} cannot be typed")

    async def _tab_to(self, tag: str, name: str, *, exact: bool = False) -> None:
        for _ in range(_MOST_TABS):
            facts = await self._tab()
            if facts["tag"] == tag and facts["words"].startswith(name) and (not exact or facts["words"] == name):
                return
        raise AssertionError(f"the keyboard does not reach {name}")

    async def _tab(self) -> dict[str, Any]:
        await self._key("Tab")
        return await self._facts()

    async def _key(self, key: str) -> None:
        self.acts += 1
        await self.tab.keyboard.press(key)

    async def _facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = await self.tab.evaluate(_FACTS)
        return facts
