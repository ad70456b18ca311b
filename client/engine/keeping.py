"""Local documents: what a unit writes for itself is signed at once, kept, and told to its own devices (FORMATS 5.2).

It has no recipient, so nothing is queued and nothing leaves but the siblings' copy. Its chain stands in the documents
themselves: none of them is ever deleted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from client.engine.context import Context
from client.engine.signing import Draft, Signer, chain_digest
from keys.document import MAX_ROSTER, NO_PREV

KEPT: Final = "kept"

Signed = Callable[[Draft, bytes], Awaitable[None]]


class Keeping:
    """Keeps the local documents of this device.

    Args:
        context: of the office.
        signer: signs them.
        signed: told of each of them, in the same transaction.
    """

    def __init__(self, context: Context, signer: Signer, *, signed: Signed) -> None:
        self._context = context
        self._vault = context.vault
        self._signer = signer
        self._signed = signed

    async def keep(self, draft: Draft) -> None:
        """Sign and keep a document, inside a transaction.

        Raises:
            LocalError: code ``CLOCK`` or ``ROLLBACK``: nothing is signed then.
        """
        self._context.clock.require_sane()
        await self._context.rollback.require_none()
        device_id, now = self._context.device_id, self._context.clock.now()
        head = await self._vault.one(
            "SELECT seq, digest FROM document WHERE device_id = ? AND unit_id = ? AND direction = 'out'"
            " ORDER BY seq DESC LIMIT 1",
            device_id, draft.unit_id,
        )  # fmt: skip
        seq, prev = (head[0] + 1, head[1]) if head else (1, NO_PREV)
        roster = [device_id, *self._context.siblings()][:MAX_ROSTER]
        signed = self._signer.document(draft, roster, seq=seq, prev=prev)
        await self._vault.write(
            "INSERT INTO document (document_id, direction, state, kind, kind_class, thread_id, reply_to, unit_id,"
            " device_id, signed, digest, seq, salt, body, consents, legal_basis, at, read_at)"
            " VALUES (?, 'out', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            draft.document_id, KEPT, draft.kind, draft.kind_class, draft.thread_id, draft.reply_to, draft.unit_id,
            device_id, signed, chain_digest(signed), seq, draft.salt, draft.body, draft.consents, draft.legal_basis,
            now, now,
        )  # fmt: skip
        await self._signed(draft, signed)
