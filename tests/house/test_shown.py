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
