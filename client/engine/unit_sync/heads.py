"""Comparing how far other units' chains have come here with how far they have come at siblings (protocol 1).

A sender who means harm, or a hub that passes a device over, could have two devices of a unit believe different things
for as long as nothing follows. So each device tells its siblings once a day the heads of the chains in which something
came.

Rules:
1. What is told is number and digest of the last document of each chain; nothing is told of a quiet day.
2. A head that is not here, or is here with another digest, is looked at once more in the next round: mail of the same
   drain may have had it. Then siblings are asked for history (``history``), whose checks decide: what is wanting comes,
   and another document in the same place is EQUIV, with both kept.
3. Nothing here believes a sibling: a false head costs one asking.
"""

from __future__ import annotations

from typing import Final

from client.engine.context import Context
from client.engine.unit_sync.history import DAY_SECONDS, CatchingUp
from client.engine.unit_sync.letters import Letters
from keys.codec import decode, encode
from keys.internal import MAX_HEADS, Head, Heads

_TOLD_AT: Final = "heads_told_at"
_OPEN: Final = "heads_open"


class Comparing:
    """Tells the own heads and compares others'."""

    def __init__(self, context: Context, letters: Letters, history: CatchingUp) -> None:
        self._context = context
        self._vault = context.vault
        self._letters = letters
        self._history = history

    async def duty(self) -> None:
        """Once a round: ask about what was not settled by the drain that brought it, and tell once a day."""
        if self._context.siblings():
            await self._settle()
            await self._tell()

    async def came(self, heads: Heads) -> None:
        """A sibling's heads, inside a transaction: those that are not the same here are kept for the next round."""
        differing = [head for head in heads.heads if await self._differs_since(head)]
        if differing:
            await self._vault.set_meta(_OPEN, encode(Heads(differing)))

    async def _settle(self) -> None:
        raw = await self._vault.meta(_OPEN)
        if raw is None:
            return
        since = [at for head in decode(raw, Heads, max_bytes=len(raw)).heads if (at := await self._differs_since(head))]
        async with self._vault.transaction():
            await self._vault.write("DELETE FROM meta WHERE name = ?", _OPEN)
            if since:
                await self._history.note_wanting(min(since))

    async def _differs_since(self, head: Head) -> int:
        """From when on history would tell about a head (seconds); 0: it is the same here, or no other unit's."""
        entry = self._context.replica.directory.devices.get(head.device)  # type: ignore[call-overload]
        if entry is None or entry.statement.unit_id == self._context.unit_id:
            return 0
        row = await self._vault.one(
            "SELECT digest, at FROM document WHERE device_id = ? AND direction = 'in' AND seq <= ?"
            " ORDER BY seq DESC LIMIT 1",
            head.device, head.seq,
        )  # fmt: skip
        if row is None:
            return 1
        same = await self._vault.value(
            "SELECT 1 FROM document WHERE device_id = ? AND direction = 'in' AND seq = ? AND digest = ?",
            head.device, head.seq, head.digest,
        )  # fmt: skip
        return 0 if same else max(1, row[1] - DAY_SECONDS)

    async def _tell(self) -> None:
        now, told_at = self._context.clock.now(), await self._vault.number(_TOLD_AT)
        if told_at and now < told_at + DAY_SECONDS:
            return
        rows = await self._vault.all(
            "SELECT device_id, max(seq), digest FROM document WHERE direction = 'in' AND at > ? AND seq IS NOT NULL"
            " GROUP BY device_id LIMIT ?",
            told_at, MAX_HEADS,
        )  # fmt: skip
        async with self._vault.transaction():
            await self._vault.set_number(_TOLD_AT, now)
            if told_at and rows:
                await self._letters.queue(Heads([Head(*row) for row in rows]))
