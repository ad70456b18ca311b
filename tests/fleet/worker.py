"""A process with many open offices: real folders, vaults and keys, in the fleet's time; the conductor says what to do.

worker = Worker.start(clock_path)
worker.tell("sync", ["a/1", "a/2"]); worker.hear()     # tell all workers first, then hear them: they work side by side
worker.ask("make", "a/3", str(path))

The private keys of its offices lie in the process itself (``LocalKeeper``): fifty keeper processes tell nothing more.
"""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import multiprocessing
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from client.engine import enrolling
from client.engine.clock import Clock
from client.engine.copying import write_backup
from client.engine.folder import Folder
from client.engine.office import Office
from client.engine.sync import Sync
from client.engine.writing import Order
from keys.domains import SignedType
from keys.errors import SlussError
from keys.ids import UnitId
from keys.logging import configure
from keys.private.kit import KitPublic
from keys.statements import Profile
from tests.fleet.clock import FleetClock
from tests.fleet.faults import take_out
from tests.kit.offices import PASSPHRASE, keys_here

SIDE_BY_SIDE = 4  # offices of a process that sync at the same time
SETTINGS = 'profile = "demo"\nreceipt_mean_seconds = 0\n'
_WAITING = {
    "outbox": "SELECT count(*) FROM outbox",
    "letters": "SELECT count(*) FROM letter",
    "attempts": "SELECT count(*) FROM attempt WHERE envelope IS NOT NULL",
    "needs": "SELECT count(*) FROM need WHERE asked < 4",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Errand:
    """A document to write, as the plan has it: ids in bytes."""

    kind: str
    to_unit: bytes
    thread_id: bytes
    content: dict[str, Any]
    reply_to: bytes | None = None


class Part(enum.StrEnum):
    """What an office does in a pass: as its sync loop, which pulls when the hub wakes it and pushes what is due."""

    WHOLE = "whole"  # duties, pull, push
    SEND = "send"  # duties, push
    PULL = "pull"
    PUSH = "push"


@dataclasses.dataclass(frozen=True, slots=True)
class Passed:
    """What one sync moved, or the code of what stopped it."""

    moved: int
    trouble: str


class Worker:
    """A worker process as the conductor sees it."""

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self._process = process
        self._connection = connection

    @classmethod
    def start(cls, clock_path: Path, fault: str = "") -> Worker:
        """Start a process; ``fault`` names a defence that it works without."""
        spawning = multiprocessing.get_context("spawn")
        ours, theirs = spawning.Pipe()
        process = spawning.Process(target=_work, args=(theirs, clock_path, fault), daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours)

    def tell(self, command: str, *values: Any) -> None:
        """Give an order and do not wait."""
        self._connection.send((command, values))

    def hear(self) -> Any:
        """The outcome of the oldest order that was not heard.

        Raises:
            RuntimeError: it failed in a way that no order foresees; the text is the worker's.
        """
        done, value = self._connection.recv()
        if not done:
            raise RuntimeError(value)
        return value

    def ask(self, command: str, *values: Any) -> Any:
        """Give an order and wait."""
        self.tell(command, *values)
        return self.hear()

    def stop(self) -> None:
        """Close all its offices."""
        if self._process.is_alive():
            self.ask("stop")
        self._process.join(30)

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.join()


# -- in the process ---------------------------------------------------------------------------------------------------


class _Desks:
    """The offices of one process; every method is an order."""

    def __init__(self, clock: FleetClock, fault: str) -> None:
        self._clock = clock
        self._fault = fault
        self._open: dict[str, Office] = {}
        self._folders: dict[str, Folder] = {}
        self._room = asyncio.Semaphore(SIDE_BY_SIDE)

    async def make(self, name: str, path: Path) -> bytes:
        """A new device; its request."""
        self._folders[name] = Folder(path)
        return enrolling.make(self._folders[name], PASSPHRASE, Profile.DEMO, Clock(self._clock))

    async def restore(self, name: str, path: Path, backup: Path, secret: bytes) -> bytes:
        """A new device with the documents of a backup; its request."""
        folder = self._folders[name] = Folder(path)
        clock = Clock(self._clock)
        request, _ = enrolling.restore(folder, PASSPHRASE, backup, secret, profile=Profile.DEMO, clock=clock)
        return request

    async def enrol(self, name: str, approval: bytes) -> None:
        """Take an approval in and open."""
        folder = self._folders[name]
        enrolling.enrol(folder, PASSPHRASE, approval)
        folder.settings.write_text(SETTINGS, encoding="utf-8")
        await self.open(name)

    async def open(self, name: str) -> None:
        """Open an office: it wakes."""
        clock = Clock(self._clock)
        office = await Office.open(self._folders[name], PASSPHRASE, clock, opener=keys_here)
        take_out(office, self._fault)
        self._open[name] = office

    async def close(self, name: str) -> None:
        """Close an office: it sleeps."""
        await self._open.pop(name).close()

    async def sign(self, name: str, signed_type: str, payload: bytes) -> bytes:
        """As a sibling who vouches for a new device."""
        return self._open[name].desk.context.keeper.sign(SignedType(signed_type), payload)

    async def submit(self, name: str, statement: bytes) -> None:
        """Hand a statement to the hub."""
        await self._open[name]._link.submit(statement)

    async def backup(self, name: str, path: Path, kit: KitPublic) -> None:
        """Write a backup."""
        context = self._open[name].desk.context
        await asyncio.to_thread(
            write_backup, context.vault.apart(), path, kit=kit, profile=Profile.DEMO, now=context.clock.now()
        )

    async def write(self, name: str, errands: Sequence[Errand]) -> list[bytes | str]:
        """Write documents; for each its id, or the code of why it does not go now."""
        desk = self._open[name].desk
        written: list[bytes | str] = []
        for errand in errands:
            order = Order(
                kind=errand.kind,
                to_unit=UnitId(errand.to_unit),
                content=errand.content,
                thread_id=errand.thread_id,
                reply_to=errand.reply_to,
            )
            try:
                written.append((await desk.writing.write(order)).document_id)
            except SlussError as error:
                written.append(error.code)
        return written

    async def sync(self, names: Sequence[str], part: Part) -> dict[str, Passed]:
        """Let offices do a part of a pass, some at a time."""
        return dict(zip(names, await asyncio.gather(*[self._sync(name, part) for name in names]), strict=True))

    async def _sync(self, name: str, part: Part) -> Passed:
        async with self._room:
            try:
                return Passed(await _move(self._open[name].desk.sync, part), "")
            except SlussError as error:
                return Passed(0, error.code)

    async def waiting(self) -> dict[str, dict[str, int]]:
        """What still waits at each open office."""
        return {
            name: {what: await office.desk.context.vault.value(sql) for what, sql in _WAITING.items()}
            for name, office in self._open.items()
        }

    async def stop(self) -> None:
        """Close all."""
        for name in list(self._open):
            await self.close(name)


async def _move(sync: Sync, part: Part) -> int:
    """How many envelopes went in or out."""
    if part is Part.WHOLE:
        done = await sync.once()
        return done.accepted + done.quarantined + done.deposited
    async with sync._busy:
        if part is Part.PULL:
            return sum(await sync._pull())
        if part is Part.SEND:
            await sync._do_duties()
        return await sync._ways.pusher.push(sync._link)


def _work(connection: Connection, clock_path: Path, fault: str) -> None:
    configure(strict=True)
    asyncio.run(_obey(connection, _Desks(FleetClock(clock_path), fault)))


async def _obey(connection: Connection, desks: _Desks) -> None:
    command = ""
    while command != "stop":
        command, values = await asyncio.to_thread(connection.recv)
        try:
            connection.send((True, await getattr(desks, command)(*values)))
        except Exception as error:  # told to the conductor, who ends the run
            connection.send((False, f"{command}: {type(error).__name__}: {error}"))
