"""How far attached files are, on standard error: one line a second while something moves."""

from __future__ import annotations

from typing import Any, Final

from client.cli.screen import remark
from client.cli.words import say

MOVING: Final = frozenset({"coming", "sending"})
_UNITS: Final = ("B", "kB", "MB", "GB")


def show_progress(rows: list[dict[str, Any]]) -> None:
    """Of all that is on its way: how many files, and how much of them; nothing when nothing moves."""
    moving = [row for row in rows if row["state"] in MOVING]
    if moving:
        done, total = (sum(row[name] for row in moving) for name in ("done_bytes", "total_bytes"))
        remark(f"{len(moving)} {say('på väg', 'under way')}: {size_words(done)} / {size_words(total)}")


def size_words(size: int) -> str:
    """A number of bytes in three digits or so."""
    value, unit = float(size), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if value >= 10 or not unit else f"{value:.1f} {_UNITS[unit]}"
