"""Counters by the hour, without names (PROTOCOL 7.3).

Only sums over all mailboxes, devices and addresses. The running hour is not shown: one deposit in a quiet minute would
be a time of a deposit.
"""

from __future__ import annotations

import collections
from collections.abc import Mapping

from hub.clock import hour_of


class Metrics:
    """Counts events; keeps the running hour and the last whole one."""

    def __init__(self) -> None:
        self._hour = 0
        self._running: collections.Counter[str] = collections.Counter()
        self._whole: collections.Counter[str] = collections.Counter()

    def count(self, event: str, now: float) -> None:
        """Count one event; ``event`` is an operation's or a code's name from a closed list."""
        self._turn(hour_of(now))
        self._running[event] += 1

    def last_hour(self, now: float) -> Mapping[str, int]:
        """The counters of the last whole hour."""
        self._turn(hour_of(now))
        return dict(self._whole)

    def _turn(self, hour: int) -> None:
        if hour == self._hour:
            return
        self._whole = self._running if hour == self._hour + 1 else collections.Counter()
        self._running = collections.Counter()
        self._hour = hour
