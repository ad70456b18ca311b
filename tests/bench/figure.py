"""One figure: a value beside the baseline that was measured in the same run.

value / baseline = ratio; ``goal`` is for the ratio where there is a baseline, else for the value itself.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any, Final

QUICK: Final = "SLUSS_BENCH_QUICK"  # set: few repetitions, to see that a figure can be made at all

Figure = dict[str, Any]


def figure(
    name: str,
    value: float,
    unit: str,
    *,
    baseline: float | None = None,
    goal: float | None = None,
    lower_is_better: bool = False,
) -> Figure:
    """A figure as ``python -m tests.bench`` prints it."""
    return {
        "name": name,
        "value": _rounded(value),
        "unit": unit,
        "baseline": None if baseline is None else _rounded(baseline),
        "ratio": None if baseline is None else _rounded(value / baseline),
        "goal": goal,
        "lower_is_better": lower_is_better,
    }


def is_quick() -> bool:
    """Whether this is only a smoke test."""
    return bool(os.environ.get(QUICK))


def scaled(full: int, quick: int) -> int:
    """A number of repetitions."""
    return quick if is_quick() else full


def rate(work: Callable[[], object], *, seconds: float = 1.0) -> float:
    """How often per second ``work`` can be done, one after the other."""
    seconds = 0.02 if is_quick() else seconds
    done, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds or not done:
        work()
        done += 1
    return done / took


def alternating(first: Callable[[], object], second: Callable[[], object], *, rounds: int = 5) -> tuple[float, float]:
    """Median rates of two things, measured in turns, so that what else the machine does falls on both."""
    rates = [(rate(first, seconds=0.5), rate(second, seconds=0.5)) for _ in range(scaled(rounds, 1))]
    return statistics.median(one for one, _ in rates), statistics.median(two for _, two in rates)


def percentile(values: list[float], percent: float) -> float:
    """The value below which ``percent`` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
