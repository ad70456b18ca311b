"""In a real browser that keeps pages for its back button: what locks or hides the page leaves nothing to be seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import Route, async_playwright, expect

from client.web.forms.drafts import Sheet, keep, read_sheet
from tests.browser.conftest import QUIET, chromium
from tests.browser.desk import Hall, address, hides
from tests.browser.hands import on_page
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PASSPHRASE, Offices

WRITTEN = "Ord som ännu inte är sparade."


@pytest.fixture
async def room(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Hall]:
    """As ``hall``, in a browser as people have it: playwright's own turns the back button's memory off."""
    staff = {"sodermalm": "Olle Ohlin", "sav": "Eva Ek"}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=QUIET, ignore_default_args=["--disable-back-forward-cache"]
        )
        async with Offices.open(tmp_path, hub.url, federation, staff) as offices, Hall.open(browser, offices) as hall:
            yield hall
        await browser.close()


async def opened(tab: Tab, path: str) -> Tab:
    """Another tab of the same browser."""
    other = await tab.context.new_page()
    await other.goto(address(tab) + path)
    return other


async def on_screen(tab: Tab) -> str:
    """What can be read on it, title included."""
    text: str = await tab.evaluate(
        "() => document.title + getComputedStyle(document.body).visibility.replace('visible', document.body.innerText)"
    )
    return text


async def begun(tab: Tab) -> None:
    """A draft is open, and somebody writes in it."""
    await tab.goto(f"{address(tab)}/write")
    await tab.get_by_role("button", name="Konsultation – fråga").click()
    await tab.get_by_role("button", name="Sav").click()
    await tab.get_by_label("Situationen i allmänna ord").fill(WRITTEN)


async def written(hall: Hall) -> list[str]:
    """Texts in the drafts."""
    sheets = [read_sheet(one) for one in await hall.offices["sodermalm"].desk.unit.drafts()]
    return [text for sheet in sheets if sheet for text in sheet.typed.get("content.situation", [])]


@pytest.mark.timeout(300)
async def test_every_tab_leaves_and_the_back_button_brings_nothing_back(room: Hall) -> None:
    """Esc twice in one tab, then locked keys: list, paper, consents, and a form with the cursor in a field."""
    desk = room.offices["sodermalm"].desk
    thread = f"/thread/{(await desk.writing.write(room.offices.ask('sav'))).thread_id.hex()}"
    form = await room.enter("sodermalm")
    await form.goto(address(form) + thread)
    paper, consents = await opened(form, f"{thread}/print"), await opened(form, "/consents")
    await begun(form)
    await hides(form)
    for tab in (form, paper, consents):
        await tab.wait_for_url("**/hidden", timeout=60_000)
    for tab, steps in ((form, 4), (paper, 1)):
        for _ in range(steps):
            await tab.go_back(wait_until="commit")
            await asyncio.sleep(0.3)
            seen = await on_screen(tab)
            assert "Sluss" not in seen, tab.url
            assert "Konsultation" not in seen, tab.url
    assert await written(room) == [WRITTEN]
    await form.goto(f"{address(form)}/")
    await form.get_by_role("button", name="Tillbaka").click()
    await expect(form.get_by_role("heading", name="Arbetslista")).to_be_visible()
    await begun(form)
    await paper.goto(address(form) + f"{thread}/print")
    await consents.goto(f"{address(form)}/consents")
    desk.locking.lock()
    for tab in (form, paper, consents):
        await tab.wait_for_url("**/unlock", timeout=60_000)
    assert sorted(await written(room)) == [WRITTEN, WRITTEN]
    await form.get_by_label("Lösenfras").fill(PASSPHRASE)
    await form.get_by_role("button", name="Lås upp").click()
    await paper.wait_for_url("**/", timeout=60_000)  # the other tabs hear of that too


@pytest.mark.timeout(300)
async def test_without_scripts_the_back_button_brings_nothing_back(room: Hall) -> None:
    """The link that hides; what the browser has kept is not shown again: a page it shows so is never loaded."""
    tab = await room.enter("sodermalm", scripts=False)
    await tab.goto(f"{address(tab)}/consents")
    await tab.get_by_role("link", name="Dölj snabbt").click()
    await tab.wait_for_url("**/hidden")
    for _ in range(2):
        await tab.go_back(wait_until="load")  # one step after the other
        await expect(tab.get_by_role("heading", name="Anteckningar")).to_be_visible()


@pytest.mark.timeout(300)
async def test_the_newest_stands_there_and_who_goes_on_is_not_called_back(room: Hall) -> None:
    """Two answers on their way; a page left just after typing; a document that leaves while somebody is in the menu."""
    desk = room.offices["sodermalm"].desk
    thread = (await desk.writing.write(room.offices.ask("sav"))).thread_id
    tab = await room.enter("sodermalm")

    async def slowly(route: Route) -> None:
        answer = await route.fetch()
        await asyncio.sleep(3)
        await route.fulfill(response=answer)

    await tab.goto(f"{address(tab)}/thread/{thread.hex()}")
    await tab.route("**/thread/*", slowly)  # from now on the page asks only to renew itself
    for word in ("Den första.", "Den andra."):
        await desk.unit.note(thread, word)
        await asyncio.sleep(1)
    await expect(tab.get_by_text("Den andra.")).to_be_visible(timeout=60_000)
    await tab.unroute_all(behavior="wait")
    await tab.get_by_label("Ny anteckning").fill(WRITTEN)
    await tab.get_by_role("link", name="Samtycken").click()
    await tab.wait_for_url("**/consents")
    await tab.goto(f"{address(tab)}/thread/{thread.hex()}")
    await expect(tab.get_by_label("Ny anteckning")).to_have_value(WRITTEN, timeout=60_000)
    room.pages["sodermalm"].shared.held.undo_seconds = 2
    kind, to = "konsultation.fraga", room.offices.unit("sav").hex()
    sheet = Sheet(kind=kind, to=to, typed=on_page(CONTENTS[kind]))
    await tab.goto(f"{address(tab)}/draft/{await keep(desk.unit, sheet)}")
    for button in ("Granska", "Skicka till Sav"):
        await tab.get_by_role("button", name=button).click()
    await expect(tab.get_by_role("heading", name="Skickas strax")).to_be_visible()
    await tab.get_by_role("link", name="Adressbok").focus()
    await tab.wait_for_url("**/sent/*", timeout=60_000)
    await expect(tab.get_by_role("link", name="Adressbok")).to_be_focused()
    assert room.complaints == []


@pytest.mark.timeout(300)
async def test_what_somebody_writes_outlives_what_comes(room: Hall) -> None:
    """A note, with the cursor elsewhere and then in it: the page is renewed around it, a colleague's note is seen."""
    desk = room.offices["sodermalm"].desk
    thread = (await desk.writing.write(room.offices.ask("sav"))).thread_id
    tab = await room.enter("sodermalm")
    await tab.goto(f"{address(tab)}/thread/{thread.hex()}")
    area = tab.get_by_label("Ny anteckning")
    await area.fill(WRITTEN)
    await area.evaluate("e => e.blur()")
    await desk.unit.note(thread, "Den första.")
    await expect(tab.get_by_text("Den första.")).to_be_visible()
    await expect(area).to_have_value(WRITTEN)
    await area.focus()
    await area.evaluate("e => e.setSelectionRange(4, 4)")
    await desk.unit.note(thread, "Den andra.")
    await expect(tab.get_by_text("Den andra.")).to_be_visible()
    await tab.keyboard.type("X")
    await expect(area).to_have_value(WRITTEN[:4] + "X" + WRITTEN[4:])
    assert room.complaints == []
