"""The real ``sluss-hub serve`` as a process of its own, on port 0; for every test that needs a hub.

federation = Federation.demo(now=int(time.time()))
hub = HubProcess.create(tmp_path / "hub", federation)     # folder, keys, root and all statements so far
hub.start()                                               # hub.url is http://127.0.0.1:<port>
hub.stop()                                                # SIGTERM and wait; hub.kill() is kill -9; start() again
with HubProcess.create(folder, federation).running() as hub: ...
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from hub.config import Config, load_config
from hub.founding import found_hub, load_statements
from hub.signer import save_signer
from tests.kit.federation import Federation
from tests.kit.hub_stock import HUB, Forked, Stock

START_SECONDS = 90.0  # on a machine that is busy with other tests
STOP_SECONDS = 15.0
PROJECT = Path(__file__).resolve().parents[2]
#: Where hubs are forked from; None: each is an interpreter of its own, as in figures.
stock: Stock | None = None
# Quick jobs and no rate limits: tests do in a second what offices do in a day.
SETTINGS: dict[str, Any] = {
    "port": 0,
    "source_rate": 1e6,
    "source_burst": 10_000_000,
    "mailbox_rate": 1e6,
    "mailbox_burst": 10_000_000,
    "max_connections": 10_000,
    "source_connections": 10_000,
    "snapshot_delay_seconds": 0.05,
    "job_seconds": 0.2,
    "strict_logs": True,
}


def found(data: Path, federation: Federation, **settings: Any) -> Config:
    """A hub's folder with the federation's hub keys and all its statements; ``settings`` go to ``hub.toml``."""
    data.mkdir(parents=True, exist_ok=True)
    secret = federation.hub_secret
    signer = save_signer(data, secret.ed25519_seed, secret.mldsa_seed)
    config = Config(
        profile=federation.directory.profile,
        hub_id=federation.hub_id.hex(),
        address="http://127.0.0.1",
        **{**SETTINGS, **settings},
    )
    asyncio.run(_found(data, federation, config, signer))
    return config


async def _found(data: Path, federation: Federation, config: Config, signer: Any) -> None:
    await found_hub(data, federation.founding.statement, settings=config, signer=signer)
    files = []
    for number, statement in enumerate(federation.statements):
        files.append(data / f"{number}.statement")
        files[-1].write_bytes(statement)
    await load_statements(data, config, files)
    for file in files:
        file.unlink()


@dataclasses.dataclass
class HubProcess:
    """One hub folder and, while it runs, its process."""

    data: Path
    url: str = ""
    process: subprocess.Popen[bytes] | Forked | None = None

    @classmethod
    def create(cls, data: Path, federation: Federation, **settings: Any) -> HubProcess:
        """Found a hub for ``federation``; it does not run yet. Not to be called inside a running event loop."""
        found(data, federation, **settings)
        return cls(data)

    @property
    def pid(self) -> int:
        """Process id of the running hub."""
        assert self.process is not None
        return self.process.pid

    @property
    def log_text(self) -> str:
        """All that the hub's processes wrote to standard error."""
        return (self.data / "log.txt").read_text(encoding="utf-8")

    def command(self, ready: Path) -> list[str]:
        """What to start."""
        return [sys.executable, "-m", HUB, "serve", "--data", str(self.data), "--ready-file", str(ready)]

    def start(self) -> Self:
        """Start and wait until it serves."""
        ready = self.data / "ready"
        ready.unlink(missing_ok=True)
        self.process = self._launched(self.command(ready))
        deadline = time.monotonic() + START_SECONDS
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the hub did not start: {self.log_text}")
            time.sleep(0.01)
        self.url = ready.read_text(encoding="utf-8")
        return self

    def _launched(self, command: list[str]) -> subprocess.Popen[bytes] | Forked:
        log = self.data / "log.txt"
        if stock is not None and stock.fits(command):
            return stock.start(command, log)
        with log.open("ab") as errors:
            environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
            return subprocess.Popen(command, stderr=errors, cwd=PROJECT, env=environment)

    def stop(self) -> int:
        """SIGTERM, wait, and return the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9, as a crash would."""
        self._end(signal.SIGKILL)

    def config(self) -> Config:
        """Its settings as written."""
        return load_config(self.data)

    @contextlib.contextmanager
    def running(self) -> Iterator[HubProcess]:
        """Start, and stop at the end of the block."""
        try:
            yield self.start()
        finally:
            self.stop()

    def _end(self, how: signal.Signals) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(how)
        code = self.process.wait(STOP_SECONDS)
        self.process = None
        return code
