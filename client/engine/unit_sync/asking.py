"""Asking siblings: for what this device could not open, and for the unit's history when it is new.

Rules:
1. What no key or no roster let in, and what the rules refused while something is still missing here, is asked about: at
   once, after half an hour, after six and after a day; then it stays in quarantine for a person to see.
2. At most ``MAX_NOTED`` envelopes an hour are asked about: a flood of rubbish is no reason to write letters.
3. A device that joined a unit with older devices asks the oldest of them for history, batch after batch. When nothing
   comes for ten minutes it asks the next one. Until history is complete nobody is told that a document was refused.
"""

from __future__ import annotations

from typing import Final

from client.engine.context import Context
from client.engine.unit_sync.letters import Letters
from keys.ids import ID_BYTES
from keys.internal import MAX_ASKED, History, HistoryWish, Need

HOUR: Final = 3600
PAUSES: Final = (HOUR // 2, 6 * HOUR, 24 * HOUR, 24 * HOUR)
MAX_NOTED: Final = 256
SLOWER_SECONDS: Final = 30
PATIENCE_SECONDS: Final = 600
GIVE_UP_SECONDS: Final = 35 * 24 * HOUR  # protocol 5: nothing that is older can be opened by anybody's epoch keys
_CANNOT_OPEN: Final = "('SLOT', 'ROSTER')"
_HISTORY: Final = "history"  # sibling (16) ‖ cursor (8) ‖ seconds of the last progress (8) ‖ batches since the wish (1)
_DONE: Final = b"done"


class Asking:
    """The asking side."""

    def __init__(self, context: Context, letters: Letters) -> None:
        self._context = context
        self._vault = context.vault
        self._letters = letters

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
        """A sibling has dealt with these, inside a transaction: what stands aside for them goes."""
        for envelope_id in envelopes:
            if await self._vault.write("DELETE FROM need WHERE envelope_id = ?", envelope_id):
                await self._vault.write(
                    "DELETE FROM quarantine WHERE envelope_id = ? AND"  # noqa: S608 - constant list
                    f" (code IN {_CANNOT_OPEN} OR document_id IN (SELECT document_id FROM document))",
                    envelope_id,
                )
        if await self._vault.value("SELECT 1 FROM quarantine LIMIT 1") is None:
            await self._context.alarms.clear("QUARANTINE")

    async def is_catching_up(self) -> bool:
        """Whether something is still missing here that a sibling may have."""
        if not self._context.siblings():
            return False
        open_need = "SELECT 1 FROM need WHERE asked < ? LIMIT 1"
        return not await self._has_history() or bool(self._vault.glance(open_need, len(PAUSES)))

    # -- history ------------------------------------------------------------------------------------------------------

    async def _has_history(self) -> bool:
        own = self._context.replica.directory.devices.get(self._context.device_id)
        given_up = own is not None and self._context.clock.now() > own.statement.not_before + GIVE_UP_SECONDS
        return given_up or await self._vault.meta(_HISTORY) == _DONE or not self._elders()

    async def wish(self) -> None:
        """Ask for history where it is wanting and nothing moves."""
        elders, now = self._elders(), self._context.clock.now()
        held = await self._vault.meta(_HISTORY)
        if held == _DONE or not elders or self._context.prekeys.held(self._context.device_id) is None:
            return
        sibling, cursor, moved_at, _ = _read(held)
        if now < moved_at + PATIENCE_SECONDS:
            return
        following = elders.index(sibling) + 1 if sibling in elders else 0
        chosen = elders[following % len(elders)]
        await self._ask(chosen, cursor if chosen == sibling else 0)

    async def came(self, batch: History, device_id: bytes, window: int) -> None:
        """A batch was taken in, inside a transaction: note it, and ask for more at the end of a window."""
        held = await self._vault.meta(_HISTORY)
        sibling, cursor, _, batches = _read(held)
        if held == _DONE or (device_id, batch.after) != (sibling, cursor):
            return
        if batch.is_last:
            await self._vault.set_meta(_HISTORY, _DONE)
            return
        more = batches + 1 >= window
        await self._note(sibling, batch.cursor, 0 if more else batches + 1)
        if more:
            await self._letters.queue(HistoryWish(sibling, batch.cursor))

    async def _ask(self, sibling: bytes, cursor: int) -> None:
        async with self._vault.transaction():
            await self._note(sibling, cursor, 0)
            await self._letters.queue(HistoryWish(sibling, cursor))

    async def _note(self, sibling: bytes, cursor: int, batches: int) -> None:
        now = self._context.clock.now()
        await self._vault.set_meta(_HISTORY, sibling + cursor.to_bytes(8) + now.to_bytes(8) + bytes([batches]))

    def _elders(self) -> list[bytes]:
        """Active devices of the unit that joined before this one, oldest first."""
        directory = self._context.replica.directory
        own = directory.devices.get(self._context.device_id)
        if own is None:
            return []
        return [one for one in self._context.siblings() if directory.devices[one].joined_size < own.joined_size]


def _read(held: bytes | None) -> tuple[bytes, int, int, int]:
    if held is None or held == _DONE:
        return b"", 0, 0, 0
    cursor, moved_at = held[ID_BYTES : ID_BYTES + 8], held[ID_BYTES + 8 : ID_BYTES + 16]
    return held[:ID_BYTES], int.from_bytes(cursor), int.from_bytes(moved_at), held[-1]
