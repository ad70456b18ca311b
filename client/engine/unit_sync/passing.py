"""Documents that a sibling passes on: sent copies, reshares, history. Nothing in them is taken on the sibling's word.

Rules:
1. Checks 6 to 16 are run on the original signed object, salt and body, as on what came by mail. Differences: the roster
   is not asked (it may be older than this device); a signer that was revoked since counts when it was active at the
   ``dir_size`` that it signed; consent is judged by the time of sending, because a sibling took it in then.
2. That an own document has come to its recipient is believed for the recipient's receipt, which goes through the same
   checks; until it is here that is shown as not known. Why one was refused, stopped or called back, and where a thread
   stands, is the sibling's word: the first makes nothing more of a document than it is, of the rest nobody signed.
3. A copy of what a colleague sends is kept in any case; what it does to the thread follows from what the colleague had
   seen, as everywhere.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from client.casework.flow_tables import FLOWS
from client.casework.flows import Side
from client.casework.rules import check_copy
from client.engine.accepting import Accepting
from client.engine.after_kept import REFUSAL, end_case
from client.engine.arrival import Arrival, QuarantineError, SeenError, Way
from client.engine.checks import CHECKS
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.drafting import WITHDRAWAL_KIND, attachments_of, class_of, enclosed_digests
from client.engine.expecting import expect
from client.engine.judging import Judging
from client.engine.keeping import KEPT
from client.engine.party import Moment
from client.engine.receipts import Receipts
from client.engine.states import UNSHOWN
from client.engine.thread import Thread
from client.engine.threads import Threads
from keys import internal
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES, Content, Document, KindClass, Receipt
from keys.errors import FormatError, PeerError, RefusedError
from keys.ids import EnvelopeId, UnitId
from keys.internal import Reshared, ThreadStands
from keys.signed import parse_signed

INNER_CHECKS: Final = range(6, 16)
_STATES: Final = {
    internal.Way.IN: frozenset({"accepted"}),
    internal.Way.OUT: frozenset({"queued", "sent", "available", "registered", "refused", "stopped", "recalled"}),
}
_SHOWN: Final = frozenset({"available", "registered"})  # by a receipt, or not at all
_DOES_NOT_FIT: Final = frozenset({"STA", "ROL"})


@dataclasses.dataclass(frozen=True, slots=True)
class Desks:
    """What takes a document in."""

    accepting: Accepting
    consents: Consents
    threads: Threads
    judging: Judging
    receipts: Receipts


class Passing:
    """Takes in what siblings pass on."""

    def __init__(self, context: Context, desks: Desks) -> None:
        self._context = context
        self._vault = context.vault
        self._desks = desks

    async def reshared(self, item: Reshared) -> bytes | None:
        """Take in one reshared document, inside a transaction; its id, or None when it was here.

        Raises:
            RefusedError: it does not hold.
        """
        if item.state not in _STATES[item.way] | {KEPT}:
            raise RefusedError("SCH", rule="state")
        way = Way.RESHARED if item.way is internal.Way.IN else Way.COPY
        arrival = _arrival(item.signed, item.salt, item.body, way)
        arrival.hour = item.deposit_hour or 0
        document = await self._checked(arrival)
        if document is None:
            return None
        if (item.state == KEPT) is not (document.kind_class is KindClass.LOCAL):
            raise RefusedError("SCH", rule="state")
        if way is Way.RESHARED:
            await self._desks.accepting.keep(arrival, document, at=item.at)
        else:
            await self._keep_copy(arrival, document, item)
        return document.document_id

    async def copy(self, copy: internal.SentCopy, device_id: bytes) -> bytes | None:
        """Take in what the sibling ``device_id`` sends to another unit; its id, or None when it was here.

        Raises:
            RefusedError: it does not hold, or is another device's.
        """
        arrival = _arrival(copy.signed, copy.salt, copy.body, Way.COPY)
        document = await self._checked(arrival)
        if document is None:
            return None
        if document.from_device != device_id:
            raise RefusedError("SIG", rule="copy")
        state = KEPT if document.kind_class is KindClass.LOCAL else "sent"
        item = Reshared(internal.Way.OUT, state, "", document.sent_at, None, None, copy.signed, copy.salt, copy.body)
        body = _read_body(item.body, document)
        await self._check(body, document)
        await self._keep_copy(arrival, document, item)
        if body["header"]["message_type"] == REFUSAL:
            await end_case(self._desks.threads, body["header"])
        return document.document_id

    async def proof(self, signed: bytes) -> None:
        """Take in what another unit's device signed of our documents, inside a transaction.

        Raises:
            RefusedError: it does not hold.
        """
        arrival = _arrival(signed, b"", b"", Way.RESHARED)
        await self._run_checks(arrival)
        if not isinstance(arrival.payload, Receipt):
            raise RefusedError("SCH", rule="proof")
        await self._desks.receipts.learn(arrival.payload, signed)

    async def called_back(self, told: internal.CalledBack, device_id: bytes) -> bytes:
        """Take in that a document of the sibling ``device_id`` had no effect, inside a transaction; its id.

        A receipt proves that it came after all: it counts before and after this word.

        Raises:
            RefusedError: the copy does not hold, or the document is another device's.
        """
        await self.copy(told.copy, device_id)
        row = await self._vault.one(
            "SELECT document_id, thread_id FROM document WHERE digest = ? AND device_id = ? AND direction = 'out'"
            " AND kind_class <> ?",
            parse_signed(told.copy.signed).digest, device_id, KindClass.LOCAL.value,
        )  # fmt: skip
        if row is None:
            raise RefusedError("SIG", rule="called-back")
        document_id, thread_id = row
        await self._vault.write(
            "UPDATE document SET state = ?, code = ? WHERE document_id = ? AND state IN ('sent', 'unshown')",
            told.state.value, told.code, document_id,
        )  # fmt: skip
        await self._desks.threads.refold(thread_id)
        return bytes(document_id)

    async def thread(self, told: ThreadStands) -> None:
        """Take a sibling's word for where a thread stands; inside a transaction."""
        known = await self._desks.threads.get(told.thread_id)
        fields = {name: getattr(told, name) for name in told.__struct_fields__ if name != "opening"}
        if told.flow not in FLOWS or told.side not in {Side.ASKER.value, Side.ANSWERER.value}:
            raise RefusedError("SCH", rule="thread")
        FLOWS[told.flow].state(told.state)
        own = self._context.unit_id
        moved_out = known is not None and known.unit_id == own and told.side == known.side
        if known is not None and not moved_out and (known.unit_id, known.side) != (told.unit_id, told.side):
            raise RefusedError("STA", rule="thread")
        await self._desks.threads.told(Thread(**fields), told.opening)

    async def _checked(self, arrival: Arrival) -> Document | None:
        """Checks 6 to 15; None when the very same document is here: then it was checked when it came."""
        digest = arrival.signed.digest if arrival.signed else b""
        if self._vault.glance("SELECT 1 FROM document WHERE digest = ?", digest):
            return None
        try:
            await self._run_checks(arrival)
        except SeenError:
            return None
        if arrival.document is None:
            raise RefusedError("SCH", rule="passed-on")
        return arrival.document

    async def _run_checks(self, arrival: Arrival) -> None:
        try:
            for number in INNER_CHECKS:
                await CHECKS[number](arrival, self._context)
        except QuarantineError as end:
            raise RefusedError(end.code, rule="passed-on") from end

    async def _keep_copy(self, arrival: Arrival, document: Document, item: Reshared) -> None:
        body = _read_body(item.body, document)
        state, settled_at = (UNSHOWN, None) if item.state in _SHOWN else (item.state, item.settled_at)
        kind = str(body["header"]["message_type"])
        await self._keep_enclosed(kind, body["consents"])
        reference = body["header"].get("consent_ref")
        await self._vault.write(
            "INSERT OR REPLACE INTO document (document_id, direction, state, kind, kind_class, thread_id, reply_to,"
            " unit_id, device_id, signed, digest, seq, salt, body, consent_id, consents, legal_basis, code, at,"
            " deposit_hour, settled_at, read_at, approval)"
            " VALUES (?, 'out', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            document.document_id, state, kind, document.kind_class.value, document.thread_id, document.reply_to,
            document.to_unit, document.from_device, item.signed, arrival.signed.digest if arrival.signed else b"",
            document.seq, item.salt, item.body, bytes.fromhex(reference) if isinstance(reference, str) else None,
            b"".join(document.consents), document.legal_basis, item.code, item.at, item.deposit_hour,
            settled_at, item.at, document.approval,
        )  # fmt: skip
        await self._context.alarms.clear("STOPPED", document_id=document.document_id)
        await expect(self._context, document.document_id, body["header"], document.attachments)
        await self._desks.threads.refold(document.thread_id)
        await self._desks.receipts.copy_came(document.document_id)

    async def _keep_enclosed(self, kind: str, enclosed: list[bytes]) -> None:
        """The consents of an own document; withdrawals are told apart (``registered``)."""
        if kind != WITHDRAWAL_KIND:
            for parcel in enclosed:
                await self._desks.consents.keep(self._desks.consents.verify(parcel, self._context.unit_id))

    async def _check(self, body: dict[str, Any], document: Document) -> None:
        """The sibling has sent it: whether its step fits what is here now is the thread's matter."""
        question = await self._desks.judging.question(
            body,
            sender=self._context.unit_id,
            recipient=UnitId(document.to_unit),
            record=None,
            checked_at=None,
            moment=Moment(document.sent_at, document.dir_size),
        )
        try:
            check_copy(question)
        except RefusedError as error:
            if error.code not in _DOES_NOT_FIT:
                raise


def _arrival(signed: bytes, salt: bytes, body: bytes, way: Way) -> Arrival:
    """What came, as the checks from 6 on want it.

    Raises:
        RefusedError: code ``FMT``.
    """
    arrival = Arrival(0, 0, b"", b"", EnvelopeId(b""), way=way)
    try:
        arrival.signed = parse_signed(signed)
    except FormatError as error:
        raise RefusedError("FMT", rule="passed-on") from error
    arrival.content = Content(signed, salt, body, [])
    return arrival


def _read_body(data: bytes, document: Document) -> dict[str, Any]:
    """The body of an own document, when it is of the class and encloses what was signed.

    Raises:
        RefusedError: code ``SCH``.
    """
    try:
        body = decode_body(data, max_bytes=MAX_BODY_BYTES)
        kind, enclosed = body["header"]["message_type"], body["consents"]
        if class_of(kind) is not document.kind_class or enclosed_digests(kind, enclosed) != document.consents:
            raise RefusedError("SCH", rule="class")
        if list(attachments_of(body["header"])) != document.attachments:
            raise RefusedError("SCH", rule="attachments")
    except (PeerError, KeyError, TypeError) as error:
        raise RefusedError("SCH", rule="body") from error
    return body
