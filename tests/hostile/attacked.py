"""An office under attack: real vault, keys and checks; the envelopes come straight from a forge.

attacked.drain([raw, ...], without=8)     # a drain of exactly these, with check 8 taken out
await attacked.outcome(raw)               # what became of one envelope
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from client.engine.checks import CHECKS
from client.engine.inbox import Drained, Inbox
from client.engine.link import Link
from client.engine.office import Office
from hub.wire.responses import Fetched, Waiting
from keys.ids import digest
from tests.kit.forge import Forge

TABLES = ("document", "thread", "thread_event", "consent", "withdrawal", "chain", "gap", "outbox", "attempt")


class Tray:
    """The hub's side of a drain, holding what an attacker wants it to hold; all else goes to the real hub."""

    def __init__(self, link: Link, envelopes: Sequence[bytes], *, start: int, incarnation: bytes) -> None:
        self._link = link
        self._incarnation = incarnation
        self.items = [Waiting(start + n, 1, bytes(64), raw) for n, raw in enumerate(envelopes, 1)]
        self.last_n = start + len(envelopes)
        self.acked = start
        self.fetches = 0

    async def fetch(self, after: int, limit: int = 4) -> Fetched:
        """Pages of at most four."""
        self.fetches += 1
        waiting = [item for item in self.items if item.n > after]
        return Fetched(self._incarnation, self.last_n, waiting[:limit])

    async def ack(self, cursor: int) -> None:
        """Note how far the office says it is."""
        self.acked = cursor

    def __getattr__(self, name: str) -> Any:
        """Everything else is the real link's."""
        return getattr(self._link, name)


@dataclasses.dataclass
class Attacked:
    """The office and its attacker."""

    office: Office
    forge: Forge
    revoked: Any = None  # the keeper of a device of the attacker's unit that was revoked

    @property
    def vault(self) -> Any:
        """Of the office."""
        return self.office.desk.context.vault

    async def tray(self, envelopes: Sequence[bytes]) -> Tray:
        """What waits, numbered from the office's cursor on."""
        incarnation = await self.vault.meta("incarnation")
        return Tray(self.office._link, envelopes, start=await self.vault.number("cursor"), incarnation=incarnation)

    def inbox(self, without: int | None = None) -> Inbox:
        """The office's own inbox, or one that lacks a check."""
        real = self.office.desk.sync._ways.inbox
        if without is None:
            return real
        checks = {number: check for number, check in CHECKS.items() if number != without}
        return Inbox(real._context, real._receipts, real._effects, checks)

    async def drain(self, envelopes: Sequence[bytes], *, without: int | None = None) -> Drained:
        """Let the office handle these envelopes."""
        return await self.inbox(without).drain(await self.tray(envelopes))  # type: ignore[arg-type]

    async def outcome(self, raw: bytes, *, without: int | None = None) -> tuple[Any, ...]:
        """What became of one envelope: dropped, seen, accepted, or step and code of its quarantine."""
        dropped = await self.vault.number("dropped")
        done = await self.drain([raw], without=without)
        if await self.vault.number("dropped") > dropped:
            return ("dropped",)
        row = await self.vault.one("SELECT step, code FROM quarantine WHERE envelope_id = ?", digest(raw))
        if row is not None:
            return (row[0], row[1])
        return ("accepted",) if done.accepted else ("seen",)

    async def state(self) -> dict[str, list[Any]]:
        """All that a document could change."""
        return {table: await self.vault.all(f"SELECT * FROM {table}") for table in TABLES}  # noqa: S608

    async def owed(self) -> list[Any]:
        """Receipts that the office owes or has told."""
        return list(
            await self.vault.all("SELECT document_id, status, code, due_at IS NULL FROM receipt_due ORDER BY 1, 2")
        )

    async def forget_fork(self) -> None:
        """A person has settled the fork."""
        async with self.vault.transaction():
            await self.vault.write("DELETE FROM meta WHERE name = 'fork'")
