"""Attacks on the page in a real browser: another site's frame, form and script; an old ticket; script in a text."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from playwright.async_api import Page as Tab
from playwright.async_api import expect

from client.web.sessions import TICKET_SECONDS
from tests.browser.desk import Hall, address

SCRIPT = "<script>window.taken=1</script><img src=x onerror=window.taken=1><svg onload=window.taken=1>\"'{{7*7}}"
#: Tells the page what the browser refused because of its policy; set before anything of the page runs.
LISTEN = """window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));"""
#: A site that somebody visits beside the work: it frames the page, posts to it, reads it, and listens to it.
EVIL = """<!doctype html><title>Kakor</title><iframe src="{page}/"></iframe>
<form method="post" action="{page}/lock"><button>Vinn</button></form>
<script>
window.heard = {{}};
fetch("{page}/", {{credentials: "include"}}).then(() => heard.read = "yes", () => heard.read = "no");
const socket = new WebSocket("{page}/live".replace("http", "ws"));
socket.onopen = () => heard.socket = "yes"; socket.onerror = () => heard.socket = "no";
</script>"""


@contextlib.asynccontextmanager
async def evil_site(page: str) -> AsyncIterator[str]:
    """Another program's page on this machine."""

    async def index(_: web.Request) -> web.Response:
        return web.Response(text=EVIL.format(page=page), content_type="text/html")

    app = web.Application()
    app.router.add_get("/", index)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@pytest.mark.timeout(300)
async def test_another_site_gets_nothing_of_the_page(hall: Hall) -> None:
    """In the browser of somebody who is logged in it can neither frame, read, hear nor change the page."""
    tab = await hall.enter("sav")
    async with evil_site(address(tab)) as site:
        other = await tab.context.new_page()
        await other.goto(site)
        await expect(other.locator("iframe")).to_be_visible()
        await other.wait_for_function("() => window.heard.read && window.heard.socket")
        assert await other.evaluate("() => window.heard") == {"read": "no", "socket": "no"}
        assert [frame.url for frame in other.frames[1:]] == ["chrome-error://chromewebdata/"]
        async with other.expect_navigation():
            await other.get_by_role("button", name="Vinn").click()
        await expect(other.locator("body")).to_contain_text("En annan webbplats försökte")
    assert not hall.offices["sav"].desk.locking.is_locked


@pytest.mark.timeout(180)
async def test_a_ticket_is_good_for_ten_minutes(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that lay longer opens nothing."""
    sessions = hall.pages["sav"].shared.sessions
    fresh, old, now = hall.pages["sav"].door(), hall.pages["sav"].door(), sessions._now()
    for door, seconds, opens in ((fresh, TICKET_SECONDS - 1, True), (old, TICKET_SECONDS + 1, False)):
        monkeypatch.setattr(sessions, "_now", lambda later=now + seconds: later)
        tab = await (await hall.browser.new_context()).new_page()
        await tab.goto(door)
        shown = tab.get_by_role("heading", name="Arbetslista")
        await expect(shown).to_be_visible() if opens else await expect(tab.locator("main")).to_contain_text("sluss")
        assert await shown.count() == opens


async def _fill_all(tab: Tab, text: str) -> int:
    """Put a text into every field that takes one; how many there are."""
    fields = await tab.locator("main form :is(textarea, input[type=text])").all()
    for field in fields:
        if await field.is_visible():
            await field.fill(text)
    return len(fields)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_script_in_every_field_is_text(hall: Hall) -> None:
    """Typed into the forms, the search and a note it stands there again as text; nothing runs, and no policy is hit."""
    tab = await hall.enter("sav")
    await tab.context.add_init_script(LISTEN)
    refused: list[str] = []
    for kind in ("Konsultation – fråga", "Intag – kontakt", "Hotbildsbedömning – begäran"):
        await tab.goto(f"{address(tab)}/write")
        await tab.locator(".door", has_text=kind).click()
        await tab.locator(".door").first.click()
        await tab.wait_for_url("**/draft/*")
        folded = tab.locator("main details:not([open]) > summary")
        while await folded.count():
            await folded.first.click()
        assert await _fill_all(tab, SCRIPT)
        await tab.get_by_role("button", name="Granska").click()
        await expect(tab.locator("#errors, .recipient").first).to_be_visible()
        refused += await tab.evaluate("() => window.refused")
        assert await tab.evaluate("() => window.taken ?? null") is None
        assert await tab.locator("main textarea").first.input_value() == SCRIPT
    await tab.locator("#search").fill(SCRIPT)
    await tab.locator("#search").press("Enter")  # the page may have put the cursor to its errors meanwhile
    await tab.wait_for_url("**/search*")
    refused += await tab.evaluate("() => window.refused")
    assert await tab.evaluate("() => window.taken ?? null") is None
    assert (refused, hall.complaints) == ([], [])
