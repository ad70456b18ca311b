"""QR codes are read back as they are drawn: on the screen in both colours, on paper, and from the files to print."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from playwright.async_api import Browser
from playwright.async_api import Page as Tab

from client.cli.screen import save_qr
from client.engine.folder import Folder
from client.web.first import FirstStart
from keys.comparison import short_code
from keys.ids import digest
from keys.private import kit as kits
from keys.statements import Profile
from tests.browser.desk import Hall, address
from tests.kit.offices import PASSPHRASE
from tests.kit.scanner import seen

#: How somebody may see a page: colours, and whether on paper.
LOOKS: Sequence[dict[str, str]] = (
    {"color_scheme": "light", "media": "screen"},
    {"color_scheme": "dark", "media": "screen"},
    {"color_scheme": "dark", "media": "print"},
)


@dataclasses.dataclass
class Eyes:
    """Somebody with a telephone before a screen and a printer."""

    tab: Tab
    blank: Tab

    async def read(self) -> list[str]:
        """The one code on the page, however it is looked at."""
        found = []
        for look in LOOKS:
            await self.tab.emulate_media(**look)  # type: ignore[arg-type]
            (text,) = await seen(self.tab.locator("svg.qr, svg.segno").first, self.blank)
            found.append(text)
        assert len(set(found)) == 1
        return found[:1]


@pytest.fixture
async def eyes(browser: Browser) -> AsyncIterator[Eyes]:
    """At a window of their own."""
    context = await browser.new_context()
    yield Eyes(await context.new_page(), await context.new_page())
    await context.close()


@pytest.mark.timeout(240)
async def test_the_code_of_a_request_is_read_off_the_page(tmp_path: Path, eyes: Eyes) -> None:
    """At the first start: what the officer's telephone reads is the code that is shown beside it."""
    folder = Folder(tmp_path / "office")

    async def never(_passphrase: str) -> str:
        raise AssertionError

    first = FirstStart(folder, Profile.DEMO, never)
    try:
        await eyes.tab.goto(await first.open())
        await eyes.tab.fill("[name=passphrase]", PASSPHRASE)
        await eyes.tab.fill("[name=again]", PASSPHRASE)
        await eyes.tab.locator("form[action='/passphrase'] button").click()
        code = (await eyes.tab.locator(".words--large").inner_text()).strip()
        assert short_code(digest(first._request)) == code
        assert await eyes.read() == [f"SLUSS-REQUEST:{code}"]
    finally:
        await first.close()


@pytest.mark.timeout(240)
async def test_shares_read_off_page_and_paper_open_what_the_typed_ones_open(
    hall: Hall, eyes: Eyes, tmp_path: Path
) -> None:
    """Each share of a kit: the code says the words beside it; two of them, scanned, give the secret, as joined."""
    eyes.tab = await hall.enter("sodermalm")
    await eyes.tab.goto(f"{address(eyes.tab)}/kit")
    await eyes.tab.locator("button[value=begin]").click()
    making = hall.pages["sodermalm"].shared.making
    assert making is not None
    scanned = []
    for number in range(1, kits.SHARES + 1):
        await eyes.tab.goto(f"{address(eyes.tab)}/kit?share={number}")
        await eyes.tab.locator("details summary").click()
        words = await eyes.tab.locator("ol.share li").all_inner_texts()
        scanned += await eyes.read()
        assert scanned[-1].lower().split() == words
    assert kits.join(scanned[1:]) == making.secret
    file = tmp_path / "share-1.svg"
    save_qr(file, scanned[0])
    await eyes.tab.goto(file.as_uri())
    assert await eyes.read() == scanned[:1]
