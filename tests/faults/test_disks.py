"""Disks that take no more, in the way that needs no rights: files may not grow. All ways are in ``make faults``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import disk_hub, disk_office
from tests.faults.disk_hub import GROW

pytestmark = pytest.mark.timeout(180)


async def test_a_hub_whose_files_cannot_grow_refuses_and_goes_on(tmp_path: Path) -> None:
    """Refused with DISK, every answered deposit is there after a kill, and it needs no restart."""
    outcome = await disk_hub.strike(tmp_path, disk_hub.DISK_HUB.seed, strikes=3, ways=(GROW,))
    assert outcome.lost == 0
    assert outcome.told["refused with DISK"] == 3


async def test_control_answering_what_was_not_written_loses(tmp_path: Path) -> None:
    """The same disk, and a hub that answers all the same."""
    assert (await disk_hub.control(tmp_path, disk_hub.DISK_HUB.seed)).lost > 0


async def test_an_office_whose_files_cannot_grow_refuses_and_goes_on(tmp_path: Path) -> None:
    """Refused with DISK at sender and recipient; what was written arrives once, what was refused is nowhere."""
    outcome = await disk_office.strike(tmp_path, disk_office.DISK_OFFICE.seed, strikes=6, ways=(GROW,))
    assert outcome.lost == 0
    assert outcome.told["refused with DISK"] >= 6


async def test_control_a_commit_that_fails_unsaid_loses(tmp_path: Path) -> None:
    """The same disk, and a vault that does not say that it wrote nothing."""
    assert (await disk_office.control(tmp_path, disk_office.DISK_OFFICE.seed)).lost > 0
