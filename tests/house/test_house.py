"""The house itself: sizes of modules, what documents promise, what must never be written down."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MAX_LINES = 300
MODULES = [path for folder in ("hub", "client", "keys") for path in (PROJECT / folder).rglob("*.py")]


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True).stdout
    return [PROJECT / name for name in listed.decode().split("\0") if name and (PROJECT / name).is_file()]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_module_is_a_room_and_not_a_hall(path: Path) -> None:
    """No module has more than 300 lines, and each says in a docstring what it is."""
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    assert text.startswith('"""')


def test_locks_name_versions_and_hashes_only() -> None:
    """Each line of a lock is a version, a hash or a comment; no index host stands there."""
    for lock in (PROJECT / "requirements").glob("*.txt"):
        for line in lock.read_text("utf-8").splitlines():
            assert re.fullmatch(r"[a-z0-9._-]+==\S+( ; .*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|\s+# .*|", line), (
                line
            )
        assert "://" not in lock.read_text("utf-8")


def test_no_machine_is_named() -> None:
    """No tracked file names an absolute path of the machine that it was written on."""
    own = re.compile("|".join(re.escape(f"/{name}/") for name in ("wo" + "rk", "ro" + "ot", "ho" + "me")))
    for path in _tracked():
        text = path.read_bytes().decode("utf-8", "ignore")
        assert not own.search(text), path


def test_every_command_of_the_readme_exists() -> None:
    """Each ``sluss`` command that README shows is a command."""
    readme = (PROJECT / "README.md").read_text("utf-8")
    for program, module in (("sluss", "client.cli.main"), ("sluss-keys", "keys.cli"), ("sluss-hub", "hub.cli")):
        words = {match[1] for match in re.finditer(rf"^ *{program} ([a-z-]+)", readme, re.MULTILINE)}
        assert words
        start = [sys.executable, "-c", f"from {module} import main; main()", "--help"]
        shown = subprocess.run(start, cwd=PROJECT, capture_output=True, check=True)
        commands = set(re.findall(r"^  ([a-z-]+)", shown.stdout.decode(), re.MULTILINE))
        assert words <= commands, words - commands


def test_a_decision_has_a_number_of_its_own() -> None:
    """What is said of a decision elsewhere leads to one of them; its first line bears the number of its name."""
    files = sorted((PROJECT / "deploy" / "decisions").glob("*.md"))
    numbers = [int(path.name[:4]) for path in files]
    assert len(set(numbers)) == len(numbers) > 60
    titles = [re.match(r"# (\d+)\.? \S", path.read_text("utf-8")) for path in files]
    assert [match and int(match[1]) for match in titles] == numbers
