"""Comparing a unit's keys by telephone: its fingerprint, and the mark that somebody did.

The fingerprint covers the unit, its mailbox, and the signing keys of its devices that are active now: what both ends
compute from their own replicas of the directory. A new or revoked device changes it; the mark then says so.
"""

from __future__ import annotations

import dataclasses
import enum

from client.engine.context import Context
from keys import domains
from keys.comparison import same_words, words_of
from keys.errors import LocalError
from keys.ids import UnitId, digest
from keys.public import key_id


class Standing(enum.StrEnum):
    """Whether a unit's keys were compared."""

    UNKNOWN = "no"
    COMPARED = "yes"
    CHANGED = "changed"


@dataclasses.dataclass(frozen=True, slots=True)
class Contact:
    """A unit's fingerprint, and when it was last compared, in seconds; 0: never."""

    unit_id: UnitId
    fingerprint: bytes
    devices: int
    standing: Standing
    compared_at: int

    @property
    def words(self) -> str:
        """The fingerprint as words."""
        return words_of(self.fingerprint)


async def look_up(context: Context, unit_id: UnitId) -> Contact:
    """The fingerprint of a unit and how it stands.

    Raises:
        LocalError: code ``UNK``.
    """
    fingerprint, devices = _fingerprint(context, unit_id)
    row = await context.vault.one("SELECT fingerprint, verified_at FROM contact WHERE unit_id = ?", unit_id)
    if row is None:
        return Contact(unit_id, fingerprint, devices, Standing.UNKNOWN, 0)
    standing = Standing.COMPARED if row[0] == fingerprint else Standing.CHANGED
    return Contact(unit_id, fingerprint, devices, standing, row[1])


async def mark_compared(context: Context, unit_id: UnitId, words: str) -> Contact:
    """Somebody at the unit read these words out.

    Raises:
        LocalError: code ``WORDS`` when they are others, ``UNK``.
    """
    contact = await look_up(context, unit_id)
    if not same_words(words, contact.words):
        raise LocalError("WORDS")
    async with context.vault.transaction():
        await context.vault.write(
            "INSERT OR REPLACE INTO contact VALUES (?, ?, ?)", unit_id, contact.fingerprint, context.clock.now()
        )
    return await look_up(context, unit_id)


def _fingerprint(context: Context, unit_id: UnitId) -> tuple[bytes, int]:
    directory = context.replica.directory
    entry = directory.units.get(unit_id)
    if entry is None:
        raise LocalError("UNK")
    devices = directory.active_devices(unit_id, context.clock.now())
    keys = sorted(device.statement.device_id + key_id(device.enrol.signing) for device in devices)
    head = domains.FINGERPRINT + directory.federation + unit_id + entry.statement.mailbox_id
    return digest(head + b"".join(keys)), len(devices)
