"""A call that lacks something says what, and needs no office for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from client.cli import main


@pytest.mark.parametrize(
    ("call", "named"),
    [
        ("enrol", "--approval"),
        ("fingerprint --words x", "enheten"),
        ("consent withdraw 1234", "--how"),
        ("consent new", "--file"),
        ("new konsultation.fraga", "--to"),
    ],
)
def test_what_is_missing_is_named(call: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Code 2; the sentence names the option, not only that something is wrong."""
    assert main.run([*call.split(), "--json"]) == 2
    error = json.loads(capsys.readouterr().err)
    assert (error["code"], named in error["sentence"]) == ("USAGE", True), error


@pytest.mark.parametrize("more", [["--verify"], []])
def test_a_backup_is_looked_for_before_its_shares(
    more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody types two shares of 33 words for a file that is not there."""
    assert main.run(["restore", str(tmp_path / "none.slk"), *more, "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "NOFILE"
