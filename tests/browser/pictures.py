"""``python -m tests.browser.pictures`` (``make screenshots``): the main pages in both languages, for README and guides.

Real offices of an invented federation, at a real browser; every page says that it is a demonstration. Times on the
pictures are those of the run, so a new run changes every file: it is made when a page has changed its look.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from client.api.commands import run
from client.web.server import Page
from tests.browser.conftest import QUIET, chromium
from tests.browser.desk import Hall, address
from tests.browser.tour import turned_to
from tests.flow.test_approvals import ask
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.units import Units, open_units

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "pictures"
STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "bops/pia": "Pia Po", "sodermalm/olle": "Olle Ohlin"}
SIZE = (1200, 800)
LANGUAGES = ("sv", "en")


async def story(units: Units) -> dict[str, str]:
    """A question that was answered, one that waits, a request that a colleague is to approve; paths of some pages."""
    eva, bo, olle = (units[key].desk for key in ("sav/eva", "sav/bo", "sodermalm/olle"))
    asked = await olle.writing.write(units.ask("sav"))
    await olle.writing.write(units.ask("sav"))
    first = await ask(units)
    await units.settle()
    await run(bo, "approve", {"document_id": first["document_id"]})
    await run(eva, "take", {"thread_id": asked.thread_id.hex()})
    await run(eva, "note", {"thread_id": asked.thread_id.hex(), "text": "Ring Olle efter lunch."})
    second = await ask(units)
    await units.settle()
    return {
        "work": "/?view=open",
        "thread": f"/thread/{asked.thread_id.hex()}",
        "approval": f"/approvals/{second['document_id']}",
        "units": "/units",
        "own": "/own",
        "call": "/call",
        "consents": "/consents",
        "help": "/help",
    }


async def draw(browser: Browser, units: Units, paths: dict[str, str], languages: Sequence[str] = LANGUAGES) -> None:
    """One file a page and language."""
    pages = {key: Page(office.desk, demonstration=True) for key, office in units.items()}
    for page in pages.values():
        await page.open(0)
    hall = Hall(browser, units, pages)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for lang in languages:
        tab = await hall.enter("sav/bo", size=SIZE, lang=lang)
        for name, path in paths.items():
            await tab.goto(address(tab) + path)
            await turned_to(tab, "f1" if name == "help" else "")
            await tab.screenshot(path=FOLDER / f"{name}.{lang}.png", full_page=name == "approval")
        await tab.goto(f"{address(tab)}/write")
        await tab.locator("button[value='konsultation.fraga']").click()
        await tab.wait_for_url("**/write/*")
        await tab.screenshot(path=FOLDER / f"recipient.{lang}.png")
        await tab.locator("button.door").first.click()
        await tab.wait_for_url("**/draft/*")
        await tab.screenshot(path=FOLDER / f"form.{lang}.png")
    for page in pages.values():
        await page.close()


async def _draw_all(path: Path, hub: HubProcess, federation: Federation) -> None:
    async with open_units(path, hub.url, federation, STAFF) as units, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        await draw(browser, units, await story(units))
        await browser.close()


def main() -> None:
    """Offices, story, browser, pictures."""
    with tempfile.TemporaryDirectory() as name:
        federation = Federation.demo(devices=0, now=int(time.time()))
        with HubProcess.create(Path(name) / "hub", federation).running() as hub:
            asyncio.run(_draw_all(Path(name), hub, federation))


if __name__ == "__main__":
    main()
