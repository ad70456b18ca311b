"""What one device's part in its unit is made of; put together in ``office``."""

from __future__ import annotations

import dataclasses

from client.engine.confirming import Confirming
from client.engine.unit_sync.agreed import Agreed
from client.engine.unit_sync.approving import Approving
from client.engine.unit_sync.asking import Asking
from client.engine.unit_sync.heads import Comparing
from client.engine.unit_sync.history import CatchingUp
from client.engine.unit_sync.lending import Lending
from client.engine.unit_sync.letters import Letters
from client.engine.unit_sync.requests import Requests
from client.engine.unit_sync.sharing import Sharing


@dataclasses.dataclass(frozen=True, slots=True)
class UnitParts:
    """Letters, agreements, catching up, comparing, asking and answering, second signatures, files, confirmations."""

    letters: Letters
    agreed: Agreed
    history: CatchingUp
    comparing: Comparing
    asking: Asking
    sharing: Sharing
    requests: Requests
    lending: Lending
    approving: Approving
    confirming: Confirming
