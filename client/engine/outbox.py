"""The outbox: a document stays until the recipient's signed receipt; the hub is only a cache (protocol 10).

Life of an outgoing document (``document.state``):

    queued ──sign, seal, deposit──► sent ──receipt──► available ──receipt──► registered
      │                              │ ▲                              └────► refused
      │ withdrawn, refused           │ └─ no receipt: sealed anew after 6 h, then daily
      ▼                              ▼ withdrawn while undelivered
    stopped                        recalling ──the hub answers──► recalled, or sent when it was too late

A row leaves ``outbox`` only with a valid receipt, or because the document was stopped or recalled.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from client.engine.attempts import Attempts
from client.engine.context import Context
from client.engine.drafting import DRAFT_COLUMNS, read_draft
from client.engine.signing import Draft, Signer, chain_digest, content_of
from client.engine.threads import Threads
from keys.document import NO_PREV, Document
from keys.domains import SignedType
from keys.errors import LocalError, RefusedError
from keys.ids import UnitId
from keys.signed import parse_signed, read_payload

MAX_PREPARED: Final = 64  # documents sealed in one transaction
AT_ONCE: Final = 0  # not the time of writing: a clock that was ahead would keep the document back
RETRY_SECONDS: Final = 60
RETRY_MOST_SECONDS: Final = 3600

_FILES_ARE_THERE: Final = (
    "(o.attempts > 0 OR NOT EXISTS (SELECT 1 FROM upload u WHERE u.document_id = o.document_id AND u.state <> 'put'))"
)
"""A document leaves after its files; when it is sealed anew they are looked after beside it."""

Gate = Callable[[Draft], Awaitable[None]]
Signed = Callable[[Draft, bytes], Awaitable[None]]
Undone = Callable[[bytes], Awaitable[None]]


def is_for_nobody(roster: Iterable[bytes], active: Iterable[bytes]) -> bool:
    """Whether every device that a document was signed for is gone, so that it must be signed anew."""
    return set(roster).isdisjoint(active)


class Outbox:
    """Documents on their way out.

    Args:
        context: of the office.
        signer, attempts: how a document is signed and sealed.
        gate: asked again right before a document is signed; raises RefusedError to stop it (CNS-08).
        signed: told of every document that was signed, in the same transaction.
        undone: told of every document that was stopped or recalled after all, in the same transaction.
    """

    def __init__(
        self, context: Context, signer: Signer, attempts: Attempts, gate: Gate, *, signed: Signed, undone: Undone
    ) -> None:
        self._context = context
        self._vault = context.vault
        self._clock = context.clock
        self._alarms = context.alarms
        self._signer = signer
        self._attempts = attempts
        self._gate = gate
        self._signed = signed
        self._undone = undone

    async def queue(self, draft: Draft, *, consent_id: bytes | None, urgent: bool) -> None:
        """Keep a new document until it is delivered, inside a transaction."""
        now = self._clock.now()
        patience = self._context.settings.alarm_urgent_seconds if urgent else self._context.settings.alarm_seconds
        await self._vault.write(
            "INSERT INTO document (document_id, direction, state, kind, kind_class, thread_id, reply_to, unit_id,"
            " device_id, salt, body, consent_id, consents, legal_basis, at, read_at, approval)"
            " VALUES (?, 'out', 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            draft.document_id, draft.kind, draft.kind_class, draft.thread_id, draft.reply_to, draft.unit_id,
            self._context.device_id, draft.salt, draft.body, consent_id, draft.consents, draft.legal_basis, now, now,
            draft.approval,
        )  # fmt: skip
        mailbox_id = self._context.replica.directory.units[UnitId(draft.unit_id)].statement.mailbox_id
        await self._vault.write(
            "INSERT INTO outbox (document_id, mailbox_id, next_at, alarm_at) VALUES (?, ?, ?, ?)",
            draft.document_id, mailbox_id, AT_ONCE, now + int(patience),
        )  # fmt: skip
        await self._vault.write(
            "INSERT INTO upload (file_id, document_id, position, mailbox_id, key, digest, shared, state, blobs, done)"
            " SELECT file_id, document_id, position, ?, key, digest, 0, 'going', blobs, 0 FROM attachment"
            " WHERE document_id = ?",
            mailbox_id, draft.document_id,
        )  # fmt: skip

    async def next_due(self) -> float | None:
        """When the next document is due, in seconds; None when none waits, or its files are not at the hub yet."""
        value: float | None = await self._vault.value(f"SELECT min(next_at) FROM outbox o WHERE {_FILES_ARE_THERE}")  # noqa: S608 - constant
        return value

    async def prepare(self, due_at: int) -> int:
        """Sign and seal what is due; returns how many attempts were made.

        Args:
            due_at: seconds; when the push began, so that none is sealed anew in the push that deposits it.

        Raises:
            LocalError: code ``CLOCK``, ``FORK`` or ``ROLLBACK``: nothing leaves.
        """
        self._clock.require_sane()
        await self._context.replica.require_no_fork()
        await self._context.rollback.require_none()
        due = await self._vault.all(
            "SELECT o.document_id FROM outbox o JOIN document d USING (document_id)"  # noqa: S608 - constant
            f" WHERE o.next_at <= ? AND {_FILES_ARE_THERE} AND NOT EXISTS"
            " (SELECT 1 FROM attempt a WHERE a.document_id = o.document_id AND a.envelope IS NOT NULL)"
            " ORDER BY d.seq IS NULL, d.seq, d.at, d.rowid LIMIT ?",
            due_at, MAX_PREPARED,
        )  # fmt: skip
        if not due:
            return 0
        async with self._vault.transaction():
            return sum([await self._prepare_one(document_id) for (document_id,) in due])

    async def _prepare_one(self, document_id: bytes) -> int:
        row = await self._vault.one(
            f"SELECT {DRAFT_COLUMNS}, d.signed, o.mailbox_id, o.attempts"  # noqa: S608 - constant columns
            " FROM document d JOIN outbox o USING (document_id) WHERE d.document_id = ?",
            document_id,
        )
        if row is None:
            return 0
        draft, (signed, mailbox_id, attempts) = read_draft(row), row[-3:]
        if self._context.replica.directory.units[UnitId(draft.unit_id)].ended_size is not None:
            await self.stop(document_id, "DIR")  # nobody there will ever receipt it
            return 0
        try:
            if signed is None or self._reaches_nobody(draft, signed):
                signed = await self._sign(draft)
            await self._seal(draft, signed, mailbox_id)
        except RefusedError as error:
            await self.stop(document_id, error.code)
            return 0
        except LocalError as error:
            await self._postpone(document_id, attempts, error.code)
            return 0
        await self._vault.write(
            "UPDATE outbox SET attempts = attempts + 1, next_at = ? WHERE document_id = ?",
            self._clock.now() + self._pause(attempts), document_id,
        )  # fmt: skip
        if attempts:
            await self._look_after_files(document_id)
        return 1

    async def _sign(self, draft: Draft) -> bytes:
        await self._gate(draft)
        roster = [target.device_id for target in self._context.targets(UnitId(draft.unit_id))]
        head = await self._vault.one(
            "SELECT seq, digest FROM chain WHERE device_id = ? AND unit_id = ?", self._context.device_id, draft.unit_id
        )
        seq, prev = (head[0] + 1, head[1]) if head else (1, NO_PREV)
        signed = self._signer.document(draft, roster, seq=seq, prev=prev)
        digest = chain_digest(signed)
        await self._vault.write(
            "INSERT OR REPLACE INTO chain VALUES (?, ?, ?, ?)", self._context.device_id, draft.unit_id, seq, digest
        )
        await self._vault.write(
            "UPDATE document SET signed = ?, digest = ?, seq = ? WHERE document_id = ?",
            signed, digest, seq, draft.document_id,
        )  # fmt: skip
        await self._signed(draft, signed)
        return signed

    def _reaches_nobody(self, draft: Draft, signed: bytes) -> bool:
        """Whether every device that it was signed for is gone: then nobody has it, and nobody could open it."""
        document = read_payload(parse_signed(signed), SignedType.DOCUMENT, Document)
        active = self._context.replica.directory.active_devices(UnitId(draft.unit_id), self._clock.now())
        return is_for_nobody(document.to_devices, [entry.statement.device_id for entry in active])

    async def _seal(self, draft: Draft, signed: bytes, mailbox_id: bytes) -> None:
        targets = self._context.targets(UnitId(draft.unit_id))
        keys = await self._vault.all(
            "SELECT key FROM attachment WHERE document_id = ? ORDER BY position", draft.document_id
        )
        content = content_of(signed, draft.salt, draft.body, [key for (key,) in keys])
        await self._attempts.seal(content, mailbox_id, targets, document_id=draft.document_id)

    async def _postpone(self, document_id: bytes, attempts: int, code: str) -> None:
        """No key, stale keys: keep it, tell a person, try again."""
        await self._alarms.raise_(code, document_id=document_id)
        await self.retry_later(document_id, attempts)

    async def retry_later(self, document_id: bytes, attempts: int | None = None) -> None:
        """Try again after a pause that grows, inside a transaction."""
        if attempts is None:
            attempts = await self._vault.value("SELECT attempts FROM outbox WHERE document_id = ?", document_id) or 0
        pause = min(RETRY_SECONDS << min(attempts, 6), RETRY_MOST_SECONDS)
        await self._vault.write(
            "UPDATE outbox SET attempts = attempts + 1, next_at = ? WHERE document_id = ?",
            self._clock.now() + pause, document_id,
        )  # fmt: skip

    async def keys_came(self) -> None:
        """Others have new keys, inside a transaction: what waited for one is due at once."""
        await self._vault.write(
            "UPDATE outbox SET next_at = ? WHERE document_id IN"
            " (SELECT document_id FROM alarm WHERE code IN ('NOKEY', 'STALE', 'WITNESS') AND cleared_at IS NULL)",
            AT_ONCE,
        )

    async def mark_sent(self, document_id: bytes, deposit_hour: int) -> None:
        """The hub has it, inside a transaction; a receipt that was quicker is not undone."""
        await self._vault.write(
            "UPDATE document SET state = 'sent', deposit_hour = ? WHERE document_id = ? AND state = 'queued'",
            deposit_hour, document_id,
        )  # fmt: skip
        for code in ("NOKEY", "STALE", "WITNESS"):
            await self._alarms.clear(code, document_id=document_id)

    async def stop(self, document_id: bytes, code: str) -> None:
        """It must not leave (any more), inside a transaction."""
        await self._vault.write(
            "UPDATE document SET state = 'stopped', code = ? WHERE document_id = ?", code, document_id
        )
        await self._vault.write("DELETE FROM outbox WHERE document_id = ?", document_id)
        await self._alarms.raise_("STOPPED", document_id=document_id)
        await self._refold(document_id)
        await self._undone(document_id)

    async def call_back(self, document_id: bytes, code: str) -> None:
        """It is signed and may be on its way, inside a transaction: whether it was in time the hub will say."""
        await self._vault.write(
            "UPDATE document SET state = 'recalling', code = ? WHERE document_id = ?", code, document_id
        )
        await self._vault.write("DELETE FROM outbox WHERE document_id = ?", document_id)

    async def mark_recalled(self, document_id: bytes, *, withheld: bool) -> None:
        """The hub answered a recall, inside a transaction; when it was too late the receipt tells the rest.

        A document that was sealed more than once is recalled only when no attempt came too late: a person who reads
        "recalled" must be able to rely on it.
        """
        late = await self._vault.value("SELECT 1 FROM attempt WHERE document_id = ? AND recall = 'late'", document_id)
        state = "recalled" if withheld and late is None else "sent"
        await self._vault.write(
            "UPDATE document SET state = ? WHERE document_id = ?"
            " AND state IN ('queued', 'sent', 'recalling', 'recalled')",
            state, document_id,
        )  # fmt: skip
        if state == "sent":
            await self._alarms.raise_("RECALLLATE", document_id=document_id)  # somebody must ring the recipient
        await self._refold(document_id)
        if state == "recalled" and not await self._attempts.is_recalling(document_id):
            await self._undone(document_id)

    async def _refold(self, document_id: bytes) -> None:
        """What never left has no effect on its thread."""
        thread_id = await self._vault.value("SELECT thread_id FROM document WHERE document_id = ?", document_id)
        if thread_id is not None:
            await Threads(self._vault, self._clock).refold(thread_id)

    async def deposit_again(self) -> None:
        """The hub was restored: everything without a receipt is due at once, inside a transaction."""
        await self._vault.write("UPDATE outbox SET next_at = ?", AT_ONCE)
        await self._vault.write("UPDATE upload SET state = 'going', done = 0, next_at = 0 WHERE state = 'put'")

    async def _look_after_files(self, document_id: bytes) -> None:
        """Still no receipt: perhaps the hub lost what belongs to it. What is there is not put again."""
        await self._vault.write(
            "UPDATE upload SET state = 'going', done = 0, next_at = 0 WHERE document_id = ? AND state = 'put'",
            document_id,
        )

    async def watch(self) -> None:
        """Tell a person what has had no receipt for too long; let nothing wait for a time that a wrong clock set."""
        longest = max(int(self._context.settings.reseal_then_seconds), self._pause(0), RETRY_MOST_SECONDS)
        beyond = self._clock.now() + longest
        if await self._vault.value("SELECT 1 FROM outbox WHERE next_at > ? LIMIT 1", beyond) is not None:
            async with self._vault.transaction():
                await self._vault.write("UPDATE outbox SET next_at = ? WHERE next_at > ?", AT_ONCE, beyond)
        late = await self._vault.all("SELECT document_id FROM outbox WHERE alarm_at <= ?", self._clock.now())
        if late:
            async with self._vault.transaction():
                for (document_id,) in late:
                    await self._alarms.raise_("NORECEIPT", document_id=document_id)

    def _pause(self, attempts: int) -> int:
        first = attempts == 0
        return int(self._context.settings.reseal_first_seconds if first else self._context.settings.reseal_then_seconds)
