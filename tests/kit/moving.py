"""An office in a process of its own that moves one large file and tells what memory that took.

python -m tests.kit.moving FOLDER write FILE UNIT-ID CONSENT-ID   take a file in and write its document
python -m tests.kit.moving FOLDER sync                            fetch and send what there is

Prints one JSON object: ``grew_mib``, the greatest resident memory beyond what the open office had before; ``seconds``;
``sha256`` of the first file that is here.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from client.engine.folder import Folder
from client.engine.office import Desk, Office
from client.engine.writing import Order
from keys.ids import UnitId
from tests.kit.attached import KIND
from tests.kit.offices import CONTENTS, PASSPHRASE, PERSON_BLOCK

STATUS = Path("/proc/self/status")


def memory(name: str) -> float:
    """MiB, by the kernel's name: ``VmRSS`` now, ``VmHWM`` at the most."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


async def main(folder: str, act: str, *values: str) -> dict[str, Any]:
    """Open, do it, close."""
    office = await Office.open(Folder(Path(folder)), PASSPHRASE)
    try:
        desk = office.desk
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
        before, began = memory("VmRSS"), time.monotonic()
        if act == "write":
            await _write(desk, *values)
        else:
            await desk.sync.once()
        grew, seconds = memory("VmHWM") - before, time.monotonic() - began
        return {"grew_mib": grew, "seconds": seconds, "sha256": await _sum(desk)}
    finally:
        await office.close()


async def _write(desk: Desk, file: str, unit_id: str, consent_id: str) -> None:
    staged = await desk.attachments.stage(Path(file))
    await desk.writing.write(
        Order(
            kind=KIND,
            to_unit=UnitId(bytes.fromhex(unit_id)),
            content=CONTENTS[KIND],
            header={"subject_person": PERSON_BLOCK},
            consent_id=bytes.fromhex(consent_id),
            attachments=(staged.file_id,),
        )
    )


async def _sum(desk: Desk) -> str:
    row = await desk.context.vault.one("SELECT document_id FROM attachment WHERE state = 'here' LIMIT 1")
    if row is None:
        return ""
    one, key = await desk.attachments.ready(row[0], 0)
    summed = hashlib.sha256()
    for piece in desk.attachments.pieces(one, key):
        summed.update(piece)
    return summed.hexdigest()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
