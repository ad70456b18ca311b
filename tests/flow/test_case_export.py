"""A case taken out for the archive: everything that is in it can be checked from the file alone; what lacks is told."""

from __future__ import annotations

import hashlib
import json
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from client.api.commands import run
from keys.cards import Role
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES, Document, check_commit
from keys.domains import SignedType
from keys.errors import LocalError, RefusedError
from keys.ids import Digest
from keys.signed import parse_signed, read_payload, verify_single
from tests.hostile.desks import Dial
from tests.kit.attached import PDF, send
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import ALL_ROLES, CONTENTS
from tests.kit.units import Units

STAFF = {
    "sav": ("Eva Ek", (Role.HANDLAGGARE, Role.BESLUTSFATTARE, Role.ARKIVARIE)),
    "sav/bo": ("Bo Berg", (Role.HANDLAGGARE, Role.BESLUTSFATTARE)),
    "bops": ("Pia Po", ALL_ROLES),
}
WHY = "Kommunarkivet, beslut SN 2026/14."
TEXT = "Ärlig & <b>öppen</b>"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where hub and offices lie."""
    return tmp_path_factory.mktemp("archive")


@pytest.fixture(scope="module")
def federation() -> Federation:
    """One for all tests here."""
    return Federation.demo(devices=0, now=int(time.time()))


@pytest.fixture(scope="module")
def hub(root: Path, federation: Federation) -> Iterator[HubProcess]:
    """One for all tests here."""
    with HubProcess.create(root / "hub", federation).running() as process:
        yield process


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def offices(root: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """A unit with an archivist and a colleague, and the police, who have answered a request with a file."""
    opened = Units()
    opened.federation, opened.path, opened.address, opened.dial = federation, root, hub.url, Dial()
    try:
        for key, (name, roles) in STAFF.items():
            await opened.join(key, name, roles=roles)
        await opened.settle()
        await opened.know_each_other()
        asked = await send(opened, root, {"Intyg åäö.pdf": PDF + b"1", "bild.pdf": PDF + b"2"})
        await opened.settle(2)
        content = {**CONTENTS["hotbild.antagen"]}
        answer = {"document_id": asked.document_id.hex(), "kind": "hotbild.antagen", "content": content}
        await run(opened["bops"].desk, "reply", answer)
        await opened.settle(2)
        yield opened
    finally:
        for office in opened.values():
            await office.close()


async def key_of(offices: Units) -> str:
    """The person's key in the case."""
    (case,) = await run(offices["sav"].desk, "cases", {})
    return str(case["principal_ref"])


async def asked_for(offices: Units) -> str:
    """A request to take the case out, which has come to the colleague; its id."""
    given = {"principal_ref": await key_of(offices), "why": WHY}
    asked = await run(offices["sav"].desk, "case_export_ask", given)
    assert asked["state"] == "awaiting"
    await offices.settle(2)
    return str(asked["document_id"])


async def approved(offices: Units) -> None:
    """Bo reads why, and answers for it too."""
    request = {"document_id": await asked_for(offices)}
    shown = await run(offices["sav/bo"].desk, "approval_show", request)
    assert (shown["content"]["what"], shown["content"]["why"]) == ("arende", WHY)
    await run(offices["sav/bo"].desk, "approve", request)
    await offices.settle(2)


async def taken(offices: Units, path: Path, **more: Any) -> dict[str, Any]:
    """``case_export`` to a path, which two answer for."""
    await approved(offices)
    return await exported(offices, path, **more)


async def exported(offices: Units, path: Path, **more: Any) -> dict[str, Any]:
    """``case_export`` to a path."""
    given = {"principal_ref": await key_of(offices), "path": str(path), **more}
    found: dict[str, Any] = await run(offices["sav"].desk, "case_export", given)
    return found


async def test_what_is_taken_out_can_be_checked_without_the_program(offices: Units, tmp_path: Path) -> None:
    """Sums fit, originals verify against the directory and say what the readable text says, files are whole."""
    path = tmp_path / "ärende.zip"
    thread = (await run(offices["sav"].desk, "threads", {}))[0]["thread_id"]
    await run(offices["sav"].desk, "note", {"thread_id": thread, "text": TEXT})
    made = await taken(offices, path)
    assert (made["documents"], made["files"], made["consents"], made["lacks"]) == (3, 2, 1, [])
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as file:
        held = {name: file.read(name) for name in file.namelist()}
    sums = dict(line.split("  ")[::-1] for line in held.pop("manifest-sha256.txt").decode().splitlines())
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in held.items()}
    case = json.loads(held["arende.json"])
    assert [one["direction"] for one in case["documents"]] == ["utgående", "inkommet", "upprättat"]
    assert case["documents"][2]["approved_by"]["name"] == "Bo Berg", "who answered for it stands in the file"
    directory = offices["sav"].desk.context.replica.directory
    for one in case["documents"]:
        folder = f"dokument/{one['number']:03}"
        so = parse_signed(held[f"{folder}/original.slk"])
        device = directory.device_of_certificate(Digest(bytes.fromhex(one["proof"]["certificate"])))
        assert device is not None
        verify_single(so, device.certificate, device.enrol.signing)
        document = read_payload(so, SignedType.DOCUMENT, Document)
        check_commit(document.body_commit, bytes.fromhex(one["proof"]["salt"]), held[f"{folder}/original.body"])
        body = decode_body(held[f"{folder}/original.body"], max_bytes=MAX_BODY_BYTES)
        assert (body["header"], body["content"]) == (one["header"], one["content"])
        assert "håller" in one["proof"]["text"]
    files = case["documents"][0]["files"]
    assert [one["path"] for one in files] == ["dokument/001/bilagor/1-Intyg åäö.pdf", "dokument/001/bilagor/2-bild.pdf"]
    assert [held[one["path"]] for one in files] == [PDF + b"1", PDF + b"2"]
    page = held["index.html"].decode()
    assert "Ärlig &amp; &lt;b&gt;öppen&lt;/b&gt;" in page
    assert "<b>" not in page
    assert case["consents"][0]["record"]["principal_ref"] == case["principal_ref"]
    assert [one["reason"] for one in case["reads"]][:1] == ["utlamnande"]
    assert {one["kind"] for one in await run(offices["sav"].desk, "reads", {})} >= {"arende.export", "hotbild.begaran"}


