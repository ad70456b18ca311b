"""Two thousand altered frames, and two hubs with a fault that the same cases find."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.house import House, listening, open_house
from hub.quota import Sender
from hub.refusal import RefusalError
from hub.wire.requests import Deposit, ReadLog
from hub.wire.responses import Code
from tests.hostile.frame_fuzz import SETTINGS, FuzzError, Target, fuzz, samples
from tests.kit.federation import Federation
from tests.kit.hub_process import found

SEED = 20261123
CASES = 2_000
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A founded hub; its settings stand in it."""
    return tmp_path / "hub"


@pytest.fixture
def prepared(folder: Path) -> tuple[Any, Federation]:
    """Settings and federation."""
    made = Federation.demo(now=int(time.time()), devices=1)
    return found(folder, made, **SETTINGS), made


@pytest.fixture
async def aimed(folder: Path, prepared: tuple[Any, Federation]) -> AsyncIterator[tuple[House, Target]]:
    """A hub in this process, and what the cases are made from."""
    config, federation = prepared
    async with open_house(folder, config) as house, listening(house) as url:
        target = Target(house, url, await samples(house, url, federation))
        yield house, target
        target.close()


async def test_altered_frames_change_nothing(aimed: tuple[House, Target]) -> None:
    """No fault, no hang, no change; and the cases get as far as the rules behind the decoder."""
    tally = await fuzz(aimed[1], cases=CASES, seed=SEED)
    assert tally.cases == CASES
    assert {"FMT", "DENIED", "AUTH", "HOUR"} <= set(tally.codes)
    assert tally.accepted > CASES // 50
    assert tally.slowest_seconds < 20


async def test_a_fault_of_the_hub_is_found(aimed: tuple[House, Target], monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: an operation that breaks on a number is seen."""
    house, target = aimed
    read = house.log.read

    async def breaks(start: int, limit: int) -> Any:
        if start >= 2**31:
            raise OverflowError
        return await read(start, limit)

    monkeypatch.setattr(house.log, "read", breaks)
    target.samples = [ReadLog(0, 1)]
    with pytest.raises(FuzzError, match="status 500"):
        await fuzz(target, cases=CASES, seed=SEED)


async def test_a_refusal_that_changes_something_is_found(
    aimed: tuple[House, Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a hub that stores first and refuses afterwards is seen."""
    house, target = aimed
    deposit = house.relay.deposit

    async def late(request: Deposit, sender: Sender) -> Any:
        await deposit(request, sender)
        raise RefusalError(Code.DENIED)

    monkeypatch.setattr(house.relay, "deposit", late)
    target.samples = [one for one in target.samples if isinstance(one, Deposit)]
    with pytest.raises(FuzzError, match="something changed"):
        await fuzz(target, cases=CASES, seed=SEED)
