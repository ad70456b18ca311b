"""Two offices, sodermalm who asks and sav who advises, behind a hub that can lie."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.hostile.desks import Desks
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess

STAFF = {"sodermalm": "Olle Ohlin", "sav": "Eva Ek"}


@pytest.fixture
async def desks(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Desks]:
    """Two open offices that know each other's keys; the liar behaves so far."""
    async with Desks.behind(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


@pytest.fixture(scope="module")
def module_federation() -> Federation:
    """A federation that the tests of one module share."""
    return Federation.demo(devices=0, now=int(time.time()))


@pytest.fixture(scope="module")
def module_hub(tmp_path_factory: pytest.TempPathFactory, module_federation: Federation) -> Iterator[HubProcess]:
    """A running hub that the tests of one module share."""
    with HubProcess.create(tmp_path_factory.mktemp("hub"), module_federation).running() as process:
        yield process
