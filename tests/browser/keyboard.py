"""Somebody at a page without a mouse: Tab, Enter, space, arrows and letters, and nothing else.

No script moves the focus and none fills in a field: every value is typed or chosen, key by key, where Tab has led.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.browser.hands import Hand, What

_MOST_TABS = 400
_FACTS = """() => {
  const e = document.activeElement;
  const words = (e.labels?.[0]?.textContent ?? e.getAttribute("aria-label") ?? e.textContent ?? "").trim();
  return {tag: e.tagName, type: e.type ?? "", name: e.name ?? "", value: e.value ?? "", checked: !!e.checked,
    words: words.replace(/\\s+/g, " "), to: e.getAttribute("href") ?? "", menu: !!e.closest("nav.top__nav"),
    door: e.classList.contains("door"), row: e.closest("tr")?.textContent ?? "",
    last: !e.name || [...document.getElementsByName(e.name)].at(-1) === e, open: !!e.parentElement?.open,
    holds: [...(e.parentElement?.querySelectorAll("[name]") ?? [])].map(one => one.name)};
}"""


class Keys(Hand):
    """Tab, Enter, space, arrows and letters; no mouse."""

    async def take(self, what: What, *, leads_on: bool = True) -> None:
        """Tab to it and press Enter."""
        await self._tab_to(what)
        if not leads_on:
            await self._key("Enter")
            return
        async with self.tab.expect_event("load"):  # of another page: this one may take another address by itself
            await self._key("Enter")
        await self.came()

    async def fill(self, values: Mapping[str, Sequence[str]]) -> None:
        """Through the form from its top, control after control, until the last of them has its value."""
        left = {name: list(wanted) for name, wanted in values.items() if not name.startswith("rows:")}
        while lacking := await self.rows_lacking(values):
            await self.take(What("BUTTON", value=lacking))
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

    async def _set(self, facts: dict[str, Any], wanted: list[str]) -> bool:
        """Give the control with the focus its value; whether the name has all that it should."""
        if facts["type"] == "checkbox":
            if (facts["value"] in wanted) != facts["checked"]:
                await self._key("Space")
            return bool(facts["last"])
        if facts["type"] == "radio":
            await self._choose(facts, wanted[0], "ArrowDown")
            if not (await self._facts())["checked"]:
                await self._key("Space")
        elif facts["tag"] == "SELECT":
            if facts["value"] != wanted[0]:
                await self._key("Home")
                await self._choose(await self._facts(), wanted[0], "ArrowDown")
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
        """Month, day, year, hour, minute, half of the day: the order in which this browser asks for them."""
        day, _, clock = wanted.partition("T")
        year, month, date = day.split("-")
        await self.tab.keyboard.type(f"{month}{date}{year}")
        if clock:
            hour = int(clock[:2])
            await self._key("Tab")  # a year may have six digits
            await self.tab.keyboard.type(f"{hour % 12 or 12:02}{clock[3:]}{'pm' if hour >= 12 else 'am'}")
        if (await self._facts())["value"] != wanted:
            raise AssertionError(f"the date {wanted} cannot be typed")

    async def _tab_to(self, what: What) -> None:
        """Look whether it is there, as nothing else makes a keyboard wait, and press Tab until the focus is on it."""
        await self.there(what)
        for _ in range(_MOST_TABS):
            if what.fits(await self._tab(in_main=not what.menu)):
                return
        raise AssertionError(f"on {self.tab.url} the keyboard does not reach {what}")

    async def _tab(self, *, in_main: bool = True) -> dict[str, Any]:
        """The next stop; who wants the page's content takes the way past the menu that stands first."""
        await self._key("Tab")
        facts = await self._facts()
        if in_main and facts["to"] == "#main":
            await self._key("Enter")
            return await self._tab()
        return facts

    async def _key(self, key: str) -> None:
        self.acts += 1
        await self.tab.keyboard.press(key)

    async def _facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = await self.tab.evaluate(_FACTS)
        return facts
