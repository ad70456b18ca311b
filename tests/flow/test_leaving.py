"""Devices that are lost, leave and join, as ordinary life (protocol 4, 10; I10)."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from client.api.commands import run
from client.engine import vouching
from client.engine.names import ClosedUnitError
from client.engine.office import Office
from client.engine.sessions import HubRefusedError
from hub.wire.limits import week_of
from hub.wire.responses import Waiting
from keys.cards import Role, StaffCard
from keys.envelope import parse_envelope
from keys.errors import LocalError, OpenError, RefusedError, SlussError
from keys.private import ceremony
from keys.private.keeper import enrol_request, new_ring
from keys.statements import Profile, RevokeReason, RevokeTarget
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.keepers import kept_seeds
from tests.kit.ports import free_port
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sodermalm/olle": "Olle Ohlin"}


@pytest.fixture
def hub(tmp_path: Path, federation: Federation) -> Iterator[HubProcess]:
    """A hub that covers new batches within the second and not within the hour."""
    with HubProcess.create(tmp_path / "hub", federation, snapshot_seconds=0.3, port=free_port()).running() as process:
        yield process


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at sav, one at sodermalm."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def opened_by(reader: Office, through: Office, after: int) -> list[bool]:
    """Which envelopes of the mailbox behind ``after`` a device's keys open; fetched by a sibling that may."""
    found: list[bool] = []
    page = await through._link.fetch(after)
    for item in page.items:
        assert isinstance(item, Waiting)
        try:
            reader.desk.context.keeper.open_key(parse_envelope(item.envelope), through.desk.context.mailbox_id)
            found.append(True)
        except OpenError:
            found.append(False)
    return found


async def test_what_a_revoked_device_is_told(units: Units) -> None:
    """Before the revocation Bo's keys open what is sent to the unit; after the sender's next sync they open nothing."""
    olle, eva, bo = units["sodermalm/olle"], units["sav/eva"], units["sav/bo"]
    cursor = await eva.desk.context.vault.number("cursor")
    await olle.desk.writing.write(units.ask("sav"))
    await olle.desk.sync.once()
    assert await opened_by(bo, eva, cursor) == [True]
    await eva.desk.sync.once()
    cursor = (await eva._link.fetch(0)).last_n
    await units.revoke("sav/bo")
    written = await olle.desk.writing.write(units.ask("sav"))
    await olle.desk.sync.once()
    assert await opened_by(bo, eva, cursor) == [False]
    assert await opened_by(eva, eva, cursor) == [True]
    await eva.desk.unit.note((await rows(eva, "thread_id FROM thread"))[0][0], "Bara för oss.")
    await units.without("sav/bo").settle()
    assert not any(await opened_by(bo, eva, cursor))
    assert (written.document_id,) in await rows(eva, "document_id FROM document")
    assert await rows(eva, "* FROM letter") == [], "nothing waits for a device that is gone"


async def test_a_sibling_ends_a_device_from_its_desk(units: Units, hub: HubProcess) -> None:
    """In one step where the hub is reached; where it is not, it is kept and entered by the round that reaches it."""
    eva, bo = units["sav/eva"], units["sav/bo"]
    ulla = await units.join("sav/ulla", "Ulla Um")
    lost = {"device_id": bo.desk.context.device_id.hex(), "reason": "lost"}
    assert (await run(eva.desk, "device_revoke", lost))["entered"] is True
    with pytest.raises(LocalError) as caught:
        await bo.desk.sync.once()
    assert caught.value.code == "REVOKED"
    hub.stop()
    left = {"device_id": ulla.desk.context.device_id.hex(), "reason": "left"}
    assert (await run(eva.desk, "device_revoke", left))["entered"] is False
    hub.start()
    await eva.desk.sync.once()
    assert eva.desk.context.replica.directory.devices[ulla.desk.context.device_id].revoked_size is not None
    assert await rows(eva, "name FROM meta WHERE name LIKE 'submit%'") == []


