"""Turning single bits of files at rest."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

MOST_TRIES: Final = 20


def turn(path: Path, bit: int) -> None:
    """Turn one bit of a file, counted from its start."""
    with path.open("r+b") as file:
        file.seek(bit // 8)
        (old,) = file.read(1)
        file.seek(bit // 8)
        file.write(bytes([old ^ (1 << bit % 8)]))


def turn_anywhere(paths: Sequence[Path], rng: random.Random) -> tuple[str, int]:
    """Turn one bit, each bit of all the files as likely as any other; returns the file's name and the byte."""
    sizes = [path.stat().st_size for path in paths]
    at = rng.randrange(8 * sum(sizes))
    for path, size in zip(paths, sizes, strict=True):
        if at < 8 * size:
            turn(path, at)
            return path.name, at // 8
        at -= 8 * size
    raise AssertionError


def _any_place_of(data: bytes, body: bytes, rng: random.Random) -> int:
    """Where some byte of ``body`` lies; the last page may have too few to be told from others, then it is another."""
    places = (_place_of(data, body, rng.randrange(len(body))) for _ in range(MOST_TRIES))
    found = next((place for place in places if place is not None), None)
    if found is None:
        raise ValueError("the body does not lie in this file")
    return found


def _place_of(data: bytes, body: bytes, at: int) -> int | None:
    """Where byte ``at`` of ``body`` lies in a database file whose pages cut the body into pieces."""
    for width in (32, 16, 8):
        for wanted in (at - width // 2, at, at - width + 1):  # a page may end beside it
            start = min(max(wanted, 0), len(body) - width)
            found = data.find(body[start : start + width])
            if found >= 0:
                return found + at - start
    return None


def turn_mail(database: Path, rng: random.Random) -> int:
    """Turn a bit of every envelope in a hub's database, wherever the file keeps it; returns how many then differ."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        before = _bodies(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = database.read_bytes()
    for body in before:
        turn(database, 8 * _any_place_of(data, body, rng) + rng.randrange(8))
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return sum(body != was for body, was in zip(_bodies(connection), before, strict=True))


def _bodies(connection: sqlite3.Connection) -> list[bytes]:
    return [body for (body,) in connection.execute("SELECT body FROM envelope WHERE recalled = 0 ORDER BY rowid")]
