"""Receiving: the numbered checks 0 to 15 of FORMATS 8, in order, one function each.

Each takes an arrival a step further or ends it: ``DropError``, ``SeenError`` or ``QuarantineError``. Checks 16 to 18
(rules of the work, the one transaction, the cursor) stand in ``inbox``. No check is skipped because a later one would
catch the same: each has a test that fails when it is taken out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from client.engine.arrival import Arrival, DropError, QuarantineError, SeenError, Way
from client.engine.context import Context
from client.engine.trust import ForkError
from client.engine.vault import Row
from keys.codec import decode
from keys.document import Content, Document, KindClass, Receipt, check_commit
from keys.domains import SignedType
from keys.envelope import parse_envelope
from keys.errors import FormatError, OpenError, PeerError, SignatureError
from keys.ids import Digest, UnitId
from keys.signed import parse_signed, read_payload, verify_single

ENVELOPE_DAYS: Final = 35  # protocol 8, check 2
AHEAD_SECONDS: Final = 600  # a sender's clock may be off by ten minutes before it warns
LONGEST_WAIT_SECONDS: Final = 400 * 86_400  # nothing is older than the certificate that signed it
MAX_CONTENT_BYTES: Final = 256 * 1024

Check = Callable[[Arrival, Context], Awaitable[None]]

_V = TypeVar("_V")


def _have(value: _V | None) -> _V:
    """What an earlier check has put there."""
    if value is None:
        raise QuarantineError(0, "FMT")
    return value


def _payload(arrival: Arrival) -> Document | Receipt:
    if arrival.payload is None:
        raise QuarantineError(9, "FMT")
    return arrival.payload


async def check_0(arrival: Arrival, _context: Context) -> None:
    """0: length, magic, version and slots."""
    try:
        arrival.envelope = parse_envelope(arrival.raw)
    except FormatError as error:
        raise DropError from error


async def check_1(arrival: Arrival, context: Context) -> None:
    """1: an envelope that was handled is only acknowledged."""
    if context.vault.glance("SELECT 1 FROM seen WHERE envelope_id = ?", arrival.envelope_id):
        raise SeenError


async def check_2(arrival: Arrival, context: Context) -> None:
    """2: the hour is within 35 days back and not ahead of the clocks."""
    age = context.clock.hour() - _have(arrival.envelope).hour
    if not -1 <= age <= ENVELOPE_DAYS * 24:
        raise QuarantineError(2, "HOUR")


async def check_3(arrival: Arrival, context: Context) -> None:
    """3: one of our at most four epoch keys for the hour opens one of the slots."""
    try:
        arrival.key = context.keeper.open_key(_have(arrival.envelope), context.mailbox_id)
    except OpenError as error:
        raise QuarantineError(3, "SLOT") from error


async def check_4(arrival: Arrival, context: Context) -> None:
    """4: the content opens, whole and committed to its key; 5a: length and zero padding."""
    try:
        arrival.framed = context.keeper.open_content(_have(arrival.envelope), context.mailbox_id, _have(arrival.key))
    except OpenError as error:
        raise QuarantineError(4, "OPEN") from error
    except FormatError as error:
        raise QuarantineError(5, "FMT") from error


async def check_5(arrival: Arrival, _context: Context) -> None:
    """5: strict decoding of what the frame holds."""
    try:
        arrival.content = decode(_have(arrival.framed), Content, max_bytes=MAX_CONTENT_BYTES)
        arrival.signed = parse_signed(arrival.content.signed)
    except FormatError as error:
        raise QuarantineError(5, "FMT") from error


async def check_6(arrival: Arrival, _context: Context) -> None:
    """6: a document or a receipt, with exactly one signer."""
    signed = _have(arrival.signed)
    if signed.type not in {SignedType.DOCUMENT, SignedType.RECEIPT} or len(signed.signatures) != 1:
        raise QuarantineError(6, "TYPE")


async def check_7(arrival: Arrival, context: Context) -> None:
    """7: the signer is a device in the own replica (the inbox fetches newer log before it gives up)."""
    signer = Digest(_have(arrival.signed).signatures[0].signer)
    arrival.signer = context.replica.directory.device_of_certificate(signer)
    if arrival.signer is None:
        raise QuarantineError(7, "SIGNER")


async def check_8(arrival: Arrival, _context: Context) -> None:
    """8: Ed25519, then ML-DSA-65."""
    signer = _have(arrival.signer)
    try:
        verify_single(_have(arrival.signed), signer.certificate, signer.enrol.signing)
    except SignatureError as error:
        raise QuarantineError(8, "SIG") from error


async def check_9(arrival: Arrival, _context: Context) -> None:
    """9: only now the payload is parsed."""
    signed = _have(arrival.signed)
    try:
        if signed.type is SignedType.RECEIPT:
            arrival.payload = read_payload(signed, SignedType.RECEIPT, Receipt)
        else:
            arrival.payload = read_payload(signed, SignedType.DOCUMENT, Document)
    except FormatError as error:
        raise QuarantineError(9, error.code) from error


async def check_10(arrival: Arrival, context: Context) -> None:
    """10: the sender saw the same log as we; anything else is a fork, whoever colludes."""
    payload = _payload(arrival)
    try:
        known = context.replica.holds(payload.dir_size, payload.dir_root, _have(arrival.signed).raw)
    except ForkError as error:
        raise QuarantineError(10, "FORK") from error
    if not known:
        raise QuarantineError(10, "LOG")


async def check_11(arrival: Arrival, context: Context) -> None:
    """11: the device belongs to the unit that it names, was in the log that it names, and is not revoked now.

    From the own unit come unit-internal documents and receipts for them, and they come from nowhere else. What a
    sibling passes on, or comes a second time, was signed by a device that may have been revoked since.
    """
    payload, signer = _payload(arrival), _have(arrival.signer)
    if payload.from_device == context.device_id and isinstance(payload, Document):
        await context.rollback.saw_own(payload.to_unit, payload.seq, local=payload.kind_class is KindClass.LOCAL)
    named = (payload.from_device, payload.from_unit)
    if named != (signer.statement.device_id, signer.statement.unit_id) or not _may_come_so(arrival, context):
        raise QuarantineError(11, "SENDER")
    is_gone = signer.revoked_size is not None and arrival.way is Way.MAIL and not _is_here(arrival, context)
    if is_gone or not signer.was_active(payload.dir_size, payload.sent_at):
        raise QuarantineError(11, "REVOKED")


def _is_here(arrival: Arrival, context: Context) -> bool:  # taken in before, and so before the revocation
    return bool(context.vault.glance("SELECT 1 FROM document WHERE digest = ?", _have(arrival.signed).digest))


def _may_come_so(arrival: Arrival, context: Context) -> bool:
    """Whether what this unit gets in this way may be from that unit and of that class."""
    payload, document = _payload(arrival), arrival.document
    own = payload.from_unit == context.unit_id
    internal = document is not None and document.kind_class is KindClass.INTERNAL
    local = document is not None and document.kind_class is KindClass.LOCAL
    match arrival.way:
        case Way.MAIL:
            own_receipt = own and document is None
            return (internal == own or own_receipt) and not local and payload.from_device != context.device_id
        case Way.RESHARED:
            return not own and not internal and not local
        case Way.COPY:
            return own and not internal and document is not None


async def check_12(arrival: Arrival, context: Context) -> None:
    """12: it was written to this unit, and this device is in the roster; a sibling's own to another, or it is local."""
    payload, document = _payload(arrival), arrival.document
    local = document is not None and document.kind_class is KindClass.LOCAL
    if (payload.to_unit == context.unit_id) is (arrival.way is Way.COPY and not local):
        raise QuarantineError(12, "ROSTER")
    # What a sibling passes on may be older than this device.
    if arrival.way is Way.MAIL and context.device_id not in payload.to_devices:
        raise QuarantineError(12, "ROSTER")