async def test_what_lacks_is_told_and_nothing_half_is_left(offices: Units, tmp_path: Path) -> None:
    """A file that is not here is named; one that was altered on the disk ends it all, and no file is there."""
    await approved(offices)
    await approved(offices)
    vault = offices["sav"].desk.context.vault
    async with vault.transaction():
        await vault.write("UPDATE attachment SET state = 'lacking' WHERE position = 1")
    made = await exported(offices, tmp_path / "en.zip")
    assert [(one["what"], one["code"]) for one in made["lacks"]] == [("bilaga", "ATTLACK")]
    file_id = await vault.value("SELECT file_id FROM attachment WHERE position = 0 AND document_id IS NOT NULL")
    lies = offices["sav"].desk.attachments.files.path(file_id)
    whole = lies.read_bytes()
    lies.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(LocalError, match="ATTBAD"):
        await exported(offices, tmp_path / "två.zip")
    assert not (tmp_path / "två.zip").exists()
    lies.write_bytes(whole)
    with pytest.raises(LocalError, match="EXISTS"):
        await exported(offices, tmp_path / "en.zip")
    with pytest.raises(LocalError, match="NOFILE"):
        await exported(offices, Path("en.zip"))
    await exported(offices, tmp_path / "två.zip")  # what failed has used up nothing


async def test_two_answer_for_a_case_that_is_taken_out(offices: Units, tmp_path: Path) -> None:
    """Nothing is written before a colleague has approved, and then one file; her machine's end takes it back."""
    path, eva = tmp_path / "nej.zip", offices["sav"].desk
    logged = len(await run(eva, "reads", {}))
    with pytest.raises(RefusedError, match="TAKEOUT"):
        await exported(offices, path)
    request = {"document_id": await asked_for(offices)}
    with pytest.raises(RefusedError, match="OWNDRAFT"):
        await run(eva, "approve", request)
    await run(offices["sav/bo"].desk, "decline", {**request, "reason": "Ärendet pågår."})
    await offices.settle(2)
    with pytest.raises(RefusedError, match="TAKEOUT"):
        await exported(offices, path)
    assert not path.exists()
    assert len(await run(eva, "reads", {})) == logged
    await approved(offices)
    await exported(offices, tmp_path / "ja.zip")
    with pytest.raises(RefusedError, match="TAKEOUT"):
        await exported(offices, path)
    await offices.settle(2)
    state = "SELECT count(*) FROM thread WHERE flow = 'uttag' AND state = 'gjort'"
    counts = [await offices[one].desk.context.vault.value(state) for one in ("sav", "sav/bo")]
    assert counts == [counts[0]] * 2, "the unit's other devices know that it is used up"


async def test_the_role_decides(offices: Units, tmp_path: Path) -> None:
    """Without the archivist's nothing is taken out and nothing logged; without a reader's that document lacks.

    Nothing of it is in the file then, and its way is told all the same.
    """
    bops = offices["bops"].desk
    (case,) = await run(bops, "cases", {})
    given = {"principal_ref": case["principal_ref"], "path": str(tmp_path / "p.zip")}
    with pytest.raises(RefusedError, match="ARCHIVIST"):
        await run(bops, "case_export", given)
    assert not (tmp_path / "p.zip").exists()
    assert "arende.export" not in {one["kind"] for one in await run(bops, "reads", {})}
    vault = offices["sav"].desk.context.vault
    async with vault.transaction():
        await vault.write("UPDATE document SET kind = 'kollision.forfragan' WHERE direction = 'in'")
    made = await taken(offices, tmp_path / "sav.zip")
    assert "READER" in {one["code"] for one in made["lacks"]}
    with zipfile.ZipFile(tmp_path / "sav.zip") as file:
        case = json.loads(file.read("arende.json"))
        assert [one for one in file.namelist() if one.startswith("dokument/002")] == []
    closed = case["documents"][1]
    assert (closed["direction"], closed["header"], closed["content"]) == ("inkommet", None, None)


async def test_an_approval_by_a_machine_that_is_gone_opens_nothing(offices: Units, tmp_path: Path) -> None:
    """Bo has approved; his machine is stolen and revoked before the file is made."""
    await approved(offices)
    await offices.revoke("sav/bo")
    await offices.without("sav/bo").settle(2)
    with pytest.raises(RefusedError, match="TAKEOUT"):
        await exported(offices, tmp_path / "gone.zip")
