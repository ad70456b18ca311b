"""A bar graph as SVG, drawn here: no script, no style of its own, and every number also stands in the table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 140
_TOP: Final = 18  # room for the highest number
_BOTTOM: Final = 20  # room for the hours
_EVERY: Final = 3  # hours between two labels


def bars(title: str, values: Sequence[tuple[str, int]]) -> str:
    """A graph of ``values``, one bar each, as an ``<svg>`` element.

    Args:
        title: read out in place of the picture.
        values: label and number, in order.
    """
    highest = max((number for _, number in values), default=0)
    step = WIDTH / max(len(values), 1)
    room = HEIGHT - _TOP - _BOTTOM
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg">',
        f"<title>{escape(title)}</title>",
        f'<line x1="0" y1="{HEIGHT - _BOTTOM}" x2="{WIDTH}" y2="{HEIGHT - _BOTTOM}" stroke="currentColor"/>',
        f'<text x="0" y="12" font-size="12" fill="currentColor">{highest}</text>',
    ]
    for place, (label, number) in enumerate(values):
        height = room * number / highest if highest else 0.0
        x, y = place * step, HEIGHT - _BOTTOM - height
        parts.append(
            f'<rect x="{x + 2:.1f}" y="{y:.1f}" width="{step - 4:.1f}" height="{height:.1f}" fill="#1b5e7d">'
            f"<title>{escape(label)}: {number}</title></rect>"
        )
        if place % _EVERY == 0:
            parts.append(
                f'<text x="{x + 2:.1f}" y="{HEIGHT - 5}" font-size="12" fill="currentColor">{escape(label)}</text>'
            )
    return "".join([*parts, "</svg>"])