async def check_13(arrival: Arrival, context: Context) -> None:
    """13: the time of sending is plausible."""
    age = context.clock.now() - _payload(arrival).sent_at
    longest = LONGEST_WAIT_SECONDS if arrival.way is Way.MAIL else age  # history is as old as it is
    if not -AHEAD_SECONDS <= age <= longest:
        raise QuarantineError(13, "TIME")


async def check_14(arrival: Arrival, context: Context) -> None:
    """14: id and place in the chain are new; the same again repeats the receipt, another one is equivocation.

    So is a ``prev`` that names another document than the one which is here at the place before: the device signed two.
    """
    document = arrival.document
    if document is None:
        return
    digest = _have(arrival.signed).digest
    if document.kind_class is KindClass.INTERNAL:
        rows, before = _letters_beside(document, context)
    else:
        rows, before = _documents_beside(arrival, document, context)
    if is_equivocation(digest, document.prev, beside=rows, before=before):
        raise QuarantineError(14, "EQUIV")
    told = context.vault.glance(
        "SELECT 1 FROM receipt_due WHERE document_id = ? AND document_digest = ?", document.document_id, digest
    )
    if rows or told:  # what was refused stays refused: the sender was told, or will be now
        raise SeenError(repeat=document.document_id)


def is_equivocation(digest: bytes, prev: bytes, *, beside: Iterable[Row], before: Iterable[Row]) -> bool:
    """Whether another document has this id or place, or this one follows another than the one that is here.

    ``beside``: what has the same id, also a document of our own (ids are random), or the same place in the chain;
    ``before``: what is at the place before. Rows begin with the digest of the signed object.
    """
    return any(row[0] != digest for row in beside) or any(row[0] != prev for row in before)


