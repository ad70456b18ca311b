"""The hub in figures, for its operator: what waits, what the machine has left, whether it can serve.

What tells of mail is looked at once in an hour and then stands still until the next (PROTOCOL 7.3): somebody who asks
every second learns no more than one who asks every hour. What tells of the machine alone is looked at each time.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
from pathlib import Path
from typing import Final

from hub.backup_files import seconds_since
from hub.certificates import all_seconds_left
from hub.clock import Clock, hour_of
from hub.config import Config
from hub.connections import Connections
from hub.directory_log import DirectoryLog
from hub.jobs import Jobs
from hub.kernel_clock import is_synchronised
from hub.metrics import Metrics
from hub.notify import Wakers
from hub.store.base import Queue, Store, StoreError, Totals
from keys.checkpoint import parse_note

READY_SECONDS: Final = 5.0  # a store that takes longer for one row is not one to send deposits to
MIB: Final = 1024 * 1024
_ROUNDED: Final = 64 * MIB  # free room to this step: sixteen kibibytes less would be a deposit


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """What tells of mail, as of the first look in ``hour``."""

    hour: int
    totals: Totals
    queues: tuple[Queue, ...]
    connections: int
    listeners: int

    @property
    def oldest_hours(self) -> int:
        """Age of the oldest envelope that waits, in hours; 0 when nothing waits."""
        oldest = [queue.oldest_hour for queue in self.queues if queue.oldest_hour is not None]
        return self.hour - min(oldest, default=self.hour)


@dataclasses.dataclass(frozen=True, slots=True)
class Machine:
    """What tells of the machine and of the log, now."""

    up_seconds: float
    free_bytes: int
    disk_bytes: int
    queued: int
    job_failures: int
    log_size: int
    unpublished: int
    snapshot_seconds: float | None
    certificate_seconds: tuple[float | None, ...]
    clock_kept: bool | None
    backup_seconds: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at."""

    data: Path
    config: Config
    store: Store
    log: DirectoryLog
    metrics: Metrics
    clock: Clock
    connections: Connections
    wakers: Wakers
    jobs: Jobs


class Figures:
    """One hub's figures.

    Args:
        looked: what is looked at.
    """

    def __init__(self, looked: Looked) -> None:
        self.metrics: Final = looked.metrics
        self.clock: Final = looked.clock
        self._looked = looked
        self._began = looked.clock()
        self._picture: Picture | None = None
        self._lock = asyncio.Lock()

    async def picture(self) -> Picture:
        """What waited at the first look of this hour.

        Raises:
            StoreError: the store does not answer.
        """
        async with self._lock:
            hour, looked = hour_of(self.clock()), self._looked
            if self._picture is None or self._picture.hour != hour:
                totals, queues = await looked.store.totals(), await looked.store.queues()
                self._picture = Picture(hour, totals, tuple(queues), looked.connections.count, len(looked.wakers))
            return self._picture

    def machine(self) -> Machine:
        """The machine and the log now."""
        looked, now = self._looked, self.clock()
        disk = shutil.disk_usage(looked.data)
        snapshot = looked.log.directory.snapshot
        return Machine(
            now - self._began,
            disk.free // _ROUNDED * _ROUNDED,
            disk.total,
            looked.store.queued,
            looked.jobs.failures,
            looked.log.size,
            looked.log.size - parse_note(looked.log.note)[0].size,
            None if snapshot is None else now - snapshot.made_at,
            all_seconds_left(looked.config.certificates, now),
            is_synchronised(),
            seconds_since(looked.data, now),
        )

    async def ready(self) -> dict[str, bool]:
        """What a deposit needs, and whether it is there: the roots' signature, room, a store that writes."""
        room = shutil.disk_usage(self._looked.data).free >= self._looked.config.min_free_mib * MIB
        return {
            "signed": self._looked.log.is_enrolled,
            "room": room and os.access(self._looked.data, os.W_OK),
            "store": await self._store_writes(),
        }

    async def _store_writes(self) -> bool:
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._looked.store.probe()
        except (StoreError, TimeoutError):
            return False
        return True
