"""A form under somebody's hands: fields that depend on others, a number that is pasted, and thirty seconds to undo."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Locator, expect
from playwright.async_api import Page as Tab

from tests.browser.desk import Hall, address
from tests.browser.test_day import choose, write_question

#: As people write it elsewhere, and as it stands in the field afterwards (domain.md 7.4: a published test value).
PASTED, USUAL = "198112189876", "19811218-9876"


async def paste(tab: Tab, text: str, into: Locator) -> None:
    """Cut the text out of another field, and put it in with the keyboard, as from a clipboard."""
    other = tab.get_by_label("Namn", exact=False).first
    await other.fill(text)
    await other.press("Control+A")
    await other.press("Control+X")
    await into.focus()
    await into.press("Control+A")
    await into.press("Control+V")


@pytest.mark.timeout(300)
async def test_a_field_hangs_on_another_and_a_number_is_put_right(hall: Hall) -> None:
    """What cannot be meant is hidden; a pasted number gets its usual form, and a wrong one a sentence."""
    tab = await hall.enter("sav")
    await tab.get_by_role("link", name="Skriv nytt").click()
    await tab.locator(".door", has_text="Placering – behov").click()
    await tab.locator(".door", has_text="Bops").click()
    near = tab.get_by_role("group", name="Kan inte bo nära").first
    await choose(tab, "Ingen plats är känd som olämplig", "Ja")
    await expect(near).to_be_hidden()
    await choose(tab, "Ingen plats är känd som olämplig", "Nej")
    await expect(near).to_be_visible()
    number = tab.get_by_label("Identitet", exact=False).and_(tab.locator("[data-identity]"))
    await paste(tab, PASTED, number)
    await expect(number).to_have_value(USUAL)
    await paste(tab, "811218-9877", number)
    await expect(tab.get_by_text("Kontrollsiffran stämmer inte.")).to_be_visible()
    assert hall.complaints == []


@pytest.mark.timeout(300)
async def test_what_was_sent_is_taken_back_with_one_press(hall: Hall) -> None:
    """Within its seconds a document becomes a draft again, and nothing has left; then it can be sent."""
    held, desk = hall.pages["sodermalm"].shared.held, hall.offices["sodermalm"].desk
    held.undo_seconds = 600
    tab = await hall.enter("sodermalm")
    await tab.goto(f"{address(tab)}/")
    await tab.get_by_role("link", name="Skriv nytt").click()
    await tab.locator(".door", has_text="Konsultation – fråga").click()
    await tab.locator(".door", has_text="Sav").click()
    await write_question(tab)
    await tab.get_by_role("button", name="Granska").click()
    await tab.get_by_role("button", name="Skicka till").click()
    await expect(tab.get_by_role("heading", name="Skickas strax")).to_be_visible()
    await expect(tab.get_by_role("button", name="Ångra")).to_be_focused()
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_text("Dokumentet skickades inte. Det ligger kvar som utkast.")).to_be_visible()
    held.undo_seconds = 0
    await held.send_due()
    assert len(await desk.unit.drafts()) == 1
    assert await desk.context.vault.all("SELECT 1 FROM document") == []
    await followed(hall, tab)
    assert len(await desk.context.vault.all("SELECT 1 FROM document")) == 1
    assert hall.complaints == []


async def followed(hall: Hall, tab: Tab) -> None:
    """The seconds run out on the page, and then the way of the document stands there: no page was loaded for it."""
    held, desk = hall.pages["sodermalm"].shared.held, hall.offices["sodermalm"].desk
    await held.close()  # it leaves when this test says so
    held.undo_seconds = 2
    await tab.get_by_role("button", name="Granska").click()
    await tab.get_by_role("button", name="Skicka till").click()
    await expect(tab.get_by_role("heading", name="Skickas strax")).to_be_visible()
    await tab.evaluate("() => { window.stayed = true; }")
    await expect(tab.get_by_text("Tiden att ångra är slut.")).to_be_visible()
    await expect(tab.get_by_role("button", name="Ångra")).to_be_hidden()
    await expect(tab.get_by_role("link", name="Se hur långt det har kommit")).to_be_focused()
    while await desk.unit.drafts():
        await held.send_due()
        await asyncio.sleep(0.2)
    await tab.wait_for_url("**/thread/*/sent/*", timeout=60_000)
    await expect(tab).to_have_title("Skickat – Sluss")
    await expect(tab.get_by_text("Dokumentet är undertecknat och krypterat")).to_be_visible()
    await expect(tab.locator("main")).to_be_focused()
    assert await tab.evaluate("() => window.stayed")
