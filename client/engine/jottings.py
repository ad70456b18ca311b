"""What somebody has typed in a form that makes no document: kept on this device until the form is sent.

A consent that is not signed, a refusal, a note, a reason for a no: none of them is a draft of the unit, and colleagues
do not see them before they are sent. They lie in the vault; what nobody touched for ``KEPT_DAYS`` goes.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import msgspec

from client.engine.clock import Clock
from client.engine.vault import Vault
from keys.errors import LocalError

MAX_TYPED_BYTES: Final = 256 * 1024
MAX_JOTTINGS: Final = 200
MAX_TARGET: Final = 64
KEPT_DAYS: Final = 30

Typed = dict[str, list[str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Jotting:
    """One form. ``at`` in seconds."""

    form: str
    target: str
    typed: Typed
    at: int


class Jottings:
    """The forms of one device."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    async def keep(self, form: str, target: str, typed: Typed) -> None:
        """Keep what stands in a form now; a form in which nothing is typed any more is not kept.

        Raises:
            LocalError: code ``BIG``: it is too long, or there are too many.
        """
        now, text = self._clock.now(), msgspec.json.encode(typed)
        if len(text) > MAX_TYPED_BYTES or len(target) > MAX_TARGET:
            raise LocalError("BIG")
        async with self._vault.transaction():
            if not any(text for texts in typed.values() for text in texts):
                await self.drop(form, target)
                return
            others = "SELECT count(*) FROM jotting WHERE (form, target) <> (?, ?)"
            if await self._vault.value(others, form, target) >= MAX_JOTTINGS:
                raise LocalError("BIG")
            await self._vault.write("INSERT OR REPLACE INTO jotting VALUES (?, ?, ?, ?)", form, target, text, now)

    async def typed(self, form: str, target: str) -> Typed | None:
        """What stands in a form; None when nothing is kept of it."""
        rows = await self._vault.all("SELECT typed FROM jotting WHERE form = ? AND target = ?", form, target)
        return _typed(rows[0][0]) if rows else None

    async def all(self) -> list[Jotting]:
        """Every form, the one that was typed in last first."""
        rows = await self._vault.all("SELECT form, target, typed, at FROM jotting ORDER BY at DESC, form, target")
        return [Jotting(form, target, _typed(text), at) for form, target, text, at in rows]

    async def forget_old(self) -> None:
        """Let go what nobody touched for ``KEPT_DAYS``; by a clock that is off by days nothing goes."""
        before = self._clock.now() - KEPT_DAYS * 86_400
        if self._clock.is_sane and await self._vault.value("SELECT count(*) FROM jotting WHERE at < ?", before):
            async with self._vault.transaction():
                await self._vault.write("DELETE FROM jotting WHERE at < ?", before)

    async def forget(self, form: str, target: str) -> None:
        """It was sent, or thrown away."""
        async with self._vault.transaction():
            await self.drop(form, target)

    async def drop(self, form: str, target: str) -> None:
        """The same inside a transaction."""
        await self._vault.write("DELETE FROM jotting WHERE form = ? AND target = ?", form, target)


def _typed(text: Any) -> Typed:
    return msgspec.json.decode(text, type=Typed)
