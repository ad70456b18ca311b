"""Rollback: a device that is an older copy of itself notices, and signs nothing (protocol 11)."""

from __future__ import annotations

import base64
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from client.api import commands
from client.casework.codes import explain
from client.engine.folder import Folder
from client.engine.office import Office
from keys.codec import encode
from keys.document import Document
from keys.domains import SignedType
from keys.errors import LocalError
from keys.signed import parse_signed, read_payload
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.keepers import find_in_memory, kept_seeds, may_look
from tests.kit.offices import PASSPHRASE, Offices, make_folder
from tests.kit.ports import free_port

STAFF = {"sav": "Eva Ek", "sodermalm": "Olle Ohlin"}


@pytest.fixture
def federation() -> Federation:
    """A federation of which nobody has a device yet."""
    return Federation.demo(devices=0, now=int(time.time()))


@pytest.fixture
def hub(tmp_path: Path, federation: Federation) -> Iterator[HubProcess]:
    """Its hub, at one address however often it starts."""
    with HubProcess.create(tmp_path / "hub", federation, port=free_port()).running() as running:
        yield running


@pytest.fixture
async def offices(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Offices]:
    """Two offices that know each other."""
    async with Offices.open(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


class Copies:
    """One office's folder, copied and put back as somebody with a backup of the disk would."""

    def __init__(self, offices: Offices, path: Path) -> None:
        self.offices = offices
        self.folder = Folder(path / "sav")
        self._copy = path / "copy"

    async def copy(self) -> None:
        """Close, copy, open again."""
        await self.offices["sav"].close()
        shutil.copytree(self.folder.path, self._copy)
        await self.open()

    async def put_back(self, *names: str) -> None:
        """Close, put these files back (all: none named), open again."""
        await self.offices["sav"].close()
        for name in names or [path.name for path in self._copy.iterdir()]:
            for old in self.folder.path.glob(f"{name}*"):
                old.unlink()
            for kept in self._copy.glob(f"{name}*"):
                shutil.copy(kept, self.folder.path)
        await self.open()

    async def open(self) -> None:
        """Open."""
        self.offices["sav"] = await Office.open(self.folder, PASSPHRASE)

    async def exchange(self) -> None:
        """A question there, and its receipt back."""
        await self.offices["sav"].desk.writing.write(self.offices.ask("sodermalm"))
        await self.offices.settle(4)


@pytest.fixture
def copies(offices: Offices, tmp_path: Path) -> Copies:
    """Of ``sav``."""
    return Copies(offices, tmp_path)


async def _codes(office: Office) -> set[str]:
    return {alarm.code for alarm in await office.desk.context.alarms.open()}


async def _must_not_send(offices: Offices) -> None:
    """It says ROLLBACK, and what is written stays unsigned."""
    office = offices["sav"]
    for _ in range(2):
        with pytest.raises(LocalError, match="ROLLBACK"):
            await office.desk.sync.once()
    written = await office.desk.writing.write(offices.ask("sodermalm"))
    with pytest.raises(LocalError, match="ROLLBACK"):
        await office.desk.sync.once()
    signed = await office.desk.context.vault.value(
        "SELECT signed FROM document WHERE document_id = ?", written.document_id
    )
    assert signed is None
    assert "ROLLBACK" in await _codes(office)
    assert kept_seeds(office.desk.context.keeper) == []


async def test_an_ordinary_reopening_is_no_rollback(copies: Copies) -> None:
    """Opening, sending, closing and opening again raises no alarm; ring and vault count alike."""
    for _ in range(3):
        await copies.exchange()
        await copies.offices["sav"].close()
        await copies.open()
    context = copies.offices["sav"].desk.context
    assert context.keeper.counter == await context.vault.number("ring_counter") >= 4
    await copies.offices.settle(2)
    assert "ROLLBACK" not in await _codes(copies.offices["sav"])


async def test_a_folder_of_yesterday_is_noticed_at_the_hub(copies: Copies) -> None:
    """The whole folder is put back, ring and vault agree, and the hub remembers what we have read."""
    await copies.copy()
    await copies.exchange()
    await copies.put_back()
    context = copies.offices["sav"].desk.context
    await context.rollback.require_none()  # offline it cannot be known
    await _must_not_send(copies.offices)


@pytest.mark.parametrize("names", [("ring.slk",), ("vault.db",)], ids=["ring", "vault"])
async def test_one_of_ring_and_vault_put_back_is_noticed_offline(
    copies: Copies, hub: HubProcess, names: tuple[str, ...]
) -> None:
    """Their counters differ; no hub is needed to see it, and none talks it away."""
    await copies.copy()
    await copies.put_back(*names)
    with pytest.raises(LocalError, match="ROLLBACK"):
        await copies.offices["sav"].desk.context.rollback.require_none()
    await _must_not_send(copies.offices)


async def test_a_missing_vault_is_noticed(copies: Copies) -> None:
    """A new and empty vault beside an old ring has lost the chains."""
    await copies.copy()
    await copies.offices["sav"].close()
    for file in copies.folder.path.glob("vault.db*"):
        file.unlink()
    await copies.open()
    with pytest.raises(LocalError, match="ROLLBACK"):
        await copies.offices["sav"].desk.context.rollback.require_none()


async def test_a_crash_between_ring_and_vault_is_no_rollback(copies: Copies) -> None:
    """The ring counted and the vault did not come to it: the vault had noted where the ring would go."""
    context = copies.offices["sav"].desk.context
    now = context.keeper.counter
    async with context.vault.transaction():
        await context.vault.set_number("ring_counter_next", now + 1)
    context.keeper.advance(now + 1)
    await copies.offices["sav"].close()
    await copies.open()
    await copies.offices["sav"].desk.context.rollback.require_none()
    await copies.exchange()


async def test_a_later_batch_at_the_hub_is_noticed(copies: Copies) -> None:
    """The hub holds a batch that this device does not remember: its ring went back."""
    await copies.copy()
    office = copies.offices["sav"]
    async with office.desk.context.vault.transaction():
        await office.desk.context.vault.set_number("batch_hour", 0)
    await office.desk.sync.once()
    assert office.desk.context.keeper.batch_no == 2
    await copies.put_back()
    await _must_not_send(copies.offices)


async def test_an_own_document_that_we_do_not_remember_is_noticed(copies: Copies) -> None:
    """A sibling or a recipient shows a document under our signature, further on in its chain than we remember."""
    await copies.exchange()
    context = copies.offices["sav"].desk.context
    raw = await context.vault.value("SELECT signed FROM document WHERE direction = 'out' AND signed IS NOT NULL")
    own = read_payload(parse_signed(raw), SignedType.DOCUMENT, Document)
    await context.rollback.saw_own(own.to_unit, own.seq)
    await context.rollback.require_none()
    with pytest.raises(LocalError, match="ROLLBACK"):
        await context.rollback.saw_own(own.to_unit, own.seq + 1)
    with pytest.raises(LocalError, match="ROLLBACK"):
        await context.rollback.require_none()


async def test_a_unit_whose_only_device_went_back_gets_another(
    offices: Offices, copies: Copies, tmp_path: Path, federation: Federation, hub: HubProcess
) -> None:
    """The old one vouches for nobody, ends nobody but itself, and the administrators approve the next: nothing is lost.

    Its own end is kept while the hub is away, and entered by the next round; whom to ask is told with its id.
    """
    await copies.copy()
    await copies.exchange()
    await copies.put_back()
    await _must_not_send(offices)
    waiting = await offices["sodermalm"].desk.writing.write(offices.ask("sav"))
    await offices["sodermalm"].desk.sync.once()
    old = offices["sav"].desk
    with pytest.raises(LocalError, match="ROLLBACK"):
        await old.sync.once()
    assert await old.context.vault.value("SELECT count(*) FROM quarantine") == 0
    draft = {"draft": base64.b64encode(b"any certificate").decode()}
    with pytest.raises(LocalError, match="ROLLBACK"):
        await commands.run(old, "device_sign", draft)
    with pytest.raises(LocalError) as caught:
        await old.context.rollback.require_none()
    assert old.context.device_id.hex() in explain("ROLLBACK", **caught.value.fields).next_step
    with pytest.raises(LocalError, match="ROLLBACK"):
        await commands.run(old, "device_revoke", {"device_id": "ab" * 16, "reason": "replaced"})
    hub.stop()
    own = {"device_id": old.context.device_id.hex(), "reason": "replaced"}
    ended = await commands.run(old, "device_revoke", own)
    assert ended["entered"] is False
    hub.start()
    with pytest.raises(LocalError, match="REVOKED"):
        await old.sync.once()
    await offices["sodermalm"].desk.sync.once()
    known = offices["sodermalm"].desk.context.replica.directory.devices[old.context.device_id]
    assert known.revoked_size is not None
    federation.apply(base64.b64decode(ended["statement"]))
    federation.units["sav"].keepers.clear()  # nobody is left to vouch: the administrators' threshold approves
    await offices["sav"].close()
    folder = make_folder(tmp_path / "anew", federation, "sav", "Eva Ek", address=hub.url)
    offices["sav"] = await Office.open(folder, PASSPHRASE)
    await offices["sav"].desk.sync.once()
    await offices.know_each_other()
    await offices.settle()
    here = "SELECT state FROM document WHERE document_id = ?"
    assert await offices["sav"].desk.context.vault.value(here, waiting.document_id) == "accepted"
    assert await offices["sodermalm"].desk.context.vault.value("SELECT count(*) FROM outbox") == 0


async def test_what_a_sibling_passes_on_is_noticed_inside_a_transaction(copies: Copies) -> None:
    """The error undoes what the transaction wrote; that the device went back is noted all the same."""
    await copies.exchange()
    context = copies.offices["sav"].desk.context
    with pytest.raises(LocalError, match="ROLLBACK"):
        async with context.vault.transaction():
            await context.rollback.saw_own(bytes(16), 1)
    for _ in range(2):
        with pytest.raises(LocalError, match="ROLLBACK"):
            await context.rollback.require_none()
    assert await context.vault.meta("rollback") == b"chain"


async def test_control_without_the_comparison_a_place_is_signed_twice(copies: Copies) -> None:
    """What the defence is for: with it taken out, the copy of yesterday signs the same place again."""
    await copies.copy()
    await copies.exchange()
    context = copies.offices["sav"].desk.context
    chain = "SELECT seq FROM document WHERE direction = 'out' AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1"
    before = await context.vault.value(chain)
    await copies.put_back()
    office = copies.offices["sav"]
    office.desk.context.rollback._compared = True
    await copies.exchange()
    assert await office.desk.context.vault.value(chain) == before


async def test_after_the_epochs_end_disk_and_memory_hold_no_old_seed(copies: Copies) -> None:
    """Protocol 5: after the end and a drain the seeds are nowhere: disk, vault, WAL, memory."""
    await copies.exchange()
    office = copies.offices["sav"]
    keeper = office.desk.context.keeper
    before = {secret.seed for secret in kept_seeds(keeper)}
    ends = sorted({secret.end for secret in kept_seeds(keeper)})
    assert keeper.forget(ends[3] + 2, ends[3] + 2) >= 4
    kept = {secret.seed for secret in kept_seeds(keeper)}
    gone = before - kept
    assert gone
    await copies.offices.settle(1)
    for path in copies.folder.path.iterdir():
        data = path.read_bytes() if path.is_file() else b""
        assert not [seed for seed in before if seed in data], path
    process = getattr(keeper, "process_id", None)
    if process and may_look(process):
        found = find_in_memory(process, before)
        assert not found & gone
        assert found & kept
    vault = office.desk.context.vault
    for (table,) in await vault.all("SELECT name FROM sqlite_master WHERE type = 'table'"):
        rows = await vault.all(f"SELECT * FROM {table}")  # noqa: S608 - names from the schema
        assert not [seed for seed in before if seed in encode([[_plain(cell) for cell in row] for row in rows])]


_plain: Callable[[object], bytes] = lambda cell: cell if isinstance(cell, bytes) else str(cell).encode()  # noqa: E731
