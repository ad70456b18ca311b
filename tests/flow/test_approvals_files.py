"""A document with a file that two answer for: seen before it is signed, sealed anew when it is taken over."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.api.commands import run
from client.engine.office import Desk
from keys.errors import LocalError
from tests.flow.test_approvals import KIND, PLACE, consent_of
from tests.kit.attached import PDF, staged, try_at_once
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK
from tests.kit.units import Units, open_units

STAFF = {"sav/eva": "Eva Ek", "sav/bo": "Bo Berg", "sav/ulla": "Ulla Um", "bops/pia": "Pia Po"}


@pytest.fixture
async def units(tmp_path: Path, hub: HubProcess, federation: Federation) -> AsyncIterator[Units]:
    """Three devices at sav, one at the police."""
    async with open_units(tmp_path, hub.url, federation, STAFF) as opened:
        yield opened


async def ask(units: Units, folder: Path, data: bytes) -> str:
    """A request of Eva's that names a new place, with a file; its id."""
    eva = units["sav/eva"].desk
    (file_id,) = await staged(eva, folder, {"Karta.pdf": data})
    given = {
        "kind": KIND,
        "to": "bops",
        "content": CONTENTS[KIND] | PLACE,
        "header": {"subject_person": PERSON_BLOCK},
        "consent_id": await consent_of(units, "sav/eva"),
        "attachments": [file_id.hex()],
    }
    made = await run(eva, "new", given)
    assert made["state"] == "awaiting"
    return str(made["document_id"])


async def lent(units: Units) -> None:
    """Let the devices of each unit ask each other for what they lack."""
    for _ in range(4):
        for office in units.values():
            await try_at_once(office.desk)
        await units.settle(1)


async def content(desk: Desk, document_id: str) -> bytes:
    """The file of a document."""
    one, key = await desk.attachments.ready(bytes.fromhex(document_id), 0)
    return b"".join(desk.attachments.pieces(one, key))


async def test_nobody_approves_a_file_that_she_could_not_see(units: Units, tmp_path: Path) -> None:
    """Until the file is at the second person's machine she cannot approve; then she signs for it, and it arrives."""
    data = PDF + os.urandom(200_000)
    document_id = await ask(units, tmp_path, data)
    eva, bo, pia = (units[key].desk for key in ("sav/eva", "sav/bo", "bops/pia"))
    await eva.sync.once()
    await bo.sync.once()
    with pytest.raises(LocalError, match="ATTLACK"):
        await run(bo, "approve", {"document_id": document_id})
    await lent(units)
    shown = await run(bo, "approval_show", {"document_id": document_id})
    assert [(one["file_name"], one["state"]) for one in shown["attachments"]] == [("Karta.pdf", "here")]
    assert await content(bo, document_id) == data
    await run(bo, "approve", {"document_id": document_id})
    await lent(units)
    assert await content(pia, document_id) == data
    assert (await run(pia, "show", {"document_id": document_id}))["approved_by"]["name"] == "Bo Berg"
    await _taken_over(units, tmp_path, data)


async def _taken_over(units: Units, folder: Path, data: bytes) -> None:
    """The author's machine is gone: a colleague writes the document anew, with the file under another key."""
    document_id = await ask(units, folder, data)
    await lent(units)
    bo, ulla, pia = (units[key].desk for key in ("sav/bo", "sav/ulla", "bops/pia"))
    await units.revoke("sav/eva")
    await units.without("sav/eva").settle(2)
    made = await run(bo, "approval_take_over", {"document_id": document_id})
    rest = units.without("sav/eva")
    await lent(rest)
    await run(ulla, "approve", {"document_id": made["document_id"]})
    await lent(rest)
    assert await content(pia, made["document_id"]) == data
    old, new = [await bo.attachments.of(bytes.fromhex(one)) for one in (document_id, made["document_id"])]
    assert old[0].digest != new[0].digest
