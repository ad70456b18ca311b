"""The real hub as a process, told where its disk fails, and for controls without one of its defences.

As a program: ``python -m tests.faults.hub DATA READY [OPTION ...]``. Options take a defence out:
answer-anyway: a deposit is answered although the transaction that held it failed.
answer-early: a deposit is answered while its transaction is still to come.
sync-normal: SQLite does not sync its write-ahead log at a commit.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from hub.config import load_config
from hub.house import House, listening, open_house
from hub.store import mail_sql, writer
from hub.store.base import Placed
from hub.store.sqlite import SqliteStore
from keys.files import write_durably
from keys.ids import EnvelopeId, digest
from keys.logging import configure
from tests.kit.hub_process import HubProcess

ANSWER_ANYWAY: Final = "answer-anyway"
ANSWER_EARLY: Final = "answer-early"
SYNC_NORMAL: Final = "sync-normal"
EARLY_PAUSE_SECONDS: Final = 0.02
SHIM: Final = Path(__file__).with_name("shim.c")


@dataclasses.dataclass
class FaultyHub(HubProcess):
    """A hub's folder and its process. ``shim``: a built ``shim.c``; ``switch``: the file that tells it what to fail."""

    options: Sequence[str] = ()
    shim: Path | None = None
    switch: Path = Path()

    def command(self, ready: Path) -> list[str]:
        """What to start."""
        before = ["env", f"LD_PRELOAD={self.shim}", f"SLUSS_SWITCH={self.switch}"] if self.shim else []
        return [*before, sys.executable, "-m", "tests.faults.hub", str(self.data), str(ready), *self.options]

    def limit_files(self, most_bytes: int | None) -> None:
        """No file of the running hub may grow beyond so many bytes; None: as it was."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        soft = resource.RLIM_INFINITY if most_bytes is None else most_bytes
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (soft, hard))


def build_shim(folder: Path) -> Path:
    """Compile ``shim.c``; needs gcc."""
    target = folder / "shim.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(target), str(SHIM), "-ldl"], check=True)
    return target


async def _serve(data: Path, ready: Path, options: Sequence[str]) -> None:
    configure(strict=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    if ANSWER_ANYWAY in options:
        setattr(writer, "_fail", _answer_anyway(writer._fail))  # noqa: B010 - mypy and a function
    if ANSWER_EARLY in options:
        setattr(writer, "_transaction", _answer_early(writer._transaction))  # noqa: B010
    async with open_house(data, load_config(data)) as house:
        if SYNC_NORMAL in options:
            await _sync_normally(house)
        async with listening(house) as url:
            write_durably(ready, url.encode())
            await stop.wait()


def _answer_anyway(fail: Callable[..., None]) -> Callable[..., None]:
    """The fault: what failed is answered as if it had been written."""

    def answer(group: list[Any], error: Exception) -> None:
        for bulk, item, future in group:
            if bulk is mail_sql.deposit_many and not future.done():
                envelope = item[0]
                future.set_result(Placed(EnvelopeId(digest(envelope.body)), envelope.hour, fresh=True))
        fail(group, error)

    return answer


def _answer_early(transaction: Callable[..., Any]) -> Callable[..., Any]:
    """The fault: the answer does not wait for the commit; a pause between makes room for a crash."""

    def answer(connection: Any, group: list[Any]) -> Any:
        for bulk, item, future in group:
            if bulk is mail_sql.deposit_many:
                envelope = item[0]
                placed = Placed(EnvelopeId(digest(envelope.body)), envelope.hour, fresh=True)
                future.get_loop().call_soon_threadsafe(_once, future, placed)
        time.sleep(EARLY_PAUSE_SECONDS)
        return transaction(connection, group)

    return answer


def _once(future: Any, result: Placed) -> None:
    if not future.done():
        future.set_result(result)


async def _sync_normally(house: House) -> None:
    store: Any = house.store
    assert isinstance(store, SqliteStore)
    await store._writer.run(lambda connection: connection.execute("PRAGMA synchronous = NORMAL").fetchall())


def main(arguments: Sequence[str]) -> None:
    """Folder, file for the address, options."""
    os.umask(0o077)
    asyncio.run(_serve(Path(arguments[0]), Path(arguments[1]), arguments[2:]))


if __name__ == "__main__":
    main(sys.argv[1:])
