"""Deposits per second on PostgreSQL, with one hub process and with two, beside plain committed inserts of the same row.

    python -m tests.bench postgres

The baseline is pgbench: 32 connections that each insert one row of 16 KiB into the same table, with the same indexes,
and commit it. It takes no number, keeps no quota, and knows no repetition. Server, hub and load share one machine in
every case; runs alternate, and the medians are compared.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hub.wire.limits import week_of
from hub.wire.requests import RegisterToken
from keys.ids import digest
from tests.bench.figure import Figure, figure, is_quick, scaled
from tests.kit.federation import Federation
from tests.kit.hub_process import PROJECT, HubProcess, found
from tests.kit.postgres import Postgres
from tests.unit.hub.device import Device, now_hour

CONNECTIONS = 32
GOAL = 0.7  # design 9
BODY_BYTES = 16 * 1024
# Room for a run, so that no checkpoint falls into one case and not into another.
SERVER = {"shared_buffers": "256MB", "max_wal_size": "8GB", "checkpoint_timeout": "1h"}
_PLAIN = """
CREATE TABLE {schema}.plain (LIKE {schema}.envelope INCLUDING ALL);
CREATE SEQUENCE {schema}.plain_n;
"""
_INSERT = """
INSERT INTO {schema}.plain (mailbox, n, sealed, id, hour, recall_hash, body)
VALUES (1, nextval('{schema}.plain_n'), 490000, sha256(random()::text::bytea), 490000, sha256(random()::text::bytea),
  :body::text::bytea);
"""


def seconds() -> int:
    """Length of one run."""
    return scaled(5, 1)


def inserts(server: Postgres, schema: str, folder: Path) -> float:
    """Committed single-row inserts per second."""
    script = folder / "insert.sql"
    script.write_text(_INSERT.format(schema=schema), encoding="utf-8")
    done = subprocess.run(
        [str(server.bin / "pgbench"), "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2", "-T", str(seconds()),
         "-D", f"body=\\x{os.urandom(BODY_BYTES).hex()}", "-f", str(script), "-h", "127.0.0.1", "-p", str(server.port),
         "-U", "sluss", "postgres"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(re.findall(r"tps = ([0-9.]+)", done.stdout)[-1])


def deposits(processes: list[HubProcess], device: Device) -> float:
    """Answered deposits per second, all processes together."""
    command = [sys.executable, "-m", "tests.bench.hub_load"]
    each = str(CONNECTIONS // len(processes))
    running = [
        subprocess.Popen(
            [*command, process.url, each, str(seconds()), device.mailbox.hex(), device.token().hex()],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for process in processes
    ]
    results = [json.loads(load.communicate()[0]) for load in running]
    assert not any(result["refusals"] for result in results), results
    return sum(float(result["rate"]) for result in results)


@contextlib.contextmanager
def hubs(folder: Path, database: str) -> Iterator[tuple[list[HubProcess], Device]]:
    """Two processes of one hub, and a device whose mailbox is open."""
    federation = Federation.demo(now=int(time.time()))
    one, two = folder / "one", folder / "two"
    found(one, federation, database=database, max_waiting=10_000_000, job_seconds=60.0)
    two.mkdir()
    for name in ("hub.toml", "hub.key"):
        shutil.copy2(one / name, two / name)
    with HubProcess(one).running() as first, HubProcess(two).running() as second:
        device = Device(first.url, federation, federation.units["sav"].keepers[0])
        asyncio.run(_open(device))
        yield [first, second], device


async def _open(device: Device) -> None:
    async with device:
        await device.call(RegisterToken(device.bearer, week_of(now_hour()), digest(device.token())))


def figures() -> Iterator[Figure]:
    """One record per figure."""
    rates: dict[str, list[float]] = {"plain": [], "one": [], "two": []}
    with tempfile.TemporaryDirectory(prefix="sluss-bench-") as name:
        folder = Path(name)
        with Postgres.running(folder / "server", **({} if is_quick() else SERVER)) as server:
            database = server.database()
            schema = database.rpartition("=")[2]
            with hubs(folder, database) as (processes, device):
                for statement in _PLAIN.format(schema=schema).split(";")[:-1]:
                    server.sql(statement)
                for _ in range(scaled(3, 1)):
                    rates["plain"].append(inserts(server, schema, folder))
                    rates["one"].append(deposits(processes[:1], device))
                    rates["two"].append(deposits(processes, device))
    plain = statistics.median(rates["plain"])
    for key, words in (("one", "1 process"), ("two", "2 processes")):
        yield figure(
            f"hub deposits on PostgreSQL, 16 KiB, 32 connections, {words}, against single-row inserts",
            statistics.median(rates[key]),
            "1/s",
            baseline=plain,
            goal=GOAL if key == "two" else None,
        )


if __name__ == "__main__":
    for one_figure in figures():
        print(json.dumps(one_figure), flush=True)
