"""What came before something that its author had seen: it lies aside until that is here, and is then taken in.

Rules:
1. Documents of a thread may overtake each other on the way: one waited for its file, for a key, or for the hub's leave,
   and the next did not. The order in which they come decides nothing (``client.casework.crossing``), so neither waits
   for the other at its sender: what can take effect does, and something urgent is never held up.
2. What cannot yet is opened once more whenever something of its unit, or a colleague's word, has taken effect. It goes
   through every check again but the one that knows its envelope.
3. At most ``MOST`` of a unit at a time, the oldest first: who sends what never fits delays only itself.

Public signatures:
    Early(context, opening).reopened(link, heard) -> list[Opened]
    Early.give_up(envelope_id, code="")                           it is not tried again, inside a transaction
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final

from client.engine.arrival import Arrival
from client.engine.context import Context
from client.engine.link import Link
from client.engine.opened import Opened
from client.engine.opening import Opening
from keys.ids import EnvelopeId

MOST: Final = 32  # some milliseconds each


class Early:
    """The early ones of one vault."""

    def __init__(self, context: Context, opening: Opening) -> None:
        self._context = context
        self._vault = context.vault
        self._opening = opening

    async def reopened(self, link: Link, heard: Collection[bytes]) -> list[Opened]:
        """Those that may fit now, after the checks before the rules of the work, oldest first.

        Args:
            link: to the hub, for newer log.
            heard: units something of which took effect; with the own one all are tried.
        """
        units = [] if self._context.unit_id in heard else [unit_id.hex().upper() for unit_id in heard]
        rows = await self._vault.all(
            "SELECT envelope_id, envelope, hour, signature FROM (SELECT *, row_number() OVER"
            " (PARTITION BY unit_id ORDER BY at) AS place FROM quarantine WHERE hour IS NOT NULL AND handled_at IS NULL"
            " AND (?1 = '[]' OR hex(unit_id) IN (SELECT value FROM json_each(?1)))) WHERE place <= ?2 ORDER BY at",
            json.dumps(units), MOST,
        )  # fmt: skip
        return [
            await self._opening.reopen(Arrival(0, hour, signature, envelope, EnvelopeId(envelope_id)), link)
            for envelope_id, envelope, hour, signature in rows
        ]

    async def give_up(self, envelope_id: bytes, code: str = "") -> None:
        """It stays aside for a person to see, inside a transaction; ``code``: with which the rules refused it now."""
        await self._vault.write(
            "UPDATE quarantine SET hour = NULL, code = iif(?1 = '', code, ?1) WHERE envelope_id = ?2", code, envelope_id
        )
