"""A real browser: Debian's Chromium through playwright, at the page of a real office."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.desk import Hall
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices

#: What keeps Chromium from looking for the net outside; as root it cannot make its sandbox.
QUIET = [
    "--disable-background-networking", "--disable-component-update", "--disable-gpu", "--disable-quic",
    "--disable-sync", "--no-first-run", "--no-sandbox",
]  # fmt: skip


def chromium() -> str:
    """The browser's program. ``make test`` installs it; without it these tests fail."""
    found = os.environ.get("SLUSS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "no Chromium: run make test, or name one in SLUSS_CHROMIUM"
    return found


@contextlib.asynccontextmanager
async def started(number: int) -> AsyncIterator[list[Browser]]:
    """So many browsers, each a program of its own."""
    async with async_playwright() as playwright:
        browsers = [await playwright.chromium.launch(executable_path=chromium(), args=QUIET) for _ in range(number)]
        yield browsers
        for browser in browsers:
            await browser.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Started for one test."""
    async with started(1) as (browser,):
        yield browser


@pytest.fixture
async def browsers() -> AsyncIterator[list[Browser]]:
    """Two, for those who write to each other."""
    async with started(2) as browsers:
        yield browsers


@pytest.fixture
async def hall(tmp_path: Path, hub: HubProcess, federation: Federation, browser: Browser) -> AsyncIterator[Hall]:
    """``sodermalm`` and ``sav`` with their pages open, their keys known to each other."""
    staff = {"sodermalm": "Olle Ohlin", "sav": "Eva Ek"}
    async with Offices.open(tmp_path, hub.url, federation, staff) as offices, Hall.open(browser, offices) as hall:
        yield hall
