"""Counters without names (PROTOCOL 7.3).

Only sums over all mailboxes, devices and addresses. What tells of mail is counted by the hour, and the running hour is
not shown: one deposit in a quiet minute would be a time of a deposit. What tells of the machine alone, its faults and
what it turned away at the door, is shown at once: somebody must come.
"""

from __future__ import annotations

import collections
from collections.abc import Mapping
from typing import Final

from hub.clock import hour_of

SHOWN_HOURS: Final = 24


class Metrics:
    """Counts events; keeps the running hour, the last 24 whole ones, and sums since the start."""

    def __init__(self) -> None:
        self._hour = 0
        self._running: collections.Counter[str] = collections.Counter()
        self._whole: collections.deque[tuple[int, Mapping[str, int]]] = collections.deque(maxlen=SHOWN_HOURS)
        self._sums: collections.Counter[str] = collections.Counter()
        self.troubles: Final[collections.Counter[str]] = collections.Counter()
        """The machine's own, at once: refusals of which the hub is the cause, jobs that failed, connections closed."""

    def count(self, event: str, now: float) -> None:
        """Count one event; ``event`` is an operation's or a code's name from a closed list."""
        self._turn(hour_of(now))
        self._running[event] += 1

    def last_hour(self, now: float) -> Mapping[str, int]:
        """The counters of the last whole hour."""
        hour = hour_of(now)
        self._turn(hour)
        return dict(self._whole[-1][1]) if self._whole and self._whole[-1][0] == hour - 1 else {}

    def hours(self, now: float) -> list[tuple[int, Mapping[str, int]]]:
        """The last 24 whole hours (hours since 1970) and their counters, oldest first; empty ones included."""
        hour = hour_of(now)
        self._turn(hour)
        known = dict(self._whole)
        return [(past, known.get(past, {})) for past in range(hour - SHOWN_HOURS, hour)]

    def sums(self, now: float) -> Mapping[str, int]:
        """All events since the start up to the end of the last whole hour."""
        self._turn(hour_of(now))
        return dict(self._sums)

    def _turn(self, hour: int) -> None:
        if hour == self._hour:
            return
        if self._running:
            self._whole.append((self._hour, self._running))
            self._sums.update(self._running)
        self._running = collections.Counter()
        self._hour = hour
