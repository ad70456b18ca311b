"""What a colleague elsewhere says of a document of ours: it has a diary number there, or somebody refuses it.

Neither undoes what the document did to its thread: it was received, whatever is said of it afterwards (domain.md 2.12).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from client.engine.context import Context
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES, Document

REGISTERED: Final = "kvittens.registrerad"
REFUSED: Final = "kvittens.avvisad"


async def numbers(context: Context, unit_id: bytes, documents: Iterable[bytes]) -> dict[bytes, str]:
    """Diary numbers that documents have at the office that received them.

    Args:
        context: of the office.
        unit_id: the other unit of the documents' thread.
        documents: ids of those in question.
    """
    found: dict[bytes, str] = {}
    for document_id in documents:
        rows = await context.vault.all(
            "SELECT body FROM document WHERE kind = ? AND unit_id = ? AND instr(body, ?) > 0 ORDER BY at, rowid",
            REGISTERED, unit_id, document_id.hex().encode(),
        )  # fmt: skip
        for (raw,) in rows:
            body = decode_body(raw, max_bytes=MAX_BODY_BYTES)
            if body["content"]["document"] == document_id.hex():
                found[document_id] = body["header"]["sender_dnr"]
    return found


async def take_word(context: Context, document: Document) -> None:
    """Note what a document that was just taken in says of one of ours, inside a transaction."""
    row = await context.vault.one(
        "SELECT kind, body FROM document WHERE document_id = ? AND direction = 'in'", document.document_id
    )
    if row is None or row[0] not in {REGISTERED, REFUSED}:
        return
    named = bytes.fromhex(decode_body(row[1], max_bytes=MAX_BODY_BYTES)["content"]["document"])
    ours = "document_id = ? AND unit_id = ? AND direction = 'out'"
    if row[0] == REGISTERED:
        await context.vault.write(
            "UPDATE document SET state = 'registered', settled_at = ?"  # noqa: S608 - constant condition
            f" WHERE {ours} AND state IN ('queued', 'sent', 'available')",
            context.clock.now(), named, document.from_unit,
        )  # fmt: skip
    elif await context.vault.value(f"SELECT 1 FROM document WHERE {ours}", named, document.from_unit):  # noqa: S608
        await context.alarms.raise_("REFUSED", document_id=named)
