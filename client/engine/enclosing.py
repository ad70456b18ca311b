"""What a body says, held against what was signed: header, class, enclosed consents, attached files, withdrawals."""

from __future__ import annotations

from typing import Any

from client.engine.arrival import Arrival, Way
from client.engine.drafting import attachments_of, class_of, enclosed_digests
from keys.codec import decode_body
from keys.consent import Withdrawal
from keys.document import MAX_BODY_BYTES, Document
from keys.errors import FormatError, RefusedError

Withdrawals = list[tuple[bytes, Withdrawal]]


def read_body(arrival: Arrival, document: Document) -> dict[str, Any]:
    """The body, when its header says the same as the signed payload.

    Raises:
        RefusedError: code ``SCH``.
    """
    try:
        body = decode_body(arrival.content.body if arrival.content else b"", max_bytes=MAX_BODY_BYTES)
    except FormatError as error:
        raise RefusedError("SCH", rule="body") from error
    header, enclosed = body.get("header"), body.get("consents")
    if not isinstance(header, dict) or not isinstance(enclosed, list):
        raise RefusedError("SCH", rule="body")
    reply_to = None if document.reply_to is None else document.reply_to.hex()
    told = {
        "message_id": document.document_id.hex(),
        "thread_id": document.thread_id.hex(),
        "in_reply_to": reply_to,
        "sender_unit": document.from_unit.hex(),
        "recipient_unit": document.to_unit.hex(),
        "disclosure_basis": document.legal_basis,
    }
    if any(header.get(name) != value for name, value in told.items()):
        raise RefusedError("SCH", rule="header")
    kind = header.get("message_type")
    if not isinstance(kind, str) or class_of(kind) is not document.kind_class:
        raise RefusedError("SCH", rule="class")
    _check_enclosed(kind, enclosed, document)
    _check_attached(header, arrival, document)
    return body


def _check_attached(header: dict[str, Any], arrival: Arrival, document: Document) -> None:
    """The files that the header lists are those that were signed, and by mail each comes with its key."""
    try:
        listed = attachments_of(header)
    except FormatError as error:
        raise RefusedError("SCH", rule="attachments") from error
    keys = arrival.content.attachment_keys if arrival.content else []
    by_mail = arrival.way is Way.MAIL
    if list(listed) != document.attachments or len(keys) != (len(listed) if by_mail else 0):
        raise RefusedError("SCH", rule="attachments")


def _check_enclosed(kind: str, enclosed: list[Any], document: Document) -> None:
    try:
        sound = all(isinstance(raw, bytes) for raw in enclosed)
        digests = enclosed_digests(kind, enclosed) if sound else []
    except FormatError as error:
        raise RefusedError("SCH", rule="consents") from error
    if not sound or digests != document.consents:
        raise RefusedError("SCH", rule="consents")


def check_withdrawals(withdrawals: Withdrawals, body: dict[str, Any], document: Document) -> None:
    """The signed withdrawals are what the form says, by the unit that sends them."""
    content = body.get("content")
    content = content if isinstance(content, dict) else {}
    wanted = (content.get("scope"), content.get("recipient"), content.get("purposes") or [])
    told = [
        (entry.scope.value, None if entry.recipient is None else entry.recipient.hex(), entry.purposes)
        for _, entry in withdrawals
    ]
    named = {entry.consent_id.hex() for _, entry in withdrawals}
    signers = {entry.unit_id for _, entry in withdrawals}
    if not told or any(item != wanted for item in told) or content.get("consent_id") not in named:
        raise RefusedError("SCH", rule="withdrawal")
    if signers != {document.from_unit}:
        raise RefusedError("SIG", rule="withdrawal")
