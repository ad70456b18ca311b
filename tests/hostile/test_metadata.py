"""What the hub and the network learn: in a whole exchange, nothing of content, names, ids or sender is anywhere.

What remains, and is no secret from the hub: which mailbox gets an envelope of which of three sizes in which hour, and
the ids of units, devices and mailboxes, which stand in the statements of the directory log.
"""

from __future__ import annotations

import base64
import datetime
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from client.engine.office import Desk
from client.engine.writing import Order
from hub.wire.frame import frame
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.envelope import SIZES
from tests.hostile.recorder import Recorder, files_of, forms, found, text_forms
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.lying_hub import LyingHub
from tests.kit.offices import CONTENTS, PERSON_BLOCK, Offices

STAFF = {"enheten": "Evangelina Ekström", "sektionen": "Pialotta Polhem"}
DATABASE = "hub.sqlite"
FILE_NAME, FILE_TEXT = "Fotografi av källaren", "Det som står i bilagan är hemligt. "
SHORTEST = 5  # characters; shorter words stand in random bytes by chance


class Exchange:
    """Everything that was said, and everything that was seen."""

    offices: Offices
    liar: LyingHub  # which tells the truth here, and reads the frames
    recorder: Recorder
    hub: HubProcess

    @property
    def seen(self) -> bytes:
        """The wire, and the hub's folder with its logs."""
        return self.recorder.wire + files_of(self.hub.data)


@pytest.fixture
def federation() -> Federation:
    """The usual one with two more units, whose names are long enough not to stand anywhere by chance."""
    made = Federation.demo(devices=0, now=int(time.time()))
    made.add_unit("enheten", "stockholm", unit_type="avhopparenhet", name="Avhopparenheten vid Observatorielunden")
    made.add_unit("sektionen", "polisen", unit_type="polis_bops", name="Sektionen på Kungsholmen")
    return made


@pytest.fixture
async def exchange(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Exchange]:
    """A question with an answer, a request with its consent, and the withdrawal, all received and receipted."""
    made = Exchange()
    async with (
        LyingHub.open(hub.url, federation) as liar,
        Recorder.open(liar.url) as recorder,
        Offices.open(tmp_path / "offices", recorder.url, federation, STAFF) as offices,
    ):
        made.offices, made.liar, made.recorder, made.hub = offices, liar, recorder, hub
        await _talk(offices)
        yield made


async def _talk(offices: Offices) -> None:
    sav, bops = offices["enheten"].desk, offices["sektionen"].desk
    asked = await sav.writing.write(offices.ask("sektionen"))
    await offices.settle()
    answer = Order(
        kind="konsultation.svar",
        to_unit=offices.unit("enheten"),
        content=CONTENTS["konsultation.svar"],
        thread_id=asked.thread_id,
        reply_to=asked.document_id,
    )
    await bops.writing.write(answer)
    held = sav.consents.sign(offices.consent_fields("enheten", ["enheten", "sektionen", "bops"]))
    async with sav.context.vault.transaction():
        await sav.consents.keep(held)
    request = Order(
        kind="hotbild.begaran",
        to_unit=offices.unit("sektionen"),
        content={**CONTENTS["hotbild.begaran"], "own_account": "Berättelsen är lång. " * 200},
        header={"subject_person": PERSON_BLOCK},
        consent_id=held.consent_id,
        attachments=(await _attached(sav),),
    )
    await sav.writing.write(request)
    await offices.settle()
    at = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    await sav.withdrawing.withdraw(held.consent_id, {"scope": "helt", "received_how": "telefon", "at": at}, sav.writing)
    await offices.settle()
    assert await bops.context.vault.value("SELECT count(*) FROM document") == 5  # with the confirmation
    assert await bops.context.vault.value("SELECT state FROM attachment") == "here"
    assert await sav.context.vault.value("SELECT count(*) FROM outbox") == 0


async def _attached(desk: Desk) -> bytes:
    """A file with a name and a text of its own."""
    sealed = desk.attachments.files.seal([b"%PDF-1.7\n", FILE_TEXT.encode() * 9000])
    return (await desk.attachments.keep_staged(sealed, f"{FILE_NAME}.pdf")).file_id


