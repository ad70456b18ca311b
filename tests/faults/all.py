"""All faults, in the order of the table."""

from __future__ import annotations

from typing import Final

from tests.faults.kills import KILLS
from tests.faults.tally import Fault

FAULTS: Final[tuple[Fault, ...]] = (KILLS,)
