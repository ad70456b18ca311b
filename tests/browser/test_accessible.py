"""Every page for everybody: axe-core finds nothing and nothing overflows, light and dark, small and large."""

from __future__ import annotations

import pytest

from tests.browser.desk import Colours, Hall, address, overflows, violations

#: Width in CSS pixels: a desk, a telephone, and a desk of 1280 at 400 %, which is the same as 320.
SIZES = [(1280, 900), (640, 450), (320, 640)]


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_no_page_has_a_violation(hall: Hall, colours: Colours, size: tuple[int, int]) -> None:
    """All pages, with something on them, and a form with its errors."""
    asked = hall.offices.ask("sav")
    await hall.offices["sodermalm"].desk.writing.write(asked)
    await hall.offices.settle()
    tab = await hall.enter("sav", size=size, colours=colours)
    home = address(tab)
    thread = await tab.locator("a[href^='/thread/']").first.get_attribute("href")
    unit = hall.offices.unit("sodermalm").hex()
    found: dict[str, object] = {}
    paths = ("/", "/?view=new", thread, "/write", "/write?kind=konsultation.fraga", "/units", f"/units/{unit}",
             "/consents", "/own", "/own/log", "/settings", "/aside", "/hidden", "/call", "/reminders", "/approvals",
             "/consents/new", "/consents/new?case_type=hotbild", "/refusal", "/kit", "/accessibility",
             f"{thread}/print")  # fmt: skip
    for path in paths:
        await tab.goto(f"{home}{path}")
        found[str(path)] = [*await violations(tab), *await overflows(tab)]
    await tab.goto(f"{home}/write?kind=konsultation.fraga")
    await tab.locator("button.door").first.click()
    await tab.wait_for_url("**/draft/*")
    found["form"] = [*await violations(tab), *await overflows(tab)]
    await tab.get_by_role("button", name="Granska").click()
    await tab.locator("#errors").wait_for()
    found["errors"] = [*await violations(tab), *await overflows(tab)]
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


async def test_axe_itself_finds_something(hall: Hall) -> None:
    """Control: a picture without text on our own page is found."""
    tab = await hall.enter("sav")
    await tab.evaluate("() => document.body.append(document.createElement('img'))")
    assert any(one.startswith("image-alt") for one in await violations(tab))
