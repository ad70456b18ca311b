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
        LocalError: code ``FILE`` when it cannot be read, ``EMPTY``, ``FILEBIG``, ``ENCODING``, and ``JSON`` when it
            holds something else.
    """
    try:
        value = msgspec.json.decode(_text(path))
    except UnicodeDecodeError as error:
        raise LocalError("ENCODING") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise LocalError("JSON") from error
    if not isinstance(value, dict):
        raise LocalError("JSON")
    return value


def _text(path: Path) -> str:
    """The whole text; a byte order mark, which some editors write, is left out."""
    raw = sys.stdin.buffer.read(MAX_JSON_BYTES + 1) if str(path) == "-" else _read(path)
    if len(raw) > MAX_JSON_BYTES:
        raise LocalError("FILEBIG", limit=MAX_JSON_BYTES)
    if not raw.strip():
        raise LocalError("EMPTY")
    return raw.decode("utf-8-sig")


def _read(path: Path) -> bytes:
    try:
        return read_bounded(path, MAX_JSON_BYTES)
    except LocalError as error:
        if isinstance(error.__cause__, OSError):
            raise
        raise LocalError("FILEBIG", limit=MAX_JSON_BYTES) from error
