"""``make profile``: where a hub's time goes while 32 connections deposit, on SQLite and on PostgreSQL. No measurement.

For each case one JSON line: processor milliseconds for one deposit, of the hub and of the server's processes; what the
hub's main thread did, in percent of its time; and what the server's sessions of the hub waited for, in percent of all
looks at them (``CPU``: at work or waiting for a processor).
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import asyncpg

from tests.bench.postgres import SERVER, deposits, two_hubs
from tests.bench.sampled import IDLE
from tests.kit.hub_process import HubProcess
from tests.kit.postgres import Postgres

TOP: Final = 12
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_SAMPLES: Final = "samples.json"
_WAITS: Final = (
    "SELECT coalesce(wait_event_type || ':' || wait_event, 'CPU') FROM pg_stat_activity"
    " WHERE application_name = 'sluss-hub' AND state <> 'idle'"
)


class Sampled(HubProcess):
    """A hub that is watched."""

    def command(self, ready: Path) -> list[str]:
        """What to start."""
        serve = super().command(ready)[3:]
        return [sys.executable, "-m", "tests.bench.sampled", str(self.data / _SAMPLES), *serve]


def processor_seconds(pids: list[int]) -> float:
    """Of these processes and their children."""
    total = 0
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            fields = (entry / "stat").read_text("utf-8").rpartition(")")[2].split()
            if int(entry.name) in pids or int(fields[1]) in pids:
                total += int(fields[11]) + int(fields[12])
    return total / _TICKS


class Waits(threading.Thread):
    """Looks at the hub's sessions until it is told to stop."""

    def __init__(self, server: Postgres) -> None:
        super().__init__()
        self._dsn = f"postgresql://sluss@127.0.0.1:{server.port}/postgres"
        self._ended = threading.Event()
        self.counts: collections.Counter[str] = collections.Counter()

    def run(self) -> None:
        """Look."""
        asyncio.run(self._look())

    async def _look(self) -> None:
        line = await asyncpg.connect(self._dsn)
        try:
            while not self._ended.is_set():
                self.counts.update(row[0] for row in await line.fetch(_WAITS))
                await asyncio.sleep(0.01)
        finally:
            await line.close()

    def stop(self) -> dict[str, float]:
        """The end, and what was seen."""
        self._ended.set()
        self.join()
        return percent(self.counts)


def percent(counts: collections.Counter[str]) -> dict[str, float]:
    """The most frequent, each in percent of all."""
    whole = sum(counts.values())
    return {name: round(100 * count / whole, 1) for name, count in counts.most_common(TOP)}


def lines(folder: Path, server: Postgres | None, processes: int) -> Iterator[dict[str, Any]]:
    """One case."""
    with two_hubs(folder, server.database() if server else "", kind=Sampled) as (hubs, devices):
        used = hubs[:processes]
        pids, before = [hub.pid for hub in used], processor_seconds([hub.pid for hub in used])
        at_server = processor_seconds([_pid(server)]) if server else 0.0
        waits = Waits(server) if server else None
        if waits:
            waits.start()
        began = time.perf_counter()
        rate = deposits(used, devices[:1])
        count = rate * (time.perf_counter() - began)  # what came before the measured time is in it
        found = {
            "case": f"{'PostgreSQL' if server else 'SQLite'}, {processes} process(es), one mailbox",
            "deposits_per_second": round(rate),
            "hub_ms": round(1000 * (processor_seconds(pids) - before) / count, 3),
            "server_ms": round(1000 * (processor_seconds([_pid(server)]) - at_server) / count, 3) if server else None,
            "server_waits": waits.stop() if waits else None,
        }
    counts = collections.Counter(dict(json.loads((used[0].data / _SAMPLES).read_text("utf-8"))))
    idle = counts.pop(IDLE, 0)
    yield {**found, "hub_idle": round(100 * idle / (idle + sum(counts.values())), 1), "hub_at_work": percent(counts)}


def _pid(server: Postgres) -> int:
    assert server.process is not None
    return server.process.pid


def main() -> None:
    """All cases."""
    with tempfile.TemporaryDirectory(prefix="sluss-profile-") as name:
        folder = Path(name)
        with Postgres.running(folder / "server", **SERVER) as server:
            for number, (kind, processes) in enumerate(((None, 1), (server, 1), (server, 2))):
                for line in lines(folder / str(number), kind, processes):
                    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
