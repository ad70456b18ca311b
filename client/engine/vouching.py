"""What a device of the unit signs for the directory: the next device's certificate, and the end of one (FORMATS 3.1).

The signature is this machine's, so its handler must have seen what it is about: ``Vouched`` says what for the screen.
"""

from __future__ import annotations

import dataclasses

from client.engine.context import Context
from keys.domains import SignedType
from keys.errors import LocalError, PeerError
from keys.ids import DeviceId, digest, fingerprint
from keys.private import ceremony
from keys.private.table import Officers, cosign
from keys.signed import SignedObject, parse_signed, read_payload
from keys.statements import Device, Revoke, RevokeReason, RevokeTarget


@dataclasses.dataclass(frozen=True, slots=True)
class Vouched:
    """A statement with this device's signature, and what it says."""

    statement: bytes
    kind: str
    device_id: DeviceId
    request: str  # fingerprint of the request, to compare with the new device's screen; empty for a revocation


def vouch(context: Context, draft: bytes) -> Vouched:
    """Add this device's signature to a draft about the own unit.

    Raises:
        LocalError: code ``DRAFT``; not a certificate or revocation of a device of the own unit.
    """
    try:
        so = parse_signed(draft)
        device_id, request = _about(context, so)
        signed = cosign(draft, [context.keeper.sign])
    except PeerError as error:
        raise LocalError("DRAFT") from error
    return Vouched(signed, so.type.value, device_id, request)


def _about(context: Context, so: SignedObject) -> tuple[DeviceId, str]:
    """Which device a draft is about, and the fingerprint of its request."""
    directory = context.replica.directory
    if so.type is SignedType.DEVICE:
        device = read_payload(so, SignedType.DEVICE, Device)
        if (device.federation, device.unit_id) == (directory.federation, context.unit_id):
            return DeviceId(device.device_id), fingerprint(digest(device.request))
    elif so.type is SignedType.REVOKE:
        ended = read_payload(so, SignedType.REVOKE, Revoke)
        entry = directory.devices.get(DeviceId(ended.target_id))
        is_device = ended.target is RevokeTarget.DEVICE and ended.federation == directory.federation
        if is_device and entry and entry.statement.unit_id == context.unit_id:
            return DeviceId(ended.target_id), ""
    raise LocalError("DRAFT")


def revoke(context: Context, device_id: DeviceId, reason: RevokeReason) -> Vouched:
    """The end of a device of the own unit, signed by this one.

    Raises:
        LocalError: code ``UNK`` when the own unit has no such device.
    """
    directory = context.replica.directory
    if device_id not in {DeviceId(entry.statement.device_id) for entry in directory.unit_devices(context.unit_id)}:
        raise LocalError("UNK")
    officers = Officers([context.keeper.sign], b"", context.clock.now())
    statement = ceremony.revoke_device(directory, officers, device_id=device_id, reason=reason)
    return Vouched(statement, SignedType.REVOKE.value, device_id, "")
