"""Asking siblings for what this device could not open or use; for the unit's history see ``history``.

Rules:
1. What no key or no roster let in, what came from a device that has been revoked since, and what the rules refused
   while something is still missing here, is asked about: at once, after half an hour, after six and after a day; then
   it stays in quarantine for a person to see.
2. At most ``MAX_NOTED`` envelopes an hour are asked about: a flood of rubbish is no reason to write letters. The others
   wait for their hour.
"""

from __future__ import annotations

from typing import Final

from client.engine.context import Context
from client.engine.unit_sync.history import GIVE_UP_SECONDS, CatchingUp
from client.engine.unit_sync.letters import Letters
from keys.internal import MAX_ASKED, Need

HOUR: Final = 3600
PAUSES: Final = (HOUR // 2, 6 * HOUR, 24 * HOUR, 24 * HOUR)
MAX_NOTED: Final = 256
SLOWER_SECONDS: Final = 30
_CANNOT_OPEN: Final = "('SLOT', 'ROSTER')"


class Asking:
    """The asking side."""

    def __init__(self, context: Context, letters: Letters, history: CatchingUp) -> None:
        self._context = context
        self._vault = context.vault
        self._letters = letters
        self._history = history
        self._looked_at = 0

    # -- needs --------------------------------------------------------------------------------------------------------

    async def lack(self, envelope_id: bytes) -> None:
        """Note that siblings must be asked, inside a transaction."""
        now = self._context.clock.now()
        lately = await self._vault.value("SELECT count(*) FROM need WHERE noted_at > ?", now - HOUR)
        if not self._context.siblings() or lately >= MAX_NOTED:
            return
        unanswered = await self._vault.value("SELECT count(*) FROM need WHERE noted_at > ? AND asked > 0", now - HOUR)
        # An answer that cannot be opened either is asked about again: ever more slowly, until the keys are right.
        await self._vault.write(
            "INSERT OR IGNORE INTO need (envelope_id, noted_at, next_at) VALUES (?, ?, ?)",
            envelope_id, now, now + SLOWER_SECONDS * unanswered,
        )  # fmt: skip

    async def look(self) -> None:
        """Once an hour: what could not be opened, and was too much to ask about when it came, has its turn."""
        now = self._context.clock.now()
        if now < self._looked_at + HOUR or not self._context.siblings() or await self._history.is_wanting():
            return
        self._looked_at = now
        lately = await self._vault.value("SELECT count(*) FROM need WHERE noted_at > ?", now - HOUR)
        waiting = await self._vault.all(
            f"SELECT envelope_id FROM quarantine WHERE code IN {_CANNOT_OPEN} AND at > ?"  # noqa: S608 - constant list
            " AND envelope_id NOT IN (SELECT envelope_id FROM need) LIMIT ?",
            now - GIVE_UP_SECONDS, max(0, MAX_NOTED - lately),
        )  # fmt: skip
        if waiting:
            async with self._vault.transaction():
                rows = [(envelope_id, now, now) for (envelope_id,) in waiting]
                sql = "INSERT OR IGNORE INTO need (envelope_id, noted_at, next_at) VALUES (?, ?, ?)"
                await self._vault.write_many(sql, rows)

    async def prepare(self) -> None:
        """Write the needs that are due."""
        now = self._context.clock.now()
        due = await self._vault.all(
            "SELECT envelope_id, asked FROM need WHERE next_at <= ? AND asked < ? LIMIT ?", now, len(PAUSES), MAX_ASKED
        )
        if not due:
            return
        async with self._vault.transaction():
            await self._letters.queue(Need([row[0] for row in due]))
            await self._vault.write_many(
                "UPDATE need SET asked = asked + 1, next_at = ? WHERE envelope_id = ?",
                [(now + PAUSES[asked], envelope_id) for envelope_id, asked in due],
            )

    async def settled(self, envelopes: list[bytes]) -> None:
        """A sibling has dealt with these, inside a transaction: what stands aside for them goes.

        Not a document that a revoked device of another unit signed: that goes when the document itself is here.
        """
        for envelope_id in envelopes:
            if await self._vault.write("DELETE FROM need WHERE envelope_id = ?", envelope_id):
                await self._vault.write(
                    "DELETE FROM quarantine WHERE envelope_id = ? AND"  # noqa: S608 - constant list
                    f" (code IN {_CANNOT_OPEN} OR document_id IN (SELECT document_id FROM document)"
                    " OR code = 'REVOKED' AND (unit_id = ? OR document_id IS NULL))",
                    envelope_id, self._context.unit_id,
                )  # fmt: skip
        await self._context.alarms.aside_went()

    async def is_catching_up(self) -> bool:
        """Whether something is still missing here that a sibling may have."""
        if not self._context.siblings():
            return False
        open_need = "SELECT 1 FROM need WHERE asked < ? LIMIT 1"
        return await self._history.is_wanting() or bool(self._vault.glance(open_need, len(PAUSES)))
