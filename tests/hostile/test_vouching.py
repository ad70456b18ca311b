"""What a device of a unit signs for the directory, and what it refuses to."""

from __future__ import annotations

import pytest

from client.engine import vouching
from keys.cards import Role, StaffCard
from keys.errors import LocalError
from keys.ids import DeviceId
from keys.private import ceremony
from keys.private.keeper import enrol_request, new_ring
from keys.private.table import Officers
from keys.statements import Profile, RevokeReason
from tests.hostile.desks import Desks


def _draft(desks: Desks, unit: str) -> bytes:
    """A certificate for a unit's next device, signed by one administrator only."""
    federation = desks.federation
    admin = federation.admins(federation.org_of(unit), 1)
    appointment = ceremony.Appointment(federation.units[unit].unit_id, StaffCard("Bo", "", [Role.HANDLAGGARE]))
    request = enrol_request(new_ring(Profile.DEMO), federation.now)
    return ceremony.approve_device(federation.directory, admin, request=request, appointment=appointment)


async def test_a_device_vouches_for_the_next_one_of_its_unit(desks: Desks) -> None:
    """With its signature the draft is complete; without it the directory refuses."""
    context, directory = desks["sav"].desk.context, desks.federation.directory
    draft = _draft(desks, "sav")
    with pytest.raises(Exception, match="device-approval"):
        directory.copy().apply(draft)
    vouched = vouching.vouch(context, draft)
    directory.copy().apply(vouched.statement)
    assert (vouched.kind, len(vouched.request)) == ("device", len(vouched.request))
    assert vouched.request


@pytest.mark.parametrize("kind", ["another-unit", "garbage", "another-statement", "revocation-elsewhere"])
async def test_a_device_signs_nothing_else(desks: Desks, kind: str) -> None:
    """A draft about another unit, of another type, or no draft at all."""
    context, federation = desks["sav"].desk.context, desks.federation
    elsewhere = Officers([desks["sodermalm"].desk.context.keeper.sign], b"", federation.now)
    stranger = desks["sodermalm"].desk.context.device_id
    draft = {
        "another-unit": lambda: _draft(desks, "sodermalm"),
        "garbage": lambda: b"garbage",
        "another-statement": lambda: federation.founding.statement,
        "revocation-elsewhere": lambda: ceremony.revoke_device(federation.directory, elsewhere, device_id=stranger),
    }[kind]()
    with pytest.raises(LocalError, match="DRAFT"):
        vouching.vouch(context, draft)


async def test_a_device_ends_itself_and_no_stranger(desks: Desks) -> None:
    """Its own revocation stands as it is; one of another unit's device is not made."""
    context = desks["sav"].desk.context
    vouched = vouching.revoke(context, context.device_id, RevokeReason.REPLACED)
    directory = desks.federation.directory.copy()
    directory.apply(vouched.statement)
    assert directory.devices[context.device_id].revoked_size == directory.size
    for other in (desks["sodermalm"].desk.context.device_id, DeviceId(bytes(16))):
        with pytest.raises(LocalError, match="UNK"):
            vouching.revoke(context, other, RevokeReason.LOST)
