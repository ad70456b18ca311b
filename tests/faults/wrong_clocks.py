"""Clocks ten years wrong, ahead or behind, at an office and at the hub: nothing is lost when they are right again.

An office that is wrong sends nothing and deletes nothing (``CLOCK``). A hub that is ahead does not serve (``AHEAD``);
one that is behind refuses deposits. The control is told that its clock is right: it takes what waits for expired, and
makes a snapshot of a time to come, after which nobody has keys for ten years.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec

from client.engine.clock import Clock
from client.engine.office import Office
from hub.config import write_config
from keys.errors import SlussError
from tests.faults.tally import Fault, Outcome
from tests.hostile.desks import RESEAL_SECONDS, Dial, settings_of
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import PASSPHRASE, Offices, make_folder
from tests.kit.ports import free_port

STAFF: Final = {"sav": "Eva Ek", "sodermalm": "Olle Ohlin", "bops": "Pia Po"}
ROUTES: Final = (("sav", "bops"), ("sodermalm", "sav"), ("bops", "sodermalm"))
TEN_YEARS: Final = 10 * 365 * 86_400
JOBS_SECONDS: Final = 1.5
"""For a hub that is wrong to do what it does every 0.2 seconds here: expire, forget tokens, make snapshots."""
MOST_HEALS: Final = 12


class Places(Offices):
    """Offices, each with a clock of its own."""

    dials: dict[str, Dial]


async def strike(folder: Path, seed: int, *, strikes: int = 8) -> Outcome:
    """Each office and the hub in turn, ahead and behind."""
    return await _round(folder, seed, strikes)


async def control(folder: Path, seed: int) -> Outcome:
    """A hub ten years ahead that does not ask whether that can be."""
    return await _round(folder, seed, 1, unasked=True)


class Unasked(HubProcess):
    """A hub that was told that its clock is right."""

    def command(self, ready: Path) -> list[str]:
        """What to start."""
        return [*super().command(ready), "--clock-is-right"]


async def _round(folder: Path, seed: int, strikes: int, *, unasked: bool = False) -> Outcome:
    rng, federation = random.Random(seed), Federation.demo(devices=0, now=int(time.time()))
    hub = await asyncio.to_thread(
        (Unasked if unasked else HubProcess).create, folder / "hub", federation, port=free_port()
    )
    await asyncio.to_thread(hub.start)
    codes: collections.Counter[str] = collections.Counter()
    try:
        async with _open(folder, hub.url, federation) as places:
            who = ["hub"] if unasked else ["sav", "hub", "sodermalm", "bops"]
            for number in range(strikes):
                seconds = TEN_YEARS if number // len(who) % 2 == 0 else -TEN_YEARS
                wrong = _office_wrong if who[number % len(who)] != "hub" else _hub_wrong
                await _write(places, rng)
                await wrong(places, hub, who[number % len(who)], seconds, codes, rng)
                await _heal(places)
            return await _judge(places, strikes, dict(codes))
    finally:
        hub.stop()


@contextlib.asynccontextmanager
async def _open(folder: Path, address: str, federation: Federation) -> AsyncIterator[Places]:
    places = Places()
    places.federation, places.dials = federation, {key: Dial() for key in STAFF}
    try:
        for key, name in STAFF.items():
            made = make_folder(folder / key, federation, key, name, address=address)
            made.settings.write_text(settings_of(RESEAL_SECONDS), encoding="utf-8")
            places[key] = await Office.open(made, PASSPHRASE, Clock(places.dials[key]))
        await places.settle()
        await places.know_each_other()
        yield places
    finally:
        for office in places.values():
            await office.close()


async def _write(places: Places, rng: random.Random) -> None:
    """Documents in every state."""
    for sender, recipient in ROUTES:
        for _ in range(rng.randrange(1, 4)):
            await places[sender].desk.writing.write(places.ask(recipient))
    for key in rng.sample(list(STAFF), rng.randrange(1, len(STAFF) + 1)):
        await places[key].desk.sync.once()


async def _office_wrong(
    places: Places, _hub: HubProcess, key: str, seconds: int, codes: collections.Counter[str], rng: random.Random
) -> None:
    before = places.dials[key].offset
    places.dials[key].turn(seconds)
    for sender, recipient in ROUTES:  # also at the one that is wrong
        await places[sender].desk.writing.write(places.ask(recipient))
    await _try(places, codes, rng)
    places.dials[key].offset = before


async def _hub_wrong(
    places: Places, hub: HubProcess, _key: str, seconds: int, codes: collections.Counter[str], rng: random.Random
) -> None:
    right = hub.config()
    try:
        await _restart(hub, msgspec.structs.replace(right, clock_offset_seconds=seconds))
        await asyncio.sleep(JOBS_SECONDS)
    except RuntimeError:  # it did not start
        assert "AHEAD" in hub.log_text
        codes["AHEAD"] += 1
    for sender, recipient in ROUTES:
        await places[sender].desk.writing.write(places.ask(recipient))
    await _try(places, codes, rng)
    await _restart(hub, right)


async def _restart(hub: HubProcess, config: Any) -> None:
    await asyncio.to_thread(hub.stop)
    write_config(hub.data, config)
    await asyncio.to_thread(hub.start)


async def _try(places: Places, codes: collections.Counter[str], rng: random.Random, rounds: int = 2) -> None:
    for _ in range(rounds):
        for key in rng.sample(list(STAFF), len(STAFF)):
            try:
                await places[key].desk.sync.once()
            except SlussError as error:
                codes[error.code] += 1


async def _heal(places: Places) -> None:
    """Time goes on for everybody, until nothing waits."""
    for _ in range(MOST_HEALS):
        for dial in places.dials.values():
            dial.turn(RESEAL_SECONDS)
        for office in places.values():
            with contextlib.suppress(SlussError, aiohttp.ClientError):
                await office.desk.sync.once()
        if not sum([await _waiting(office) for office in places.values()]):
            return


async def _waiting(office: Office) -> int:
    return int(await office.desk.context.vault.value("SELECT count(*) FROM outbox"))


async def _judge(places: Places, strikes: int, codes: dict[str, int]) -> Outcome:
    sent: collections.Counter[tuple[bytes, ...]] = collections.Counter()
    came: collections.Counter[tuple[bytes, ...]] = collections.Counter()
    for key, office in places.items():
        vault, own = office.desk.context.vault, bytes(places.unit(key))
        rows = "SELECT document_id, {}, signed, salt, body FROM document WHERE direction = ?"
        sent.update([tuple(row) for row in await vault.all(rows.format("unit_id"), "out")])
        came.update([tuple(row) for row in await vault.all(rows.format("?"), own, "in")])
    left = sum([await _waiting(office) for office in places.values()])
    told = {"refused": codes, "without a receipt": left}
    return Outcome(strikes, sent.total(), sum((sent - came).values()) + sum((came - sent).values()), told)


CLOCKS: Final = Fault(
    name="clocks",
    title="clocks ten years ahead and behind, at each office and at the hub",
    defence="asking whether the hub's clock can be right",
    wanted=24,
    seed=20_261_500,
    strike=strike,
    control=control,
)
