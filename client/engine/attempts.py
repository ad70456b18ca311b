"""Attempts: sealed envelopes that wait for the hub's answer.

An envelope is in the vault before its first byte leaves, and is repeated byte for byte until the outcome is known:
``deposited`` (the hub's signed hour is kept) or refused (the attempt goes, the document is sealed anew later).
"""

from __future__ import annotations

import dataclasses

from client.engine.clock import Clock
from client.engine.vault import Vault
from hub.wire.limits import week_of
from hub.wire.responses import Deposited
from keys.document import ReceiptEntry
from keys.envelope import RECALL_SECRET_BYTES, deposit_statement, parse_header, recall_hash
from keys.errors import PeerError
from keys.ids import EnvelopeId, digest
from keys.private.identity import random_bytes
from keys.private.keeper import Keeper
from keys.private.seal import Target
from keys.public import verify_ed25519


@dataclasses.dataclass(frozen=True, slots=True)
class Attempt:
    """One sealed envelope on its way. ``document_id`` is None for receipts."""

    envelope_id: bytes
    document_id: bytes | None
    mailbox_id: bytes
    hour: int
    envelope: bytes

    @property
    def week(self) -> int:
        """The week whose delivery token it must show."""
        return week_of(self.hour)


class Attempts:
    """The attempts in the vault."""

    def __init__(self, vault: Vault, clock: Clock, keeper: Keeper) -> None:
        self._vault = vault
        self._clock = clock
        self._keeper = keeper

    async def seal(
        self, content: bytes, mailbox_id: bytes, targets: list[Target], *, document_id: bytes | None, own: bool = False
    ) -> EnvelopeId:
        """Seal and keep one attempt, inside a transaction.

        Args:
            content: what is sealed.
            mailbox_id: of the unit.
            targets: its devices with their keys.
            document_id: None for receipts.
            own: the mailbox is our own unit's, so that the envelope will come back and is known then.
        """
        secret = random_bytes(RECALL_SECRET_BYTES)
        hour = self._clock.hour()
        envelope = self._keeper.seal(content, mailbox_id, targets, hour=hour, recall_hash=recall_hash(secret))
        envelope_id = EnvelopeId(digest(envelope))
        await self._vault.write(
            "INSERT INTO attempt (envelope_id, document_id, mailbox_id, hour, recall_secret, envelope)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            envelope_id, document_id, mailbox_id, hour, secret, envelope,
        )  # fmt: skip
        if own:
            await self._vault.write("INSERT INTO seen VALUES (?, ?)", envelope_id, hour)
        return envelope_id

    async def open(self) -> list[Attempt]:
        """All whose outcome is unknown, oldest hour first and then in the order of making."""
        rows = await self._vault.all(
            "SELECT a.envelope_id, a.document_id, a.mailbox_id, a.hour, a.envelope FROM attempt a"
            " LEFT JOIN document d USING (document_id) LEFT JOIN letter l ON l.document_id = a.document_id"
            " WHERE a.envelope IS NOT NULL AND a.recall IS NULL ORDER BY a.hour, coalesce(d.seq, l.seq) LIMIT 256"
        )
        return [Attempt(*row) for row in rows]

    async def deposited(self, attempt: Attempt, answer: Deposited) -> None:
        """The hub has it durably; inside a transaction."""
        await self._vault.write(
            "UPDATE attempt SET envelope = NULL, deposit_hour = ?, deposit_signature = ? WHERE envelope_id = ?",
            answer.hour, answer.signature, attempt.envelope_id,
        )  # fmt: skip

    async def drop(self, attempt: Attempt) -> None:
        """The hub refused it; inside a transaction."""
        await self._vault.write("DELETE FROM attempt WHERE envelope_id = ?", attempt.envelope_id)

    async def want_recall(self, document_id: bytes) -> int:
        """Ask for the recall of every attempt of a document, inside a transaction; returns how many there are."""
        return await self._vault.write(
            "UPDATE attempt SET recall = 'wanted', envelope = NULL WHERE document_id = ? AND recall IS NULL",
            document_id,
        )

    async def recalls(self) -> list[tuple[bytes, bytes, bytes, int]]:
        """Wanted recalls: (envelope id, document id, secret, hour)."""
        rows = await self._vault.all(
            "SELECT envelope_id, document_id, recall_secret, hour FROM attempt WHERE recall = 'wanted' LIMIT 256"
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    async def is_recalling(self, document_id: bytes) -> bool:
        """Whether the hub has still to answer for an attempt of a document."""
        found = await self._vault.value(
            "SELECT 1 FROM attempt WHERE document_id = ? AND recall = 'wanted' LIMIT 1", document_id
        )
        return found is not None

    async def recalled(self, envelope_id: bytes, *, withheld: bool) -> None:
        """The hub's answer to a recall, inside a transaction."""
        outcome = "withheld" if withheld else "late"
        await self._vault.write("UPDATE attempt SET recall = ? WHERE envelope_id = ?", outcome, envelope_id)


def check_deposit(hub_key: bytes, attempt: Attempt, answer: Deposited) -> None:
    """Check the hub's signature on the deposit hour.

    Raises:
        SignatureError: code ``SIG``.
    """
    verify_ed25519(hub_key, answer.signature, deposit_statement(attempt.envelope_id, attempt.mailbox_id, answer.hour))


def deposit_is_proven(hub_key: bytes, entry: ReceiptEntry, mailbox_id: bytes) -> bool:
    """Whether a receipt's deposit hour carries the hub's signature."""
    try:
        statement = deposit_statement(entry.envelope_id, mailbox_id, entry.deposit_hour)
        verify_ed25519(hub_key, entry.deposit_signature, statement)
    except PeerError:
        return False
    return True


def header_hour(envelope: bytes) -> int:
    """The hour in an envelope's header."""
    return parse_header(envelope)[1]