def _documents_beside(arrival: Arrival, document: Document, context: Context) -> tuple[list[Row], list[Row]]:
    """Digests of what has the same id or place, and of what is at the place before.

    Not what was signed anew at a later place, nor what a restored device stopped and its predecessor sent after all.
    """
    direction, unit_id = ("out", document.to_unit) if arrival.way is Way.COPY else ("in", document.from_unit)
    content = _have(arrival.content)
    rows = context.vault.glance(
        "SELECT digest, seq, document_id = ? AND device_id = ? AND direction = 'in' AND salt = ? AND body = ?, code"
        " FROM document WHERE document_id = ? OR (device_id = ? AND unit_id = ? AND direction = ? AND seq = ?)",
        document.document_id, document.from_device, content.salt, content.body,
        document.document_id, document.from_device, unit_id, direction, document.seq,
    )  # fmt: skip
    match arrival.way:
        case Way.COPY:
            signed = [row for row in rows if row[0] is not None or row[3] != "RESTORED"]
            rows = [row for row in signed if document.kind_class is KindClass.LOCAL or row[1] >= document.seq]
        case Way.MAIL:
            rows = [row for row in rows if not row[2] or row[1] >= document.seq]
        case Way.RESHARED:  # the same content, whichever of its signatures the sibling has
            rows = [(_have(arrival.signed).digest, *row[1:]) if row[2] else row for row in rows]
    before = context.vault.glance(
        "SELECT digest FROM document WHERE device_id = ? AND unit_id = ? AND direction = ? AND seq = ?",
        document.from_device, unit_id, direction, document.seq - 1,
    )  # fmt: skip
    return rows, before


def _letters_beside(document: Document, context: Context) -> tuple[list[Row], list[Row]]:
    """The same for unit-internal documents."""
    beside = "SELECT digest FROM letter_seen WHERE document_id = ? OR (device_id = ? AND seq = ?)"
    rows = context.vault.glance(beside, document.document_id, document.from_device, document.seq)
    before = context.vault.glance(
        "SELECT digest FROM letter_seen WHERE device_id = ? AND seq = ?", document.from_device, document.seq - 1
    )
    return rows, before


async def check_15(arrival: Arrival, _context: Context) -> None:
    """15: the body is the one that was signed; a receipt carries none."""
    content = _have(arrival.content)
    document = arrival.document
    if document is None:
        if content.body or content.salt:
            raise QuarantineError(15, "COMMIT")
        return
    try:
        check_commit(document.body_commit, content.salt, content.body)
    except PeerError as error:
        raise QuarantineError(15, "COMMIT") from error


CHECKS: Final[Mapping[int, Check]] = MappingProxyType(
    dict(
        enumerate(
            (
                check_0, check_1, check_2, check_3, check_4, check_5, check_6, check_7, check_8, check_9, check_10,
                check_11, check_12, check_13, check_14, check_15,
            )
        )
    )
)  # fmt: skip
"""The checks by number, in order."""


def sender_of(arrival: Arrival) -> UnitId | None:
    """The sending unit, once a verified signer names it."""
    payload = arrival.payload
    return None if payload is None else UnitId(payload.from_unit)
