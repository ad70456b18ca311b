"""All faults, in the order of the table."""

from __future__ import annotations

from typing import Final

from tests.faults.disk_hub import DISK_HUB
from tests.faults.disk_office import DISK_OFFICE
from tests.faults.flips_mail import FLIPS_MAIL
from tests.faults.flips_store import FLIPS_STORE
from tests.faults.flips_vault import FLIPS_VAULT
from tests.faults.floods import FLOODS
from tests.faults.kills import KILLS
from tests.faults.kills_hub import KILLS_HUB
from tests.faults.network import NETWORK
from tests.faults.networks import CROWD, STARVE
from tests.faults.power import POWER
from tests.faults.restores import RESTORES
from tests.faults.slow import SLOW
from tests.faults.tally import Fault
from tests.faults.wrong_clocks import CLOCKS

FAULTS: Final[tuple[Fault, ...]] = (
    KILLS_HUB,
    KILLS,
    FLIPS_MAIL,
    FLIPS_STORE,
    FLIPS_VAULT,
    SLOW,
    FLOODS,
    CROWD,
    STARVE,
    DISK_HUB,
    DISK_OFFICE,
    POWER,
    NETWORK,
    RESTORES,
    CLOCKS,
)
