"""What a telephone reads off a screen or a paper: QR codes as they are seen, by zxing-cpp, which others made."""

from __future__ import annotations

import base64
from typing import Any

import zxingcpp
from playwright.async_api import Locator
from playwright.async_api import Page as Tab

_MODULE: int = 4  # pixels of a half block
#: A picture as one grey byte a pixel: the browser takes it apart itself, so that no library for pictures is needed.
_GREY = """async picture => {
  const bits = await createImageBitmap(await (await fetch("data:image/png;base64," + picture)).blob());
  const canvas = new OffscreenCanvas(bits.width, bits.height), brush = canvas.getContext("2d");
  brush.drawImage(bits, 0, 0);
  const rgba = brush.getImageData(0, 0, bits.width, bits.height).data;
  let grey = "";
  for (let at = 0; at < rgba.length; at += 4)
    grey += String.fromCharCode((rgba[at] * 299 + rgba[at + 1] * 587 + rgba[at + 2] * 114) / 1000);
  return [btoa(grey), bits.width, bits.height];
}"""


def read(pixels: bytes, width: int) -> list[str]:
    """The texts of all QR codes in a picture of one grey byte a pixel, row by row; dark modules must be dark."""
    view = memoryview(pixels).cast("B", (len(pixels) // width, width))
    found = zxingcpp.read_barcodes(view, formats=zxingcpp.BarcodeFormat.QRCode, try_invert=False)
    return [one.text for one in found]


async def seen(shown: Tab | Locator, blank: Tab) -> list[str]:
    """What stands in the QR codes of a page or a part of it, as drawn now; ``blank`` is a tab without a page."""
    picture = base64.b64encode(await shown.screenshot()).decode()
    grey: list[Any] = await blank.evaluate(_GREY, picture)
    return read(base64.b64decode(grey[0]), int(grey[1]))


def at_terminal(told: str) -> list[str]:
    """What stands in a QR code of half blocks at a terminal with light letters on a dark ground."""
    rows = [line.rstrip("\r") for line in told.split("\n")]
    lines = [row for row in rows if row and not row.strip(" ▀▄█") and "█" in row]
    pixels = bytearray()
    for line in lines:
        for lit in ("▀█", "▄█"):
            pixels += b"".join((b"\xff" if one in lit else b"\0") * _MODULE for one in line) * _MODULE
    return read(bytes(pixels), len(lines[0]) * _MODULE)
