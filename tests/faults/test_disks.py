"""Files that may not grow: the broken disk that needs no rights. All ways, and the controls, are ``make faults``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import disk_hub, disk_office
from tests.faults.disk_hub import GROW

pytestmark = pytest.mark.timeout(180)


async def test_a_hub_whose_files_cannot_grow_refuses_and_goes_on(tmp_path: Path) -> None:
    """Refused with DISK, every answered deposit is there after a kill, and it needs no restart."""
    outcome = await disk_hub.strike(tmp_path, disk_hub.DISK_HUB.seed, strikes=2, ways=(GROW,))
    assert outcome.lost == 0
    assert outcome.told["refused with DISK"] == 2


async def test_an_office_whose_files_cannot_grow_refuses_and_goes_on(tmp_path: Path) -> None:
    """Refused with DISK at sender and recipient; what was written arrives once, what was refused is nowhere."""
    outcome = await disk_office.strike(tmp_path, disk_office.DISK_OFFICE.seed, strikes=4, ways=(GROW,))
    assert outcome.lost == 0
    assert outcome.told["refused with DISK"] >= 4