def _texts(value: Any) -> Iterator[str]:
    """Every text in a body, the records inside it as well."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


async def _said(exchange: Exchange) -> set[str]:
    said: set[str] = set()
    for office in exchange.offices.values():
        for (body,) in await office.desk.context.vault.all("SELECT body FROM document"):
            said |= set(_texts(decode_body(body, max_bytes=MAX_BODY_BYTES)))
        for held in await office.desk.consents.all():
            said |= set(_texts(exchange.offices.consent_fields("enheten", ["enheten", "sektionen", "bops"])))
            said.add(held.record.principal_ref)
    assert any(FILE_NAME in text for text in said)
    said.add(FILE_TEXT)
    return {text for text in said if len(text) >= SHORTEST}


def _directory_ids(exchange: Exchange) -> set[bytes]:
    directory = exchange.offices.federation.directory
    ids = set(directory.units) | set(directory.devices) | set(directory.organisations) | set(directory.hubs)
    return {bytes(one) for one in ids} | {bytes(unit.statement.mailbox_id) for unit in directory.units.values()}


async def test_the_search_itself_finds(exchange: Exchange) -> None:
    """What is known to be there is found, in a file as on the wire; so what is not found below is not there."""
    unit_id = bytes(exchange.offices.unit("enheten"))
    assert found([unit_id], files_of(exchange.hub.data)) == [unit_id]
    assert found([unit_id], exchange.recorder.wire) == [unit_id]
    for offset in range(3):
        assert any(form in base64.b64encode(b"x" * offset + b"secret" + b"yz") for form in list(forms(b"secret"))[3:])


async def test_nothing_that_was_written_is_seen(exchange: Exchange) -> None:
    """No text of any body or consent stands on the wire, in the hub's database or in its logs, in any encoding."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()  # stands in the hub's own log lines
    said = await _said(exchange) - {one.hex() for one in _directory_ids(exchange)} - {today}
    assert len(said) > 50
    needles = [form for text in said for form in text_forms(text)]
    hits = found(needles, exchange.seen)
    assert hits == []


async def test_no_name_is_seen(exchange: Exchange) -> None:
    """No unit, organisation or person is named, though the hub holds the whole directory."""
    federation = exchange.offices.federation
    names = [org.card.name for org in federation.organisations.values()]
    names += [name for unit in federation.units.values() for name in (unit.card.name_sv, unit.card.unit_type)]
    names += [*STAFF.values(), *(part for name in STAFF.values() for part in name.split())]
    names = [name for name in names if len(name) >= SHORTEST]
    needles = [form for name in names for form in text_forms(name)]
    # The folder's own settings and the kit's keys have no names; "polisen" in another case would be one too.
    seen = exchange.seen
    assert found(needles, seen) == []
    assert found([name.lower().encode() for name in names], seen.lower()) == []


async def test_no_id_of_a_document_thread_person_or_consent_is_seen(exchange: Exchange) -> None:
    """Ids of documents, threads, people, consents and receipts never leave the ciphertext, nor do their digests."""
    needles: set[bytes] = set()
    for office in exchange.offices.values():
        vault = office.desk.context.vault
        for row in await vault.all("SELECT document_id, thread_id, digest, salt FROM document"):
            needles |= {bytes(one) for one in row}
        for row in await vault.all("SELECT consent_id, digest FROM consent"):
            needles |= {bytes(one) for one in row}
        needles |= {bytes(row[0]) for row in await vault.all("SELECT receipt_id FROM receipt_seen")}
        needles |= {bytes.fromhex(held.record.principal_ref) for held in await office.desk.consents.all()}
        needles |= {bytes(row[0]) for row in await vault.all("SELECT digest FROM withdrawal")}
    assert len(needles) > 20
    assert found(needles, exchange.seen) == []


async def test_no_deposit_carries_its_sender(exchange: Exchange) -> None:
    """Neither a deposit frame nor a stored row holds an id of the sender's unit, device, certificate or mailbox."""
    sender = exchange.offices["enheten"].desk
    await sender.writing.write(exchange.offices.ask("sektionen"))
    await sender.sync.once()  # nobody fetches it: what everybody has fetched is gone from the store
    deposits = exchange.liar.deposits
    directory = exchange.offices.federation.directory
    assert len(deposits) >= 6
    for item in deposits:
        ids = _directory_ids(exchange) - {item.mailbox_id}
        certificates = {bytes(entry.certificate) for entry in directory.devices.values()}
        assert found(ids | certificates, frame(item)) == []
    with sqlite3.connect(exchange.hub.data / DATABASE) as database:
        rows = database.execute("SELECT id, recall_hash, body FROM envelope").fetchall()
    assert rows
    for row in rows:
        assert found(_directory_ids(exchange), b"\xff".join(row)) == []


async def test_envelopes_have_three_sizes(exchange: Exchange) -> None:
    """On the wire and in the store an envelope is 16, 64 or 256 KiB, and the exchange used more than one of them."""
    sizes = {len(item.envelope) for item in exchange.liar.deposits}
    with sqlite3.connect(exchange.hub.data / DATABASE) as database:
        stored = {size for (size,) in database.execute("SELECT length(body) FROM envelope WHERE recalled = 0")}
    assert stored <= set(SIZES)
    assert sizes <= set(SIZES)
    assert len(sizes) > 1


async def test_two_envelopes_have_nothing_in_common(exchange: Exchange) -> None:
    """No recall hash, slot or content appears twice, so that no two deposits can be linked by their bytes."""
    parts: list[bytes] = []
    for item in exchange.liar.deposits:
        raw = item.envelope
        parts += [raw[9:41], raw[41:73], raw[-32:]]
    assert len(set(parts)) == len(parts)
