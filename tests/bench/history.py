"""A new device gets the history of its unit from a sibling: from its first look at the hub to the last document.

The rate is measured on ``DOCUMENTS``; what 10,000 would take is that rate, and holds as long as it does not fall with
size. The baseline verifies the signatures of as many documents and does nothing else.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from keys.signed import parse_signed, verify_single
from tests.bench.figure import Figure, figure, scaled
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.units import Units, open_units

DOCUMENTS = 1000
WHOLE = 10_000  # documents that a unit may have
GOAL_SECONDS = 600
STAFF = {"sav/eva": "Eva Ek", "sodermalm/olle": "Olle Ohlin"}


def figures() -> Iterator[Figure]:
    """Documents per second, and seconds for 10,000."""
    with tempfile.TemporaryDirectory() as name:
        federation = Federation.demo(devices=0, now=int(time.time()))
        with HubProcess.create(Path(name) / "hub", federation).running() as hub:
            yield from asyncio.run(_measure(Path(name), hub, federation))


async def _measure(path: Path, hub: HubProcess, federation: Federation) -> list[Figure]:
    documents = scaled(DOCUMENTS, 30)
    async with open_units(path, hub.url, federation, STAFF) as units:
        olle, eva = units["sodermalm/olle"].desk, units["sav/eva"].desk
        async with olle.context.vault.transaction():
            for _ in range(documents):
                await olle.writing.write_inside(units.ask("sav"))
        await units.settle(2)
        baseline = await _bare_rate(units)
        began = time.perf_counter()
        ulla = (await units.join("sav/ulla", "Ulla Um")).desk
        while await ulla.context.vault.value("SELECT count(*) FROM document") < documents:
            await eva.sync.once()
            await ulla.sync.once()
        rate = documents / (time.perf_counter() - began)
    return [
        figure(f"history of {documents} documents for a new device", rate, "1/s", baseline=baseline),
        figure(f"history of {WHOLE} at that rate", WHOLE / rate, "s", goal=GOAL_SECONDS, lower_is_better=True),
    ]


async def _bare_rate(units: Units) -> float:
    """Documents per second whose signatures are verified."""
    context = units["sav/eva"].desk.context
    rows = await context.vault.all("SELECT signed FROM document")
    began = time.perf_counter()
    for (raw,) in rows:
        so = parse_signed(raw)
        entry = next(
            one for one in context.replica.directory.devices.values() if one.certificate == so.signatures[0].signer
        )
        verify_single(so, entry.certificate, entry.enrol.signing)
    return len(rows) / (time.perf_counter() - began)
