"""What is promised is shown: every test that a table or SECURITY names is there, and no row is left out."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

from tests.hostile.protocol_rows import DANGERS, INVARIANTS, STEPS

PROJECT = Path(__file__).resolve().parents[2]
TESTS = PROJECT / "tests"
ROWS = [(str(name), test) for table in (DANGERS, INVARIANTS, STEPS) for name, tests in table.items() for test in tests]


@functools.cache
def _names(path: Path) -> frozenset[str]:
    """The tests of one file."""
    tree = ast.parse(path.read_text("utf-8"))
    found = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return frozenset(name for name in found if name.startswith("test_"))


@functools.lru_cache(maxsize=1)
def _everywhere() -> frozenset[str]:
    return frozenset().union(*(_names(path) for path in TESTS.rglob("test_*.py")))


@pytest.mark.parametrize(("name", "test"), ROWS)
def test_every_row_names_a_test_that_exists(name: str, test: str) -> None:
    """A danger, an invariant or a check whose test was renamed or removed is not shown any more."""
    file, _, function = test.partition("::")
    assert function in _names(TESTS / file), name


def test_no_danger_invariant_or_check_is_without_a_test() -> None:
    """Thirteen dangers, ten invariants, and as many checks as FORMATS 8 numbers."""
    section = (PROJECT / "keys" / "FORMATS.md").read_text("utf-8").split("## 8. ")[1].split("\n## ")[0]
    numbered = {int(number) for number in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    assert set(STEPS) == numbered == set(range(19))
    assert set(INVARIANTS) == {f"I{number}" for number in range(1, 11)}
    assert len(DANGERS) == 13
    assert all((*DANGERS.values(), *INVARIANTS.values(), *STEPS.values()))


# -- SECURITY ---------------------------------------------------------------------------------------------------------

SECURITY = (PROJECT / "SECURITY.md").read_text("utf-8")
ADVERSARIES = (
    "Who watches the network",
    "A curious operator of the hub",
    "A hub that is taken over",
    "Witnesses that collude with the hub",
    "Who seizes the hub's disk or backup",
    "Who steals a handler's machine",
    "A handler who is coerced",
    "An enrolled insider",
    "An administrator who turns",
    "Who records now and computes later",
    "A supplier who turns",
    "A flooder",
)


def _sections() -> dict[str, str]:
    parts = SECURITY.split("\n## ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def _claims() -> list[str]:
    """Every item that says what somebody cannot do."""
    items = [item for part in _sections().values() for item in re.split(r"^- ", part, flags=re.MULTILINE)[1:]]
    return [item for item in items if re.search(r"\*\*[Cc]annot\*\*", item)]


@pytest.mark.parametrize("adversary", ADVERSARIES)
def test_every_adversary_has_both_lists(adversary: str) -> None:
    """What it can do is said as plainly as what it cannot."""
    section = _sections()[adversary]
    assert re.search(r"\*\*[Cc]an\*\*", section)
    assert re.search(r"\*\*[Cc]annot\*\*", section)


@pytest.mark.parametrize("claim", _claims(), ids=lambda claim: claim[:40])
def test_every_cannot_names_a_test(claim: str) -> None:
    """A claim that no test shows belongs among what remains."""
    assert re.search(r"`test_\w+`", claim), claim


def test_every_test_that_security_names_exists() -> None:
    """A test that was renamed or removed shows nothing any more."""
    named = set(re.findall(r"\btest_\w+(?=`)", SECURITY))
    assert len(named) > 60
    assert named <= _everywhere(), named - _everywhere()
