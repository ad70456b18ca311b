"""Hub, three witnesses and offices as they are: what a quorum cosigned counts, and nothing else (protocol 4)."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from keys.errors import LocalError
from tests.hostile.desks import Desks, accepted, alarms, state
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.witness_process import WitnessProcess, witnesses

STAFF = {"sodermalm": "Olle Ohlin", "sav": "Eva Ek"}
DAY = 86_400


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_offices_work_while_two_of_three_witnesses_answer(tmp_path: Path) -> None:
    """One witness gone: all goes on. Two gone: a day later sending stops, until one of them is back."""
    federation = Federation.demo(devices=0, now=int(time.time()))
    with witnesses(tmp_path, federation) as watching:
        addresses = [one.url for one in watching]
        hub = HubProcess.create(tmp_path / "hub", federation, witnesses=addresses, witness_seconds=0.5)
        with hub.running():
            asyncio.run(_work(tmp_path, hub, federation, watching))


async def _work(path: Path, hub: HubProcess, federation: Federation, watching: list[WitnessProcess]) -> None:
    async with Desks.behind(path / "offices", hub.url, federation, STAFF) as desks:
        assert abs(desks["sodermalm"].desk.context.replica.watched_at - time.time()) < 30
        watching[0].kill()
        document_id = await desks.send("sodermalm", "sav")
        await desks.heal()
        assert await accepted(desks["sav"], document_id) == 1
        watching[1].kill()
        await _stops_after_a_day(desks)
        watching[1].start()
        await _goes_on(desks)


async def _stops_after_a_day(desks: Desks) -> None:
    office = desks["sodermalm"]
    context = office.desk.context
    context.replica.watched_at -= DAY + 60  # as if nobody had vouched since
    document_id = await desks.send("sodermalm", "sav")
    await office.desk.sync._ways.outbox.prepare(context.clock.now())
    assert await state(office, document_id) == "queued"
    assert "WITNESS" in await alarms(office)
    with pytest.raises(LocalError, match="WITNESS"):
        context.replica.require_watched()


async def _goes_on(desks: Desks) -> None:
    replica = desks["sodermalm"].desk.context.replica
    for _ in range(100):
        await desks.settle(1)
        if abs(replica.watched_at - time.time()) < DAY:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nobody vouches")
