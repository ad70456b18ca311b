"""The directory log as static resources after c2sp.org/tlog-tiles (PROTOCOL 4.8). No HTTP here.

    /checkpoint                      the note
    /tile/<L>/<N>[.p/<W>]            256 hashes of 32 bytes, or W of them
    /tile/entries/<N>[.p/<W>]        256 leaves, or W, each after its length in two bytes

``N`` is written in groups of three digits, all but the last after an ``x``: 1234067 is ``x001/x234/067``. A path has
one form; any other is not found. Whatever was served once is served the same for ever, so that anybody may cache it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator
from typing import Final

from hub.directory_log import DirectoryLog

CHECKPOINT_PATH: Final = "/checkpoint"
TILE_PREFIX: Final = "/tile/"
TILE_WIDTH: Final = 256  # c2sp.org/tlog-tiles
TILE_HEIGHT: Final = 8
PAGE_LEAVES: Final = 64
_LENGTH_BYTES: Final = 2
_PATH: Final = re.compile(
    r"/tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,4}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


@dataclasses.dataclass(frozen=True, slots=True)
class Tile:
    """What a path names: a level (None for entries), an index, a width of 1 to 256."""

    level: int | None
    index: int
    width: int

    @property
    def start(self) -> int:
        """Index of its first hash or leaf."""
        return self.index * TILE_WIDTH


def parse_path(path: str) -> Tile | None:
    """The tile that a path names; None when it names none."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level, number, width = match.groups()
    index = int(number.replace("x", "").replace("/", ""))
    if _written(index) != number or int(width or 1) >= TILE_WIDTH:
        return None
    return Tile(None if level == "entries" else int(level), index, int(width or TILE_WIDTH))


def hashes(log: DirectoryLog, tile: Tile) -> bytes | None:
    """A tile of hashes; None when the log is not that long."""
    level = TILE_HEIGHT * (tile.level or 0)
    if tile.start + tile.width > log.size >> level:
        return None
    return b"".join(log.directory.tree.subtrees(level, tile.start, tile.width))


async def entries(log: DirectoryLog, tile: Tile) -> AsyncIterator[bytes]:
    """A bundle of leaves in pieces of some leaves each; the caller knows that the log is long enough.

    Raises:
        StoreError: not readable.
    """
    at, end = tile.start, tile.start + tile.width
    while at < end:
        page = await log.read(at, min(PAGE_LEAVES, end - at))
        at += len(page.leaves)
        yield b"".join(len(leaf).to_bytes(_LENGTH_BYTES) + leaf for leaf in page.leaves)


def has_entries(log: DirectoryLog, tile: Tile) -> bool:
    """Whether the log is long enough for a bundle."""
    return tile.start + tile.width <= log.size


def _written(index: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
