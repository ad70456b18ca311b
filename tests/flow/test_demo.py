"""The demonstration as a new user starts it, and what the hub keeps of it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from client.demo import cast
from client.demo.directory import UNITS
from keys.envelope import SIZES
from tests.kit.traces import found, texts

pytestmark = pytest.mark.timeout(420)  # any of them may be the one that plays
START = [sys.executable, "-c", "from client.cli.main import main; main()", "demo", "--no-browser", "--exit-after-story"]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """One run with ``--keep --json``: its folder and its lines."""
    folder = tmp_path_factory.mktemp("demo") / "kept"
    done = subprocess.run([*START, "--keep", str(folder), "--json"], capture_output=True, check=True, timeout=400)
    return folder, [json.loads(line) for line in done.stdout.splitlines()]


def test_the_story_ends_well(played: tuple[Path, list[dict[str, Any]]]) -> None:
    """The last line counts what arrived, what was receipted and what was rightly refused."""
    result = played[1][-1]
    assert result["ok"] is True
    assert (result["documents"], result["receipts"], result["refused"]) == (28, 28, 6)


def test_the_hub_keeps_nothing_of_what_was_said(played: tuple[Path, list[dict[str, Any]]]) -> None:
    """No value of any body, no name of a unit, organisation or person stands in what the hub stores and logs."""
    folder = played[0]
    transcript = json.loads((folder / "transcript.json").read_text("utf-8"))
    names = [unit.name_sv for unit in (*cast.OFFICES, *UNITS)] + [unit.name_en for unit in (*cast.OFFICES, *UNITS)]
    names += [office.staff for office in cast.OFFICES] + [one.name for one in cast.ORGANISATIONS]
    names += [office.unit_type for office in cast.OFFICES]
    wanted = [*texts(transcript), *names]
    assert len(transcript["documents"]) >= 11
    assert len(wanted) > 150
    for file in (folder / "hub").rglob("*"):
        assert not file.is_file() or not found(wanted, file.read_bytes()), file


def test_the_search_would_find_it(played: tuple[Path, list[dict[str, Any]]]) -> None:
    """The same search in the transcript itself, as base64, finds a value: it is not blind."""
    data = (played[0] / "transcript.json").read_bytes()
    assert found(["Maj-Britt Lindqvist"], data) == ["Maj-Britt Lindqvist"]
    assert found(["Maj-Britt Lindqvist"], __import__("base64").b64encode(data)) == ["Maj-Britt Lindqvist"]


def test_envelopes_have_three_sizes_and_rows_no_sender(played: tuple[Path, list[dict[str, Any]]]) -> None:
    """What still waits at the hub has one of the three sizes, and no column beside mailbox, number and hour."""
    with sqlite3.connect(played[0] / "hub" / "hub.sqlite") as store:
        columns = {row[1] for row in store.execute("PRAGMA table_info(envelope)")}
        lengths = {row[0] for row in store.execute("SELECT length(body) FROM envelope WHERE NOT recalled")}
    store.close()
    assert lengths <= set(SIZES)
    assert not columns & {"sender", "source", "address", "device", "unit", "from_unit", "from_device", "time", "at"}
