"""Files in units of several devices: everybody gets them, and then the hub has none."""

from __future__ import annotations

import datetime
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit.attached import PDF, blobs_at, plain, send, state, states, try_at_once
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.units import Units, open_units


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at each unit."""
    staff = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "bops/pia": "Pia Po", "bops/per": "Per Pil"}
    async with open_units(tmp_path, hub.url, federation, staff) as opened:
        yield opened


async def test_all_devices_of_both_units_get_the_files(
    units: Units, tmp_path: Path, hub: HubProcess, federation: Federation
) -> None:
    """The recipient's devices from the sender, the sender's own colleague and a later device from a sibling.

    Nothing goes from the hub before the last has it, and then everything does.
    """
    data = PDF + os.urandom(300_000)
    written = await send(units, tmp_path, {"a.pdf": data}, sender="sav/eva", to="bops/pia")
    await units.without("bops/per", "sav/bo").settle(3)
    assert await states(units["bops/pia"].desk, written) == ["here"]
    assert await state(units["sav/eva"].desk, written) == "available"
    assert blobs_at(hub) == 3  # Per has not been here
    for _ in range(4):
        for office in units.values():
            await try_at_once(office.desk)
        await units.settle(1)
    for key in ("bops/per", "sav/bo"):
        assert await states(units[key].desk, written) == ["here"], key
        assert await plain(units[key].desk, written) == data
    assert blobs_at(hub) == 0
    ida = (await units.join("bops/ida", "Ida Is")).desk
    await units.know_each_other()
    for _ in range(4):
        for office in units.values():
            await try_at_once(office.desk)
        await units.settle(1)
    assert await plain(ida, written) == data
    assert blobs_at(hub) == 0
    await _withdrawn(units, tmp_path, hub)


async def _withdrawn(units: Units, folder: Path, hub: HubProcess) -> None:
    """A consent that is withdrawn while the file is on its way: the document stays, and the hub keeps nothing of it."""
    eva = units["sav/eva"].desk
    written = await send(units, folder, {"a.pdf": PDF}, sender="sav/eva", to="bops/pia")
    await eva.sync._ways.transfers.move(units["sav/eva"]._link)
    assert blobs_at(hub) == 2
    (held,) = await eva.consents.all()
    at = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    await eva.withdrawing.withdraw(held.consent_id, {"scope": "helt", "received_how": "telefon", "at": at}, eva.writing)
    await units.settle(2)
    assert await state(eva, written) == "stopped"
    assert await states(units["bops/pia"].desk, written) == []
    assert blobs_at(hub) == 0
