"""From the first byte of a deposit to the recipient's vault: hub and recipient are processes of their own, both online.

Beside it, in turns with it: a bare round trip of the same bytes, an fsync of as many bytes, and the bare cryptography
that opens the same envelope. Their sum (the fsync twice: one at the hub, one in the vault) is the baseline. The same
again with the recipient's private keys in its own process, and no keeper beside it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiohttp

from client.engine import folder as folders
from client.engine.attempts import Attempt
from client.engine.office import Office
from hub.wire.frame import frame
from hub.wire.requests import Deposit
from keys.envelope import parse_envelope
from tests.bench.drain import BareReader
from tests.bench.figure import Figure, figure, percentile, scaled
from tests.bench.hub_deposit import bare
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.office_process import KEYS_HERE, TELL_ARRIVALS, OfficeProcess
from tests.kit.offices import Offices

DOCUMENTS = 256
PAUSE_SECONDS = 0.05  # the recipient acknowledges, seals and sends its receipt meanwhile
GOAL = 3.0  # design 9
SETTINGS = 'profile = "demo"\nreceipt_mean_seconds = 0\n'  # no delays; all else as in an office
STAFF = {"sav": "Eva Ek", "sodermalm": "Olle Ohlin"}


def figures() -> Iterator[Figure]:
    """p50 and p99, and the parts of the baseline."""
    for options, where in (((), ""), ((KEYS_HERE,), ", keys in one process")):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name)
            federation = Federation.demo(devices=0, now=int(time.time()))
            with HubProcess.create(path / "hub", federation).running() as hub, bare(path) as bare_url:
                times = asyncio.run(_measure(path, hub, federation, bare_url, options))
        yield from times.figures(where)


@dataclasses.dataclass
class Times:
    """Seconds, one entry per document."""

    arrival: list[float] = dataclasses.field(default_factory=list)
    round_trip: list[float] = dataclasses.field(default_factory=list)
    fsync: list[float] = dataclasses.field(default_factory=list)
    opening: list[float] = dataclasses.field(default_factory=list)

    def figures(self, where: str) -> Iterator[Figure]:
        """In milliseconds."""
        trip, fsync, opening = (statistics.median(part) for part in (self.round_trip, self.fsync, self.opening))
        baseline = trip + 2 * fsync + opening
        for percent in (50, 99):
            value = percentile(self.arrival, percent)
            name = f"deposit to the recipient's vault, p{percent}{where}"
            yield figure(name, value * 1e3, "ms", baseline=baseline * 1e3, goal=GOAL, lower_is_better=True)
        parts = (("bare round trip", trip), ("fsync", fsync), ("bare cryptography", opening))
        for name, value in parts:
            yield figure(f"latency baseline{where}: {name}", value * 1e3, "ms", lower_is_better=True)


async def _measure(path: Path, hub: HubProcess, federation: Federation, bare_url: str, options: Sequence[str]) -> Times:
    async with Offices.open(path, hub.url, federation, STAFF) as offices:
        sender = offices["sodermalm"]
        waiting = await _sealed(sender, offices)
        reader = BareReader(offices["sav"].desk, waiting[0].hour)
        await offices.pop("sav").close()
        recipient = OfficeProcess(folders.Folder(path / "sav"), [TELL_ARRIVALS, *options])
        recipient.folder.settings.write_text(SETTINGS, encoding="utf-8")
        await recipient.start()
        await asyncio.sleep(2.0)  # its first round
        times = Times()
        try:
            async with aiohttp.ClientSession() as session:
                for attempt in waiting:
                    times.arrival.append(await _deposit(sender, recipient, attempt))
                    await asyncio.sleep(PAUSE_SECONDS)
                    times.round_trip.append(await _round_trip(session, bare_url, attempt))
                    times.fsync.append(_fsync(path / "fsync", attempt.envelope))
                    began = time.perf_counter()
                    reader.read(parse_envelope(attempt.envelope))
                    times.opening.append(time.perf_counter() - began)
        finally:
            await recipient.kill()
    return times


async def _sealed(sender: Office, offices: Offices) -> list[Attempt]:
    """Documents that are written, signed and sealed, and not deposited yet."""
    context, outbox = sender.desk.context, sender.desk.sync._ways.outbox
    async with context.vault.transaction():
        for _ in range(scaled(DOCUMENTS, 8)):
            await sender.desk.writing.write_inside(offices.ask("sav"))
    while await outbox.prepare(context.clock.now()):
        pass
    return await sender.desk.sync._ways.pusher._attempts.open()


async def _deposit(sender: Office, recipient: OfficeProcess, attempt: Attempt) -> float:
    token = sender.desk.context.keeper.delivery_token(attempt.mailbox_id, attempt.week)
    began = time.monotonic()
    await sender.desk.sync._link.deposit(attempt.mailbox_id, token, attempt.envelope)
    return await recipient.arrival() - began


async def _round_trip(session: aiohttp.ClientSession, url: str, attempt: Attempt) -> float:
    data = frame(Deposit(attempt.mailbox_id, bytes(32), attempt.envelope))
    began = time.perf_counter()
    async with session.post(url + "/v1", data=data) as answer:
        await answer.read()
    return time.perf_counter() - began


def _fsync(path: Path, data: bytes) -> float:
    with path.open("ab") as file:
        began = time.perf_counter()
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        return time.perf_counter() - began
