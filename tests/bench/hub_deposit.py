"""Deposits per second through the real hub, beside a bare POST and one commit per row; memory of idle connections.

python -m tests.bench.hub_deposit

Hub, baseline and load are each a process of their own in both cases. Runs alternate, and the medians are compared.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.wire.limits import week_of
from hub.wire.requests import RegisterToken
from keys.ids import digest
from tests.kit.federation import Federation
from tests.kit.hub_process import PROJECT, HubProcess
from tests.unit.hub.device import Device, now_hour

CONNECTIONS = 32
SECONDS = 4.0
ROUNDS = 3
IDLE = 1000
MUCH = 10_000_000


@contextlib.contextmanager
def bare(folder: Path) -> Iterator[str]:
    """The baseline server; gives its address."""
    ready = folder / "bare-ready"
    ready.unlink(missing_ok=True)
    with subprocess.Popen([sys.executable, "-m", "tests.bench.hub_bare", str(ready)], cwd=PROJECT) as process:
        while not (ready.exists() and ready.stat().st_size):
            time.sleep(0.01)
        yield ready.read_text(encoding="utf-8")
        process.kill()


@contextlib.contextmanager
def hub(folder: Path, **settings: Any) -> Iterator[tuple[HubProcess, Device]]:
    """A hub and one of its devices (not connected); its mailbox is open."""
    federation = Federation.demo(now=int(time.time()))
    process = HubProcess.create(folder, federation, max_waiting=MUCH, job_seconds=60.0, **settings)
    with process.running():
        device = Device(process.url, federation, federation.units["sav"].keepers[0])
        asyncio.run(_open(device))
        yield process, device


async def _open(device: Device) -> None:
    async with device:
        week = week_of(now_hour())
        await device.call(RegisterToken(device.bearer, week, digest(device.token())))


def load(url: str, device: Device | None = None) -> float:
    """Answers per second."""
    mailbox, token = (device.mailbox, device.token()) if device else (bytes(16), bytes(32))
    command = [sys.executable, "-m", "tests.bench.hub_load", url, str(CONNECTIONS), str(SECONDS)]
    done = subprocess.run(
        [*command, mailbox.hex(), token.hex()], cwd=PROJECT, check=True, capture_output=True, text=True
    )
    result = json.loads(done.stdout)
    assert not result["refusals"], result
    return float(result["rate"])


def resident_bytes(pid: int) -> int:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def deposit_rates(folder: Path) -> tuple[float, float, float]:
    """Medians: bare, hub, hub with one commit per row."""
    rates: dict[str, list[float]] = {"bare": [], "hub": [], "single": []}
    for number in range(ROUNDS):
        with bare(folder) as url:
            rates["bare"].append(load(url))
        with hub(folder / f"group{number}") as (process, device):
            rates["hub"].append(load(process.url, device))
        with hub(folder / f"single{number}", max_group=1) as (process, device):
            rates["single"].append(load(process.url, device))
    return statistics.median(rates["bare"]), statistics.median(rates["hub"]), statistics.median(rates["single"])


async def _idle(process: HubProcess, device: Device) -> float:
    """Bytes per wake connection that waits."""
    async with device:
        warm = [await device.wake(device.bearer) for _ in range(20)]
        await asyncio.sleep(1.0)
        before = resident_bytes(process.pid)
        sockets = [await device.wake(device.bearer) for _ in range(IDLE)]
        await asyncio.sleep(1.0)
        after = resident_bytes(process.pid)
        for socket in sockets + warm:
            assert not socket.closed
            socket._response.close()
    return (after - before) / IDLE


def figures() -> Iterator[dict[str, Any]]:
    """One record per figure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare_rate, hub_rate, single_rate = deposit_rates(folder)
        with hub(folder / "idle") as (process, device):
            idle = asyncio.run(_idle(process, device))
    yield _figure("hub deposits, 16 KiB, durable, 32 connections", hub_rate, bare_rate, goal=0.6)
    yield _figure("hub deposits against one commit per row", hub_rate, single_rate, goal=5.0)
    yield {
        "name": "hub memory per idle wake connection",
        "value": round(idle),
        "unit": "bytes",
        "baseline": 20 * 1024,
        "ratio": round(idle / (20 * 1024), 3),
        "goal": 1.0,
        "lower_is_better": True,
    }


def _figure(name: str, value: float, baseline: float, *, goal: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": "1/s",
        "baseline": round(baseline, 1),
        "ratio": round(value / baseline, 3),
        "goal": goal,
        "lower_is_better": False,
    }


if __name__ == "__main__":
    for figure in figures():
        print(json.dumps(figure), flush=True)
