"""Trusted time (protocol 11): the later of the own clock and the newest time that someone else signed.

A clock that is off by more than ten minutes is told to the handler; by more than a day nothing is sent and no key is
deleted, because both would rest on a wrong date.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from typing import Final

from keys.errors import LocalError

HOUR_SECONDS: Final = 3600
WARN_SECONDS: Final = 600
STOP_SECONDS: Final = 86_400


class Clock:
    """The own clock, held against what others say.

    Args:
        now: seconds since 1970 UTC; tests bring their own.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._signed = 0  # newest verified time
        self._off_seconds = 0  # own clock minus the hub's, at the last look

    def now(self) -> int:
        """Trusted time in seconds."""
        return max(int(self._now()), self._signed)

    def exact(self) -> float:
        """The own clock, for pauses."""
        return self._now()

    def hour(self) -> int:
        """Trusted time in hours."""
        return self.now() // HOUR_SECONDS

    def heard_signed(self, seconds: int) -> None:
        """Take in a time that a verified signature covers; one that is a day ahead of us is not believed.

        The hub signs alone as long as there are no witnesses: a date far ahead would else stop this office for good.
        """
        if seconds <= int(self._now()) + STOP_SECONDS:
            self._signed = max(self._signed, seconds)

    def heard_hub(self, seconds: int) -> None:
        """Take in the hub's unsigned word for the time: it can stop us, never move us."""
        self._off_seconds = int(self._now()) - seconds

    @property
    def off_seconds(self) -> int:
        """How far the own clock is from the hub's and from what was signed."""
        behind = min(int(self._now()) - self._signed, 0) if self._signed else 0
        return max(self._off_seconds, behind, key=abs)

    @property
    def is_warning(self) -> bool:
        """Off by more than ten minutes."""
        return abs(self.off_seconds) > WARN_SECONDS

    @property
    def is_sane(self) -> bool:
        """Off by a day at most: good enough to send and to delete by."""
        return abs(self.off_seconds) <= STOP_SECONDS

    def require_sane(self) -> None:
        """Refuse to send or delete by a clock that is off by more than a day.

        Raises:
            LocalError: code ``CLOCK``.
        """
        if not self.is_sane:
            raise LocalError("CLOCK", seconds=self.off_seconds)


def iso_of(seconds: int) -> str:
    """An instant as documents write it: UTC, ``YYYY-MM-DDTHH:MM:SSZ``."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
