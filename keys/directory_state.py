"""What the replayed directory knows, and the questions that are put to it. What changes it stands in ``directory``.

Values are immutable; tables are replaced in place by ``Directory`` alone, so that ``copy`` is a matter of milliseconds.
"""

from __future__ import annotations

from typing import TypeVar

from keys.acceptance import KeyRegister
from keys.directory_entries import DeviceEntry, HubEntry, OrganisationEntry, UnitEntry
from keys.freezing import Freezing
from keys.ids import DeviceId, Digest, FederationId, HubId, MailboxId, OrgId, UnitId
from keys.log_tree import LogTree
from keys.rekeying import Rekeying
from keys.statements import Profile, Root, Snapshot, Witnesses
from keys.succession import Succession

S = TypeVar("S", bound="DirectoryState")


class DirectoryState:
    """The state of one federation's log. ``snapshot`` is the one accepted last, ``snapshots`` the last of each hub.

    Args:
        federation: digest of the first root.
        root: the first root.
    """

    def __init__(self, federation: FederationId, root: Root) -> None:
        self.federation = federation
        self.profile: Profile = root.profile
        self.root: Root = root
        self.tree = LogTree()
        self.organisations: dict[OrgId, OrganisationEntry] = {}
        self.units: dict[UnitId, UnitEntry] = {}
        self.devices: dict[DeviceId, DeviceEntry] = {}
        self.hubs: dict[HubId, HubEntry] = {}
        self.snapshots: dict[HubId, Snapshot] = {}
        self.snapshot: Snapshot | None = None
        self.witnesses: Witnesses | None = None
        self.succession = Succession()
        self.freezing = Freezing()
        self.rekeying = Rekeying()
        self._mailboxes: dict[MailboxId, UnitId] = {}
        self._unit_devices: dict[UnitId, tuple[DeviceId, ...]] = {}
        self._certificates: dict[Digest, DeviceId] = {}
        self._seen: set[Digest] = set()
        self._keys = KeyRegister()

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self.tree.size

    def copy(self: S) -> S:
        """An independent directory of the same state, to try leaves on."""
        twin = object.__new__(type(self))
        for name, value in self.__dict__.items():
            changes = isinstance(value, dict | set | LogTree | KeyRegister | Succession | Freezing | Rekeying)
            twin.__dict__[name] = value.copy() if changes else value
        return twin

    def adopt(self: S, other: S) -> None:
        """Become what ``other`` is, for everybody who holds this object; ``other`` is not to be used any more."""
        self.__dict__ = other.__dict__

    def unit_of_mailbox(self, mailbox_id: MailboxId) -> UnitEntry | None:
        """The unit that a mailbox belongs to."""
        unit_id = self._mailboxes.get(mailbox_id)
        return None if unit_id is None else self.units[unit_id]

    def unit_devices(self, unit_id: UnitId) -> list[DeviceEntry]:
        """All devices a unit ever had, in the order of joining."""
        return [self.devices[device_id] for device_id in self._unit_devices.get(unit_id, ())]

    def active_devices(self, unit_id: UnitId, now: int) -> list[DeviceEntry]:
        """Devices of a unit that may be written to at ``now`` (seconds)."""
        return [entry for entry in self.unit_devices(unit_id) if entry.is_active(now)]

    def device_of_certificate(self, certificate: Digest) -> DeviceEntry | None:
        """The device whose certificate has this digest."""
        device_id = self._certificates.get(certificate)
        return None if device_id is None else self.devices[device_id]

    def organisation_of(self, unit_id: UnitId) -> OrganisationEntry:
        """The organisation of a unit that the directory knows."""
        return self.organisations[OrgId(self.units[unit_id].statement.org_id)]

    def _live_devices(self, unit_id: UnitId) -> list[DeviceEntry]:
        """The unit's devices that are not revoked; the log has no clock, so "today" has no part in its rules."""
        return [entry for entry in self.unit_devices(unit_id) if entry.revoked_size is None]
