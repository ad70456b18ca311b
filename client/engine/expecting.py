"""Files that a document brings: noted when the document comes, fetched afterwards (FORMATS 6.3).

A document that came by mail brings a key for each; what a sibling passed on brings none, and a sibling is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from client.engine.context import Context
from keys.document import Attachment
from keys.ids import ID_BYTES
from keys.private.identity import random_bytes


async def expect(
    context: Context,
    document_id: bytes,
    header: Mapping[str, Any],
    signed: Sequence[Attachment],
    *,
    keys: Sequence[bytes] = (),
) -> None:
    """A document came, inside a transaction.

    Args:
        context: of the office.
        document_id: also of one that waits for a second person.
        header: of its body, which the rules have accepted.
        signed: the list of its payload, which says the same.
        keys: one for each, or none.
    """
    for position, (told, one) in enumerate(zip(header.get("attachments") or (), signed, strict=True)):
        await context.vault.write(
            "INSERT INTO attachment (file_id, document_id, position, state, file_name, media_type, size_bytes, sha256,"
            " pdfa, digest, fetched, blobs, done, at) VALUES (?, ?, ?, 'lacking', ?, ?, ?, ?, ?, ?, 1, 0, 0, ?)"
            " ON CONFLICT DO NOTHING",
            random_bytes(ID_BYTES), document_id, position, told["file_name"], told["media_type"], told["size"],
            bytes.fromhex(told["sha256"]), bool(told.get("pdfa")), one.digest, context.clock.now(),
        )  # fmt: skip
        if keys:
            await found(context, document_id, position, key=keys[position], digest=one.digest)


async def found(context: Context, document_id: bytes, position: int, *, key: bytes, digest: bytes) -> bool:
    """There is a stream for a file that is lacking, or that the hub did not have; inside a transaction."""
    changed = await context.vault.write(
        "UPDATE attachment SET state = 'coming', key = ?, digest = ?, code = '', fetched = 1, blobs = 0, done = 0,"
        " tries = 0, next_at = 0 WHERE document_id = ? AND position = ?"
        " AND (state = 'lacking' OR (state = 'coming' AND code = 'BLOBGONE'))",
        key, digest, document_id, position,
    )  # fmt: skip
    return bool(changed)
