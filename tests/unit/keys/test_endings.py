"""Who may end what, and that it stays ended (FORMATS 3.1, rule 4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from keys.cards import OrganisationCard, Role, StaffCard
from keys.directory import Directory
from keys.domains import SignedType
from keys.errors import SlussError, TrustError
from keys.ids import DeviceId
from keys.private import ceremony
from keys.private.ceremony import Appointment
from keys.private.keeper import enrol_request, new_ring
from keys.private.table import Officers, Signer
from keys.signed import assemble, parse_signed
from keys.statements import RevokeReason, RevokeTarget
from tests.kit.federation import NOW, Federation

FEDERATION = Federation.demo(devices=2)
SAV, BOPS = FEDERATION.units["sav"], FEDERATION.units["bops"]
EVA, BO = SAV.keepers
STOCKHOLM = FEDERATION.organisations["stockholm"].org_id
T = RevokeTarget


def signed_by(*signers: Signer) -> Officers:
    """A table with these people."""
    return Officers(signers, FEDERATION.directory_key, NOW)


def end(signers: Officers, target: RevokeTarget, target_id: bytes) -> bytes:
    """A revocation."""
    return ceremony.revoke(
        FEDERATION.directory, signers, target=target, target_id=target_id, reason=RevokeReason.COMPROMISED
    )


MAY: dict[str, Callable[[], Officers]] = {
    "an administrator": lambda: FEDERATION.admins("stockholm", 1),
    "a sibling": lambda: signed_by(EVA.sign),
    "the device itself": lambda: signed_by(BO.sign),
    "the root threshold": lambda: FEDERATION.roots(2),
}
MAY_NOT: dict[str, Callable[[], Officers]] = {
    "one root holder": lambda: FEDERATION.roots(1),
    "an administrator elsewhere": lambda: FEDERATION.admins("polisen", 2),
    "a device elsewhere": lambda: signed_by(BOPS.keepers[0].sign),
}


@pytest.mark.parametrize("who", MAY)
def test_who_may_end_a_device(who: str) -> None:
    """Each of four ways is enough by itself, and ends that device alone."""
    directory = FEDERATION.directory.copy()
    directory.apply(end(MAY[who](), T.DEVICE, BO.device_id))
    active = {one.statement.device_id for one in directory.active_devices(SAV.unit_id, NOW)}
    assert active == {EVA.device_id}
    with pytest.raises(TrustError, match="revoke-target"):
        directory.apply(end(FEDERATION.admins("stockholm", 2), T.DEVICE, BO.device_id))


@pytest.mark.parametrize("who", MAY_NOT)
def test_who_may_not_end_a_device(who: str) -> None:
    """Nobody else may."""
    directory = FEDERATION.directory.copy()
    with pytest.raises(SlussError):
        directory.apply(end(MAY_NOT[who](), T.DEVICE, BO.device_id))
    assert directory.devices[DeviceId(BO.device_id)].revoked_size is None


@pytest.mark.parametrize("who", [*MAY_NOT, *(name for name in MAY if "root" not in name)])
@pytest.mark.parametrize("target", [T.UNIT, T.ORGANISATION])
def test_only_the_root_threshold_ends_a_unit_or_an_organisation(who: str, target: RevokeTarget) -> None:
    """Neither administrators nor devices, and not one root holder."""
    directory = FEDERATION.directory.copy()
    target_id = SAV.unit_id if target is T.UNIT else STOCKHOLM
    with pytest.raises(SlussError):
        directory.apply(end((MAY_NOT | MAY)[who](), target, target_id))
    assert directory.units[SAV.unit_id].is_active


def test_a_unit_ends_with_all_its_devices() -> None:
    """And with nothing else; the leaf's size names every device that went."""
    directory = FEDERATION.directory.copy()
    directory.apply(end(FEDERATION.roots(2), T.UNIT, SAV.unit_id))
    assert not directory.units[SAV.unit_id].is_active
    assert set(directory.revoked_devices(directory.size)) == {EVA.device_id, BO.device_id}
    assert directory.units[FEDERATION.units["sodermalm"].unit_id].is_active
    assert len(directory.active_devices(BOPS.unit_id, NOW)) == 2
    assert FEDERATION.directory.units[SAV.unit_id].is_active, "a copy is its own"


def test_an_organisation_ends_with_all_its_units() -> None:
    """Its three units and their six devices; the police are as before."""
    directory = FEDERATION.directory.copy()
    directory.apply(end(FEDERATION.roots(2), T.UNIT, SAV.unit_id))
    directory.apply(end(FEDERATION.roots(2), T.ORGANISATION, STOCKHOLM))
    assert [unit.is_active for unit in directory.units.values()] == [False, False, True, False]
    assert len(directory.revoked_devices(directory.size)) == 4
    assert len(directory.active_devices(BOPS.unit_id, NOW)) == 2


def _first_device(directory: Directory) -> bytes:
    staff = StaffCard("Ny", "", [Role.HANDLAGGARE])
    request = enrol_request(new_ring(directory.profile), NOW)
    return ceremony.approve_device(
        directory, FEDERATION.admins("stockholm"), request=request, appointment=Appointment(SAV.unit_id, staff)
    )


def _renamed(directory: Directory) -> bytes:
    card = OrganisationCard("Annat namn", "", "kommun", "")
    return ceremony.rename_organisation(directory, FEDERATION.roots(2), org_id=STOCKHOLM, card=card)


AFTERWARDS: dict[str, Callable[[Directory], bytes]] = {
    "a first device": _first_device,
    "the unit again": lambda d: ceremony.change_unit(d, FEDERATION.admins("stockholm"), unit_id=SAV.unit_id),
    "another unit": lambda d: ceremony.add_unit(d, FEDERATION.admins("stockholm"), org_id=STOCKHOLM, card=SAV.card),
    "another card": _renamed,
    "the end again": lambda d: end(FEDERATION.roots(2), T.ORGANISATION, STOCKHOLM),
    "the end of a unit again": lambda d: end(FEDERATION.roots(2), T.UNIT, SAV.unit_id),
}


@pytest.mark.parametrize("what", AFTERWARDS)
def test_what_has_ended_stays_ended(what: str) -> None:
    """The log takes nothing more of it, whoever signs."""
    directory = FEDERATION.directory.copy()
    directory.apply(end(FEDERATION.roots(2), T.ORGANISATION, STOCKHOLM))
    size = directory.size
    with pytest.raises(TrustError, match=r"ended|revoke-target"):
        directory.apply(AFTERWARDS[what](directory))
    assert directory.size == size


def test_an_unknown_unit_does_not_end() -> None:
    """An id that the log does not know, such as a device's, is refused."""
    for target, target_id in ((T.UNIT, EVA.device_id), (T.ORGANISATION, SAV.unit_id), (T.DEVICE, SAV.unit_id)):
        with pytest.raises(TrustError, match="revoke-target"):
            FEDERATION.directory.copy().apply(end(FEDERATION.roots(2), target, target_id))


def test_a_signature_is_for_its_own_end() -> None:
    """The roots' signatures over the end of one unit do not end another."""
    directory = FEDERATION.directory.copy()
    first = parse_signed(end(FEDERATION.roots(2), T.UNIT, SAV.unit_id))
    other = parse_signed(end(FEDERATION.roots(2), T.UNIT, BOPS.unit_id))
    with pytest.raises(SlussError, match="SIG"):
        directory.apply(assemble(SignedType.REVOKE, other.payload, first.signatures))
