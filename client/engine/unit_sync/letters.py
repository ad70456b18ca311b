"""Letters: unit-internal documents on their way to the unit's other devices.

Rules:
1. A letter is a document of the class ``internal`` in the chain of this device towards its own unit. It is signed when
   it is sealed for the first time, and every attempt seals the same signed object anew.
2. It stays until a signed receipt of every device that it was signed for has come, or that device is no longer active:
   a hub that was lost takes nothing with it.
3. A unit of one device writes none.
"""

from __future__ import annotations

from typing import Final

from client.engine.attempts import Attempts
from client.engine.context import Context
from client.engine.signing import Draft, Signer, chain_digest, content_of
from keys.codec import encode
from keys.document import NO_PREV, KindClass, Receipt, ReceiptStatus, body_commit
from keys.errors import LocalError
from keys.ids import ID_BYTES, DeviceId
from keys.internal import CalledBack, Internal, SentCopy, Undone
from keys.private.identity import random_bytes
from keys.private.seal import Target

MAX_PREPARED: Final = 32  # letters sealed in one transaction; each may be of 256 KiB
RETRY_SECONDS: Final = 60
NO_THREAD: Final = bytes(ID_BYTES)


class Letters:
    """The letters of this device."""

    def __init__(self, context: Context, signer: Signer, attempts: Attempts) -> None:
        self._context = context
        self._vault = context.vault
        self._signer = signer
        self._attempts = attempts

    async def queue(self, message: Internal, carries: bytes | None = None) -> None:
        """Tell the siblings, inside a transaction; nothing happens in a unit of one device.

        Args:
            message: what to tell.
            carries: id of the document inside, for a sibling that cannot open the envelope.
        """
        if not self._context.siblings():
            return
        now = self._context.clock.now()
        await self._vault.write(
            "INSERT INTO letter (document_id, salt, body, carries, next_at, at) VALUES (?, ?, ?, ?, ?, ?)",
            random_bytes(ID_BYTES), random_bytes(32), encode(message), carries, now, now,
        )  # fmt: skip

    async def copy(self, draft: Draft, signed: bytes) -> None:
        """Tell the siblings of a document that was signed for another unit, inside a transaction."""
        await self.queue(SentCopy(signed, draft.salt, draft.body), draft.document_id)

    async def called_back(self, document_id: bytes) -> None:
        """Tell the siblings that a document of this device had no effect after all, inside a transaction.

        They have its copy and take it for sent; one that was never signed they have never heard of.
        """
        row = await self._vault.one(
            "SELECT state, code, signed, salt, body FROM document WHERE document_id = ? AND signed IS NOT NULL",
            document_id,
        )
        if row is not None:
            state, code, *copy = row
            await self.queue(CalledBack(Undone(state), code, SentCopy(*copy)), document_id)

    async def next_due(self) -> float | None:
        """When the next letter is due, in seconds; None when none waits."""
        value: float | None = await self._vault.value("SELECT min(next_at) FROM letter")
        return value

    async def prepare(self, due_at: int) -> int:
        """Sign and seal what is due; returns how many attempts were made."""
        due = await self._vault.all(
            "SELECT document_id FROM letter l WHERE next_at <= ? AND NOT EXISTS"
            " (SELECT 1 FROM attempt a WHERE a.document_id = l.document_id AND a.envelope IS NOT NULL)"
            " ORDER BY seq IS NULL, seq, rowid LIMIT ?",
            due_at, MAX_PREPARED,
        )  # fmt: skip
        if not due:
            return 0
        async with self._vault.transaction():
            return sum([await self._prepare_one(document_id) for (document_id,) in due])

    async def retry_later(self, document_id: bytes) -> None:
        """The hub refused an attempt, inside a transaction."""
        await self._vault.write(
            "UPDATE letter SET next_at = ? WHERE document_id = ?",
            self._context.clock.now() + RETRY_SECONDS, document_id,
        )  # fmt: skip

    async def deposit_again(self) -> None:
        """The hub was restored, or a sibling is gone: everything is due at once, inside a transaction."""
        await self._vault.write("UPDATE letter SET next_at = ?", self._context.clock.now())

    async def learn(self, receipt: Receipt) -> None:
        """A sibling tells what it has, inside a transaction."""
        for entry in receipt.entries:
            await self._vault.write(
                "INSERT OR IGNORE INTO letter_receipt SELECT document_id, ? FROM letter WHERE document_id = ?",
                receipt.from_device, entry.document_id,
            )  # fmt: skip
            await self._settle(entry.document_id)
            if entry.status is ReceiptStatus.REFUSED:
                await self._context.alarms.raise_(entry.code or "REFUSED", document_id=entry.document_id)

    async def settle_all(self) -> None:
        """A device of the unit is no longer active: nothing waits for it any more. Inside a transaction."""
        alone = not self._context.siblings()  # then there is nobody to sign for either
        for (document_id,) in await self._vault.all(
            "SELECT document_id FROM letter WHERE ? OR signed IS NOT NULL", alone
        ):
            await self._settle(document_id)

    async def _settle(self, document_id: bytes) -> None:
        row = await self._vault.one("SELECT roster FROM letter WHERE document_id = ?", document_id)
        if row is None:
            return
        rows = await self._vault.all("SELECT device_id FROM letter_receipt WHERE document_id = ?", document_id)
        if (_devices(row[0]) & set(self._context.siblings())) <= {had for (had,) in rows}:
            await self._vault.write("DELETE FROM letter WHERE document_id = ?", document_id)
            await self._vault.write("DELETE FROM letter_receipt WHERE document_id = ?", document_id)
            await self._vault.write("DELETE FROM attempt WHERE document_id = ?", document_id)

    async def _prepare_one(self, document_id: bytes) -> int:
        row = await self._vault.one(
            "SELECT salt, body, signed, roster, attempts FROM letter WHERE document_id = ?", document_id
        )
        if row is None:
            return 0
        salt, body, signed, roster, attempts = row
        try:
            targets = self._context.targets(self._context.unit_id)
        except LocalError:  # no sibling has a key yet; when it has, this goes
            await self.retry_later(document_id)
            return 0
        if signed is None:
            signed = await self._sign(document_id, salt, body, targets)
        else:
            targets = [target for target in targets if target.device_id in _devices(roster)]
        if targets:
            envelope_id = await self._attempts.seal(
                content_of(signed, salt, body),
                self._context.mailbox_id,
                targets,
                document_id=document_id,
                own=True,
            )
            await self._vault.write(
                "INSERT INTO carried SELECT ?, carries, ? FROM letter WHERE document_id = ? AND carries IS NOT NULL",
                envelope_id, self._context.clock.hour(), document_id,
            )  # fmt: skip
        await self._vault.write(
            "UPDATE letter SET attempts = attempts + 1, next_at = ? WHERE document_id = ?",
            self._context.clock.now() + self._pause(attempts), document_id,
        )  # fmt: skip
        return len(targets[:1])

    async def _sign(self, document_id: bytes, salt: bytes, body: bytes, targets: list[Target]) -> bytes:
        place = (self._context.device_id, self._context.unit_id)
        head = await self._vault.one("SELECT seq, digest FROM chain WHERE device_id = ? AND unit_id = ?", *place)
        seq, prev = (head[0] + 1, head[1]) if head else (1, NO_PREV)
        draft = Draft(
            document_id=document_id,
            unit_id=self._context.unit_id,
            kind="",
            kind_class=KindClass.INTERNAL.value,
            thread_id=NO_THREAD,
            reply_to=None,
            salt=salt,
            body=body,
            body_commit=body_commit(salt, body),
            consents=b"",
            legal_basis="",
        )
        signed = self._signer.document(draft, [target.device_id for target in targets], seq=seq, prev=prev)
        await self._vault.write("INSERT OR REPLACE INTO chain VALUES (?, ?, ?, ?)", *place, seq, chain_digest(signed))
        await self._vault.write(
            "UPDATE letter SET signed = ?, seq = ?, roster = ? WHERE document_id = ?",
            signed, seq, b"".join(target.device_id for target in targets), document_id,
        )  # fmt: skip
        return signed

    def _pause(self, attempts: int) -> int:
        settings = self._context.settings
        return int(settings.reseal_then_seconds if attempts else settings.reseal_first_seconds)


def _devices(roster: bytes) -> set[DeviceId]:
    return {DeviceId(roster[at : at + ID_BYTES]) for at in range(0, len(roster), ID_BYTES)}
