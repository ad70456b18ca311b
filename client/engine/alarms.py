"""Alarms: what a person must see, with the evidence kept for good.

Rules:
1. The same alarm that is still open is not raised again.
2. A person may say that they have seen one: who and when is noted, and it is open no more. What happens anew raises it
   anew. A condition that lasts (``_LASTING``), and what comes with the very same evidence, is nothing new.
3. What has stopped the office (``_STAYS``) cannot be put away by having been seen.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from client.engine.clock import Clock
from client.engine.vault import Vault
from keys.errors import LocalError, RefusedError

#: Told by every round until the cause is gone, and then cleared.
_LASTING: Final = frozenset({"WITNESS", "SNAPSHOT", "DIRKEY", "NORECEIPT", "NOTENDED"})
#: Nothing is sent from this device any more.
_STAYS: Final = frozenset({"FORK", "ROLLBACK", "REVOKED"})


@dataclasses.dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. ``document_id`` is 16 bytes where it concerns a document; the last three say how it ended."""

    n: int
    code: str
    document_id: bytes | None
    at: int
    has_evidence: bool
    cleared_at: int | None
    seen_at: int | None
    seen_by: str

    @property
    def stays(self) -> bool:
        """Whether it cannot be put away by having been seen."""
        return self.code in _STAYS


_COLUMNS: Final = "n, code, document_id, at, evidence IS NOT NULL, cleared_at, seen_at, seen_by"


class Alarms:
    """The alarms of an office."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    async def raise_(self, code: str, *, document_id: bytes | None = None, evidence: bytes | None = None) -> None:
        """Raise an alarm inside a transaction, unless it says nothing new."""
        last = await self._vault.one(
            "SELECT seen_at, evidence FROM alarm WHERE code = ? AND document_id IS ? AND cleared_at IS NULL"
            " ORDER BY n DESC LIMIT 1",
            code, document_id,
        )  # fmt: skip
        if last is not None:
            seen_at, known = last
            same = evidence is not None and known == evidence
            if seen_at is None or code in _LASTING or same:
                return
        await self._vault.write(
            "INSERT INTO alarm (code, document_id, evidence, at) VALUES (?, ?, ?, ?)",
            code, document_id, evidence, self._clock.now(),
        )  # fmt: skip

    async def complete(self, code: str, evidence: bytes) -> None:
        """Put fuller evidence in the place of what the open alarm has, inside a transaction."""
        await self._vault.write("UPDATE alarm SET evidence = ? WHERE code = ? AND cleared_at IS NULL", evidence, code)

    async def aside_went(self) -> None:
        """Something left the quarantine, inside a transaction: when nothing lies there any more, nobody need look."""
        if await self._vault.value("SELECT 1 FROM quarantine LIMIT 1") is None:
            await self.clear("QUARANTINE")

    async def clear(self, code: str, *, document_id: bytes | None = None) -> None:
        """Clear an alarm inside a transaction because its cause is gone."""
        await self._vault.write(
            "UPDATE alarm SET cleared_at = ? WHERE code = ? AND document_id IS ? AND cleared_at IS NULL",
            self._clock.now(), code, document_id,
        )  # fmt: skip

    async def seen(self, n: int, by: str) -> Alarm:
        """Note that a person has seen an alarm, inside a transaction; the first who did stays noted.

        Args:
            n: its number.
            by: name of the person.

        Raises:
            LocalError: code ``NOTFOUND``.
            RefusedError: code ``ALARMSTAYS``; it has stopped the office.
        """
        alarm = await self._get(n)
        if alarm.stays:
            raise RefusedError("ALARMSTAYS")
        await self._vault.write(
            "UPDATE alarm SET seen_at = ?, seen_by = ? WHERE n = ? AND seen_at IS NULL", self._clock.now(), by, n
        )
        return await self._get(n)

    async def evidence(self, n: int) -> bytes:
        """What was kept with an alarm.

        Raises:
            LocalError: code ``NOTFOUND``, ``NOEVIDENCE``.
        """
        if not (await self._get(n)).has_evidence:
            raise LocalError("NOEVIDENCE")
        kept: bytes = await self._vault.value("SELECT evidence FROM alarm WHERE n = ?", n)
        return kept

    async def open(self) -> list[Alarm]:
        """All that are not cleared and that nobody has seen, oldest first."""
        return await self._all("WHERE cleared_at IS NULL AND seen_at IS NULL ORDER BY n")

    async def all(self) -> list[Alarm]:
        """All that ever were, oldest first."""
        return await self._all("ORDER BY n")

    async def _get(self, n: int) -> Alarm:
        found = await self._all("WHERE n = ?", n)
        if not found:
            raise LocalError("NOTFOUND")
        return found[0]

    async def _all(self, tail: str, *values: object) -> list[Alarm]:
        rows = await self._vault.all(f"SELECT {_COLUMNS} FROM alarm {tail}", *values)  # noqa: S608 - constants
        return [Alarm(row[0], row[1], row[2], row[3], bool(row[4]), *row[5:]) for row in rows]
