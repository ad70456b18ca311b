"""What the parts of an open office share; made once in ``office`` and handed down."""

from __future__ import annotations

import dataclasses

from client.engine.alarms import Alarms
from client.engine.clock import Clock
from client.engine.names import AddressBook
from client.engine.prekeys import PrekeyBook
from client.engine.rollback import Rollback
from client.engine.settings import Settings
from client.engine.trust import Replica
from client.engine.vault import Vault
from keys.errors import LocalError
from keys.ids import DeviceId, HubId, MailboxId, UnitId
from keys.private.keeper import Keeper
from keys.private.seal import Target


@dataclasses.dataclass(slots=True)
class Freshness:
    """When the drain began (seconds) that last read the own mailbox to its end; None since start-up."""

    drained_at: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Context:
    """An open office's own parts. ``unit_id`` is the own unit, ``hub_id`` the hub of its card."""

    vault: Vault
    clock: Clock
    settings: Settings
    keeper: Keeper
    replica: Replica
    prekeys: PrekeyBook
    book: AddressBook
    alarms: Alarms
    rollback: Rollback
    unit_id: UnitId
    hub_id: HubId
    freshness: Freshness = dataclasses.field(default_factory=Freshness)

    @property
    def device_id(self) -> DeviceId:
        """This device."""
        return self.keeper.device_id

    @property
    def mailbox_id(self) -> MailboxId:
        """The own unit's mailbox."""
        return MailboxId(self.replica.directory.units[self.unit_id].statement.mailbox_id)

    def siblings(self) -> list[DeviceId]:
        """The other active devices of the own unit, in the order of joining."""
        devices = self.replica.directory.active_devices(self.unit_id, self.clock.now())
        ids = [DeviceId(entry.statement.device_id) for entry in devices]
        return [device_id for device_id in ids if device_id != self.device_id]

    def targets(self, unit_id: UnitId) -> list[Target]:
        """Whom to wrap for now: the unit's active devices that have a key, without this one.

        Raises:
            LocalError: code ``STALE`` or ``NOKEY``.
        """
        found = self.prekeys.targets(unit_id, self.clock.hour())
        others = [target for target in found if target.device_id != self.device_id]
        if not others:
            raise LocalError("NOKEY")
        return others

    def hub_key(self) -> bytes:
        """The hub's Ed25519 key (32 bytes) as the directory names it."""
        return self.replica.directory.hubs[self.hub_id].statement.keys.ed25519
