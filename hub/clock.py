"""The hub's one clock, so that everything else can be driven through 33 days in a test."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

HOUR_SECONDS: Final = 3600

Clock = Callable[[], float]
"""Seconds since 1970 UTC."""


def system_clock(offset_seconds: int = 0) -> Clock:
    """The machine's clock, moved by ``offset_seconds`` (demo and tests only)."""
    return lambda: time.time() + offset_seconds


def hour_of(seconds: float) -> int:
    """Hours since 1970 UTC: the only grain in which the hub keeps time."""
    return int(seconds) // HOUR_SECONDS
