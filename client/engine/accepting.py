"""Check 16 and its effect: what a verified document does to the vault (FORMATS 8; domain.md 3.4).

1. The inner header says the same as the signed payload, and what is enclosed is what was signed for.
2. Enclosed consents verify; the rules of the work are asked, with the withdrawals that are known by then.
3. Only then it is written: document, place in the chain, thread, consents.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from client.casework.row_guards import Stage
from client.casework.rules import check_incoming, check_reshared
from client.engine.arrival import Arrival, EarlyError, Way
from client.engine.aside import is_dealt_with
from client.engine.consents import Consents, HeldConsent
from client.engine.context import Context
from client.engine.drafting import WITHDRAWAL_KIND
from client.engine.enclosing import Withdrawals, check_withdrawals, read_body
from client.engine.expecting import expect
from client.engine.guarding import Guarding
from client.engine.judging import Judging, seconded
from client.engine.party import Moment
from client.engine.seconding import Seconding
from client.engine.steps import seen_of, step_of
from client.engine.thread import check_thread
from client.engine.threads import Threads
from client.engine.withdrawing import Withdrawing
from keys.codec import encode
from keys.document import Document
from keys.errors import LocalError, PeerError, RefusedError
from keys.ids import DeviceId, UnitId
from keys.logging import get_logger

_STUMBLES: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_log = get_logger("accepting")


@dataclasses.dataclass(frozen=True, slots=True)
class _Judged:
    """A document that may take effect."""

    kind: str
    body: dict[str, Any]
    consent: HeldConsent | None
    withdrawals: Withdrawals


class Accepting:
    """Lets documents take effect."""

    def __init__(
        self, context: Context, consents: Consents, threads: Threads, *, withdrawing: Withdrawing, seconding: Seconding
    ) -> None:
        self._context = context
        self._vault = context.vault
        self._consents = consents
        self._threads = threads
        self._judging = Judging(context, consents, threads)
        self._guarding = Guarding(context, consents, threads)
        self._withdrawing = withdrawing
        self._seconding = seconding

    async def accept(self, arrival: Arrival, document: Document) -> None:
        """Judge, then write, inside a transaction.

        Raises:
            RefusedError: check 16 failed; nothing was written but its place in the chain.
            EarlyError: it does not fit yet, because something before it is missing. Where somebody here has dealt with
                it as it was, that is the end: it is refused, and its sender hears so.
        """
        try:
            await self._accept(arrival, document)
        except RefusedError as error:
            if error.code == "STA" and await self._is_early(arrival, document):
                raise EarlyError from error
            await self._place_in_chain(document, arrival.signed.digest if arrival.signed else b"")
            raise

    async def keep(self, arrival: Arrival, document: Document, *, at: int) -> None:
        """Keep what a sibling took in ``at`` that time, inside a transaction; its thread is told apart.

        Raises:
            RefusedError: check 16 failed, by the time of sending; nothing was written.
        """
        judged = await self._judged_safely(arrival, document)
        await self._write(arrival, document, judged, at)
        await self._withdrawing.take_in(judged.withdrawals)

    async def _accept(self, arrival: Arrival, document: Document) -> None:
        if await self._is_taken_anew(arrival, document):
            return
        judged = await self._judged_safely(arrival, document)
        await self._write(arrival, document, judged, self._context.clock.now())
        await self._withdrawing.take_in(judged.withdrawals)

    async def _is_taken_anew(self, arrival: Arrival, document: Document) -> bool:
        """What a sibling passed on and the sender signed anew for us: it has had its effect, and is receipted now."""
        signed = arrival.signed
        if signed is None or not await self._vault.write(
            "UPDATE document SET signed = ?, digest = ?, seq = ? WHERE document_id = ? AND direction = 'in'",
            signed.raw, signed.digest, document.seq, document.document_id,
        ):  # fmt: skip
            return False
        await self._place_in_chain(document, signed.digest)
        await self._expect_files(arrival, document, read_body(arrival, document))
        return True

    async def _expect_files(self, arrival: Arrival, document: Document, body: dict[str, Any]) -> None:
        keys = arrival.content.attachment_keys if arrival.content else []
        await expect(self._context, document.document_id, body["header"], document.attachments, keys=keys)

    async def _judged_safely(self, arrival: Arrival, document: Document) -> _Judged:
        try:
            return await self._judged(arrival, document)
        except PeerError as error:
            raise RefusedError("SCH", rule=error.code) from error
        except LocalError as error:
            if error.code != "UNK":
                raise
            raise RefusedError("UNK") from error
        except _STUMBLES as error:
            # A fault of ours, but the sender chose the bytes: if it came through, one letter would end all reading.
            _log.error("a document made the rules stumble", error_type=type(error).__name__)
            raise RefusedError("SCH", rule="fault") from error

    async def _judged(self, arrival: Arrival, document: Document) -> _Judged:
        """Everything that can refuse it; writes nothing."""
        body = read_body(arrival, document)
        kind = str(body["header"]["message_type"])
        self._check_role(arrival, body)
        consent: HeldConsent | None = None
        withdrawals: Withdrawals = []
        if kind == WITHDRAWAL_KIND:
            withdrawals = [(raw, self._consents.verify_withdrawal(raw)) for raw in body["consents"]]
            check_withdrawals(withdrawals, body, document)
        elif len(body["consents"]) > 1:
            raise RefusedError("SCH", rule="consents")
        elif body["consents"]:
            consent = self._consents.verify(body["consents"][0], document.from_unit)
        await self._judge(arrival, body, document, consent)
        return _Judged(kind, body, consent, withdrawals)

    def _check_role(self, arrival: Arrival, body: dict[str, Any]) -> None:
        """The role that the staff member claims is one that the device is certified for."""
        staff = body["header"].get("sender_staff")
        role = staff.get("role") if isinstance(staff, dict) else None
        device_id = DeviceId(arrival.signer.statement.device_id) if arrival.signer else None
        if device_id is None or role not in [known.value for known in self._context.book.staff(device_id).roles]:
            raise RefusedError("ROL")

    async def _judge(
        self, arrival: Arrival, body: dict[str, Any], document: Document, consent: HeldConsent | None
    ) -> None:
        thread = await self._threads.get(document.thread_id)
        if thread is not None:
            check_thread(thread, document.from_unit, str(body["header"]["message_type"]))
        second = self._seconding.of_document(document, body["header"], is_new=arrival.way is Way.MAIL)
        question = await self._judging.question(
            body,
            sender=UnitId(document.from_unit),
            recipient=self._context.unit_id,
            record=None if consent is None else consent.record,
            checked_at=None,
            moment=Moment(document.sent_at, None if arrival.way is Way.MAIL else document.dir_size),
        )
        question = seconded(question, second)
        if arrival.way is Way.MAIL:
            await self._threads.steps.require_room(document.thread_id)
            check_incoming(question)
            await self._guarding.require(body, Stage.ARRIVES, hour=arrival.hour)
        else:
            check_reshared(question)

    async def _write(self, arrival: Arrival, document: Document, judged: _Judged, at: int) -> None:
        content, signed, consent = arrival.content, arrival.signed, judged.consent
        if content is None or signed is None:
            raise RefusedError("SCH")
        if consent is not None:
            await self._consents.keep(consent)
        step = step_of(judged.kind, judged.body)
        await self._vault.write(
            "INSERT INTO document (document_id, direction, state, kind, kind_class, thread_id, reply_to, unit_id,"
            " device_id, signed, digest, seq, salt, body, consent_id, consents, legal_basis, at, deposit_hour, step)"
            " VALUES (?, 'in', 'accepted', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            document.document_id, judged.kind, document.kind_class.value, document.thread_id, document.reply_to,
            document.from_unit, document.from_device, signed.raw, signed.digest, document.seq, content.salt,
            content.body, None if consent is None else consent.consent_id, b"".join(document.consents),
            document.legal_basis, at, arrival.hour or None, None if step is None else encode(step),
        )  # fmt: skip
        await self._expect_files(arrival, document, judged.body)
        # It may have come too early before.
        gone = "DELETE FROM quarantine WHERE document_id = ? AND handled_at IS NULL"
        if await self._vault.write(gone, document.document_id):
            await self._context.alarms.aside_went()
        await self._place_in_chain(document, signed.digest)
        await self._threads.refold(document.thread_id)

    async def _is_early(self, arrival: Arrival, document: Document) -> bool:
        """Whether something that its author had seen, or one before it in the chain, has not come and is waited for."""
        if await is_dealt_with(self._context, document.document_id):
            return False
        body = read_body(arrival, document)
        if await self._threads.steps.lacks(seen_of(body["header"])):
            return True
        place = (document.from_device, self._context.unit_id)
        head = await self._vault.value("SELECT seq FROM chain WHERE device_id = ? AND unit_id = ?", *place) or 0
        gap = await self._vault.value(
            "SELECT 1 FROM gap WHERE device_id = ? AND unit_id = ? AND seq < ? LIMIT 1", *place, document.seq
        )
        return document.seq > head + 1 or gap is not None

    async def _place_in_chain(self, document: Document, digest: bytes) -> None:
        """Note what was skipped, and what came late after all."""
        place = (document.from_device, self._context.unit_id)
        head = await self._vault.value("SELECT seq FROM chain WHERE device_id = ? AND unit_id = ?", *place) or 0
        await self._vault.write("DELETE FROM gap WHERE device_id = ? AND unit_id = ? AND seq = ?", *place, document.seq)
        if document.seq <= head:
            return
        first = max(head + 1, document.seq - MAX_NOTED)
        now = self._context.clock.now()
        skipped = [(*place, seq, now) for seq in range(first, document.seq)]
        await self._vault.write_many("INSERT OR IGNORE INTO gap VALUES (?, ?, ?, ?)", skipped)
        await self._vault.write("INSERT OR REPLACE INTO chain VALUES (?, ?, ?, ?)", *place, document.seq, digest)


MAX_NOTED = 1000  # gaps noted at once; a chain that jumps further is noted from its end
