"""Deposits per second on PostgreSQL, with one hub process and with two, beside plain committed inserts of the same row.

    python -m tests.bench postgres

The baseline is pgbench: 32 connections that each insert one row of 16 KiB into the same table, with the same indexes,
and commit it. It takes no number, keeps no quota, and knows no repetition. Server, hub and load share one machine in
every case; runs alternate, and the medians are compared. Deposits go into one mailbox, which is the worst case, or take
turns at 32.
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

from hub.store.postgres.following import LOOK_SECONDS
from hub.wire.limits import week_of
from hub.wire.requests import RegisterToken
from keys.ids import digest
from tests.bench.figure import Figure, figure, is_quick, scaled
from tests.kit.federation import Federation
from tests.kit.hub_process import PROJECT, HubProcess, found
from tests.kit.postgres import Postgres
from tests.unit.hub.device import Device, now_hour

CONNECTIONS = 32
MANY = 32
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


def deposits(processes: list[HubProcess], devices: list[Device]) -> float:
    """Answered deposits per second, all processes together."""
    command = [sys.executable, "-m", "tests.bench.hub_load"]
    each = str(CONNECTIONS // len(processes))
    pairs = [word for device in devices for word in (device.mailbox.hex(), device.token().hex())]
    running = [
        subprocess.Popen(
            [*command, process.url, each, str(seconds()), *pairs],
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
def two_hubs(
    folder: Path, database: str, *, mailboxes: int = 4, kind: type[HubProcess] = HubProcess
) -> Iterator[tuple[list[HubProcess], list[Device]]]:
    """Two processes of one hub, and devices whose mailboxes are open, each of another unit; on SQLite one process."""
    federation = Federation.demo(now=int(time.time()))
    for number in range(mailboxes - len(federation.units)):
        federation.add_unit(f"u{number}", "stockholm", unit_type="stadsdel_socialtjanst")
        federation.enrol(f"u{number}", "Handläggare")
    one, two = folder / "one", folder / "two"
    folder.mkdir(exist_ok=True)
    found(one, federation, database=database, max_waiting=10_000_000, job_seconds=60.0)
    two.mkdir()
    for name in ("hub.toml", "hub.key"):
        shutil.copy2(one / name, two / name)
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(kind(data).running()) for data in ([one, two] if database else [one])]
        devices = [Device(processes[0].url, federation, unit.keepers[0]) for unit in federation.units.values()]
        for device in devices:
            asyncio.run(_open(device))
        time.sleep(LOOK_SECONDS * 2)  # the second process hears of the tokens
        yield processes, devices


async def _open(device: Device) -> None:
    async with device:
        await device.call(RegisterToken(device.bearer, week_of(now_hour()), digest(device.token())))


def figures() -> Iterator[Figure]:
    """One record per figure."""
    rates: dict[str, list[float]] = {}

    def note(name: str, rate: float) -> None:
        rates.setdefault(name, []).append(rate)

    with tempfile.TemporaryDirectory(prefix="sluss-bench-") as name:
        folder = Path(name)
        with Postgres.running(folder / "server", **({} if is_quick() else SERVER)) as server:
            database = server.database()
            schema = database.rpartition("=")[2]
            with two_hubs(folder, database, mailboxes=scaled(MANY, 4)) as (processes, devices):
                for statement in _PLAIN.format(schema=schema).split(";")[:-1]:
                    server.sql(statement)
                for _ in range(scaled(3, 1)):
                    note("plain", inserts(server, schema, folder))
                    for count in (1, 2):
                        note(f"{count} process(es), one mailbox", deposits(processes[:count], devices[:1]))
                        note(f"{count} process(es), {len(devices)} mailboxes", deposits(processes[:count], devices))
    plain = statistics.median(rates.pop("plain"))
    for name, found_rates in rates.items():
        yield figure(
            f"hub deposits on PostgreSQL, 16 KiB, 32 connections, {name}, against single-row inserts",
            statistics.median(found_rates),
            "1/s",
            baseline=plain,
            goal=GOAL if name.startswith("2") else None,
        )


if __name__ == "__main__":
    for one_figure in figures():
        print(json.dumps(one_figure), flush=True)
