"""What the replayed directory knows of each party, as values.

``joined_size`` and ``revoked_size`` are log sizes *after* the statement: a device was in the log of ``size`` leaves
when ``joined_size <= size`` and not ``revoked_size <= size``.
"""

from __future__ import annotations

import dataclasses
from typing import TypeAlias

from keys.ids import Digest
from keys.statements import Device, Enrol, Hub, Organisation, Unit, UnitStatus

Cards: TypeAlias = tuple[tuple[int, bytes], ...]
"""Sealed cards of earlier statements, oldest first, each with the log size at which it came."""


def cards_with(known: OrganisationEntry | UnitEntry | None) -> Cards:
    """The earlier cards of whoever gets another statement."""
    return () if known is None else (*known.earlier, (known.joined_size, known.statement.card))


@dataclasses.dataclass(frozen=True, slots=True)
class OrganisationEntry:
    """An organisation's newest statement; ``ended_size``: the roots ended it."""

    statement: Organisation
    joined_size: int
    ended_size: int | None = None
    earlier: Cards = ()


@dataclasses.dataclass(frozen=True, slots=True)
class UnitEntry:
    """A unit's newest statement; ``ended_size``: the roots ended it."""

    statement: Unit
    joined_size: int
    ended_size: int | None = None
    earlier: Cards = ()

    def card_at(self, size: int) -> bytes:
        """The sealed card in the log of ``size`` leaves; the first one when there was none yet."""
        cards = (*self.earlier, (self.joined_size, self.statement.card))
        return next((card for since, card in reversed(cards) if since <= size), cards[0][1])

    @property
    def is_active(self) -> bool:
        """Whether the unit takes documents."""
        return self.statement.status is UnitStatus.ACTIVE and self.ended_size is None


@dataclasses.dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A device, its request, and when it came and went."""

    statement: Device
    enrol: Enrol
    certificate: Digest
    joined_size: int
    revoked_size: int | None

    def covers(self, at: int) -> bool:
        """Whether its validity covers ``at`` (seconds), revoked or not."""
        return self.statement.not_before <= at < self.statement.not_after

    def is_active(self, now: int) -> bool:
        """Not revoked, and within its validity at ``now`` (seconds)."""
        return self.revoked_size is None and self.covers(now)

    def was_active(self, size: int, at: int) -> bool:
        """Whether it was in the log of ``size`` leaves, not revoked there, and within its validity at ``at``."""
        joined = self.joined_size <= size and not (self.revoked_size is not None and self.revoked_size <= size)
        return joined and self.covers(at)


@dataclasses.dataclass(frozen=True, slots=True)
class HubEntry:
    """A hub's newest statement."""

    statement: Hub
    joined_size: int
