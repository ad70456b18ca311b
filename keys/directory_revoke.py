"""What the directory does when something ends for good: a device, a unit, an organisation (FORMATS 3.1)."""

from __future__ import annotations

import dataclasses

from keys.acceptance import by_key_id, require, require_revokers, require_threshold
from keys.directory_entries import DeviceEntry
from keys.directory_state import DirectoryState
from keys.domains import SignedType
from keys.errors import TrustError
from keys.ids import DeviceId, OrgId, UnitId
from keys.signed import SignedObject, read_payload
from keys.statements import Revoke, RevokeTarget


class DirectoryRevoking(DirectoryState):
    """The part of ``Directory`` that ends."""

    def apply_revoke(self, so: SignedObject, *, verified: bool) -> None:
        """Take a revocation; called by ``Directory.apply`` alone."""
        revoke = read_payload(so, SignedType.REVOKE, Revoke)
        match revoke.target:
            case RevokeTarget.DEVICE:
                entry = self._live(DeviceId(revoke.target_id))
                if not verified:
                    self._require_revokers(so, entry)
            case RevokeTarget.UNIT | RevokeTarget.ORGANISATION:
                if not verified:
                    require_threshold(so, by_key_id(self.root.keys), self.root.threshold)
        require(revoke.federation == self.federation, "federation")
        self._end(revoke)

    def revoked_devices(self, size: int) -> list[DeviceId]:
        """The devices that ended with the leaf at ``size``, the log's size after it."""
        return [device_id for device_id, entry in self.devices.items() if entry.revoked_size == size]

    def _require_revokers(self, so: SignedObject, entry: DeviceEntry) -> None:
        unit_id = UnitId(entry.statement.unit_id)
        require_revokers(so, self.organisation_of(unit_id).statement, self._live_devices(unit_id), self.root)

    def _end(self, revoke: Revoke) -> None:
        match revoke.target:
            case RevokeTarget.DEVICE:
                self._end_device(DeviceId(revoke.target_id))
            case RevokeTarget.UNIT:
                self._end_unit(UnitId(revoke.target_id))
            case RevokeTarget.ORGANISATION:
                self._end_organisation(OrgId(revoke.target_id))

    def _end_organisation(self, org_id: OrgId) -> None:
        entry = self.organisations.get(org_id)
        if entry is None or entry.ended_size is not None:
            raise TrustError("TRUST", rule="revoke-target")
        self.organisations[org_id] = dataclasses.replace(entry, ended_size=self.size + 1)
        self.succession.drop(org_id)
        for unit_id, unit in self.units.items():
            if unit.statement.org_id == org_id and unit.ended_size is None:
                self._end_unit(unit_id)

    def _end_unit(self, unit_id: UnitId) -> None:
        entry = self.units.get(unit_id)
        if entry is None or entry.ended_size is not None:
            raise TrustError("TRUST", rule="revoke-target")
        self.units[unit_id] = dataclasses.replace(entry, ended_size=self.size + 1)
        for device in self._live_devices(unit_id):
            self._end_device(DeviceId(device.statement.device_id))

    def _end_device(self, device_id: DeviceId) -> None:
        self.devices[device_id] = dataclasses.replace(self._live(device_id), revoked_size=self.size + 1)

    def _live(self, device_id: DeviceId) -> DeviceEntry:
        entry = self.devices.get(device_id)
        if entry is None or entry.revoked_size is not None:
            raise TrustError("TRUST", rule="revoke-target")
        return entry
