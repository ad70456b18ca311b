"""PROTOCOL.md says what the code does: every frame, every field, every refusal, every path and size."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from hub import app, monitor, tiles
from hub.wire import requests, responses
from hub.wire.limits import FRAME_BYTES, HTTP_PATH, WAKE_PATH
from hub.wire.responses import Code
from keys.codec import Bytes16, Bytes32, Bytes64

LAW = (Path(__file__).resolve().parents[3] / "hub" / "PROTOCOL.md").read_text("utf-8")
REQUESTS: dict[int, type[Any]] = {one.__struct_config__.tag: one for one in get_args(requests.Request)}
RESPONSES: dict[int, type[Any]] = {one.__struct_config__.tag: one for one in get_args(responses.Response)}
LENGTHS = {Bytes16: "b16", Bytes32: "b32", Bytes64: "b64"}


def rows(heading: str, columns: int) -> list[list[str]]:
    """The cells of every row below a table's heading."""
    lines = LAW[LAW.index(heading) :].splitlines()[2:]
    body = lines[: next(number for number, line in enumerate(lines) if not line.startswith("|"))]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in body]
    assert all(len(row) == columns for row in cells)
    return cells


FRAMES = {int(row[0]): row[1:] for row in rows("| tag | op |", 4) if row[0] != "–"}
OTHERS = [row for row in rows("| tag | op |", 4) if row[0] == "–"]


def names_in(cell: str, record: type[Any]) -> None:
    """Each field stands in the cell, in order, with its length where the type fixes one."""
    at = 0
    for field in msgspec.structs.fields(record):
        length = LENGTHS.get(field.type, "")
        found = re.search(rf"\b{field.name}\b" + (rf" {length}\b" if length else ""), cell[at:])
        assert found, (record.__name__, field.name, length, cell)
        at += found.end()


@pytest.mark.parametrize("tag", sorted(REQUESTS), ids=lambda tag: REQUESTS[tag].__name__)
def test_a_request_stands_in_the_law(tag: int) -> None:
    """Its tag, its name, and all of its fields in order."""
    record = REQUESTS[tag]
    op, asked, answered = FRAMES[tag]
    assert op == re.sub(r"(?<!^)([A-Z])", r"_\1", record.__name__).lower()
    names_in(asked, record)
    assert msgspec.structs.fields(record) or asked == "–"
    numbers = [int(number) for number in re.findall(r"\b(\d+): ", answered)] or [87, 88]
    assert numbers[0] == tag + 64
    for number in numbers:
        assert number in RESPONSES
    if tag != requests.Wake.__struct_config__.tag:
        names_in(answered, RESPONSES[tag + 64])


def test_the_law_knows_no_other_frames() -> None:
    """Every row is an operation, every response belongs to one, and the refusal has its own line."""
    assert set(FRAMES) == set(REQUESTS)
    answered = " ".join(row[2] for row in FRAMES.values()) + f" {OTHERS[0][3]}"
    assert {int(number) for number in re.findall(r"\b(\d+):? ", answered)} >= set(RESPONSES)
    names_in(OTHERS[0][3], responses.Refused)
    for kind, item in enumerate((responses.Waiting, responses.Withheld)):
        fields = ", ".join(field.name for field in msgspec.structs.fields(item))
        assert f"`[{kind}, {fields}]`" in LAW


def test_every_refusal_has_its_status() -> None:
    """Codes and HTTP statuses are those of the code, no more and no fewer."""
    law = {row[0]: int(row[1]) for row in rows("| code | status |", 4)}
    assert law == {code.value: app._STATUS[code] for code in Code}


def test_sizes_and_paths_are_named() -> None:
    """The five classes, and every path that the listeners answer on."""
    assert " · ".join(f"{size:,}" for size in FRAME_BYTES) in LAW
    for path in (HTTP_PATH, WAKE_PATH, app.HEALTH_PATH, tiles.CHECKPOINT_PATH, f"{tiles.TILE_PREFIX}<L>"):
        assert f"`{path}" in LAW or f" {path}`" in LAW, path
    for path in re.findall(r"^    (/[a-z]+) ", monitor.__doc__ or "", re.MULTILINE):
        assert f"{path}`" in LAW, path