async def test_who_is_responsible_for_keys_signs_for_new_machines_and_anybody_ends_one(units: Units) -> None:
    """While there is such a person; everybody sees who ended what, and a unit whose key officer is gone goes on."""
    eva, federation = units["sav/eva"].desk, units.federation
    appointment = ceremony.Appointment(units.unit("sav"), StaffCard("Ny", "", [Role.HANDLAGGARE]))
    request = enrol_request(new_ring(Profile.DEMO), federation.now)
    officer = federation.admins(federation.org_of("sav"), 1)
    draft = ceremony.approve_device(federation.directory, officer, request=request, appointment=appointment)
    given = {"draft": base64.b64encode(draft).decode()}
    assert (await run(eva, "device_sign", given))["kind"] == "device"
    kim = (await units.join("sav/kim", "Kim Kull", roles=[Role.NYCKELANSVARIG])).desk
    await eva.sync.once()
    with pytest.raises(RefusedError, match="KEYOFFICER"):
        await run(eva, "device_sign", given)
    assert (await run(kim, "device_sign", given))["kind"] == "device"
    ended = {"device_id": kim.context.device_id.hex(), "reason": "lost"}
    assert (await run(eva, "device_revoke", ended))["entered"] is True
    told = {one["name"]: one["ended"] for one in await run(eva, "staff", {})}
    assert (told["Kim Kull"]["by"], told["Kim Kull"]["reason"], told["Bo Berg"]) == ("Eva Ek", "lost", None)
    assert (await run(eva, "device_sign", given))["kind"] == "device"


async def test_a_device_ends_itself(units: Units) -> None:
    """Who leaves hands in their own machine's end: it is entered, and its epoch keys are gone."""
    bo = units["sav/bo"]
    own = {"device_id": bo.desk.context.device_id.hex(), "reason": "left"}
    assert (await run(bo.desk, "device_revoke", own))["entered"] is True
    assert "REVOKED" in [alarm.code for alarm in await bo.desk.context.alarms.open()]


async def test_what_was_sealed_and_has_not_left_is_sealed_anew(units: Units) -> None:
    """An envelope that waits in the outbox when the sender hears of the revocation is thrown away."""
    olle, eva, bo = units["sodermalm/olle"], units["sav/eva"], units["sav/bo"]
    cursor = (await eva._link.fetch(0)).last_n
    written = await olle.desk.writing.write(units.ask("sav"))
    await olle.desk.sync._ways.outbox.prepare(olle.desk.context.clock.now())
    (before,) = await rows(olle, "envelope_id, envelope FROM attempt WHERE envelope IS NOT NULL")
    bo.desk.context.keeper.open_key(parse_envelope(before[1]), bo.desk.context.mailbox_id)
    await units.revoke("sav/bo")
    await olle.desk.sync.once()
    assert await opened_by(bo, eva, cursor) == [False]
    await units.without("sav/bo").settle()
    assert await rows(olle, "state FROM document") == [("available",)]
    assert await rows(eva, "document_id FROM document") == [(written.document_id,)]


async def test_a_document_whose_every_addressee_is_gone_reaches_who_came_after(units: Units) -> None:
    """Signed for two devices that are both revoked before they read it: signed anew for the third, read once."""
    olle = units["sodermalm/olle"]
    written = await olle.desk.writing.write(units.ask("sav"))
    await olle.desk.sync.once()
    await units.revoke("sav/bo")
    await units.revoke("sav/eva")
    ulla = await units.join("sav/ulla", "Ulla Um")
    rest = units.without("sav/bo", "sav/eva")
    await rest.know_each_other()
    await rest.settle()
    assert await rows(ulla, "document_id, state FROM document") == [(written.document_id, "accepted")]
    assert await rows(olle, "state FROM document") == [("available",)]


async def test_what_is_signed_anew_is_no_equivocation_where_a_sibling_passed_it_on(units: Units) -> None:
    """Eva reads, tells the new device, and is revoked before her receipt leaves: the new device receipts it.

    The document was signed for Eva and Bo alone, so its sender signs it anew; the new device has it already, under the
    other signature.
    """
    olle, eva = units["sodermalm/olle"], units["sav/eva"]
    written = await olle.desk.writing.write(units.ask("sav"))
    await olle.desk.sync.once()
    await eva.desk.sync._do_duties_and_pull()
    async with eva.desk.context.vault.transaction():  # receipts wait at random, half an hour in the mean
        await eva.desk.context.vault.write("UPDATE receipt_due SET due_at = due_at + 100000")
    ulla = await units.join("sav/ulla", "Ulla Um")
    unit = units.without("sav/bo", "sodermalm/olle")
    await unit.know_each_other()
    await unit.settle()
    assert await rows(ulla, "document_id, seq FROM document") == [(written.document_id, 1)]
    assert await rows(olle, "state FROM document") == [("sent",)]
    await units.revoke("sav/bo")
    await units.revoke("sav/eva")
    rest = units.without("sav/bo", "sav/eva")
    await rest.know_each_other()
    await rest.settle()
    assert await rows(olle, "state FROM document") == [("available",)]
    assert await rows(ulla, "document_id, seq FROM document") == [(written.document_id, 2)]
    assert await rows(ulla, "* FROM quarantine WHERE code = 'EQUIV'") == []
    assert len(await rows(ulla, "* FROM thread_event WHERE document_id IS NOT NULL")) == 1, "it has its effect once"


