"""The benchmark harness runs and prints what it says it prints."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.kit.hub_process import PROJECT

FIELDS = {"name", "value", "unit", "baseline", "ratio", "goal", "lower_is_better"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """``python -m tests.bench`` with these arguments."""
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", ["crypto", "fuzz", "drain", "page", "rules"])
def test_a_quick_run_prints_one_figure_a_line(name: str) -> None:
    """Each line is one figure with all of its fields, and the ratio is that of value and baseline."""
    done = run(name, "--quick")
    assert done.returncode == 0, done.stderr
    figures: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert figures
    for figure in figures:
        assert figure.keys() == FIELDS
        if figure["baseline"] is not None:
            assert figure["ratio"] == pytest.approx(figure["value"] / figure["baseline"], rel=0.01)


def test_an_unknown_name_is_refused() -> None:
    """Exit code 2, and the names that there are."""
    done = run("nosuch")
    assert done.returncode == 2
    assert all(name in done.stderr for name in ("crypto", "drain", "fuzz", "hub_deposit", "latency"))
