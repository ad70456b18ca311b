"""Bad networks, hubs that are replaced, wrong clocks. The long forms and the controls are ``make faults``."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from pathlib import Path

import pytest

from hub.stores import STORE_NAME
from tests.faults import network, restores, wrong_clocks
from tests.hostile.desks import accepted
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices
from tests.kit.ports import free_port

pytestmark = pytest.mark.timeout(240)


async def test_a_bad_network_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Two hundred frames lost, doubled, replayed or reordered: each document is there once."""
    outcome = await network.strike(tmp_path, network.NETWORK.seed, documents=160)
    assert outcome.lost == 0, outcome.told
    assert outcome.struck >= 100


async def test_a_hub_from_an_old_backup_gets_everything_again(tmp_path: Path) -> None:
    """From one of shortly before, and from one without any mail."""
    outcome = await restores.strike(tmp_path, restores.RESTORES.seed, restores=2)
    assert outcome.lost == 0, outcome.told


async def test_ten_years_ahead_or_behind_lose_nothing(tmp_path: Path) -> None:
    """An office and the hub, both ahead; all of them, behind too, are in the long form."""
    outcome = await wrong_clocks.strike(tmp_path, wrong_clocks.CLOCKS.seed, strikes=2)
    assert outcome.lost == 0, outcome.told
    assert {"CLOCK", "AHEAD"} <= outcome.told["refused"].keys()


async def test_a_hub_that_lost_the_tokens_gets_them_again(tmp_path: Path, federation: Federation) -> None:
    """Within the hour, and not with the next week: until then nobody could write to the unit."""
    hub = await asyncio.to_thread(HubProcess.create, tmp_path / "hub", federation, port=free_port())
    await asyncio.to_thread(hub.start)
    try:
        async with Offices.open(tmp_path, hub.url, federation, {"sav": "Eva Ek", "bops": "Pia Po"}) as offices:
            await asyncio.to_thread(hub.stop)
            with contextlib.closing(sqlite3.connect(hub.data / STORE_NAME)) as connection:
                assert connection.execute("DELETE FROM token").rowcount > 0
                connection.commit()
            await asyncio.to_thread(hub.start)
            offices["bops"].desk.sync._ways.rounds._looked_hour = int(time.time()) // 3600 - 1  # an hour goes by
            await offices["bops"].desk.sync.once()
            written = await offices["sav"].desk.writing.write(offices.ask("bops"))
            for key in ("sav", "bops"):
                await offices[key].desk.sync.once()
            assert await accepted(offices["bops"], written.document_id) == 1
    finally:
        hub.stop()
