"""``python -m tests.browser.trial`` (``make trial``): somebody who has read nothing answers a consultation in the demo.

A newcomer sees what stands visibly on the page and nothing else. She opens the door that the demonstration's index
speaks of, the first case of the list, and the answer that the page offers; she fills in each question that is not
marked as voluntary: the first answer, or a sentence. What she does is counted. Printed as one JSON line, with the
seconds of this machine, in which nobody thinks: `THOUGHT` is what a person needs beside.

async with a tab at a work list in which a question waits:
    newcomer = Newcomer(tab)
    await newcomer.answers("Konsultation", "Konsultation – svar")
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import sys
import time
from typing import Final

from playwright.async_api import Locator, expect
from playwright.async_api import Page as Tab

from client.demo.acting import SAV
from client.demo.cast import OFFICES
from tests.browser.conftest import started

#: What whoever has read nothing writes.
WORDS: Final = "Ta kontakt med polisens avhopparsamordnare och berätta ingenting som pekar ut någon."
#: Seconds that a person takes: to see where to click, and to write the sentence at 40 words a minute.
THOUGHT: Final = {"pages": 6, "acts": 2, "typed": 20}
ARRIVES_MS: Final = 300_000


@dataclasses.dataclass
class Newcomer:
    """Somebody at a tab: pages that came, things done, and of these the texts that were written."""

    tab: Tab
    pages: int = 1
    acts: int = 0
    typed: int = 0

    async def answers(self, case: str, answer: str) -> None:
        """Open the first case of this name, answer it, look it over, and send it."""
        await self._press("link", case)
        await self._press("button", answer)
        await self._fill_in()
        await self._press("button", "Granska")
        await expect(self.tab.get_by_role("heading", name="Granska innan det skickas")).to_be_visible()
        await self._press("button", "Skicka till")

    @property
    def seconds(self) -> int:
        """What a person would need for what was done here."""
        return sum(getattr(self, name) * each for name, each in THOUGHT.items())

    async def _press(self, role: str, words: str) -> None:
        name = re.compile(rf"^\s*{re.escape(words)}")
        what = self.tab.locator("main").get_by_role("link" if role == "link" else "button", name=name).first
        await expect(what).to_be_visible(timeout=ARRIVES_MS)
        self.acts += 1
        async with self.tab.expect_navigation(timeout=ARRIVES_MS):
            await what.click()
        self.pages += 1

    async def _fill_in(self) -> None:
        for question in await self.tab.locator("main form .field").filter(visible=True).all():
            if not await question.locator(".optional").count():
                await self._answer(question)

    async def _answer(self, question: Locator) -> None:
        """The first of the answers, or a sentence; nothing where an answer stands already."""
        choices = question.locator("fieldset label")
        if await choices.count():
            if not await question.locator("input:checked").count():
                await choices.first.click()
                self.acts += 1
        elif not await (field := question.locator("textarea, input, select").first).input_value():
            await field.fill(WORDS)
            self.acts += 1
            self.typed += 1


async def _play(index: str) -> dict[str, float]:
    unit = next(office.name_sv for office in OFFICES if office.key == SAV)
    async with started(1) as (browser,):
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(ARRIVES_MS)
        tab, began = await context.new_page(), time.monotonic()
        await tab.goto(index)
        async with context.expect_page() as opening:
            await tab.get_by_role("link", name=unit).first.click()
        newcomer = Newcomer(await opening.value, pages=2, acts=1)
        await newcomer.answers("Konsultation", "Konsultation – svar")
        done = time.monotonic()
        await expect(newcomer.tab.get_by_text("Tillgängligt")).to_be_visible(timeout=ARRIVES_MS)
        return {
            "pages": newcomer.pages,
            "acts": newcomer.acts,
            "typed": newcomer.typed,
            "seconds_of_a_person": newcomer.seconds,
            "seconds_here": round(done - began, 1),
            "seconds_until_received": round(time.monotonic() - began, 1),
        }


async def trial() -> dict[str, float]:
    """``sluss demo`` from its start until the answer has come."""
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from client.cli.main import main; main()", "demo", "--no-browser",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert demo.stdout is not None
    began = time.monotonic()
    try:
        async for line in demo.stdout:
            if found := re.search(r"http://\S+", line.decode()):
                told = round(time.monotonic() - began, 1)
                return {"seconds_of_story": told, **await _play(found[0])}
        raise AssertionError("the demonstration opened no doors")
    finally:
        demo.terminate()
        await demo.wait()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(trial())))
