"""Another directory key reaches every office through the ordinary hub; nobody is out of reach meanwhile (0016)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from client.engine.folder import Folder
from client.engine.office import Office
from client.engine.sessions import HubRefusedError
from hub.wire.limits import week_of
from keys.private.desk import Desk
from keys.private.officer import admin_request, root_holder
from keys.private.registry import Registry
from keys.private.rotation import Change, hand_out, rotate
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import PASSPHRASE, make_folder
from tests.kit.units import Units, open_units, rows

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sodermalm/olle": "Olle Ohlin"}


@pytest.fixture
def hub(tmp_path: Path, federation: Federation) -> Iterator[HubProcess]:
    """A hub that covers new batches within the second and not within the hour."""
    with HubProcess.create(tmp_path / "hub", federation, snapshot_seconds=0.3).running() as process:
        yield process


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Two devices at sav, one at sodermalm."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


class Ceremony:
    """The root holders and their registry, beside the hub."""

    def __init__(self, federation: Federation, folder: Path) -> None:
        self.federation = federation
        self.folder = folder
        name, key = federation.directory.federation, federation.directory_key
        self.holders = [root_holder(one, federation=name, directory_key=key) for one in federation.founding.holders]
        registry = Registry.found(folder, federation.statements[0])
        for one in self.holders:
            registry.save_officer(admin_request(one, federation.now))

    def hear(self) -> None:
        """Take over what the others signed."""
        registry = Registry.open(self.folder)
        for statement in self.federation.statements:
            if statement not in registry.statements:
                registry.append(statement)

    def desk(self) -> Desk:
        """Two root holders at the registry."""
        return Desk(Registry.open(self.folder), self.holders[:2], self.federation.now)

    async def rotate(
        self, link_of: Office, number: int = 1, *, overlap_weeks: int = 5, hear: bool = True, cut: bool = False
    ) -> None:
        """Rotate and load the statements into the hub."""
        if hear:
            self.hear()
        rotate(self.desk(), Change(number, overlap_weeks, cut), self.federation.now)
        await self.load(link_of)

    async def load(self, link_of: Office) -> None:
        """Bring what the registry has to the hub."""
        for statement in Registry.open(self.folder).statements:
            if statement not in self.federation.statements:
                self.federation.apply(statement)
                await link_of._link.submit(statement)

    @property
    def new_key(self) -> bytes:
        """The newest directory key."""
        return self.desk().directory_key()


@pytest.fixture
def ceremony(tmp_path: Path, federation: Federation) -> Ceremony:
    """A registry of its own."""
    return Ceremony(federation, tmp_path / "registry")


def newest(office: Office) -> int:
    """The number of the newest directory key that an office has."""
    return office.desk.context.keeper.learn(office.desk.context.replica.directory.rekeying.steps, b"")


async def arrived(office: Office) -> set[bytes]:
    """Ids of all documents that an office has."""
    return {one for (one,) in await rows(office, "document_id FROM document")}


async def test_a_sender_without_the_new_key_and_a_recipient_with_it_reach_each_other(
    units: Units, ceremony: Ceremony
) -> None:
    """Within the overlap mail goes both ways while one office has heard of the rotation and the other has not."""
    eva, bo, olle = units["sav/eva"], units["sav/bo"], units["sodermalm/olle"]
    await ceremony.rotate(eva)
    await units.without("sodermalm/olle").settle()
    assert (newest(eva), newest(bo), newest(olle)) == (1, 1, 0)
    asked = await olle.desk.writing.write(units.ask("sav"))
    await olle.desk.sync._ways.pusher.push(olle._link)
    await eva.desk.sync.once()
    assert asked.document_id in await arrived(eva)
    back = await eva.desk.writing.write(units.ask("sodermalm"))
    await eva.desk.sync.once()
    await olle.desk.sync._ways.inbox.drain(olle._link)
    assert back.document_id in await arrived(olle)
    assert newest(olle) == 0, "it has still not heard"
    await units.settle()
    assert newest(olle) == 1
    assert {unit.card.name_sv for unit in olle.desk.context.book.units()} >= {"Sav", "Bops"}


async def test_the_hub_learns_nothing(units: Units, ceremony: Ceremony, hub: HubProcess, tmp_path: Path) -> None:
    """Neither key stands in what the hub keeps, in no form; what it keeps of the rotation is in its log."""
    await ceremony.rotate(units["sav/eva"])
    await units.settle()
    data = b"".join(path.read_bytes() for path in sorted((tmp_path / "hub").rglob("*")) if path.is_file())
    assert units["sav/eva"].desk.context.device_id in data
    for key in (ceremony.new_key, ceremony.federation.directory_key):
        assert key not in data
        assert key.hex().encode() not in data


async def test_without_an_overlap_the_old_key_opens_no_mailbox(units: Units, ceremony: Ceremony) -> None:
    """A revoked device with the old key cannot deposit any more; who slept sends as soon as it has heard."""
    eva, bo, olle = units["sav/eva"], units["sav/bo"], units["sodermalm/olle"]
    await units.revoke("sav/bo")
    await ceremony.rotate(eva, overlap_weeks=0)
    await eva.desk.sync.once()
    week = week_of(eva.desk.context.clock.hour())
    old = bo.desk.context.keeper.delivery_token(eva.desk.context.mailbox_id, week)
    assert old != eva.desk.context.keeper.delivery_token(eva.desk.context.mailbox_id, week)
    written = await olle.desk.writing.write(units.ask("sav"))
    await olle.desk.sync._ways.outbox.prepare(olle.desk.context.clock.now())
    ((envelope,),) = await rows(olle, "envelope FROM attempt WHERE envelope IS NOT NULL")
    with pytest.raises(HubRefusedError, match="DENIED"):
        await bo._link.deposit(eva.desk.context.mailbox_id, old, envelope)
    await olle.desk.sync._ways.pusher.push(olle._link)
    assert written.document_id not in await arrived(eva)
    assert await rows(olle, "count(*) FROM outbox") == [(1,)], "refused, and kept"
    await olle.desk.sync.once()
    async with olle.desk.context.vault.transaction():
        await olle.desk.context.vault.write("UPDATE outbox SET next_at = 0")
    await units.without("sav/bo").settle()
    assert written.document_id in await arrived(eva)
    assert ceremony.federation.directory.rekeying.sealed_copy(bo.desk.context.device_id) is None


async def test_who_slept_through_two_rotations_catches_up(units: Units, ceremony: Ceremony) -> None:
    """An office that was shut has all keys after its first sync, and after the next start still has them."""
    olle, eva, folder = units.pop("sodermalm/olle"), units["sav/eva"], Folder(units.path / "sodermalm-olle")
    await olle.close()
    await ceremony.rotate(eva, 1)
    await ceremony.rotate(eva, 2)
    await units.settle()
    for _ in range(2):
        woken = units["sodermalm/olle"] = await Office.open(folder, PASSPHRASE)
        await units.settle(1)
        assert newest(woken) == 2
        await woken.close()
    units["sodermalm/olle"] = await Office.open(folder, PASSPHRASE)
    asked = await eva.desk.writing.write(units.ask("sodermalm"))
    await units.settle()
    assert asked.document_id in await arrived(units["sodermalm/olle"])


async def test_a_device_approved_without_the_new_key_says_so_and_is_given_it(units: Units, ceremony: Ceremony) -> None:
    """Approved by somebody who had not heard: an alarm until one administrator hands the key out, then none."""
    eva = units["sav/eva"]
    ceremony.hear()
    folder = make_folder(units.path / "ulla", ceremony.federation, "sav", "Ulla Um", address=units.address)
    await ceremony.rotate(eva, hear=False)
    ulla = units["sav/ulla"] = await Office.open(folder, PASSPHRASE)
    await ulla.desk.sync.once()
    await ulla.desk.sync.once()
    assert "DIRKEY" in {alarm.code for alarm in await ulla.desk.context.alarms.open()}
    ceremony.hear()
    stockholm = ceremony.federation.organisations["stockholm"].org_id
    assert hand_out(ceremony.desk(), stockholm, ceremony.federation.now) == (1, ())
    await ceremony.load(eva)
    await ulla.desk.sync.once()
    assert "DIRKEY" not in {alarm.code for alarm in await ulla.desk.context.alarms.open()}
    assert newest(ulla) == 1


async def test_a_device_without_the_key_leaves_its_siblings_tokens_alone(units: Units, ceremony: Ceremony) -> None:
    """It registers nothing for the weeks of a key that it has not got: mail to its unit goes on."""
    eva, olle = units["sav/eva"], units["sodermalm/olle"]
    ceremony.hear()
    folder = make_folder(units.path / "ulla", ceremony.federation, "sav", "Ulla Um", address=units.address)
    await ceremony.rotate(eva, overlap_weeks=0, hear=False)
    await units.settle(1)
    units["sav/ulla"] = await Office.open(folder, PASSPHRASE)
    await units["sav/ulla"].desk.sync.once()
    await units["sav/ulla"].desk.sync.once()
    asked = await olle.desk.writing.write(units.ask("sav"))
    await units.settle()
    assert asked.document_id in await arrived(eva)


async def test_after_a_cut_a_new_device_knows_the_names(units: Units, ceremony: Ceremony) -> None:
    """It has the new key alone, and reads the cards that the roots wrote anew."""
    eva = units["sav/eva"]
    await ceremony.rotate(eva, overlap_weeks=0, cut=True)
    ceremony.federation.directory_key = ceremony.new_key
    ulla = await units.join("sav/ulla", "Ulla Um")
    await units.settle(1)
    book = ulla.desk.context.book
    assert {unit.card.name_sv for unit in book.units()} == {"Sav", "Bops", "Sodermalm", "Telefon"}
    assert book.staff(eva.desk.context.device_id).name == "Eva Ek"
    asked = await ulla.desk.writing.write(units.ask("sodermalm"))
    await units.settle()
    assert asked.document_id in await arrived(units["sodermalm/olle"])
