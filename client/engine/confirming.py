"""Answering withdrawals: each recipient's client confirms by itself that the use has stopped (domain.md 2.10, 3.5).

The responsible unit passes on what another unit heard, in the same transaction, to all whom it has told of the consent.

What is owed follows from the documents that are here, so nothing is forgotten in a crash and nothing is said twice. Of
a unit with several devices the one with the lowest id answers; when it has not for a day, any other does.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from client.casework.codelists import BASES_WITHOUT_DECISION
from client.casework.kinds.samtycke import HEARS
from client.engine.clock import iso_of
from client.engine.context import Context
from client.engine.drafting import WITHDRAWAL_KIND
from client.engine.withdrawing import Withdrawing
from client.engine.writing import Order, Writing
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES
from keys.errors import LocalError, RefusedError
from keys.ids import UnitId
from keys.logging import get_logger

CONFIRMATION: Final = "samtycke.aterkallelse_bekraftad"
WAIT_SECONDS: Final = 86_400  # a first device that is away for longer is not waited for
_OWED: Final = (
    "SELECT d.document_id, d.unit_id, d.thread_id, d.body, d.at FROM document d"
    " WHERE d.direction = 'in' AND d.kind = ? AND NOT EXISTS (SELECT 1 FROM document c WHERE c.reply_to = d.document_id"
    " AND c.kind = ? AND c.direction = 'out') ORDER BY d.at LIMIT 64"
)
_GROUNDS: Final = "SELECT DISTINCT d.legal_basis FROM document d JOIN thread t USING (thread_id) WHERE t.principal = ?"
_log = get_logger("confirming")


class _Owed(NamedTuple):
    """A withdrawal that came and was not confirmed."""

    document_id: bytes
    unit_id: bytes
    thread_id: bytes
    body: bytes
    at: int


class Confirming:
    """Writes the confirmations that are owed."""

    def __init__(self, context: Context, writing: Writing, withdrawing: Withdrawing) -> None:
        self._context = context
        self._vault = context.vault
        self._writing = writing
        self._withdrawing = withdrawing

    async def write_owed(self) -> int:
        """Queue what is owed; returns how many there were. One that cannot be written keeps no other back."""
        written = 0
        for row in self._vault.glance(_OWED, WITHDRAWAL_KIND, CONFIRMATION):
            owed = _Owed(*row)
            if self._is_ours(owed.at):
                written += await self._write(owed)
        return written

    def _is_ours(self, came_at: int) -> bool:
        own = self._context.device_id
        first = min((own, *self._context.siblings()))
        roles = {role.value for role in self._context.book.staff(own).roles}
        return not roles.isdisjoint(HEARS) and (first == own or self._context.clock.now() - came_at > WAIT_SECONDS)

    async def _write(self, owed: _Owed) -> int:
        body = decode_body(owed.body, max_bytes=MAX_BODY_BYTES)
        header = body["header"]
        order = Order(
            kind=CONFIRMATION,
            to_unit=UnitId(owed.unit_id),
            content={
                "consent_id": header["consent_ref"],
                "stopped_use_at": iso_of(owed.at),
                "kept_because": await self._why_kept(header),
            },
            header={
                "principal_ref": header["principal_ref"],
                "disclosure_basis": "samtycke",
                "consent_ref": header["consent_ref"],
            },
            thread_id=owed.thread_id,
            reply_to=owed.document_id,
        )
        try:
            async with self._vault.transaction():
                await self._writing.write_inside(order)
                consent_id = bytes.fromhex(header["consent_ref"])
                await self._withdrawing.pass_on(consent_id, body["content"], owed.unit_id, self._writing)
        except (RefusedError, LocalError) as error:
            _log.warning("a withdrawal could not be confirmed", code=error.code)
            return 0
        return 1

    async def _why_kept(self, header: dict[str, Any]) -> str:
        """Another ground, where something of the case was disclosed on one; else that records are public documents."""
        grounds = {row[0] for row in await self._vault.all(_GROUNDS, header["principal_ref"])}
        return "annan_rattslig_grund" if grounds.difference(BASES_WITHOUT_DECISION) else "allman_handling"
