"""A hub that lies under the eyes of witnesses, or with all of them; and a log that lies about one device."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from client.api.failure import failure_of
from client.api.standing import status
from client.engine import enrolling
from client.engine.clock import Clock
from client.engine.folder import Folder
from client.engine.names import ClosedUnitError
from client.engine.office import Office
from hub.signer import HubSigner
from hub.wire.requests import ReadCheckpoint
from keys.approval import parse_approval
from keys.cards import Role, StaffCard
from keys.codec import encode
from keys.domains import SignedType
from keys.errors import LocalError
from keys.hub_request import HubRequest
from keys.ids import DeviceId
from keys.private import ceremony, events
from keys.private.identity import new_secret, public_pair
from keys.private.keeper import enrol_request
from keys.private.table import Officers
from keys.private.witness import WitnessSigner
from keys.signed import parse_signed
from keys.statements import Profile
from tests.hostile.conftest import STAFF
from tests.hostile.desks import Desks, accepted, alarms, state
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.keepers import kept_ring
from tests.kit.lying_hub import LyingHub
from tests.kit.offices import PASSPHRASE, make_folder

SIGNERS = [WitnessSigner(f"w{number}.example", bytes([number + 1]) * 32) for number in range(3)]
FALSE_WITNESS = WitnessSigner("w1.example", bytes([77]) * 32)


@pytest.fixture
def federation() -> Federation:
    """With three witnesses whom the roots named, and devices that a test can revoke."""
    federation = Federation.demo(devices=0, now=int(time.time()))
    keys = [signer.key for signer in SIGNERS]
    federation.apply(events.name_witnesses(federation.directory, federation.roots(), keys=keys, quorum=2))
    for unit in ("telefon", "bops"):
        federation.enrol(unit, "Reserv")
    return federation


@pytest.fixture
async def desks(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Desks]:
    """Two open offices; the witnesses sign whatever the hub shows, until a test says otherwise."""
    async with Desks.behind(tmp_path, hub.url, federation, STAFF, cosigners=SIGNERS) as opened:
        yield opened


def spare(federation: Federation, unit: str) -> DeviceId:
    """A device that nobody uses."""
    return federation.units[unit].keepers[0].device_id


async def refresh(desks: Desks, unit: str) -> bool:
    """Let one office look at the log."""
    office = desks[unit]
    return await office.desk.context.replica.refresh(office._link)


@pytest.mark.parametrize(
    "cosigners",
    [[], SIGNERS[:1], [SIGNERS[0], FALSE_WITNESS], [SIGNERS[0], SIGNERS[0]]],
    ids=["none", "one", "a-false-one", "one-twice"],
)
async def test_without_a_quorum_nothing_is_taken(desks: Desks, cosigners: list[WitnessSigner]) -> None:
    """The replica stays and an alarm says why; when a quorum agrees it grows and the alarm goes."""
    office = desks["sodermalm"]
    replica = office.desk.context.replica
    size, watched_at = replica.directory.size, replica.watched_at
    longer = [*await desks.liar.history(), desks.federation.revoke("telefon", spare(desks.federation, "telefon"))]
    desks.liar.cosigners = cosigners
    desks.liar.show_history(longer)
    assert not await refresh(desks, "sodermalm")
    assert (replica.directory.size, replica.watched_at) == (size, watched_at)
    assert "WITNESS" in await alarms(office)
    desks.liar.cosigners = SIGNERS[1:]
    desks.liar.show_history(longer)
    assert await refresh(desks, "sodermalm")
    assert replica.directory.size == len(longer)
    assert "WITNESS" not in await alarms(office)


async def test_the_status_says_who_watches(desks: Desks) -> None:
    """Quorum, how many, and when they last vouched."""
    facts = (await status(desks["sav"].desk, {}))["witnesses"]
    assert (facts["quorum"], facts["named"]) == (2, 3)
    assert facts["watched_at"]


async def test_a_split_view_with_all_witnesses_is_seen_in_one_exchange(desks: Desks) -> None:
    """Hub and witnesses show each office another history; the first document between them says so (check 10)."""
    leaves, federation = await desks.liar.history(), desks.federation
    for unit, victim in zip(STAFF, ("telefon", "bops"), strict=True):
        desks.liar.show_history([*leaves, federation.revoke(victim, spare(federation, victim))])
        assert await refresh(desks, unit)
    desks.liar.behave()
    desks.liar.drop_requests(ReadCheckpoint)
    one, other = desks["sodermalm"], desks["sav"]
    document_id = await desks.send("sodermalm", "sav")
    await one.desk.sync._ways.pusher.push(one._link)
    assert await state(one, document_id) == "sent"
    await other.desk.sync._ways.inbox.drain(other._link)
    assert "FORK" in await alarms(other)
    assert await accepted(other, document_id) == 0
    assert await other.desk.context.vault.value("SELECT evidence FROM alarm WHERE code = 'FORK'")


async def test_a_hub_cannot_withhold_the_policy_at_first_contact(
    tmp_path: Path, hub: HubProcess, federation: Federation
) -> None:
    """A log in which nobody was named: the new device has the policy's number from its approval, and takes nothing."""
    async with LyingHub.open(hub.url, federation) as liar:
        folder = make_folder(tmp_path / "sav", federation, "sav", "Eva Ek", address=liar.url)
        leaves = [leaf for leaf in federation.statements if parse_signed(leaf).type is not SignedType.WITNESSES]
        liar.show_history(leaves)
        office = await Office.open(folder, PASSPHRASE)
        try:
            await office.desk.sync.once()
            assert office.desk.context.replica.directory.size == 1
            assert "WITNESS" in await alarms(office)
            liar.behave()
            liar.cosigners = list(SIGNERS)
            await office.desk.sync.once()
            assert office.desk.context.replica.directory.witnesses is not None
            assert "WITNESS" not in await alarms(office)
        finally:
            await office.close()


