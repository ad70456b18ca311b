"""Files that are sent with a document: from the desk to the other unit's disk, through a real hub."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from client.api.commands import run
from client.api.server import Server
from client.engine.folder import Folder
from client.engine.office import Office
from keys.attachment import BLOB_BYTES
from keys.errors import LocalError, RefusedError
from tests.flow.test_cli_consent import record
from tests.kit.attached import PDF, blobs_at, plain, send, staged, state, states
from tests.kit.federation import Federation
from tests.kit.hub_process import PROJECT, HubProcess
from tests.kit.offices import PASSPHRASE, PERSON_BLOCK, Offices

STAFF = {"sav": "Eva Ek", "bops": "Pia Po"}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def federation() -> Federation:
    """One for all tests here."""
    return Federation.demo(devices=0, now=int(time.time()))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where hub and offices lie."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def hub(root: Path, federation: Federation) -> Iterator[HubProcess]:
    """One for all tests here."""
    with HubProcess.create(root / "hub", federation).running() as process:
        yield process


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def offices(root: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Offices]:
    """A social services unit and a police unit, for all tests here: each sends documents of its own."""
    async with Offices.open(root, hub.url, federation, STAFF) as opened:
        yield opened


async def test_files_come_with_their_document(offices: Offices, tmp_path: Path, root: Path, hub: HubProcess) -> None:
    """Files of different sizes arrive byte for byte; then the document is receipted, and the hub holds none of it.

    On neither disk is anything of them in the clear.
    """
    secret = "Hemligt: den stulna hästen Brunte".encode()
    files = {"Bedömning.pdf": PDF + secret + os.urandom(3_000_000), "kort.pdf": PDF + secret}
    written = await send(offices, tmp_path, files)
    sav, bops = offices["sav"].desk, offices["bops"].desk
    await offices["sav"].desk.sync.once()
    assert blobs_at(hub) == (1 + 12) + (1 + 1)  # the streams, padded, and an index each
    await bops.sync.once()
    assert await states(bops, written) == ["here", "here"]
    await offices.settle(2)
    for position, data in enumerate(files.values()):
        assert await plain(bops, written, position) == data
    assert await state(sav, written) == "available"
    assert blobs_at(hub) == 0
    disk = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    assert secret not in disk
    saved = await bops.attachments.save(written.document_id, 0, tmp_path)
    assert saved.name == "Bedömning.pdf"
    assert saved.stat().st_mode & 0o777 == 0o600
    with pytest.raises(LocalError, match="EXISTS"):
        await bops.attachments.save(written.document_id, 0, tmp_path)


async def test_a_document_waits_for_its_files_and_its_receipt_for_theirs(
    offices: Offices, tmp_path: Path, hub: HubProcess
) -> None:
    """Stopped on its way out the document does not leave; stopped on its way in it is not receipted; both go on."""
    written = await send(offices, tmp_path, {"a.pdf": PDF + os.urandom(100_000)})
    sav, bops = offices["sav"].desk, offices["bops"].desk
    await sav.attachments.cancel(written.document_id, 0)
    await offices.settle(2)
    assert await state(sav, written) == "queued"
    assert blobs_at(hub) == 0
    assert await sav.sync._until_due() > 0  # and nobody turns in circles over it
    await sav.attachments.resume(written.document_id, 0)
    await sav.sync.once()
    assert await state(sav, written) == "sent"
    fetch, bops.sync._ways.transfers.move = bops.sync._ways.transfers.move, _nothing  # type: ignore[method-assign]
    await bops.sync.once()
    await bops.attachments.cancel(written.document_id, 0)
    bops.sync._ways.transfers.move = fetch  # type: ignore[method-assign]
    await offices.settle(2)
    assert await states(bops, written) == ["cancelled"]
    assert await state(sav, written) == "sent"
    with pytest.raises(LocalError, match="ATTWAIT"):
        await bops.attachments.save(written.document_id, 0, tmp_path / "ut")
    await bops.attachments.resume(written.document_id, 0)
    await offices.settle(2)
    assert await states(bops, written) == ["here"]
    assert await state(sav, written) == "available"


async def _nothing(_link: object) -> int:
    return 0


async def test_what_is_stopped_goes_from_the_hub(offices: Offices, tmp_path: Path, hub: HubProcess) -> None:
    """A document that must not leave any more takes its files back; a staged file serves one document and no more."""
    sav = offices["sav"].desk
    (one,) = await staged(sav, tmp_path, {"a.pdf": PDF})
    order = offices.ask("bops", situation="Hur gör ni?")
    with pytest.raises(RefusedError, match="SCH"):  # a question in general words takes no files
        await sav.writing.write(type(order)(**{**_fields(order), "attachments": (one,)}))
    assert (await sav.attachments.staged(one)).state == "staged"
    written = await send(offices, tmp_path, {"a.pdf": PDF})
    assert await sav.sync._ways.transfers.move(offices["sav"]._link) == 1
    assert blobs_at(hub) == 2
    async with sav.context.vault.transaction():
        await sav.sync._ways.outbox.stop(written.document_id, "CNS-08")
    await sav.sync.once()
    assert blobs_at(hub) == 0
    bound = (await sav.attachments.of(written.document_id))[0].file_id
    for used in (bound, bytes(16)):
        with pytest.raises(LocalError, match="ATTUSED"):
            await sav.attachments.told([used])
    with pytest.raises(LocalError, match="ATTUSED"):
        await sav.attachments.told([one, one])
    with pytest.raises(LocalError, match="ATTMANY"):
        await sav.attachments.told([one] * 17)


def _fields(order: object) -> dict[str, object]:
    return {name: getattr(order, name) for name in type(order).__slots__}  # type: ignore[attr-defined]


CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from client.engine.folder import Folder
from client.engine.link import Link
from client.engine.office import Office
from tests.kit.offices import PASSPHRASE

name, left = sys.argv[2], int(sys.argv[3])
real = getattr(Link, name)

async def counted(self, *values, **named):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return await real(self, *values, **named)

async def main():
    setattr(Link, name, counted)
    office = await Office.open(Folder(Path(sys.argv[1])), PASSPHRASE)
    await office.desk.sync.once()

asyncio.run(main())
"""


