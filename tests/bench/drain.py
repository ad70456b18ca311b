"""Draining a mailbox: fetch, the numbered checks, the vault; beside the bare cryptography of the very same envelopes.

The baseline opens, decrypts and verifies each envelope once, on one thread, with loaded keys; it is measured before and
after the drain, and the mean counts. The second figure counts the processor's time, of this process and its keeper's:
what else the machine does stretches only the first. The same again with the private keys in this process: what the
keeper's own costs, and what it gains by opening the next envelope meanwhile.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey

from client.engine.locking import Opener, open_process
from client.engine.office import Desk
from hub.wire.responses import Waiting
from keys.codec import decode
from keys.directory_entries import DeviceEntry
from keys.document import Content
from keys.envelope import Envelope, parse_envelope
from keys.private.keeper_client import ProcessKeeper
from keys.private.prekeys import covering
from keys.signed import parse_signed
from tests.bench import bare
from tests.bench.figure import Figure, figure, scaled
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.keepers import kept_seeds
from tests.kit.offices import Offices, keys_here

DOCUMENTS = 2000
GOAL = 0.5  # design 9
_OF_PROCESS = 2  # clock_getcpuclockid(3): the clock of a process by its id
STAFF = {"sav": "Eva Ek", "sodermalm": "Olle Ohlin"}


def figures() -> Iterator[Figure]:
    """Documents per second, written, pushed and drained."""
    for opener, where in ((open_process, ""), (keys_here, ", keys in this process")):
        with tempfile.TemporaryDirectory() as name:
            federation = Federation.demo(devices=0, now=int(time.time()))
            with HubProcess.create(Path(name) / "hub", federation).running() as hub:
                yield from asyncio.run(_measure(Path(name), hub, federation, opener, where))


async def _measure(path: Path, hub: HubProcess, federation: Federation, opener: Opener, where: str) -> list[Figure]:
    documents = scaled(DOCUMENTS, 40)
    async with Offices.open(path, hub.url, federation, STAFF, opener=opener) as offices:
        sender, recipient = offices["sodermalm"].desk, offices["sav"].desk
        async with sender.context.vault.transaction():
            for _ in range(documents):
                await sender.writing.write_inside(offices.ask("sav"))
        began = time.perf_counter()
        await sender.sync.once()
        push = documents / (time.perf_counter() - began)
        envelopes = await waiting(recipient)
        before = bare_rates(recipient, envelopes)
        began, used = time.perf_counter(), processor_seconds(recipient)
        done = await recipient.sync._ways.inbox.drain(recipient.sync._link)
        drain = documents / (time.perf_counter() - began)
        processor = documents / (processor_seconds(recipient) - used)
        assert done.accepted == documents, done
        wall, bare_processor = (sum(rates) / 2 for rates in zip(before, bare_rates(recipient, envelopes), strict=True))
    name = f"drain of {documents} waiting envelopes{where}"
    return [
        figure(f"push: sign, seal, deposit{where}", push, "1/s"),
        figure(name, drain, "1/s", baseline=wall, goal=GOAL),
        figure(f"{name}, by processor time", processor, "1/s", baseline=bare_processor, goal=GOAL),
    ]


def processor_seconds(desk: Desk) -> float:
    """What this process and the keeper's have used; Linux."""
    keeper = desk.context.keeper
    keeper_id = keeper.process_id if isinstance(keeper, ProcessKeeper) else None
    clock_of_keeper = None if keeper_id is None else (~keeper_id << 3) | _OF_PROCESS
    return time.process_time() + (0.0 if clock_of_keeper is None else time.clock_gettime(clock_of_keeper))


async def waiting(desk: Desk) -> list[Envelope]:
    """All that waits for an office, fetched and left there."""
    link, found, after = desk.sync._link, [], await desk.context.vault.number("cursor")
    while items := (await link.fetch(after)).items:
        found += [parse_envelope(item.envelope) for item in items if isinstance(item, Waiting)]
        after = items[-1].n
    return found


def bare_rates(desk: Desk, envelopes: list[Envelope]) -> tuple[float, float]:
    """Envelopes per second, and per second of the processor: unwrap, decrypt, verify."""
    reader = BareReader(desk, envelopes[0].hour)
    began, used = time.perf_counter(), time.process_time()
    for envelope in envelopes:
        reader.read(envelope)
    return len(envelopes) / (time.perf_counter() - began), len(envelopes) / (time.process_time() - used)


class BareReader:
    """What an office needs to open and verify envelopes of one hour, loaded; it outlives the open office."""

    def __init__(self, desk: Desk, hour: int) -> None:
        keeper, directory = desk.context.keeper, desk.context.replica.directory
        seed = covering(kept_seeds(keeper), hour)[0].seed
        self._recipient = bare.Recipient.load(seed, directory.federation, desk.context.mailbox_id, keeper.device_id)
        self._signers: dict[bytes, tuple[DeviceEntry, MLDSA65PublicKey]] = {
            entry.certificate: (entry, MLDSA65PublicKey.from_public_bytes(entry.enrol.signing.mldsa))
            for entry in directory.devices.values()
        }

    def read(self, envelope: Envelope) -> None:
        """Unwrap, decrypt, verify."""
        framed = self._recipient.open(envelope)
        signed = parse_signed(decode(bare.content_in(framed), Content, max_bytes=2**18).signed)
        entry, key = self._signers[signed.signatures[0].signer]
        bare.verify(signed, entry.enrol.signing, key)
