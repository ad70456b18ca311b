"""Files in a real browser: chosen with the mouse, shown in an origin of their own, and a page that stays whole."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from client.engine.writing import Order
from tests.browser.desk import Hall, address, overflows, violations
from tests.kit.attached import staged
from tests.kit.offices import CONTENTS, PASSPHRASE

KIND = "intag.kontakt"  # stays in the unit, and takes files


def png(width: int = 3, height: int = 2) -> bytes:
    """A picture that a browser can show."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"\xff\x00\x00" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_picture_is_chosen_and_another_is_shown_apart(hall: Hall, tmp_path: Path) -> None:
    """Chosen into a draft by its form; shown in a tab that cannot reach the page; nobody is kept out or run."""
    desk = hall.offices["sav"].desk
    files = await staged(desk, tmp_path, {"Dörren.png": png(), "skript.svg": b"<svg><script>alert(1)</script></svg>"})
    content = CONTENTS[KIND]
    written = await desk.writing.write(
        Order(kind=KIND, to_unit=desk.context.unit_id, content=content, attachments=files)
    )
    tab = await hall.enter("sav")
    home = address(tab)
    await tab.goto(f"{home}/thread/{written.thread_id.hex()}")
    await expect(tab.get_by_text("Dörren.png")).to_be_visible()
    assert [*await violations(tab), *await overflows(tab)] == []
    await expect(tab.get_by_role("link", name="Öppna")).to_have_count(1)  # not the one that could run
    async with tab.context.expect_page() as opening:
        await tab.get_by_role("link", name="Öppna").click()
    shown = await opening.value
    await shown.wait_for_load_state()
    assert await shown.evaluate("() => window.opener === null")
    frame = next(one for one in shown.frames if one.parent_frame is not None)
    assert urlsplit(frame.url).netloc != urlsplit(home).netloc
    assert await frame.evaluate("() => document.images[0].naturalWidth") == 3
    assert await frame.evaluate("() => window.origin") == "null"  # in a sandbox, so of no origin at all
    await shown.locator("iframe").click()
    for _ in range(2):  # somebody has clicked into the file: its frame would hear of the keys, and the page not
        await shown.keyboard.press("Escape")
    await shown.wait_for_url("**/hidden", timeout=60_000)
    await tab.wait_for_url("**/hidden", timeout=60_000)
    await tab.get_by_role("button", name="Tillbaka").click()
    await tab.goto(f"{home}/thread/{written.thread_id.hex()}")
    async with tab.context.expect_page() as opening:
        await tab.get_by_role("link", name="Öppna").click()
    shown = await opening.value
    await shown.wait_for_load_state()
    desk.locking.lock()  # and nothing of it stays on the screen
    await shown.wait_for_url("**/unlock", timeout=60_000)
    assert len(shown.frames) == 1
    await desk.locking.unlock(PASSPHRASE)
    await tab.wait_for_url("**/", timeout=60_000)
    await tab.goto(f"{home}/write")
    await tab.locator(f"button[value='{KIND}']").click()
    if not tab.url.startswith(f"{home}/draft/"):
        await tab.locator("button.door, main form button[type=submit]").first.click()
    await tab.wait_for_url("**/draft/*")
    await tab.get_by_role("button", name="Bilagor").click()
    await tab.wait_for_url("**/files")
    source = tmp_path / "bild <1>.png"
    source.write_bytes(png())
    await tab.locator("input[type=file]").set_input_files(source)
    await tab.get_by_role("button", name="Bifoga").click()
    await expect(tab.get_by_text("bild _1_.png")).to_be_visible()
    assert [*await violations(tab), *await overflows(tab)] == []
    assert hall.complaints == []
