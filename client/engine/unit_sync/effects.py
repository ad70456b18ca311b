"""What takes effect: documents of other units as ever, letters of the own unit here (check 16 for the class internal).

A letter that is refused has changed nothing: its writes stand behind a savepoint. It is quarantined and its sender is
told, like any document.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable
from typing import Final, assert_never

from client.engine.accepting import Accepting
from client.engine.arrival import Arrival, EarlyError, QuarantineError
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.outbox import Outbox
from client.engine.registering import take_word
from client.engine.unit_sync.letters import NO_THREAD
from client.engine.unit_sync.parts import UnitParts
from client.engine.unit_sync.passing import Passing
from client.engine.unit_sync.registry import take_registered
from client.engine.unit_sync.sharing import WINDOW
from client.engine.withdrawing import Withdrawing
from keys import internal
from keys.document import Document, KindClass, Receipt
from keys.errors import LocalError, PeerError, RefusedError
from keys.internal import Internal, read_internal
from keys.logging import get_logger

_STUMBLES: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_NOT_FOR_WANT: Final = frozenset({"SCH", "VER", "KIND", "PID", "UNK", "SIG"})  # wrong whatever came before
_CANNOT_OPEN: Final = frozenset({"SLOT", "ROSTER", "REVOKED"})
_OWN_TROUBLE: Final = frozenset({"DISK", "ROLLBACK"})  # no fault of the letter
_log = get_logger("unit_sync")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the effects act on."""

    accepting: Accepting
    consents: Consents
    withdrawing: Withdrawing
    outbox: Outbox
    unit: UnitParts
    passing: Passing