async def test_the_number_of_the_policy_cannot_be_changed_on_the_way(tmp_path: Path, federation: Federation) -> None:
    """Whoever carries the approval has no directory key to seal with another number: it is no approval any more."""
    folder = Folder(tmp_path / "sav")
    approval = parse_approval(
        federation.approve("sav", enrolling.make(folder, PASSPHRASE, Profile.DEMO, Clock()), "Eva Ek")
    )
    assert approval.witness_policy == 1
    with pytest.raises(LocalError, match="APPROVAL"):
        enrolling.enrol(folder, PASSPHRASE, encode(replace(approval, witness_policy=0)))
    enrolling.enrol(folder, PASSPHRASE, encode(approval))


# -- a log that lies about one device ---------------------------------------------------------------------------------


async def test_a_device_hears_of_its_own_revocation(desks: Desks) -> None:
    """Whoever revoked it: the machine itself says so, and keeps the leaf."""
    office = desks["sav"]
    leaf = desks.federation.revoke("sav", office.desk.context.device_id)
    desks.liar.show_history([*await desks.liar.history(), leaf])
    assert await refresh(desks, "sav")
    assert "OWNLEAF" in await alarms(office)
    assert await office.desk.context.vault.value("SELECT evidence FROM alarm WHERE code = 'OWNLEAF'") == leaf
    assert await refresh(desks, "sodermalm")
    assert "OWNLEAF" not in await alarms(desks["sodermalm"])


async def test_a_revocation_that_it_signed_itself_is_no_surprise(desks: Desks) -> None:
    """The handler who gives a machine back is not alarmed by it."""
    office, federation = desks["sav"], desks.federation

    signers = Officers([office.desk.context.keeper.sign], b"", federation.now)
    leaf = ceremony.revoke_device(federation.directory, signers, device_id=office.desk.context.device_id)
    desks.liar.show_history([*await desks.liar.history(), leaf])
    assert await refresh(desks, "sav")
    assert "OWNLEAF" not in await alarms(office)


async def test_another_certificate_for_the_own_device_is_an_alarm(desks: Desks) -> None:
    """The directory refuses it, and the device knows that it is meant."""
    office, federation = desks["sav"], desks.federation
    request = enrol_request(kept_ring(office.desk.context.keeper), federation.now)
    leaf = _second_certificate(federation, request)
    desks.liar.show_history([*await desks.liar.history(), leaf])
    await desks.try_all(1)
    assert {"OWNLEAF", "LOG"} <= await alarms(office)
    assert "OWNLEAF" not in await alarms(desks["sodermalm"])


def _second_certificate(federation: Federation, request: bytes) -> bytes:

    appointment = ceremony.Appointment(federation.units["telefon"].unit_id, StaffCard("Ove", "", [Role.HANDLAGGARE]))
    return ceremony.approve_device(
        federation.directory, federation.admins("stockholm"), request=request, appointment=appointment
    )


async def test_a_closed_unit_names_who_took_over(desks: Desks) -> None:
    """Whoever writes to it is told the successor's name; no log would carry it."""
    federation = desks.federation
    leaf = ceremony.change_unit(
        federation.directory,
        federation.admins("polisen"),
        unit_id=federation.units["bops"].unit_id,
        closed=True,
        successor=federation.units["sav"].unit_id,
    )
    desks.liar.show_history([*await desks.liar.history(), federation.apply(leaf)])
    assert await refresh(desks, "sodermalm")
    with pytest.raises(ClosedUnitError) as caught:
        await desks.send("sodermalm", "bops")
    assert (caught.value.code, caught.value.fields) == ("DIR", {})
    assert "Sav" in failure_of(caught.value).next_step


async def test_a_hub_with_new_keys_goes_on_when_the_roots_named_them(desks: Desks) -> None:
    """A note under keys that stand in the new leaves counts; under keys that stand nowhere it does not."""
    federation, liar = desks.federation, desks.liar
    secret = new_secret()
    request = HubRequest("sluss-hub-request", 1, federation.hub_id, public_pair(secret), "https://hub.example")
    leaves = await liar.history()
    liar.signer = HubSigner(secret.ed25519_seed, secret.mldsa_seed)
    longer = [*leaves, federation.revoke("telefon", spare(federation, "telefon"))]
    liar.show_history(longer)
    assert "LOG" in await desks.try_all(1)
    liar.behave()
    named = ceremony.add_hub(federation.directory, federation.roots(), request=request)
    liar.show_history([*leaves, federation.apply(named)])
    assert await refresh(desks, "sav")
    assert desks["sav"].desk.context.replica.directory.hubs[federation.hub_id].statement.number == 2
