"""Looking for what must not be there: a text in all the forms in which a careless program leaves it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

SHORTEST = 6  # characters: anything shorter stands in random bytes by chance


def texts(value: Any) -> Iterator[str]:
    """All strings in a JSON value that are long enough to mean something."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str) and len(value) >= SHORTEST:
        yield value


def forms(text: str) -> Iterator[bytes]:
    """Raw, hexadecimal, UTF-16 and base64 at its three alignments."""
    raw = text.encode()
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    for shift, skip in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(bytes(shift) + raw)
        end = len(encoded) - (4 if (shift + len(raw)) % 3 else 0)
        if end - skip >= SHORTEST:
            yield encoded[skip:end]


def found(wanted: Iterable[str], data: bytes) -> list[str]:
    """Which of the texts stand in the bytes, in any form."""
    return [text for text in sorted(set(wanted)) if any(form in data for form in forms(text))]
