"""What the fail-over and its control stand on."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.federation import Federation


@pytest.fixture
def federation() -> Federation:
    """With one device in each unit."""
    return Federation.demo(now=int(time.time()), devices=1)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Outside of pytest's own folders, which another run may clear away."""
    with tempfile.TemporaryDirectory(prefix="sluss-ha-") as name:
        yield Path(name)
