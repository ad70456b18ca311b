"""Two offices, sodermalm who asks and sav who advises, behind a hub that can lie."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.hostile.attacked import Attacked
from tests.hostile.desks import Desks
from tests.kit.federation import Federation
from tests.kit.forge import Forge
from tests.kit.hub_process import HubProcess
from tests.kit.offices import Offices

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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def offices(
    request: pytest.FixtureRequest,
    module_hub: HubProcess,
    module_federation: Federation,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Offices]:
    """The offices of the module's ``STAFF`` (unit → name of its handler), sav and bops among them."""
    path = tmp_path_factory.mktemp("offices")
    async with Offices.open(path, module_hub.url, module_federation, request.module.STAFF) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def attacked(offices: Offices) -> Attacked:
    """The police unit bops, attacked by the device of sav."""
    return Attacked(offices["bops"], Forge(offices["sav"].desk.context, offices["bops"].desk.context))
