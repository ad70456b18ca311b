"""One clock for a whole fleet: the machine's, moved by as much as the conductor says, in all processes at once.

clock = FleetClock.make(path)      # the conductor; workers and the hub: FleetClock(path)
clock.turn(12 * 3600)              # half a day passes for everybody
clock()                            # seconds since 1970
"""

from __future__ import annotations

import mmap
import struct
import time
from pathlib import Path

_OFFSET = struct.Struct("<d")


class FleetClock:
    """Seconds since 1970 for the hub and all offices; the offset lies in a file that all of them map."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _OFFSET.size)

    @classmethod
    def make(cls, path: Path) -> FleetClock:
        """A clock that is right."""
        path.write_bytes(_OFFSET.pack(0.0))
        return cls(path)

    def __call__(self) -> float:
        """Now."""
        return time.time() + self.offset

    @property
    def offset(self) -> float:
        """How far it is ahead, in seconds."""
        return float(_OFFSET.unpack_from(self._shared)[0])

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        _OFFSET.pack_into(self._shared, 0, self.offset + seconds)
