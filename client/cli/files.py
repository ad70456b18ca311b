"""JSON files that people hand in: read whole, bounded, never repeated in an error."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from keys.errors import LocalError
from keys.files import read_bounded

MAX_JSON_BYTES: Final = 1024 * 1024
JSON_FILE: Final = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file, or from standard input for ``-``.

    Raises:
        LocalError: code ``FILE`` when it cannot be read, ``JSON`` when it holds something else.
    """
    raw = sys.stdin.buffer.read(MAX_JSON_BYTES + 1) if str(path) == "-" else read_bounded(path, MAX_JSON_BYTES)
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise LocalError("JSON") from error
    if not isinstance(value, dict):
        raise LocalError("JSON")
    return value
