"""A hub with defences taken out, for controls: ``python -m tests.faults.undefended serve …`` is ``sluss-hub serve …``.

1. Who comes when there is no room is turned away, and nothing is kept for anybody.
2. A mailbox has one rate for everybody together: who is quick has all of it.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from hub.cli import main
from hub.connections import Connections
from hub.quota import FairRate, Sender
from tests.kit.hub_process import HubProcess


class Undefended(HubProcess):
    """Such a hub as a process."""

    def command(self, ready: Path) -> list[str]:
        """What to start."""
        return [sys.executable, "-m", "tests.faults.undefended", *super().command(ready)[3:]]


def take_out() -> None:
    """Put what was before in the place of the defences."""
    admit = Connections.admit

    def turned_away(self: Connections, connection: Hashable, source: str, *, is_known: bool) -> Hashable | None:
        full = self.count >= self._most
        self._most_common = self._most
        return connection if full else admit(self, connection, source, is_known=False)

    def first_come(self: FairRate, mailbox: Hashable, _sender: Sender, now: float) -> float:
        self._rate.take(mailbox, now)
        return 1.0

    changed: Any = Connections
    changed.admit = turned_away
    changed = FairRate
    changed.take = first_come


if __name__ == "__main__":
    take_out()
    main()
