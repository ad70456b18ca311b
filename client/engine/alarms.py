"""Alarms: what a person must see, with the evidence kept until someone clears it."""

from __future__ import annotations

import dataclasses

from client.engine.clock import Clock
from client.engine.vault import Vault


@dataclasses.dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. ``document_id`` is 16 bytes where it concerns a document."""

    n: int
    code: str
    document_id: bytes | None
    at: int


class Alarms:
    """The alarms of an office."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    async def raise_(self, code: str, *, document_id: bytes | None = None, evidence: bytes | None = None) -> None:
        """Raise an alarm inside a transaction; the same one that is still open is not raised again."""
        again = await self._vault.value(
            "SELECT n FROM alarm WHERE code = ? AND document_id IS ? AND cleared_at IS NULL", code, document_id
        )
        if again is None:
            await self._vault.write(
                "INSERT INTO alarm (code, document_id, evidence, at) VALUES (?, ?, ?, ?)",
                code, document_id, evidence, self._clock.now(),
            )  # fmt: skip

    async def clear(self, code: str, *, document_id: bytes | None = None) -> None:
        """Clear an alarm inside a transaction because its cause is gone."""
        await self._vault.write(
            "UPDATE alarm SET cleared_at = ? WHERE code = ? AND document_id IS ? AND cleared_at IS NULL",
            self._clock.now(), code, document_id,
        )  # fmt: skip

    async def open(self) -> list[Alarm]:
        """All that are not cleared, oldest first."""
        rows = await self._vault.all("SELECT n, code, document_id, at FROM alarm WHERE cleared_at IS NULL ORDER BY n")
        return [Alarm(*row) for row in rows]