async def _killed(offices: Offices, key: str, call: str, after: int) -> None:
    """Sync an office in a process of its own, which is killed at its ``after``-th blob; then open it here again."""
    folder = offices[key].desk.attachments.files.path(b"").parent
    await offices[key].close()
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), call, str(after)],
        cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert child.returncode == -signal.SIGKILL, child.stderr
    offices[key] = await Office.open(Folder(folder), PASSPHRASE)


async def test_a_transfer_goes_on_after_a_crash(offices: Offices, tmp_path: Path) -> None:
    """Killed in the middle of sending, and in the middle of fetching, each goes on from there."""
    data = PDF + os.urandom(29 * BLOB_BYTES)  # 30 blobs and an index
    written = await send(offices, tmp_path, {"stor.pdf": data})
    await _killed(offices, "sav", "put_blob", 20)
    sav = offices["sav"].desk
    done = await sav.context.vault.value("SELECT done FROM upload WHERE document_id = ?", written.document_id)
    assert done == 16
    assert await _counted(offices, "sav", "put_blob") == 31 - 20
    assert await state(sav, written) == "sent"
    await _killed(offices, "bops", "get_blob", 20)
    (one,) = await offices["bops"].desk.attachments.of(written.document_id)
    assert (one.state, one.done) == ("coming", 17)
    assert await _counted(offices, "bops", "get_blob") == 31 - 17
    assert await plain(offices["bops"].desk, written) == data


async def _counted(offices: Offices, key: str, name: str) -> int:
    """Sync; how many blobs it took."""
    link, count = offices[key]._link, 0
    real = getattr(link, name)

    async def counted(*values: object, **named: object) -> object:
        nonlocal count
        count += 1
        return await real(*values, **named)

    setattr(link, name, counted)
    await offices[key].desk.sync.once()
    setattr(link, name, real)
    return count


async def test_a_scan_goes_with_its_consent(offices: Offices, tmp_path: Path) -> None:
    """It is kept with the record, its hash stands in it, whoever is told gets it; another file is refused."""
    sav, bops = offices["sav"].desk, offices["bops"].desk
    data = PDF + b"underskrift"
    (scan,) = await staged(sav, tmp_path, {"Samtycke.pdf": data})
    fields = json.loads(json.dumps(record("Sav", "Bops")))
    given = {"scan": scan.hex(), "send_to": ["Bops"], "header": {"subject_person": PERSON_BLOCK}}
    with pytest.raises(RefusedError, match="SCAN"):
        await run(sav, "consent_new", {**given, "record": fields | {"original_sha256": "ab" * 32}})
    fields.pop("original_sha256", None)
    made = await run(sav, "consent_new", {**given, "record": fields})
    (kept,) = await run(sav, "attachments", {"document_id": made["consent_id"]})
    assert (kept["file_name"], kept["state"]) == ("Samtycke.pdf", "here")
    shown = await run(sav, "consent_show", {"consent_id": made["consent_id"]})
    assert shown["record"]["original_sha256"] == kept["sha256"]
    await offices.settle(2)
    (document_id,) = made["documents"]
    told = await run(bops, "show", {"document_id": document_id})
    assert (told["content"]["scan_enclosed"], told["attachments"][0]["state"]) == (True, "here")
    saved = await run(sav, "attachment_save", {"document_id": made["consent_id"], "path": str(tmp_path / "ut.pdf")})
    assert Path(saved["path"]).read_bytes() == data


async def test_the_api_tells_how_far_files_are(offices: Offices, tmp_path: Path, root: Path) -> None:
    """A listener with the token hears at once and at every change, without content; others hear nothing."""
    sav = offices["sav"].desk
    server = Server(sav, Folder(root / "sav"))
    address = await server.open(0)
    door = json.loads((root / "sav" / "api.json").read_text(encoding="utf-8"))
    granted = {"Authorization": f"Bearer {door['token']}"}
    try:
        async with aiohttp.ClientSession() as http:
            for wrong in ({}, {"Authorization": "Bearer x"}, {**granted, "Origin": "https://evil.example"}):
                async with http.get(f"{address}/v1/progress", headers=wrong) as answer:
                    assert answer.status == 401
            async with http.ws_connect(f"{address}/v1/progress", headers=granted) as socket:
                begun = json.loads(await socket.receive_str(timeout=30))
                written = await send(offices, tmp_path, {"a.pdf": PDF + b"x"})
                seen = json.loads(await socket.receive_str(timeout=30))
                assert len(seen) == len(begun) + 1
                assert {row["document_id"] for row in seen} <= {None, written.document_id.hex()}
                await sav.sync.once()
                while len(seen) > len(begun):
                    seen = json.loads(await socket.receive_str(timeout=30))
    finally:
        await server.close()
