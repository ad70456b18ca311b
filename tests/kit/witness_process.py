"""The real ``sluss-keys witness serve`` as a process of its own, on port 0.

witness = WitnessProcess.create(tmp_path / "w1", "w1.example", follow={origin: log_key})
witness.start()                        # witness.url; witness.key is its NoteKey
witness.kill()                         # kill -9; start() again on the same folder
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from keys.checkpoint import LOG_KEY, origin_of
from keys.cosignature import NoteKey
from keys.private import events
from keys.private.witness_store import STORE_NAME, WitnessStore, create_witness
from tests.kit.federation import Federation

START_SECONDS = 20.0
PROJECT = Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class WitnessProcess:
    """One witness's folder and, while it runs, its process."""

    data: Path
    key: NoteKey
    url: str = ""
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def create(cls, data: Path, name: str, follow: Mapping[str, NoteKey]) -> WitnessProcess:
        """Make a witness that follows these logs (origin → key); it does not run yet."""
        key = create_witness(data, name).key
        with contextlib.closing(WitnessStore(data / STORE_NAME)) as store:
            for origin, log in follow.items():
                store.follow(origin, log)
        return cls(data, key)

    def start(self) -> WitnessProcess:
        """Start and wait until it serves; the second time on the same port."""
        ready = self.data / "ready"
        ready.unlink(missing_ok=True)
        command = "from keys.cli import main; main()"
        options = ["--data", str(self.data), "--port", str(self.port), "--ready-file", str(ready)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", command, "witness", "serve", *options],
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
        deadline = time.monotonic() + START_SECONDS
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the witness did not start")
            time.sleep(0.01)
        self.url = ready.read_text(encoding="utf-8")
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def kill(self) -> None:
        """Kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM."""
        self._end(signal.SIGTERM)

    def evidence(self) -> list[tuple[str, bytes, bytes]]:
        """What it kept of logs that contradicted themselves."""
        with contextlib.closing(WitnessStore(self.data / STORE_NAME)) as store:
            return store.evidence()

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(10)
            self.process = None


def log_of(federation: Federation) -> dict[str, NoteKey]:
    """The federation's log as its hub signs it: origin → key."""
    key = NoteKey(federation.hub_id.hex(), LOG_KEY, federation.hub_keys.ed25519)
    return {origin_of(federation.directory.federation): key}


@contextlib.contextmanager
def witnesses(folder: Path, federation: Federation, *, count: int = 3) -> Iterator[list[WitnessProcess]]:
    """Running witnesses whom the federation's roots have named."""
    made = [
        WitnessProcess.create(folder / f"w{number}", f"w{number}.example", log_of(federation))
        for number in range(count)
    ]
    keys = [one.key for one in made]
    federation.apply(events.name_witnesses(federation.directory, federation.roots(), keys=keys, quorum=count // 2 + 1))
    try:
        yield [one.start() for one in made]
    finally:
        for one in made:
            one.stop()
