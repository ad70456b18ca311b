"""An office as a process of its own, so that it can be killed at any instant and opened again.

office = OfficeProcess(folder)                    # a folder that make_folder made
await office.start()                              # waits until it is open and syncing
await office.write("sav", unit_id, range(20))     # twenty consultations with these markers, in one transaction
await office.count()                              # Counts
await office.kill()                               # kill -9; start() opens it again
await office.stop()                               # closed in order

Markers are thread ids: ``marker_id(7)`` is the thread of the document with marker 7. A ``write`` that returned is
durable; one that was cut off may or may not be in the vault.

As a program: ``python -m tests.kit.office_process FOLDER [OPTION ...]``; one JSON list per line on standard input, one
JSON value per line back. Options:
early-ack: the fault that tests need as a control; the hub is told that a window is in the vault before any of it is.
keys-here: the private keys are in this process, and no keeper beside it, for figures.
tell-arrivals: a line with the monotonic time whenever something that came is durable, for figures.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from client.engine.folder import Folder
from client.engine.inbox import Inbox
from client.engine.locking import open_process
from client.engine.office import Desk, Office
from client.engine.writing import Order
from keys.ids import UnitId
from keys.logging import configure
from tests.kit import hub_process
from tests.kit.hub_stock import Forked
from tests.kit.offices import PASSPHRASE, keys_here
from tests.kit.today import CONTENTS

ANSWER_SECONDS = 60.0
EARLY_ACK = "early-ack"
EARLY_PAUSE_SECONDS = 0.3
KEYS_HERE = "keys-here"
TELL_ARRIVALS = "tell-arrivals"


class GoneError(Exception):
    """The process ended before it answered: whether the command took effect is unknown."""


def marker_id(marker: int) -> bytes:
    """The thread id of a document with this marker."""
    return marker.to_bytes(16)


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """What an office still has to do, and its trouble as a code."""

    outbox: int
    attempts: int
    gaps: int
    trouble: str

    @property
    def is_idle(self) -> bool:
        """Nothing waits for the hub or for a receipt."""
        return not (self.outbox or self.attempts or self.gaps)


@dataclasses.dataclass
class OfficeProcess:
    """One office folder and, while it runs, its process."""

    folder: Folder
    options: Sequence[str] = ()
    process: subprocess.Popen[bytes] | Forked | None = None
    _line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    _asking: asyncio.Lock = dataclasses.field(default_factory=asyncio.Lock)  # one command at a time

    async def start(self) -> None:
        """Open the office and let it sync."""
        async with self._asking:
            await self._start()

    async def _start(self) -> None:
        command = [sys.executable, "-m", "tests.kit.office_process", str(self.folder.path), *self.options]
        with tempfile.TemporaryDirectory(prefix="sluss-") as short, socket.socket(socket.AF_UNIX) as door:
            wire = f"{short}/wire"  # the system takes only short names of sockets
            door.bind(wire)
            door.listen(1)
            log, stock = self.folder.path / "log.txt", hub_process.stock
            if stock is not None and stock.fits(command):
                self.process = await asyncio.to_thread(stock.start, command, log, wire)
            else:
                self.process = _fresh(command, log, wire)
            inner, _ = await asyncio.to_thread(door.accept)
        self._line = await asyncio.open_unix_connection(sock=inner)
        try:
            await self._answer()
        except GoneError as error:
            raise RuntimeError(f"the office did not open: {self.log_text}") from error

    @property
    def log_text(self) -> str:
        """All that the office's processes wrote to standard error."""
        return (self.folder.path / "log.txt").read_text(encoding="utf-8")

    async def write(self, unit_id: UnitId, markers: Iterable[int]) -> None:
        """Write one consultation per marker, all in one transaction.

        Raises:
            GoneError: killed before it answered.
        """
        await self._ask("write", unit_id.hex(), list(markers))

    async def arrival(self) -> float:
        """When something next became durable, in monotonic seconds; with ``tell-arrivals``."""
        return float(await self._answer())

    async def count(self) -> Counts:
        """What is still to do.

        Raises:
            GoneError: killed before it answered.
        """
        return Counts(*await self._ask("count"))

    async def kill(self) -> None:
        """Kill -9, as a crash would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Close the office in order; returns the exit code."""
        return await self._end(signal.SIGTERM)

    async def _ask(self, *command: Any) -> Any:
        async with self._asking:
            if self._line is None:
                raise GoneError
            writer = self._line[1]
            try:
                writer.write(json.dumps(command).encode() + b"\n")
                await writer.drain()
            except OSError as error:
                raise GoneError from error
            return await self._answer()

    async def _answer(self) -> Any:
        if self._line is None:
            raise GoneError
        line = b""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(ANSWER_SECONDS):
                line = await self._line[0].readline()
        if not line.endswith(b"\n"):
            raise GoneError
        return json.loads(line)

    async def _end(self, how: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(how)
        code = await asyncio.to_thread(process.wait, ANSWER_SECONDS)
        if self._line is not None:
            self._line[1].close()
        return code


def _fresh(command: list[str], log: Path, wire: str) -> subprocess.Popen[bytes]:
    """The same in an interpreter of its own."""
    environment = {**os.environ, "PYTHONPATH": str(hub_process.PROJECT)}
    with log.open("ab") as errors, socket.socket(socket.AF_UNIX) as line:
        line.connect(wire)
        return subprocess.Popen(
            command, stdin=line, stdout=line, stderr=errors, cwd=hub_process.PROJECT, env=environment
        )


# -- in the process ---------------------------------------------------------------------------------------------------


async def serve(folder: Folder, options: Sequence[str]) -> None:
    """Keep the office open until the commands end or SIGTERM."""
    configure(strict=True)
    office = await Office.open(folder, PASSPHRASE, opener=keys_here if KEYS_HERE in options else open_process)
    if EARLY_ACK in options:
        _acknowledge_early(office.desk)
    if TELL_ARRIVALS in options:
        _tell_arrivals(office.desk)
    office.start()
    serving = asyncio.create_task(_commands(office))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    await office.close()


async def _commands(office: Office) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print(json.dumps("open"), flush=True)
    async for line in reader:
        _end_with_the_loop(office)
        print(json.dumps(await _obey(office.desk, *json.loads(line))), flush=True)


def _end_with_the_loop(office: Office) -> None:
    """A sync loop that ended is a fault of the engine: end as well, with its traceback in the log."""
    running = office._running
    if running is not None and running.done():
        running.result()


async def _obey(desk: Desk, command: str, *values: Any) -> Any:
    if command == "write":
        await _write(desk, *values)
        return "written"
    assert command == "count"
    vault = desk.context.vault
    counts = [
        await vault.value(f"SELECT count(*) FROM {table}")  # noqa: S608 - constant names
        for table in ("outbox", "attempt WHERE envelope IS NOT NULL", "gap")
    ]
    return [*counts, desk.sync.trouble]


async def _write(desk: Desk, unit: str, markers: list[int]) -> None:
    unit_id = UnitId(bytes.fromhex(unit))
    content = CONTENTS["konsultation.fraga"]
    async with desk.context.vault.transaction():
        for marker in markers:
            order = Order(kind="konsultation.fraga", to_unit=unit_id, content=content, thread_id=marker_id(marker))
            await desk.writing.write_inside(order)
    desk.sync.nudge()


def _acknowledge_early(desk: Desk) -> None:
    """The fault: the cursor moves at the hub before the window is handled; a pause between makes room for a crash.

    The comparison that would notice it at the next opening is off as well.
    """
    desk.context.rollback._compared = True
    inbox = desk.sync._ways.inbox

    async def handle(items: Any, link: Any, done: Any) -> None:
        await link.ack(items[-1].n)
        await asyncio.sleep(EARLY_PAUSE_SECONDS)
        await Inbox._handle(inbox, items, link, done)

    inbox._handle = handle  # type: ignore[method-assign]


def _tell_arrivals(desk: Desk) -> None:
    inbox = desk.sync._ways.inbox

    async def commit(group: Any, withheld: Any, **options: Any) -> None:
        await Inbox._commit(inbox, group, withheld, **options)
        if group:
            print(json.dumps(time.monotonic()), flush=True)

    inbox._commit = commit  # type: ignore[method-assign]


def main(arguments: Sequence[str]) -> None:
    """Folder and options."""
    asyncio.run(serve(Folder(Path(arguments[0])), arguments[1:]))


if __name__ == "__main__":
    main(sys.argv[1:])
