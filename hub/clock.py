"""The hub's one clock, so that everything else can be driven through 33 days in a test."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

HOUR_SECONDS: Final = 3600

MOST_AHEAD_SECONDS: Final = 14 * 86_400
"""Ahead of the newest snapshot: a serving hub makes one every six hours, and stands still for a fortnight at most."""

Clock = Callable[[], float]
"""Seconds since 1970 UTC."""


class Steady:
    """Whether the clock can be right, by the newest time in the hub's own log and the last one that could be.

    A snapshot of a time to come stands in the log for good, and no client takes keys from one that is a day away: a hub
    that was once ten years ahead could serve nobody for ten years. It would also take all mail for expired.

    Args:
        clock: the hub's.
        newest: seconds since 1970 of the newest snapshot; 0: none, and then nothing is known.
    """

    def __init__(self, clock: Clock, newest: Callable[[], int]) -> None:
        self._clock = clock
        self._newest = newest
        self._last_good = 0.0

    @property
    def is_plausible(self) -> bool:
        """Whether what cannot be taken back may be done by this clock."""
        now, newest = self._clock(), self._newest()
        if newest and now > max(newest, self._last_good) + MOST_AHEAD_SECONDS:
            return False
        self._last_good = now
        return True

    def accept(self) -> None:
        """Somebody looked: the hub stood still, and the clock is right."""
        self._last_good = self._clock()


def system_clock(offset_seconds: int = 0) -> Clock:
    """The machine's clock, moved by ``offset_seconds`` (demo and tests only)."""
    return lambda: time.time() + offset_seconds


def hour_of(seconds: float) -> int:
    """Hours since 1970 UTC: the only grain in which the hub keeps time."""
    return int(seconds) // HOUR_SECONDS
