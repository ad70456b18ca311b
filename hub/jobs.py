"""What the hub does by itself: prune, expire, snapshots, forgetting logins (PROTOCOL 8).

A job that fails says so with a code and tries again in its next round; the hub goes on serving. By a clock that cannot
be right nothing expires and no snapshot is made.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Final

from hub.auth import Auth
from hub.blobs import Blobs
from hub.clock import Steady
from hub.cosigning import Cosigning
from hub.directory_log import DirectoryLog
from hub.prekeys import Prekeys
from hub.relay import Relay
from keys.errors import LocalError, SlussError
from keys.logging import get_logger

EXPIRY_ROUNDS: Final = 60  # expiry goes by hours; looking every tenth minute at the standard pace is often enough

_log = get_logger("jobs")


@dataclasses.dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between rounds of jobs, from a newcomer's batch to its snapshot, and between rounds of witnesses."""

    job_seconds: float
    snapshot_delay_seconds: float
    witness_seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class Workers:
    """Whose duties they are."""

    relay: Relay
    blobs: Blobs
    prekeys: Prekeys
    auth: Auth


class Jobs:
    """The hub's own work. ``run`` never returns."""

    def __init__(
        self, workers: Workers, *, log: DirectoryLog, cosigning: Cosigning, pace: Pace, steady: Steady
    ) -> None:
        self._steady = steady
        self._relay = workers.relay
        self._blobs = workers.blobs
        self._grown = log.grown
        self._cosigning = cosigning
        self._prekeys = workers.prekeys
        self._auth = workers.auth
        self._pace = pace
        self.failures = 0  # since the start

    async def run(self) -> None:
        """Run all jobs until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deletions(), name="deletions")
            group.create_task(self._snapshots(), name="snapshots")
            group.create_task(self._cosignatures(), name="cosignatures")

    async def _deletions(self) -> None:
        rounds = 0
        while True:
            if rounds % EXPIRY_ROUNDS == 0 and await self._attempt("expire", self._require_time):
                await self._attempt("expire", self._relay.expire)
                await self._attempt("expire-blobs", self._blobs.expire)
            await self._attempt("prune", self._relay.prune)
            self._auth.sweep()
            rounds += 1
            await asyncio.sleep(self._pace.job_seconds)

    async def _snapshots(self) -> None:
        while True:
            newcomer = False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pace.job_seconds):
                    await self._prekeys.newcomer.wait()
                newcomer = True
                await asyncio.sleep(self._pace.snapshot_delay_seconds)  # an office starts its devices together
                self._prekeys.newcomer.clear()
            if await self._is_due(newcomer=newcomer):
                await self._attempt("snapshot", self._prekeys.make_snapshot)

    async def _cosignatures(self) -> None:
        """At once when the log has grown, and as often as clients want a fresh time; sooner after a failure."""
        while True:
            self._grown.clear()
            is_done = False

            async def ask() -> None:
                nonlocal is_done
                is_done = await self._cosigning.round()

            await self._attempt("cosign", ask)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pace.witness_seconds if is_done else self._pace.job_seconds):
                    await self._grown.wait()

    async def _is_due(self, *, newcomer: bool) -> bool:
        due = False

        async def ask() -> None:
            nonlocal due
            due = await self._prekeys.is_due(newcomer=newcomer)
            if due:
                await self._require_time()

        return await self._attempt("snapshot", ask) and due

    async def _require_time(self) -> None:
        if not self._steady.is_plausible:
            raise LocalError("AHEAD")

    async def _attempt(self, op: str, job: Callable[[], Awaitable[object]]) -> bool:
        """Whether it was done."""
        try:
            await job()
        except SlussError as error:
            self.failures += 1
            _log.warning("job failed", op=op, code=error.code)
            return False
        return True
