"""Threat results that are here, and whether a later word of the case has taken their place (domain.md 2.3, 2.9).

A result is replaced by a later one of the same unit about the same person, and by the person's coming back: then the
threat is assessed anew, and what was found before is history. Results of two units stand beside each other.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from client.engine.vault import Vault
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES

RESULT: Final = "hotbild.resultat"
RETURN: Final = "aterkomst.notis"
_LATER: Final = (
    "SELECT 1 FROM document n JOIN thread u ON u.thread_id = n.thread_id WHERE u.principal = t.principal"
    " AND n.state NOT IN ('stopped', 'refused', 'recalling', 'recalled') AND (n.at, n.rowid) > (d.at, d.rowid)"
    " AND (n.kind = ? OR (n.kind = d.kind AND n.unit_id = d.unit_id AND n.direction = d.direction))"
)


class ThreatResult(NamedTuple):
    """A result: its content, and whether something later stands in its place."""

    content: dict[str, Any]
    replaced: bool


async def threat_result(vault: Vault, document_id: bytes, principal: object) -> ThreatResult | None:
    """A threat result about a person; None when there is none with this id, or it is about somebody else.

    Args:
        vault: of the office.
        document_id: of the result.
        principal: the person's key in the case.
    """
    row = await vault.one(
        f"SELECT d.body, EXISTS({_LATER}) FROM document d JOIN thread t ON t.thread_id = d.thread_id"  # noqa: S608 - constant
        " WHERE d.document_id = ? AND d.kind = ? AND t.principal = ?",
        RETURN, document_id, RESULT, principal,
    )  # fmt: skip
    if row is None:
        return None
    content = decode_body(row[0], max_bytes=MAX_BODY_BYTES)["content"]
    return ThreatResult(content if isinstance(content, dict) else {}, bool(row[1]))
