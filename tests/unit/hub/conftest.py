"""A hub in this process: real server on port 0, real SQLite, a clock that the test moves."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.config import Config
from hub.house import House, listening, open_house
from keys.logging import configure
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess, found
from tests.unit.hub.device import Device, Link


class Tick:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = float(int(time.time()) // 3600 * 3600 + 600)  # ten past: a test never crosses an hour by chance

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now

    @property
    def hour(self) -> int:
        """Hours since 1970."""
        return int(self.now) // 3600


@dataclasses.dataclass
class Bench:
    """A hub on the bench: its parts, its address, its clock, its federation."""

    house: House
    url: str
    clock: Tick
    federation: Federation

    def device(self, unit: str = "sav", number: int = 0) -> Device:
        """A device of a unit; not connected yet."""
        return Device(self.url, self.federation, self.federation.units[unit].keepers[number])

    def link(self) -> Link:
        """A connection of nobody."""
        return Link(self.url)


@pytest.fixture(autouse=True)
def strict_logs() -> None:
    """A log field that is not on the list fails the test."""
    configure(strict=True)


@pytest.fixture
def federation() -> Federation:
    """Four units with two devices each."""
    return Federation.demo(now=int(time.time()), devices=2)


@pytest.fixture
def settings() -> dict[str, Any]:
    """Settings of the hub; tests override this fixture or change it before ``bench``."""
    return {"job_seconds": 3600.0, "snapshot_delay_seconds": 3600.0}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The hub's folder."""
    return tmp_path / "hub"


@pytest.fixture
def config(data: Path, federation: Federation, settings: dict[str, Any]) -> Config:
    """The settings of a hub that was founded in ``data``."""
    return found(data, federation, **settings)


@pytest.fixture
async def bench(data: Path, config: Config, federation: Federation) -> AsyncIterator[Bench]:
    """A hub that serves. Its jobs ran once at the start; tests call them when they want them."""
    clock = Tick()
    async with open_house(data, config, clock) as house, listening(house) as url:
        yield Bench(house, url, clock, federation)


@pytest.fixture
def hub_process(data: Path, federation: Federation, settings: dict[str, Any]) -> Iterator[HubProcess]:
    """The hub as a process, started."""
    with HubProcess.create(data, federation, **settings).running() as process:
        yield process
