"""Receipts both ways: telling others what became of their documents, and learning it of ours (protocol 10).

They are batched per unit and delayed at random (exponential, mean half an hour), because a prompt answer in the other
direction tells the hub who talks with whom. A receipt that is lost is made good by the sender's next attempt: the
document is known here, and its outcome is told again.
"""

from __future__ import annotations

import random
from typing import Final

from client.casework.codes import known_codes
from client.engine import registering
from client.engine.attempts import Attempts, deposit_is_proven
from client.engine.circumstances import UNKNOWN
from client.engine.context import Context
from client.engine.signing import Signer, content_of
from client.engine.states import UNSHOWN
from client.engine.threads import Threads
from client.engine.vault import Vault
from keys.document import MAX_RECEIPT_ENTRIES, Receipt, ReceiptEntry, ReceiptStatus
from keys.errors import LocalError
from keys.ids import UnitId

RETRY_SECONDS: Final = 60
FILES: Final = b"files"  # stands for an attempt while attached files of the document have not come
NO_KEY: Final = b"no key"  # stands for an attempt while the unit that is to be told has no key
_OPEN: Final = frozenset({"queued", "sent", "stopped", "recalling", "recalled", UNSHOWN})  # no receipt so far
#: What the recipient's word makes of a document: of two the higher counts, whichever came first (decision 0075).
_RANK: Final = {"available": 1, "registered": 2, "refused": 3}
_random: Final = random.SystemRandom()
_COLUMNS: Final = "document_id, document_digest, status, code, at, envelope_id, deposit_hour, deposit_signature"


def settles(entry: ReceiptEntry, from_unit: bytes, *, state: str, digest: bytes | None, to_unit: bytes) -> bool:
    """Whether a verified receipt is the word for an own document, so that its outbox row may go (protocol 12, I4).

    It names the very bytes that were signed, and comes from the unit that they were written to. Of several words the
    one that says least for the document counts, in whatever order they come: refused, then registered, then available.
    """
    if (entry.document_digest, from_unit) != (digest, to_unit):
        return False
    return state in _OPEN or (state in _RANK and _RANK[entry.status.value] > _RANK[state])


async def forget_early(vault: Vault, before: int) -> None:
    """Forget words for documents that never came, of before then (seconds), inside a transaction."""
    await vault.write("DELETE FROM early_receipt WHERE at < ?", before)
    await vault.write(
        "DELETE FROM proof WHERE at < ? AND receipt_id NOT IN (SELECT receipt_id FROM proven)"
        " AND receipt_id NOT IN (SELECT receipt_id FROM early_receipt)",
        before,
    )