async def test_what_a_sibling_brought_before_the_mail_is_receipted(units: Units) -> None:
    """Bo has it from Eva when his own envelope comes; Eva is revoked before her receipt leaves: Bo's counts."""
    olle, eva, bo = units["sodermalm/olle"], units["sav/eva"], units["sav/bo"]
    written = await olle.desk.writing.write(units.ask("sav"))
    await olle.desk.sync.once()
    await eva.desk.sync._do_duties_and_pull()
    async with eva.desk.context.vault.transaction():  # receipts wait at random, half an hour in the mean
        await eva.desk.context.vault.write("UPDATE receipt_due SET due_at = due_at + 100000")
    await bo.desk.sync._do_duties_and_pull()
    async with bo.desk.context.vault.transaction():  # as when Eva's word came first: the document, and nothing owed
        await bo.desk.context.vault.write("DELETE FROM receipt_due WHERE document_id = ?", written.document_id)
    await units.revoke("sav/eva")
    rest = units.without("sav/eva")
    await rest.settle()
    assert await rows(olle, "state FROM document") == [("available",)]
    assert await rows(bo, "document_id, state FROM document") == [(written.document_id, "accepted")]


async def test_a_device_that_finds_itself_revoked_stops(units: Units) -> None:
    """It says so, deletes its epoch keys, and moves nothing any more."""
    bo = units["sav/bo"]
    assert kept_seeds(bo.desk.context.keeper)
    await units.revoke("sav/bo")
    codes: list[str] = []
    while codes.count("REVOKED") < 2:  # until the checkpoint shows it the hub's word for it is DENIED
        with pytest.raises(SlussError) as caught:
            await bo.desk.sync.once()
        codes.append(caught.value.code)
    assert set(codes) <= {"DENIED", "REVOKED"}
    assert kept_seeds(bo.desk.context.keeper) == []
    with pytest.raises(LocalError, match="REVOKED"):
        await bo.desk.writing.write(units.ask("sodermalm"))
    assert {alarm.code for alarm in await bo.desk.context.alarms.open()} == {"OWNLEAF", "REVOKED"}


async def newest_batch_comes(units: Units) -> None:
    """Settle until Olle would write to Eva's newest keys."""
    eva, olle = units["sav/eva"].desk.context, units["sodermalm/olle"].desk.context
    for _ in range(100):
        await units.settle(1)
        held = olle.prekeys.held(eva.device_id)
        if held is not None and held.batch.batch_no == eva.keeper.batch_no:
            return
    pytest.fail("the new batch did not come")


async def test_rotating_now(units: Units) -> None:
    """New keys at once; the others use them as soon as the next snapshot has come."""
    eva, olle = units["sav/eva"], units["sodermalm/olle"]
    before = eva.desk.context.keeper.batch_no
    await eva.desk.sync.rotate()
    assert eva.desk.context.keeper.batch_no == before + 1
    await newest_batch_comes(units)
    await olle.desk.writing.write(units.ask("sav"))
    await units.settle()
    assert await rows(eva, "state FROM document") == [("accepted",)]


async def test_rotating_too_often_stops_nothing_else(units: Units) -> None:
    """A ring without room for more keys is told once; the mailbox is read all the same."""
    eva = units["sav/eva"].desk
    codes: list[str] = []
    for _ in range(60):
        try:
            await eva.sync.rotate()
        except LocalError as error:
            codes.append(error.code)
            break
    assert codes == ["ROTATE"]
    await newest_batch_comes(units)
    await units["sodermalm/olle"].desk.writing.write(units.ask("sav"))
    await units.settle()
    assert await rows(units["sav/eva"], "state FROM document") == [("accepted",)]


async def test_what_a_device_could_not_open_its_sibling_passes_on(units: Units) -> None:
    """Bo has lost his epoch keys: the document stands aside, Eva reshares it, nothing stands aside any more."""
    olle, bo = units["sodermalm/olle"], units["sav/bo"]
    bo.desk.context.keeper.forget_all()
    written = await olle.desk.writing.write(units.ask("sav"))
    await olle.desk.sync.once()
    await units["sav/eva"].desk.sync.once()
    await bo.desk.sync.once()
    assert ("SLOT",) in await rows(bo, "code FROM quarantine")
    await bo.desk.sync.rotate()
    for _ in range(90):
        await units.settle(1)
        units.dial.turn(25)
        if await rows(bo, "1 FROM document") and not await rows(bo, "1 FROM quarantine"):
            break
    assert await rows(bo, "document_id, state FROM document") == [(written.document_id, "accepted")]
    assert await rows(bo, "code FROM quarantine") == []
    assert "QUARANTINE" not in {alarm.code for alarm in await bo.desk.context.alarms.open()}


