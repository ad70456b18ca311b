"""The directory replayed: bytes in, trusted state or an error out; no file, no socket, no clock (FORMATS 3).

Rules, in order, for each leaf:
1. It is a signed object of a type that the log takes, new to the log, and of this federation and profile.
2. Its signatures verify under keys that the state *before* it names; enough of them count, none is by anybody else.
3. Its payload is one of ours, and its own rule holds (``acceptance`` has those on signatures and keys, ``succession``,
   ``freezing`` and ``rekeying`` those on what waits, what is held still and the directory key). FORMATS
   3.1 has all rules as a table.
4. Only then does the state change and the tree grow. A refused leaf changes nothing.

Example:
    >>> directory = Directory(first_root)          # doctest: +SKIP
    >>> directory.apply(organisation_statement)    # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, TypeVar

from keys.acceptance import (
    by_key_id,
    check_threshold,
    check_witness_policy,
    organisation_assent,
    read_request,
    require,
    require_device_signers,
    require_freezers,
    require_opponents,
    require_root_signers,
    require_threshold,
)
from keys.directory_entries import DeviceEntry, HubEntry, OrganisationEntry, UnitEntry, cards_with
from keys.directory_rekey import DirectoryRekeying
from keys.directory_revoke import DirectoryRevoking
from keys.domains import SignedType
from keys.errors import FormatError, TrustError
from keys.ids import DeviceId, FederationId, HubId, MailboxId, OrgId, UnitId, digest
from keys.public import PublicPair
from keys.signed import SignedObject, parse_signed, read_payload
from keys.statements import (
    MAX_DEVICE_SECONDS,
    MAX_LEAF_BYTES,
    Device,
    Freeze,
    FreezeTarget,
    Hub,
    Opposition,
    Organisation,
    Root,
    Snapshot,
    Unit,
    Witnesses,
)

K = TypeVar("K")
V = TypeVar("V")


class Directory(DirectoryRekeying, DirectoryRevoking):
    """One federation's directory, which changes by ``apply`` alone.

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
        super().__init__(FederationId(so.digest), root)
        check_threshold(root.threshold, root.keys, root.profile)
        self._keys.check(root.keys)
        require_threshold(so, by_key_id(root.keys), root.threshold)
        self._keys.add(root.keys)
        self._append(so)

    def apply(self, leaf: bytes, *, verified: bool = False) -> SignedType:
        """Verify one leaf against the state and append it.

        Args:
            leaf: the signed object as received, at most ``MAX_LEAF_BYTES``.
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
        handler = self._HANDLERS.get(so.type)
        if handler is None:
            raise FormatError("FMT", rule="leaf-type")
        handler(self, so, verified=verified)
        self._append(so)
        return so.type

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
        new = read_payload(so, SignedType.ORGANISATION, Organisation)
        org_id = OrgId(new.org_id)
        known = self.organisations.get(org_id)
        old = None if known is None else known.statement
        assent = organisation_assent(so, new, old, self.root, verified=verified)
        self._check_federation(new.federation)
        require(known is None or known.ended_size is None, "ended")
        require(assent.by_roots or not self.freezing.is_frozen(org_id), "frozen")
        require(new.number == (1 if old is None else old.number + 1), "number")
        check_threshold(new.threshold, new.admin_keys, self.profile)
        keep = [] if old is None else [*old.admin_keys, *self.succession.named_keys(org_id)]
        self._keys.check(new.admin_keys, keep=keep)
        self._keys.add(new.admin_keys)
        if old is None or assent.by_administrators or _same_administrators(old, new):
            self._set_organisation(new)
        else:
            self.succession.propose(new, so.digest)

    def _set_organisation(self, statement: Organisation) -> None:
        org_id = OrgId(statement.org_id)
        self.succession.drop(org_id)
        known = self.organisations.get(org_id)
        if known is not None and not _same_administrators(known.statement, statement):
            self.succession.renewed(org_id)
        self.organisations[org_id] = OrganisationEntry(statement, self.size + 1, earlier=cards_with(known))

    def _apply_opposition(self, so: SignedObject, *, verified: bool) -> None:
        opposition = read_payload(so, SignedType.OPPOSE, Opposition)
        organisation = _known(self.organisations, OrgId(opposition.org_id), "unknown-organisation").statement
        if not verified:
            waiting = self.succession.waiting(OrgId(opposition.org_id))
            require_opponents(so, organisation, 1 if waiting is None else waiting.opponents(organisation.threshold))
        self._check_federation(opposition.federation)
        self.succession.oppose(OrgId(opposition.org_id), opposition.statement)

    def _apply_freeze(self, so: SignedObject, *, verified: bool) -> None:
        freeze = read_payload(so, SignedType.FREEZE, Freeze)
        org_id = OrgId(freeze.target_id)
        if freeze.target is FreezeTarget.UNIT:
            org_id = OrgId(_known(self.units, UnitId(freeze.target_id), "unknown-unit").statement.org_id)
        organisation = _known(self.organisations, org_id, "unknown-organisation").statement
        if not verified:
            require_freezers(so, freeze, organisation, self.root)
        self._check_federation(freeze.federation)
        self.freezing.apply(freeze)

    def _apply_witnesses(self, so: SignedObject, *, verified: bool) -> None:
        self._verify(so, self.root.keys, self.root.threshold, verified=verified)
        policy = read_payload(so, SignedType.WITNESSES, Witnesses)
        self._check_federation(policy.federation)
        require(policy.number == (1 if self.witnesses is None else self.witnesses.number + 1), "number")
        check_witness_policy(policy, self.profile)
        self.witnesses = policy

    def _apply_unit(self, so: SignedObject, *, verified: bool) -> None:
        unit = read_payload(so, SignedType.UNIT, Unit)
        owner = _known(self.organisations, OrgId(unit.org_id), "unknown-organisation")
        self._verify(so, owner.statement.admin_keys, owner.statement.threshold, verified=verified)
        self._check_federation(unit.federation)
        require(not self.freezing.is_frozen(OrgId(unit.org_id), UnitId(unit.unit_id)), "frozen")
        known = self.units.get(UnitId(unit.unit_id))
        require(owner.ended_size is None and (known is None or known.ended_size is None), "ended")
        if known is None:
            require(unit.number == 1, "number")
            require(MailboxId(unit.mailbox_id) not in self._mailboxes, "mailbox-reused")
        else:
            same = (known.statement.org_id, known.statement.mailbox_id) == (unit.org_id, unit.mailbox_id)
            require(same, "unit-moved")
            require(unit.number == known.statement.number + 1, "number")
        self._check_successor(unit)
        self.units[UnitId(unit.unit_id)] = UnitEntry(unit, self.size + 1, earlier=cards_with(known))
        self._mailboxes[MailboxId(unit.mailbox_id)] = UnitId(unit.unit_id)

    def _apply_device(self, so: SignedObject, *, verified: bool) -> None:
        device = read_payload(so, SignedType.DEVICE, Device)
        unit_id = UnitId(device.unit_id)
        org_id = OrgId(_known(self.units, unit_id, "unknown-unit").statement.org_id)
        if not verified:
            require_device_signers(so, device, self.organisations[org_id].statement, self._live_devices(unit_id))
        require(self.units[unit_id].ended_size is None, "ended")
        require(not self.freezing.is_frozen(org_id, unit_id), "frozen")
        enrol = read_request(device, verified=verified)
        self._check_federation(device.federation)
        require(0 < device.not_after - device.not_before <= MAX_DEVICE_SECONDS, "validity")
        require(DeviceId(device.device_id) not in self.devices, "device-reused")
        self._keys.check([enrol.signing], login=enrol.login)
        self._keys.add([enrol.signing], login=enrol.login)
        self.devices[DeviceId(device.device_id)] = DeviceEntry(device, enrol, so.digest, self.size + 1, None)
        self._unit_devices[unit_id] = (*self._unit_devices.get(unit_id, ()), DeviceId(device.device_id))
        self._certificates[so.digest] = DeviceId(device.device_id)

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
        hub = _known(self.hubs, HubId(snapshot.hub_id), "unknown-hub").statement
        self._verify(so, [hub.keys], 1, verified=verified)
        self._check_federation(snapshot.federation)
        last = self.snapshots.get(HubId(snapshot.hub_id))
        require(last is None or (snapshot.number > last.number and snapshot.made_at >= last.made_at), "snapshot-order")
        require(snapshot.dir_size <= self.size, "snapshot-size")
        self.snapshot = self.snapshots[HubId(snapshot.hub_id)] = snapshot
        for statement in self.succession.tick(snapshot):
            self._set_organisation(statement)

    _HANDLERS: ClassVar[dict[SignedType, Callable[..., None]]] = {
        SignedType.ROOT: _apply_root,
        SignedType.ORGANISATION: _apply_organisation,
        SignedType.OPPOSE: _apply_opposition,
        SignedType.FREEZE: _apply_freeze,
        SignedType.WITNESSES: _apply_witnesses,
        SignedType.UNIT: _apply_unit,
        SignedType.DEVICE: _apply_device,
        SignedType.REVOKE: DirectoryRevoking.apply_revoke,
        SignedType.HUB: _apply_hub,
        SignedType.SNAPSHOT: _apply_snapshot,
        SignedType.REKEY: DirectoryRekeying.apply_rekey,
        SignedType.HANDOUT: DirectoryRekeying.apply_handout,
        SignedType.RESEAL: DirectoryRekeying.apply_reseal,
    }

    # -- checks shared by several types -------------------------------------------------------------------------------

    def _verify(self, so: SignedObject, pairs: Iterable[PublicPair], threshold: int, *, verified: bool) -> None:
        if not verified:
            require_threshold(so, by_key_id(pairs), threshold)

    def _check_federation(self, federation: bytes) -> None:
        require(federation == self.federation, "federation")

    def _check_successor(self, unit: Unit) -> None:
        other = unit.successor
        require(other is None or (other != unit.unit_id and UnitId(other) in self.units), "successor")


def _known(table: dict[K, V], wanted: K, rule: str) -> V:
    entry = table.get(wanted)
    if entry is None:
        raise TrustError("TRUST", rule=rule)
    return entry


def _same_administrators(old: Organisation, new: Organisation) -> bool:
    return (old.admin_keys, old.threshold) == (new.admin_keys, new.threshold)


def federation_of(first_root: bytes) -> FederationId:
    """The federation that a first root statement founds."""
    return FederationId(digest(first_root))
