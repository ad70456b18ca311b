"""The fleet's hub: the real one as a process, with the fleet's clock; stopped, killed, and restored from a backup.

A restored hub has the mailboxes, cursors and tokens of its backup. Its log and the batches that the log commits to are
brought up to date first, as the operator must: every client holds the log, and a shorter one is a fork to all of them.
"""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from hub.config import load_config
from hub.house import listening, open_house
from hub.store.migrations import renew_incarnation
from hub.stores import STORE_NAME
from keys.files import write_durably
from keys.logging import configure
from tests.fleet.clock import FleetClock
from tests.kit.hub_process import HubProcess

_KEPT = ("leaf", "batch")  # what a restore brings up to date from the last state


@dataclasses.dataclass
class FleetHub(HubProcess):
    """A hub folder, and its process with the clock of ``clock_path``."""

    clock_path: Path = Path()

    def command(self, ready: Path) -> list[str]:
        """What to start."""
        return [sys.executable, "-m", "tests.fleet.hub", str(self.data), str(self.clock_path), str(ready)]

    def back_up(self) -> None:
        """Copy the database of the running hub."""
        store, copy = self.data / STORE_NAME, self.data / "backup.sqlite"
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)

    def restore(self) -> None:
        """Put the backup in place of what the hub has; it must not run."""
        store, copy, lost = (self.data / name for name in (STORE_NAME, "backup.sqlite", "lost.sqlite"))
        with closing(sqlite3.connect(store)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.replace(lost)
        shutil.copy(copy, store)
        with closing(sqlite3.connect(store, isolation_level=None)) as connection:
            connection.execute("ATTACH DATABASE ? AS lost", (str(lost),))
            connection.execute("BEGIN")
            for table in _KEPT:
                connection.execute(f"DELETE FROM main.{table}")  # noqa: S608 - constant names
                connection.execute(f"INSERT INTO main.{table} SELECT * FROM lost.{table}")  # noqa: S608
            for name in ("checkpoint", "cosigned"):
                connection.execute("INSERT OR REPLACE INTO main.meta SELECT * FROM lost.meta WHERE name = ?", (name,))
            renew_incarnation(connection)
            connection.execute("COMMIT")

    def numbers(self) -> dict[bytes, int]:
        """The number that the next envelope of each mailbox gets: where something came, it has risen."""
        with closing(sqlite3.connect(f"file:{self.data / STORE_NAME}?mode=ro", uri=True)) as connection:
            return dict(connection.execute("SELECT id, next_n FROM mailbox"))


async def _serve(data: Path, clock_path: Path, ready: Path) -> None:
    configure(strict=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_house(data, load_config(data), FleetClock(clock_path)) as house, listening(house) as address:
        write_durably(ready, address.encode(), mode=0o644)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(_serve(*map(Path, sys.argv[1:])))
