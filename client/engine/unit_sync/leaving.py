"""Devices that were revoked: nothing more is sealed for them, and what waits is sealed for those that remain.

Rules:
1. The log is refreshed in every round before anything is sealed, and ``prekeys.targets`` leaves the revoked out.
2. An envelope that was sealed before and has not left is thrown away and sealed anew.
3. What was deposited and has no receipt is sealed anew at once: only the revoked device may have fetched it.
4. A document that was signed for revoked devices alone is signed anew for those that are there now (``outbox``).
"""

from __future__ import annotations

from typing import Final

from client.engine.context import Context
from client.engine.unit_sync.letters import Letters
from keys.ids import UnitId

_LOOKED: Final = "leavers_size"


class Leaving:
    """Watches the log for devices that go."""

    def __init__(self, context: Context, letters: Letters) -> None:
        self._context = context
        self._vault = context.vault
        self._letters = letters

    async def look(self) -> None:
        """See to what was sealed for devices that are revoked since the last look."""
        directory = self._context.replica.directory
        looked = await self._vault.number(_LOOKED)
        if looked == directory.size:
            return
        units = {
            UnitId(entry.statement.unit_id)
            for entry in directory.devices.values()
            if entry.revoked_size is not None and entry.revoked_size > looked
        }
        async with self._vault.transaction():
            for unit_id in units:
                await self._seal_anew(unit_id)
            await self._vault.set_number(_LOOKED, directory.size)

    async def _seal_anew(self, unit_id: UnitId) -> None:
        mailbox_id = self._context.replica.directory.units[unit_id].statement.mailbox_id
        unsent = "SELECT envelope_id FROM attempt WHERE mailbox_id = ? AND envelope IS NOT NULL AND recall IS NULL"
        now = self._context.clock.now()
        await self._vault.write(
            f"UPDATE receipt_due SET attempt_id = NULL WHERE attempt_id IN ({unsent})",  # noqa: S608 - constant
            mailbox_id,
        )
        await self._vault.write(
            f"DELETE FROM attempt WHERE envelope_id IN ({unsent})",  # noqa: S608 - constant
            mailbox_id,
        )
        await self._vault.write("UPDATE outbox SET next_at = ? WHERE mailbox_id = ?", now, mailbox_id)
        if unit_id == self._context.unit_id:
            await self._letters.settle_all()
            await self._letters.deposit_again()
