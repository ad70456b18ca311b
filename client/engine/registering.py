"""What a colleague elsewhere says of a document of ours: it has a diary number there, or somebody refuses it.

Neither undoes what the document did to its thread: it was received, whatever is said of it afterwards (domain.md 2.12).
Nor does a number say that it did anything: what was put aside is registered too. It is noted, and a document counts
as registered once the recipient's receipt says that it is available there, whichever of the two comes first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from client.engine.context import Context
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES

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


async def is_numbered(context: Context, document_id: bytes, unit_id: bytes) -> bool:
    """Whether that unit has told a diary number for a document of ours."""
    return bool(
        await context.vault.value(
            "SELECT 1 FROM told_number WHERE document_id = ? AND unit_id = ?", document_id, unit_id
        )
    )


async def take_word(context: Context, document_id: bytes, *, is_new: bool = True) -> None:
    """Note what a document that was just taken in says of one of ours, inside a transaction.

    Args:
        context: of the office.
        document_id: of what came.
        is_new: it came to the unit now; a colleague who passes it on has seen a refusal long ago.
    """
    row = await context.vault.one(
        "SELECT kind, body, unit_id FROM document WHERE document_id = ? AND direction = 'in'", document_id
    )
    if row is None or row[0] not in {REGISTERED, REFUSED}:
        return
    named = bytes.fromhex(decode_body(row[1], max_bytes=MAX_BODY_BYTES)["content"]["document"])
    ours = "document_id = ? AND unit_id = ? AND direction = 'out'"
    if row[0] == REGISTERED:
        await context.vault.write("INSERT OR IGNORE INTO told_number VALUES (?, ?)", named, row[2])
        await context.vault.write(
            f"UPDATE document SET state = 'registered' WHERE {ours} AND state = 'available'",  # noqa: S608 - constant
            named, row[2],
        )  # fmt: skip
    elif is_new and await context.vault.value(f"SELECT 1 FROM document WHERE {ours}", named, row[2]):  # noqa: S608
        await context.alarms.raise_("REFUSED", document_id=named)
