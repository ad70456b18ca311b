"""Documents with files, for tests: written at one office, looked at in another.

written = await send(offices, tmp_path, {"Beslut.pdf": data}, sender="sav", to="bops")
await states(offices["bops"].desk, written)              # ["here"]
blobs_at(hub)                                            # files of the hub's folder of blobs
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from client.engine.office import Desk
from client.engine.writing import Order, Written
from tests.kit.hub_process import HubProcess
from tests.kit.offices import CONTENTS, PERSON_BLOCK, Offices

PDF = b"%PDF-1.7\n"
KIND = "hotbild.begaran"


async def staged(desk: Desk, folder: Path, files: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """Take files in; ids in order."""
    found = []
    for name, data in files.items():
        path = folder / "källa"
        await asyncio.to_thread(path.write_bytes, data)
        found.append((await desk.attachments.stage(path, name)).file_id)
        await asyncio.to_thread(path.unlink)
    return tuple(found)


async def send(
    offices: Offices, folder: Path, files: Mapping[str, bytes], *, sender: str = "sav", to: str = "bops", **lies: Any
) -> Written:
    """A request for a threat assessment with its consent and these files.

    Args:
        offices: open ones.
        folder: for the files on their way in.
        files: name and content.
        sender: key of ``offices``.
        to: another one.
        lies: columns of the staged files that the sender alters before she signs for them.
    """
    desk = offices[sender].desk
    one, other = sender.partition("/")[0], to.partition("/")[0]
    known = await desk.consents.all()
    held = known[0] if known else desk.consents.sign(offices.consent_fields(one, [one, other]))
    async with desk.context.vault.transaction():
        await desk.consents.keep(held)
    ids = await staged(desk, folder, files)
    async with desk.context.vault.transaction():
        for column, value in lies.items():
            await desk.context.vault.write(f"UPDATE attachment SET {column} = ? WHERE file_id = ?", value, ids[0])  # noqa: S608
    return await desk.writing.write(
        Order(
            kind=KIND,
            to_unit=offices.unit(to),
            content=CONTENTS[KIND],
            header={"subject_person": PERSON_BLOCK},
            consent_id=held.consent_id,
            attachments=ids,
        )
    )


async def states(desk: Desk, written: Written) -> list[str]:
    """Of the files of a document at one desk: state, and code where there is one."""
    return [f"{one.state} {one.code}".strip() for one in await desk.attachments.of(written.document_id)]


async def state(desk: Desk, written: Written) -> str:
    """Of a document at one desk."""
    found: str = await desk.context.vault.value("SELECT state FROM document WHERE document_id = ?", written.document_id)
    return found


async def plain(desk: Desk, written: Written, position: int = 0) -> bytes:
    """A file in the clear."""
    one, key = await desk.attachments.ready(written.document_id, position)
    return b"".join(desk.attachments.pieces(one, key))


async def try_at_once(desk: Desk) -> None:
    """As if the pause after a failure were over."""
    async with desk.context.vault.transaction():
        await desk.context.vault.write("UPDATE attachment SET next_at = 0")
        await desk.context.vault.write("UPDATE upload SET next_at = 0")
        await desk.context.vault.write("UPDATE attachment_answer SET due_at = 0 WHERE due_at IS NOT NULL")


def blobs_at(hub: HubProcess) -> int:
    """How many blobs the hub holds."""
    return len(list((hub.data / "blobs").glob("??/*")))