class UnitEffects:
    """The ``inbox.Effects`` of an office."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._vault = context.vault
        self._parts = parts

    async def accept(self, arrival: Arrival, document: Document) -> None:
        """Judge, then write, inside a transaction.

        Raises:
            RefusedError: check 16 failed; nothing was written but its place in the chain.
            EarlyError: it does not fit yet, because something before it is missing.
        """
        if document.kind_class is KindClass.INTERNAL:
            await self._accept_letter(arrival, document)
            return
        try:
            await self._parts.accepting.accept(arrival, document)
        except RefusedError as error:
            if error.code not in _NOT_FOR_WANT and await self._parts.unit.asking.is_catching_up():
                raise EarlyError(error.code) from error
            raise
        await take_word(self._context, document.document_id)
        await self._parts.unit.agreed.came(document.document_id)
        await self._remember(arrival, document.document_id)

    async def learn(self, receipt: Receipt) -> None:
        """A sibling's receipt, inside a transaction."""
        await self._parts.unit.letters.learn(receipt)

    async def put_aside(self, arrival: Arrival, end: QuarantineError) -> None:
        """Ask the siblings about what could not be opened, or used while something is missing.

        Also about what was signed by a device that is revoked now: a sibling may have seen it before, and nobody passes
        on what was refused.
        """
        if end.code == "SLOT" and arrival.envelope and await self._parts.unit.history.covers(arrival.envelope.hour):
            return
        told = self._vault.glance(
            "SELECT 1 FROM receipt_due WHERE document_id = ?", arrival.document.document_id if arrival.document else b""
        )
        if end.code in _CANNOT_OPEN or (end.step == 16 and not told):
            await self._parts.unit.asking.lack(arrival.envelope_id)

    async def came_again(self, arrival: Arrival, document_id: bytes) -> None:
        """Note what this envelope brought too: a sibling that has only this one may ask about it."""
        await self._remember(arrival, document_id)

    async def incarnation_changed(self) -> None:
        """The hub was restored: deposit again what has no receipt, inside a transaction."""
        await self._parts.outbox.deposit_again()
        await self._parts.unit.letters.deposit_again()
        await self._parts.unit.history.hub_was_restored()

    async def _accept_letter(self, arrival: Arrival, document: Document) -> None:
        try:
            message = read_internal(arrival.content.body if arrival.content else b"")
            if document.thread_id != NO_THREAD or document.reply_to or document.consents or document.attachments:
                raise RefusedError("SCH", rule="letter")
            async with self._all_or_nothing():
                await self._take(message, arrival, document)
        except (PeerError, LocalError) as error:
            if isinstance(error, LocalError) and error.code in _OWN_TROUBLE:
                raise
            raise RefusedError("SCH", rule=error.code) from error
        except _STUMBLES as error:
            _log.error("a letter made the rules stumble", error_type=type(error).__name__)
            raise RefusedError("SCH", rule="fault") from error
        await self._vault.write(
            "INSERT INTO letter_seen VALUES (?, ?, ?, ?)",
            document.document_id, document.from_device, document.seq, arrival.signed.digest if arrival.signed else b"",
        )  # fmt: skip

    async def _take(self, message: Internal, arrival: Arrival, document: Document) -> None:
        parts, sender = self._parts, document.from_device
        match message:
            case internal.SentCopy() | internal.CalledBack():
                await self._take_copy(message, arrival, sender)
            case internal.State():
                await parts.unit.agreed.take_in(message)
            case internal.Registered():
                await take_registered(message, self._context, parts.consents, parts.withdrawing)
            case internal.ApprovalRequest():
                await parts.unit.requests.take_request(message)
            case internal.Decision():
                await parts.unit.requests.take_decision(message)
            case internal.FilesWanted() | internal.FileLent() | internal.FilesHeld():
                await self._take_files(message, sender)
            case _:
                await self._take_sharing(message, sender)

    async def _take_copy(
        self, message: internal.SentCopy | internal.CalledBack, arrival: Arrival, sender: bytes
    ) -> None:
        passing = self._parts.passing
        if isinstance(message, internal.SentCopy):
            document_id = await passing.copy(message, sender)
        else:
            document_id = await passing.called_back(message, sender)
        if document_id is not None:
            await self._remember(arrival, document_id)

    async def _take_files(self, message: internal.FileLetter, sender: bytes) -> None:
        match message:
            case internal.FilesWanted():
                await self._parts.unit.lending.wanted(message, sender)
            case internal.FileLent():
                await self._parts.unit.lending.lent(message)
            case internal.FilesHeld():
                await self._parts.unit.lending.held(message, sender)
            case _:
                assert_never(message)

    async def _take_sharing(
        self,
        message: internal.Need
        | internal.HistoryWish
        | internal.Reshare
        | internal.History
        | internal.Heads
        | internal.Proofs,
        sender: bytes,
    ) -> None:
        match message:
            case internal.Need():
                await self._parts.unit.sharing.asked(message, sender)
            case internal.HistoryWish():
                await self._parts.unit.sharing.wished(message, sender)
            case internal.Reshare():
                await self._take_reshare(message)
            case internal.History():
                await self._take_history(message, sender)
            case internal.Heads():
                await self._parts.unit.comparing.came(message)
            case internal.Proofs():
                for signed in message.receipts:
                    await self._one_of_many(self._parts.passing.proof(signed), signed)
            case _:
                assert_never(message)

    async def _take_reshare(self, reshare: internal.Reshare) -> None:
        if reshare.device != self._context.device_id:
            await self._parts.unit.sharing.answered(reshare)
            return
        await self._take_threads(reshare.threads)
        for item in reshare.items:
            await self._take_item(item)
        await self._parts.unit.asking.settled(reshare.envelopes)

    async def _take_history(self, batch: internal.History, sender: bytes) -> None:
        """One bad document does not keep the others from a new device; it is told and left out."""
        if batch.device != self._context.device_id:
            return
        await self._take_threads(batch.threads)
        for item in batch.items:
            await self._one_of_many(self._take_item(item), item.signed)
        await self._parts.unit.history.came(batch, sender, WINDOW)

    async def _one_of_many(self, taken: Awaitable[None], signed: bytes) -> None:
        try:
            async with self._all_or_nothing():
                await taken
        except (RefusedError, PeerError, *_STUMBLES) as error:
            code = "EQUIV" if isinstance(error, RefusedError) and error.code == "EQUIV" else "HISTORY"
            await self._context.alarms.raise_(code, evidence=signed)

    async def _take_threads(self, threads: list[internal.ThreadStands]) -> None:
        for thread in threads:
            await self._parts.passing.thread(thread)

    async def _take_item(self, item: internal.Reshared) -> None:
        document_id = await self._parts.passing.reshared(item)
        if document_id is not None:
            await take_word(self._context, document_id, is_new=False)
            await self._parts.unit.agreed.came(document_id)

    async def _remember(self, arrival: Arrival, document_id: bytes) -> None:
        """Which document this envelope brought, for a sibling that cannot open it."""
        if self._context.siblings():
            await self._vault.write(
                "INSERT OR IGNORE INTO carried VALUES (?, ?, ?)", arrival.envelope_id, document_id, arrival.hour
            )

    @contextlib.asynccontextmanager
    async def _all_or_nothing(self) -> AsyncIterator[None]:
        await self._vault.write("SAVEPOINT letter")
        try:
            yield
        except BaseException:
            await self._vault.write("ROLLBACK TO letter")
            await self._vault.write("RELEASE letter")
            raise
        await self._vault.write("RELEASE letter")
