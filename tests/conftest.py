"""Fixtures that many tests share."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from keys import logging
from tests.kit import hub_process
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.hub_stock import Stock
from tests.kit.postgres import Postgres

#: How long an example takes hangs on what else the machine does.
hypothesis.settings.register_profile("any-machine", deadline=None)
hypothesis.settings.load_profile("any-machine")


@pytest.fixture(scope="session", autouse=True)
def _strict_logs() -> None:
    logging.configure(strict=True)


@pytest.fixture(scope="session", autouse=True)
def _hubs_are_forked() -> None:
    hub_process.stock = Stock(hub_process.PROJECT)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL; each test makes a database of its own in it."""
    # Not under pytest's folders: another run of pytest clears those away that it takes for old.
    with tempfile.TemporaryDirectory(prefix="sluss-postgres-") as folder, Postgres.running(Path(folder)) as server:
        yield server


@pytest.fixture
def federation() -> Federation:
    """Stockholm with two units and the police with two; nobody enrolled yet; the time is now."""
    return Federation.demo(devices=0, now=int(time.time()))


@pytest.fixture
def hub(tmp_path: Path, federation: Federation) -> Iterator[HubProcess]:
    """A running hub for ``federation``."""
    with HubProcess.create(tmp_path / "hub", federation).running() as process:
        yield process
