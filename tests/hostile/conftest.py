"""Two offices, sodermalm who asks and sav who advises, behind a hub that can lie."""

from __future__ import annotations

from collections.abc import AsyncIterator
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