class Receipts:
    """The receipts of an office."""

    def __init__(self, context: Context, signer: Signer, attempts: Attempts, threads: Threads) -> None:
        self._context = context
        self._vault = context.vault
        self._clock = context.clock
        self._alarms = context.alarms
        self._signer = signer
        self._attempts = attempts
        self._threads = threads

    async def owe(self, entry: ReceiptEntry, unit_id: bytes) -> None:
        """Tell ``unit_id`` this outcome after the random delay, inside a transaction."""
        mean = self._context.settings.receipt_mean_seconds
        delay = _random.expovariate(1 / mean) if mean else 0.0
        await self._vault.write(
            f"INSERT OR IGNORE INTO receipt_due (unit_id, {_COLUMNS}, due_at, attempt_id)"  # noqa: S608 - constant columns
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            unit_id, entry.document_id, entry.document_digest, entry.status.value, entry.code, entry.at,
            entry.envelope_id, entry.deposit_hour, entry.deposit_signature, self._clock.exact() + delay,
            FILES if entry.status is ReceiptStatus.AVAILABLE and self._lacks_files(entry.document_id) else None,
        )  # fmt: skip

    def _lacks_files(self, document_id: bytes) -> bool:
        """Whether attached files are still to come: until then the document is not available here."""
        return bool(
            self._vault.glance(
                "SELECT 1 FROM attachment WHERE document_id = ? AND state NOT IN ('here', 'refused') LIMIT 1",
                document_id,
            )
        )

    async def files_came(self, document_id: bytes) -> None:
        """All attached files are here, or were refused; inside a transaction."""
        if self._lacks_files(document_id):
            return
        bad = await self._vault.value(
            "SELECT code FROM attachment WHERE document_id = ? AND state = 'refused' ORDER BY position", document_id
        )
        status = ReceiptStatus.AVAILABLE if bad is None else ReceiptStatus.REFUSED
        await self._vault.write(
            "UPDATE receipt_due SET attempt_id = NULL, status = ?, code = ? WHERE document_id = ? AND attempt_id = ?",
            status.value, bad or "", document_id, FILES,
        )  # fmt: skip

    async def repeat(self, document_id: bytes) -> int:
        """Tell all outcomes of a document again, inside a transaction, and say how many: the sender has not heard."""
        return await self._vault.write(
            "UPDATE receipt_due SET due_at = ?, attempt_id = CASE WHEN attempt_id = ? THEN attempt_id END"
            " WHERE document_id = ?",
            self._clock.exact(), FILES, document_id,
        )  # fmt: skip

    async def next_due(self) -> float | None:
        """When the next receipt is due, in seconds; None when none waits."""
        value: float | None = await self._vault.value(
            "SELECT min(due_at) FROM receipt_due WHERE due_at IS NOT NULL AND attempt_id IS NULL"
        )
        return value

    async def prepare(self) -> int:
        """Seal a batch for every unit to which something is due; what waits for the same unit goes with it."""
        units = await self._vault.all(
            "SELECT DISTINCT unit_id FROM receipt_due WHERE due_at <= ? AND attempt_id IS NULL", self._clock.exact()
        )
        if not units:
            return 0
        async with self._vault.transaction():
            return sum([await self._prepare_unit(unit_id) for (unit_id,) in units])

    async def _prepare_unit(self, unit_id: bytes) -> int:
        rows = await self._vault.all(
            f"SELECT {_COLUMNS} FROM receipt_due"  # noqa: S608 - constant columns
            " WHERE unit_id = ? AND due_at IS NOT NULL AND attempt_id IS NULL ORDER BY due_at LIMIT ?",
            unit_id, MAX_RECEIPT_ENTRIES,
        )  # fmt: skip
        entries = [ReceiptEntry(row[0], row[1], ReceiptStatus(row[2]), *row[3:]) for row in rows]
        try:
            targets = self._context.targets(UnitId(unit_id))
        except LocalError:
            await self._vault.write(
                "UPDATE receipt_due SET attempt_id = ? WHERE unit_id = ? AND due_at IS NOT NULL AND attempt_id IS NULL",
                NO_KEY, unit_id,
            )  # fmt: skip
            return 0
        signed = self._signer.receipt(unit_id, targets, entries)
        mailbox_id = self._context.replica.directory.units[UnitId(unit_id)].statement.mailbox_id
        own = unit_id == self._context.unit_id
        attempt_id = await self._attempts.seal(content_of(signed), mailbox_id, targets, document_id=None, own=own)
        await self._vault.write_many(
            "UPDATE receipt_due SET attempt_id = ? WHERE document_id = ? AND status = ?",
            [(attempt_id, entry.document_id, entry.status.value) for entry in entries],
        )
        return 1

    async def keys_came(self) -> None:
        """Others have new keys, inside a transaction: what waited for one may go."""
        await self._vault.write("UPDATE receipt_due SET attempt_id = NULL WHERE attempt_id = ?", NO_KEY)

    async def told(self, attempt_id: bytes) -> None:
        """The hub has the batch, inside a transaction."""
        await self._vault.write("UPDATE receipt_due SET due_at = NULL WHERE attempt_id = ?", attempt_id)

    async def untold(self, attempt_id: bytes) -> None:
        """The hub refused the batch, inside a transaction: seal it anew later."""
        await self._vault.write(
            "UPDATE receipt_due SET attempt_id = NULL, due_at = ? WHERE attempt_id = ?",
            self._clock.exact() + RETRY_SECONDS, attempt_id,
        )  # fmt: skip

    async def learn(self, receipt: Receipt, signed: bytes) -> None:
        """Take in a verified batch of receipts, inside a transaction; ``signed``: as it came, to show to siblings."""
        known = await self._vault.value("SELECT 1 FROM receipt_seen WHERE receipt_id = ?", receipt.receipt_id)
        if known is not None:
            return
        await self._vault.write("INSERT INTO receipt_seen VALUES (?, ?)", receipt.receipt_id, self._clock.hour())
        shows = [await self._learn_one(entry, receipt.from_unit, receipt.receipt_id) for entry in receipt.entries]
        if any(shows):
            await self._vault.write(
                "INSERT OR IGNORE INTO proof VALUES (?, ?, ?)", receipt.receipt_id, signed, self._clock.now()
            )

    async def _learn_one(self, entry: ReceiptEntry, unit_id: bytes, receipt_id: bytes) -> bool:
        """Whether it shows something of a document that is here, or may be of one that will come."""
        row = await self._vault.one(
            "SELECT state, digest, unit_id FROM document WHERE document_id = ? AND direction = 'out'", entry.document_id
        )
        if row is None:
            return await self._keep_early(entry, unit_id, receipt_id)
        state, digest, to_unit = row
        shows = (entry.document_digest, unit_id) == (digest, to_unit) and await self._vault.write(
            "INSERT OR IGNORE INTO proven VALUES (?, ?, ?)", entry.document_id, entry.status.value, receipt_id
        )
        if settles(entry, unit_id, state=state, digest=digest, to_unit=to_unit):
            await self._settle(entry, unit_id)
        return bool(shows)

    async def _settle(self, entry: ReceiptEntry, unit_id: bytes) -> None:
        hour = entry.deposit_hour if self._is_proven(entry, unit_id) else None
        is_numbered = await registering.is_numbered(self._context, entry.document_id, unit_id)
        status = ReceiptStatus.REGISTERED if is_numbered and entry.status is ReceiptStatus.AVAILABLE else entry.status
        await self._vault.write(
            "UPDATE document SET state = ?, code = ?, settled_at = ?, deposit_hour = coalesce(deposit_hour, ?)"
            " WHERE document_id = ?",
            status.value, entry.code, entry.at, hour, entry.document_id,
        )  # fmt: skip
        await self._vault.write("DELETE FROM outbox WHERE document_id = ?", entry.document_id)
        await self._vault.write("DELETE FROM attempt WHERE document_id = ? AND recall IS NULL", entry.document_id)
        for code in ("NORECEIPT", "NOKEY", "STALE", "WITNESS"):
            await self._alarms.clear(code, document_id=entry.document_id)
        await self._tell_thread(entry)
        if entry.status is ReceiptStatus.REFUSED:
            # The code is the recipient's word and stands with the document; an alarm of that name would be ours.
            await self._alarms.raise_("REFUSED", document_id=entry.document_id)
            if entry.code not in known_codes():
                await self._alarms.raise_(UNKNOWN, document_id=entry.document_id)

    def _is_proven(self, entry: ReceiptEntry, unit_id: bytes) -> bool:
        """Whether the hub signed the hour that the recipient quotes."""
        unit = self._context.replica.directory.units[UnitId(unit_id)].statement
        return deposit_is_proven(self._context.hub_key(), entry, unit.mailbox_id)

    async def _keep_early(self, entry: ReceiptEntry, unit_id: bytes, receipt_id: bytes) -> bool:
        """A sibling's document whose copy has not come: the word for it is kept until then; whether it was."""
        known = await self._vault.value("SELECT 1 FROM document WHERE document_id = ?", entry.document_id)
        if known is not None or not self._context.siblings():
            return False
        kept = await self._vault.write(
            "INSERT OR IGNORE INTO early_receipt VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            entry.document_id, entry.status.value, unit_id, entry.document_digest, entry.code, entry.at,
            entry.deposit_hour, receipt_id,
        )  # fmt: skip
        return kept > 0

    async def copy_came(self, document_id: bytes) -> None:
        """A sibling's document is here now: what was heard of it before counts. Inside a transaction."""
        rows = await self._vault.all("SELECT * FROM early_receipt WHERE document_id = ? ORDER BY at", document_id)
        await self._vault.write("DELETE FROM early_receipt WHERE document_id = ?", document_id)
        for _, status, unit_id, digest, code, at, hour, receipt_id in rows:
            entry = ReceiptEntry(document_id, digest, ReceiptStatus(status), code, at, bytes(32), hour, bytes(64))
            await self._learn_one(entry, unit_id, receipt_id)

    async def _tell_thread(self, entry: ReceiptEntry) -> None:
        """Availability, and a refusal where the life cycle knows one, move the own view of the thread."""
        thread_id = await self._vault.value("SELECT thread_id FROM document WHERE document_id = ?", entry.document_id)
        folded = await self._threads.refold(thread_id)
        thread = await self._threads.get(thread_id)
        if thread is not None and entry.status is ReceiptStatus.REFUSED:
            await self._threads.automatic(thread, "reject", entry.document_id, at=thread.changed_at)
        elif thread is not None and not folded:
            await self._threads.automatic(thread, "available", entry.document_id, at=thread.changed_at)
