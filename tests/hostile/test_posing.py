"""Administrators who give their own unit a type that is not theirs to give."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from keys.errors import LocalError
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices


@pytest.fixture
def federation() -> Federation:
    """One whose municipality has set up a unit of the police."""
    made = Federation.demo(devices=0, now=int(time.time()))
    made.add_unit("posing", "stockholm", unit_type="polis_bops", name="Bops Stockholm")
    return made


async def test_a_municipality_cannot_pose_as_the_police(
    tmp_path: Path, hub: HubProcess, federation: Federation
) -> None:
    """A unit of a municipality whose card says Bops is in nobody's address book, and nothing can be written to it."""
    async with Offices.open(tmp_path, hub.url, federation, {"sav": "Eva Ek"}) as offices:
        desk = offices["sav"].desk
        assert federation.units["posing"].unit_id in desk.context.replica.directory.units
        assert "Bops Stockholm" not in {unit.card.name_sv for unit in desk.context.book.units()}
        with pytest.raises(LocalError) as caught:
            await desk.writing.write(offices.ask("posing"))
        assert caught.value.code == "UNK"
