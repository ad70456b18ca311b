"""A primary and its standby on loopback, without anything that watches them: the test itself is the operator."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from tests.ha.load import Load
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess, found
from tests.kit.ports import free_port
from tests.kit.postgres import START_SECONDS, Postgres, as_nobody, programs
from tests.unit.hub.device import Device

SCHEMA = "postgres"
REPLICATED = {"max_wal_senders": "5", "wal_level": "replica", "hot_standby": "on", "wal_keep_size": "256MB"}


class Pair:
    """Two servers, the second following the first."""

    def __init__(self, primary: Postgres, standby: Postgres) -> None:
        self.primary = primary
        self.standby = standby

    @classmethod
    @contextlib.contextmanager
    def running(cls, folder: Path, *, synchronous: bool) -> Iterator[Pair]:
        """Both, with commits that wait for the standby or do not."""
        waits = {"synchronous_standby_names": "standby"} if synchronous else {}
        with Postgres.running(folder / "one", **REPLICATED) as primary:
            standby = Postgres(folder / "two", programs(folder / "one"), free_port(), REPLICATED)
            standby.folder.mkdir()
            _follow(standby, primary)
            primary.settings = {**REPLICATED, **waits}
            primary.stop()
            primary.start()
            pair = cls(primary, standby)
            pair.until_following()
            try:
                yield pair
            finally:
                standby.kill()

    @property
    def database(self) -> str:
        """Names both; the hub uses the one that takes writes."""
        return f"postgresql://sluss@127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}/{SCHEMA}"

    def until_following(self) -> None:
        """Wait until the standby has everything."""
        caught_up = (
            "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND flush_lsn >= pg_current_wal_lsn()"
        )
        deadline = time.monotonic() + START_SECONDS
        while self.primary.sql(caught_up) != "1":
            assert time.monotonic() < deadline, self.standby.log_text[-2000:]
            time.sleep(0.05)

    def hold_standby(self) -> int:
        """Stop the standby's receiver, as a network that drops everything would; returns its process id."""
        receiver = int(self.standby.sql("SELECT pid FROM pg_stat_wal_receiver"))
        os.kill(receiver, signal.SIGSTOP)
        return receiver

    def fail_over(self, *, held: int = 0) -> None:
        """Kill -9 the primary, and promote the standby."""
        self.primary.kill()
        if held:  # not to be woken: it would still read what lies in its socket
            os.kill(held, signal.SIGKILL)
        deadline = time.monotonic() + START_SECONDS
        while True:  # a server that lost a process takes a moment to notice, and recovers before it can be promoted
            try:
                self.standby.sql("SELECT pg_promote(true, 60)")
                return
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def _follow(standby: Postgres, primary: Postgres) -> None:
    if os.geteuid() == 0:
        standby.data.mkdir(mode=0o700)
        os.chown(standby.data, 65_534, 65_534)
    source = f"host=127.0.0.1 port={primary.port} user=sluss application_name=standby"
    subprocess.run(
        [str(standby.bin / "pg_basebackup"), "-D", str(standby.data), "-d", source, "-R", "-c", "fast", "--no-sync"],
        check=True, capture_output=True, **as_nobody(),
    )  # fmt: skip
    standby.start()


@contextlib.asynccontextmanager
async def under_load(pair: Pair, folder: Path, federation: Federation) -> AsyncIterator[Load]:
    """Two hub processes on the pair, and what deposits at both."""
    data, other = folder / "hub", folder / "other"
    await asyncio.to_thread(found, data, federation, database=pair.database, database_seconds=2.0)
    other.mkdir()
    for name in ("hub.toml", "hub.key"):
        shutil.copy2(data / name, other / name)
    with HubProcess(data).running() as one, HubProcess(other).running() as two:
        async with Device(one.url, federation, federation.units["sav"].keepers[0]) as device:
            await device.open_mailbox()
            yield Load(device, [one.url, two.url])
