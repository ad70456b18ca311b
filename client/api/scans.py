"""The scan of a signed consent: kept with the record where it was registered, and sent along to units that are told.

Domain.md 3.2 no 20: the original's hash stands in the record, the scan is kept locally, sending it is optional. It is
taken from the scan where the record does not say it, and a record that names another file is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from client.api.attachments import staged_id
from client.engine.attachments import Attached
from client.engine.office import Desk
from client.engine.reading import Facts
from keys.errors import RefusedError

_HASH = "original_sha256"


async def staged_scan(desk: Desk, text: str | None, record: Facts) -> tuple[Attached | None, Facts]:
    """The scan that was taken in, and the record with its hash.

    Raises:
        LocalError: code ``ATTUSED``, ``BADID``. RefusedError: code ``SCAN``; the record names another file.
    """
    if text is None:
        return None, record
    scan = await desk.attachments.staged(staged_id(text))
    if record.get(_HASH) not in {None, "", scan.sha256.hex()}:
        raise RefusedError("SCAN")
    return scan, {**record, _HASH: scan.sha256.hex()}


async def copies(desk: Desk, scan: Attached | None, count: int) -> list[Sequence[bytes]]:
    """Files to attach, for each of ``count`` documents: what goes to two units is sealed twice."""
    if scan is None or scan.key is None:
        return [()] * count
    return [((await desk.attachments.copy(scan, scan.key)).file_id,) for _ in range(count)]


async def keep(desk: Desk, scan: Attached | None, consent_id: bytes) -> None:
    """The scan belongs to the record from here on, inside a transaction."""
    if scan is not None:
        await desk.attachments.bind([scan.file_id], consent_id)
