"""Every page for everybody: axe-core finds nothing, nothing overflows, and in English no Swedish is left.

``make test`` goes to every page once and turns the settings from page to page, so that each of them is used;
``make axe`` (``SLUSS_AXE=all``) goes to every page in every setting, and to the form of every kind of document.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser
from playwright.async_api import Page as Tab

from client.engine.folder import Folder
from client.web import look, routes
from client.web.first import FirstStart
from keys.statements import Profile
from tests.browser.desk import Colours, Hall, address, overflows, violations
from tests.browser.tour import STOPS, Stop, world
from tests.browser.words import swedish
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess

#: Width and height in CSS pixels, and the text that the browser is asked for: a desk, the same at 200 %, a telephone,
#: which is the same as the desk at 400 %, and the desk with text of 200 % and nothing else enlarged.
SIZES = ((1280, 900, 16), (640, 450, 16), (320, 640, 16), (1280, 900, 32))
COLOURS: tuple[Colours, ...] = ("light", "dark")
#: By colours, so that each is used on every page.
MOTION: dict[Colours, Literal["reduce", "no-preference"]] = {"light": "reduce", "dark": "no-preference"}
#: A colour that fades is none yet: what moves is at its end at once, and nothing waits for a frame that may not come.
_AT_REST = """() => document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < Infinity)
  .forEach(one => one.finish())"""
LANGUAGES = ("sv", "en")
Setting = tuple[tuple[int, int, int], Colours, str]
SETTINGS: tuple[Setting, ...] = tuple(itertools.product(SIZES, COLOURS, LANGUAGES))
EVERYTHING = os.environ.get("SLUSS_AXE") == "all"
TEMPLATES = Path(look.__file__).parent / "templates"
#: Pieces of pages, and the page that leads on by itself as soon as it has come.
PIECES = {"base", "carried", "parts", "fields", "drawings", "files", "entered", "paper_choices"}
#: Leads on, is no page, or leads to a file in an origin of its own.
NO_PAGES = {"/enter", "/live", "/file/{document_id}/{number}/save"}


def _rows(app_routes: Any) -> Iterator[str]:
    for route in app_routes:
        if route.method == "GET":
            yield route.path


def test_every_page_is_a_stop(tmp_path: Path) -> None:
    """Every address of the router, of the office and of the first start, and every template."""
    wanted = set(_rows(routes.ROUTES)) - NO_PAGES
    start = FirstStart(Folder(tmp_path / "office"), Profile.DEMO, lambda _: NotImplemented)
    wanted |= {f"first:{path}" for path in _rows(start.routes) if not path.endswith((".slk", "/enter"))}
    assert {stop.route for stop in STOPS} - {""} == wanted
    assert {stop.template for stop in STOPS} == {path.stem for path in TEMPLATES.glob("*.html")} - PIECES


def test_the_settings_are_all_used() -> None:
    """Also when every page is seen in one of them only."""
    turned = {setting for _, settings in _turns(everything=False) for setting in settings}
    assert turned == set(SETTINGS)


def _turns(*, everything: bool) -> Iterator[tuple[Stop, tuple[Setting, ...]]]:
    if everything:
        yield from ((stop, SETTINGS) for stop in STOPS)
        return
    for number, stop in enumerate(stop for stop in STOPS if not stop.long):
        yield stop, (SETTINGS[number % len(SETTINGS)],)


@pytest.mark.slow
@pytest.mark.timeout(3600 if EVERYTHING else 900)
async def test_no_page_has_a_violation(
    tmp_path: Path, hub: HubProcess, federation: Federation, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sitting over all pages: the right page, no violation, nothing out of the window, no Swedish in English."""
    drawn: list[str] = []
    plain = look.Look.page
    monkeypatch.setattr(look.Look, "page", lambda self, name, **facts: drawn.append(name) or plain(self, name, **facts))
    found: dict[str, object] = {}
    async with world(tmp_path, hub, federation, browser) as here:
        for stop, settings in _turns(everything=EVERYTHING):
            for lang in LANGUAGES:
                drawn.clear()
                tab = await stop.reach(here, lang)
                assert f"{stop.template}.html" in drawn, stop.name  # another tab may draw itself anew meanwhile
                wrong = await swedish(tab) if lang == "en" else set()
                found[f"{stop.name} in {lang}"] = [
                    *wrong,
                    *await _looked_at(tab, [s for s in settings if s[2] == lang]),
                ]
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


async def _looked_at(tab: Tab, settings: list[Setting]) -> list[str]:
    """What is wrong with the page that a tab shows, in these settings."""
    wrong: list[str] = []
    for (width, height, text), colours, _ in settings:
        await tab.set_viewport_size({"width": width, "height": height})
        await tab.emulate_media(color_scheme=colours, reduced_motion=MOTION[colours])
        async with sized(tab, text):
            await tab.evaluate(_AT_REST)
            said = [*await violations(tab), *await overflows(tab)]
        wrong += [f"{width} {text} {colours}: {one}" for one in said]
    return wrong


@contextlib.asynccontextmanager
async def sized(tab: Tab, pixels: int) -> AsyncIterator[None]:
    """The text size that somebody has chosen in the browser's own settings."""
    line = await tab.context.new_cdp_session(tab)
    await line.send("Page.setFontSizes", {"fontSizes": {"standard": pixels, "fixed": pixels}})
    yield
    await line.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    await line.detach()


async def test_text_is_as_large_as_the_browser_is_asked_for(hall: Hall) -> None:
    """Nothing on the page fixes a size in pixels: all text grows with the browser's setting."""
    tab = await hall.enter("sav")
    await tab.goto(f"{address(tab)}/settings")
    sizes = (
        "() => [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && e.textContent.trim())"
        ".map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    before = await tab.evaluate(sizes)
    async with sized(tab, 32):
        assert await tab.evaluate(sizes) == pytest.approx([2 * one for one in before], abs=0.1)
    assert len(before) > 30


async def test_axe_itself_finds_something(hall: Hall) -> None:
    """Control: a picture without text, a box that stands out, and a Swedish word in English are found."""
    tab = await hall.enter("sav", lang="en", size=(320, 640))
    assert await violations(tab) == []
    await tab.evaluate(
        "() => { document.body.append(document.createElement('img'));"
        " const box = document.createElement('p'); box.textContent = 'Arbetslista';"
        " box.className = 'wide'; document.body.append(box); box.setAttribute('width', '');"
        " box.attributeStyleMap.set('width', CSS.px(900)); }"
    )
    assert any(one.startswith("image-alt") for one in await violations(tab))
    assert await overflows(tab)
    assert await swedish(tab) == {"Arbetslista"}