async def effective(units: Units, statement: bytes) -> bool:
    """Whether Olle, having synced once since the hub took the statement, seals nothing that Bo's keys open."""
    olle, eva, bo = units["sodermalm/olle"], units["sav/eva"], units["sav/bo"]
    cursor = (await eva._link.fetch(0)).last_n
    units.federation.apply(statement)
    await olle._link.submit(statement)
    await olle.desk.sync.once()
    await olle.desk.writing.write(units.ask("sav"))
    await olle.desk.sync.once()
    return await opened_by(bo, eva, cursor) == [False]


async def test_a_sibling_ends_a_device_for_every_sender(units: Units) -> None:
    """Eva signs on her own machine; the next sync of a sender is enough."""
    bo = units["sav/bo"].desk.context.device_id
    vouched = vouching.revoke(units["sav/eva"].desk.context, bo, RevokeReason.LOST)
    assert await effective(units, vouched.statement)


async def test_a_device_ends_itself_for_every_sender(units: Units) -> None:
    """Bo signs his own end."""
    context = units["sav/bo"].desk.context
    assert await effective(units, vouching.revoke(context, context.device_id, RevokeReason.LEFT).statement)


async def test_the_roots_end_a_device_for_every_sender(units: Units) -> None:
    """The threshold signs, without the organisation's administrators."""
    federation, bo = units.federation, units["sav/bo"].desk.context.device_id
    assert await effective(units, ceremony.revoke_device(federation.directory, federation.roots(), device_id=bo))


async def test_the_roots_end_an_organisation(units: Units) -> None:
    """Its units end with it: nobody writes to any of them, each of their devices stops, and the others go on."""
    olle, eva = units["sodermalm/olle"], units["sav/eva"]
    pia = await units.join("bops/pia", "Pia Po")
    await units.know_each_other()
    waiting = await eva.desk.writing.write(units.ask("sodermalm"))
    federation = units.federation
    statement = ceremony.revoke(
        federation.directory,
        federation.roots(),
        target=RevokeTarget.ORGANISATION,
        target_id=federation.organisations["stockholm"].org_id,
        reason=RevokeReason.COMPROMISED,
    )
    await pia._link.submit(federation.apply(statement))
    for _ in range(2):
        await pia.desk.sync.once()
    for ended in ("sav", "sodermalm", "telefon"):
        with pytest.raises(ClosedUnitError):
            await pia.desk.writing.write(units.ask(ended))
    for gone in (olle, eva, units["sav/bo"]):
        await stops_for_good(gone)
    assert waiting.document_id not in {one for (one,) in await rows(olle, "document_id FROM document")}
    assert "REVOKED" not in {alarm.code for alarm in await pia.desk.context.alarms.open()}


async def stops_for_good(gone: Office) -> None:
    """It hears of its end, deletes its epoch keys and keeps the leaf."""
    codes: list[str] = []
    while "REVOKED" not in codes:
        with pytest.raises(SlussError) as caught:
            await gone.desk.sync.once()
        codes.append(caught.value.code)
    assert kept_seeds(gone.desk.context.keeper) == []
    assert "OWNLEAF" in {alarm.code for alarm in await gone.desk.context.alarms.open()}


async def test_the_roots_end_a_unit(units: Units) -> None:
    """After one sync nobody writes to it; what waited is stopped, its devices stop, its mailbox takes nothing."""
    olle, eva, bo = units["sodermalm/olle"], units["sav/eva"], units["sav/bo"]
    waiting = await olle.desk.writing.write(units.ask("sav"))
    await olle.desk.sync._ways.outbox.prepare(olle.desk.context.clock.now())
    ((envelope,),) = await rows(olle, "envelope FROM attempt WHERE envelope IS NOT NULL")
    federation = units.federation
    statement = ceremony.revoke(
        federation.directory,
        federation.roots(),
        target=RevokeTarget.UNIT,
        target_id=units.unit("sav"),
        reason=RevokeReason.COMPROMISED,
    )
    await olle._link.submit(federation.apply(statement))
    week = week_of(olle.desk.context.clock.hour())
    token = olle.desk.context.keeper.delivery_token(eva.desk.context.mailbox_id, week)
    with pytest.raises(HubRefusedError, match="DENIED"):
        await olle._link.deposit(eva.desk.context.mailbox_id, token, envelope)
    await olle.desk.sync.once()
    await olle.desk.sync.once()
    assert await rows(olle, "document_id, state, code FROM document") == [(waiting.document_id, "stopped", "DIR")]
    assert await rows(olle, "* FROM outbox") == []
    with pytest.raises(ClosedUnitError):
        await olle.desk.writing.write(units.ask("sav"))
    for gone in (eva, bo):
        await stops_for_good(gone)
