"""The directory replayed: bytes in, trusted state or an error out; no file, no socket, no clock (FORMATS 3).

Rules, in order, for each leaf:
1. It is a signed object of a type that the log takes, new to the log, and of this federation and profile.
2. Its signatures verify under keys that the state *before* it names; enough of them count, none is by anybody else.
3. Its payload is one of ours, and its own rule holds (``keys/acceptance.py`` has those on signatures and keys).
4. Only then does the state change and the tree grow. A refused leaf changes nothing.

Acceptance (FORMATS 3.1):
- root: threshold of the old root and of the new root (TUF's rule), number one higher.
- organisation: root threshold when new or when its card changes; the threshold of its old administrators when they do.
- unit: its organisation's administrators' threshold; unit and mailbox ids are never reused.
- device: first of a unit: administrators' threshold; later ones: one administrator and one active device of the unit;
  always the request signed by the new keys; keys and ids never seen before; at most 400 days.
- revoke: one of: an administrator of the organisation, the device itself, a sibling, the root threshold.
- hub: root threshold. snapshot: the hub's own keys, its numbers rising, not about a future log.

Example:
    >>> directory = Directory(first_root)          # doctest: +SKIP
    >>> directory.apply(organisation_statement)    # doctest: +SKIP
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Protocol

from keys.acceptance import (
    KeyRegister,
    by_key_id,
    check_threshold,
    read_request,
    require,
    require_device_signers,
    require_organisation_signers,
    require_revokers,
    require_root_signers,
    require_threshold,
)
from keys.directory_entries import DeviceEntry, HubEntry, OrganisationEntry, UnitEntry
from keys.domains import SignedType
from keys.errors import FormatError, TrustError
from keys.ids import DeviceId, Digest, FederationId, HubId, MailboxId, OrgId, UnitId, digest
from keys.log_tree import LogTree
from keys.public import PublicPair
from keys.signed import SignedObject, parse_signed, read_payload
from keys.statements import (
    MAX_DEVICE_SECONDS,
    MAX_LEAF_BYTES,
    Device,
    Hub,
    Organisation,
    Profile,
    Revoke,
    Root,
    Snapshot,
    Unit,
)


class _Handler(Protocol):
    def __call__(self, so: SignedObject, *, verified: bool) -> None: ...


class Directory:
    """The state of one federation's log. ``snapshot`` is the one accepted last, ``snapshots`` the last of each hub.

    Args:
        first_root: the root statement that *is* the federation; its digest is the federation id.

    Raises:
        FormatError, SignatureError, TrustError: the first root is not self-consistent.
    """

    def __init__(self, first_root: bytes) -> None:
        so = parse_signed(first_root)
        root = read_payload(so, SignedType.ROOT, Root)
        if root.number != 1:
            raise TrustError("TRUST", rule="first-root")
        self.federation = FederationId(so.digest)
        self.profile: Profile = root.profile
        self.root: Root = root
        self.tree = LogTree()
        self.organisations: dict[OrgId, OrganisationEntry] = {}
        self.units: dict[UnitId, UnitEntry] = {}
        self.devices: dict[DeviceId, DeviceEntry] = {}
        self.hubs: dict[HubId, HubEntry] = {}
        self.snapshots: dict[HubId, Snapshot] = {}
        self.snapshot: Snapshot | None = None
        self._mailboxes: dict[MailboxId, UnitId] = {}
        self._unit_devices: dict[UnitId, list[DeviceId]] = {}
        self._certificates: dict[Digest, DeviceId] = {}
        self._seen: set[Digest] = set()
        self._keys = KeyRegister()
        self._handlers: dict[SignedType, _Handler] = {
            SignedType.ROOT: self._apply_root,
            SignedType.ORGANISATION: self._apply_organisation,
            SignedType.UNIT: self._apply_unit,
            SignedType.DEVICE: self._apply_device,
            SignedType.REVOKE: self._apply_revoke,
            SignedType.HUB: self._apply_hub,
            SignedType.SNAPSHOT: self._apply_snapshot,
        }
        check_threshold(root.threshold, root.keys, root.profile)
        self._keys.check(root.keys)
        require_threshold(so, by_key_id(root.keys), root.threshold)
        self._keys.add(root.keys)
        self._append(so)

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self.tree.size

    def apply(self, leaf: bytes, *, verified: bool = False) -> SignedType:
        """Verify one leaf against the state and append it.

        Args:
            leaf: the signed object as received, at most 64 KiB.
            verified: skip signatures, for leaves that this device verified before and kept in its vault.

        Returns:
            The leaf's type.

        Raises:
            FormatError: not a statement, or not one that the log takes.
            SignatureError: a signature or key is wrong.
            TrustError: not signed by those who may; code ``DUP`` for a leaf that the log has already.
        """
        if len(leaf) > MAX_LEAF_BYTES:
            raise FormatError("FMT", rule="length", limit=MAX_LEAF_BYTES)
        so = parse_signed(leaf)
        if so.digest in self._seen:
            raise TrustError("DUP")
        handler = self._handlers.get(so.type)
        if handler is None:
            raise FormatError("FMT", rule="leaf-type")
        handler(so, verified=verified)
        self._append(so)
        return so.type

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

    def _append(self, so: SignedObject) -> None:
        self.tree.append(so.raw)
        self._seen.add(so.digest)

    # -- one method per type: verify, parse, check, change ------------------------------------------------------------

    def _apply_root(self, so: SignedObject, *, verified: bool) -> None:
        root = read_payload(so, SignedType.ROOT, Root)
        require(root.number == self.root.number + 1 and root.profile is self.profile, "root-number")
        check_threshold(root.threshold, root.keys, self.profile)
        self._keys.check(root.keys, keep=self.root.keys)
        if not verified:
            require_root_signers(so, self.root, root)
        self._keys.add(root.keys)
        self.root = root

    def _apply_organisation(self, so: SignedObject, *, verified: bool) -> None:
        organisation = read_payload(so, SignedType.ORGANISATION, Organisation)
        known = self.organisations.get(OrgId(organisation.org_id))
        old = None if known is None else known.statement
        if not verified:
            require_organisation_signers(so, organisation, old, self.root)
        self._check_federation(organisation.federation)
        require(organisation.number == (1 if old is None else old.number + 1), "number")
        check_threshold(organisation.threshold, organisation.admin_keys, self.profile)
        self._keys.check(organisation.admin_keys, keep=() if old is None else old.admin_keys)
        self._keys.add(organisation.admin_keys)
        self.organisations[OrgId(organisation.org_id)] = OrganisationEntry(organisation, self.size + 1)

    def _apply_unit(self, so: SignedObject, *, verified: bool) -> None:
        unit = read_payload(so, SignedType.UNIT, Unit)
        organisation = self._organisation(unit.org_id).statement
        self._verify(so, organisation.admin_keys, organisation.threshold, verified=verified)
        self._check_federation(unit.federation)
        known = self.units.get(UnitId(unit.unit_id))
        if known is None:
            require(unit.number == 1, "number")
            require(MailboxId(unit.mailbox_id) not in self._mailboxes, "mailbox-reused")
        else:
            same = (known.statement.org_id, known.statement.mailbox_id) == (unit.org_id, unit.mailbox_id)
            require(same, "unit-moved")
            require(unit.number == known.statement.number + 1, "number")
        self._check_successor(unit)
        self.units[UnitId(unit.unit_id)] = UnitEntry(unit, self.size + 1)
        self._mailboxes[MailboxId(unit.mailbox_id)] = UnitId(unit.unit_id)

    def _apply_device(self, so: SignedObject, *, verified: bool) -> None:
        device = read_payload(so, SignedType.DEVICE, Device)
        unit_id = UnitId(device.unit_id)
        require(unit_id in self.units, "unknown-unit")
        if not verified:
            require_device_signers(so, device, self.organisation_of(unit_id).statement, self._live_devices(unit_id))
        enrol = read_request(device, verified=verified)
        self._check_federation(device.federation)
        require(0 < device.not_after - device.not_before <= MAX_DEVICE_SECONDS, "validity")
        require(DeviceId(device.device_id) not in self.devices, "device-reused")
        self._keys.check([enrol.signing], login=enrol.login)
        self._keys.add([enrol.signing], login=enrol.login)
        self.devices[DeviceId(device.device_id)] = DeviceEntry(device, enrol, so.digest, self.size + 1, None)
        self._unit_devices.setdefault(unit_id, []).append(DeviceId(device.device_id))
        self._certificates[so.digest] = DeviceId(device.device_id)

    def _apply_revoke(self, so: SignedObject, *, verified: bool) -> None:
        revoke = read_payload(so, SignedType.REVOKE, Revoke)
        entry = self.devices.get(DeviceId(revoke.target_id))
        if entry is None or entry.revoked_size is not None:
            raise TrustError("TRUST", rule="revoke-target")
        if not verified:
            unit_id = UnitId(entry.statement.unit_id)
            organisation = self.organisation_of(unit_id).statement
            require_revokers(so, organisation, self._live_devices(unit_id), self.root)
        self._check_federation(revoke.federation)
        self.devices[DeviceId(revoke.target_id)] = dataclasses.replace(entry, revoked_size=self.size + 1)

    def _apply_hub(self, so: SignedObject, *, verified: bool) -> None:
        self._verify(so, self.root.keys, self.root.threshold, verified=verified)
        hub = read_payload(so, SignedType.HUB, Hub)
        self._check_federation(hub.federation)
        known = self.hubs.get(HubId(hub.hub_id))
        require(hub.number == (1 if known is None else known.statement.number + 1), "number")
        self._keys.check([hub.keys], keep=[known.statement.keys] if known else ())
        self._keys.add([hub.keys])
        self.hubs[HubId(hub.hub_id)] = HubEntry(hub, self.size + 1)

    def _apply_snapshot(self, so: SignedObject, *, verified: bool) -> None:
        snapshot = read_payload(so, SignedType.SNAPSHOT, Snapshot)
        hub = self.hubs.get(HubId(snapshot.hub_id))
        if hub is None:
            raise TrustError("TRUST", rule="unknown-hub")
        self._verify(so, [hub.statement.keys], 1, verified=verified)
        self._check_federation(snapshot.federation)
        last = self.snapshots.get(HubId(snapshot.hub_id))
        require(last is None or (snapshot.number > last.number and snapshot.made_at >= last.made_at), "snapshot-order")
        require(snapshot.dir_size <= self.size, "snapshot-size")
        self.snapshot = self.snapshots[HubId(snapshot.hub_id)] = snapshot

    # -- checks shared by several types -------------------------------------------------------------------------------

    def _organisation(self, org_id: bytes) -> OrganisationEntry:
        entry = self.organisations.get(OrgId(org_id))
        if entry is None:
            raise TrustError("TRUST", rule="unknown-organisation")
        return entry

    def _live_devices(self, unit_id: UnitId) -> list[DeviceEntry]:
        """The unit's devices that are not revoked; the log has no clock, so "today" has no part in its rules."""
        return [entry for entry in self.unit_devices(unit_id) if entry.revoked_size is None]

    def _verify(self, so: SignedObject, pairs: Iterable[PublicPair], threshold: int, *, verified: bool) -> None:
        if not verified:
            require_threshold(so, by_key_id(pairs), threshold)

    def _check_federation(self, federation: bytes) -> None:
        require(federation == self.federation, "federation")

    def _check_successor(self, unit: Unit) -> None:
        other = unit.successor
        require(other is None or (other != unit.unit_id and UnitId(other) in self.units), "successor")


def federation_of(first_root: bytes) -> FederationId:
    """The federation that a first root statement founds."""
    return FederationId(digest(first_root))
