"""Threat results that are here, and whether a later word of the case has taken their place (domain.md 2.3, 2.9).

A result is replaced by a later one of the same unit about the same person, and by the person's coming back: then the
threat is assessed anew, and what was found before is history. Results of two units stand beside each other.

Later is what was written later, by its signed header: the hub and sealing again put what comes into any order.
"""

from __future__ import annotations

import datetime
from typing import Any, Final, NamedTuple

from client.casework.case_rules import is_current
from client.engine.steps import written
from client.engine.vault import Vault
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES

RESULT: Final = "hotbild.resultat"
RETURN: Final = "aterkomst.notis"
_WORDS: Final = (
    "SELECT d.kind, d.body, d.at, d.rowid, d.unit_id, d.direction, d.document_id"
    " FROM document d JOIN thread t ON t.thread_id = d.thread_id WHERE t.principal = ? AND d.kind IN (?, ?)"
    " AND (d.document_id = ? OR d.state NOT IN ('stopped', 'refused', 'recalling', 'recalled'))"
)


class ThreatResult(NamedTuple):
    """A result: its content, and whether something later stands in its place."""

    content: dict[str, Any]
    replaced: bool


class Standing(NamedTuple):
    """How a result stands on a day: its last day, whether that is over, whether something later stands in its place."""

    valid_until: str | None
    expired: bool
    replaced: bool

    @property
    def current(self) -> bool:
        """Whether anything may lean on it."""
        return not self.expired and not self.replaced


async def standing(vault: Vault, document_id: bytes, today: datetime.date) -> Standing:
    """How a threat result stands; one that cannot be placed in a case counts for nothing.

    Args:
        vault: of the office.
        document_id: of the result.
        today: the day in Sweden.
    """
    principal = await vault.value(
        "SELECT t.principal FROM document d JOIN thread t USING (thread_id) WHERE d.document_id = ?", document_id
    )
    found = await threat_result(vault, document_id, principal)
    if found is None:
        return Standing(None, expired=False, replaced=True)
    return Standing(found.content.get("valid_until"), not is_current(found.content, today), found.replaced)


async def threat_result(vault: Vault, document_id: bytes, principal: object) -> ThreatResult | None:
    """A threat result about a person; None when there is none with this id, or it is about somebody else.

    Args:
        vault: of the office.
        document_id: of the result.
        principal: the person's key in the case.
    """
    words = await vault.all(_WORDS, principal, RESULT, RETURN, document_id)
    row = next((one for one in words if (one[-1], one[0]) == (document_id, RESULT)), None)
    if row is None:
        return None
    content, at = decode_body(row[1], max_bytes=MAX_BODY_BYTES)["content"], written(*row[:4])
    # A result of the same unit has the same kind, unit and direction.
    after = (one for one in words if one[0] == RETURN or (one[0], *one[4:6]) == (RESULT, *row[4:6]))
    replaced = any(written(*one[:4]) > at for one in after)
    return ThreatResult(content if isinstance(content, dict) else {}, replaced)
