"""Documents and receipts: the signed payloads, and the content that an envelope carries (FORMATS 5).

A document is signed over a *salted commitment* to its body, so that the signature can be kept or shown without the
content. Each document stands in the chain of its sending device towards one unit: ``seq`` without gaps, ``prev`` the
digest of the one before.
"""

from __future__ import annotations

import enum
import hashlib
from typing import Annotated, Final

from msgspec import Meta

from keys import domains
from keys.attachment import MAX_ATTACHMENTS
from keys.codec import Bytes16, Bytes32, Bytes64, Record, Uint, Uint32
from keys.errors import FormatError

SALT_BYTES: Final = 32
MAX_BODY_BYTES: Final = 200 * 1024
MAX_SECOND_BYTES: Final = 5 * 1024  # a signed object with all digests makes 4.7 KiB
MAX_SIGNED_DOCUMENT_BYTES: Final = 12 * 1024  # a second signature, the longest roster and all digests make 10.1 KiB
MAX_INTERNAL_BYTES: Final = MAX_BODY_BYTES + MAX_SIGNED_DOCUMENT_BYTES + 1024  # a document that travels inside another
MAX_ROSTER: Final = 32  # as many as there are slots
MAX_CONSENTS: Final = 8
MAX_RECEIPT_ENTRIES: Final = 256
MAX_SIGNED_RECEIPT_BYTES: Final = 64 * 1024  # that many entries of some 190 bytes, roster and signature make 53 KiB
NO_PREV: Final = bytes(32)

LegalBasis = Annotated[str, Meta(max_length=40, pattern=r"^[a-z0-9_]*\Z")]
Code = Annotated[str, Meta(max_length=12, pattern=r"^[A-Z0-9-]*\Z")]
SignedReceipt = Annotated[bytes, Meta(min_length=1, max_length=MAX_SIGNED_RECEIPT_BYTES)]


class KindClass(enum.StrEnum):
    """What a document is to the engine; its kind stands in the body."""

    CONTENT = "content"
    CONSENT = "consent"
    WITHDRAWAL = "withdrawal"
    INTERNAL = "internal"
    LOCAL = "local"


class Attachment(Record, frozen=True):
    """An attachment by the digest of its index, which names all of its stream; ``size_bytes`` is the file's."""

    digest: Bytes32
    size_bytes: Uint


class Document(Record, frozen=True):
    """Payload of a ``document``."""

    version: Uint
    suite: Uint
    document_id: Bytes16
    from_unit: Bytes16
    from_device: Bytes16
    to_unit: Bytes16
    to_devices: Annotated[list[Bytes16], Meta(min_length=1, max_length=MAX_ROSTER)]
    seq: Annotated[int, Meta(ge=1, le=2**32)]
    prev: Bytes32
    sent_at: Uint
    dir_size: Uint
    dir_root: Bytes32
    kind_class: KindClass
    thread_id: Bytes16
    reply_to: Bytes16 | None
    body_commit: Bytes32
    attachments: Annotated[list[Attachment], Meta(max_length=MAX_ATTACHMENTS)]
    consents: Annotated[list[Bytes32], Meta(max_length=MAX_CONSENTS)]
    legal_basis: LegalBasis
    approval: Annotated[bytes, Meta(min_length=1, max_length=MAX_SECOND_BYTES)] | None


class ReceiptStatus(enum.StrEnum):
    """What became of a document at its recipient."""

    AVAILABLE = "available"
    REGISTERED = "registered"
    REFUSED = "refused"


class ReceiptEntry(Record, frozen=True):
    """One document's outcome. ``deposit_signature`` is the hub's over the envelope, mailbox and hour of deposit."""

    document_id: Bytes16
    document_digest: Bytes32
    status: ReceiptStatus
    code: Code
    at: Uint
    envelope_id: Bytes32
    deposit_hour: Uint32
    deposit_signature: Bytes64


class Receipt(Record, frozen=True):
    """Payload of a ``receipt``: a batch of outcomes from one device to one unit. It is not receipted itself."""

    version: Uint
    suite: Uint
    receipt_id: Bytes16
    from_unit: Bytes16
    from_device: Bytes16
    to_unit: Bytes16
    to_devices: Annotated[list[Bytes16], Meta(min_length=1, max_length=MAX_ROSTER)]
    sent_at: Uint
    dir_size: Uint
    dir_root: Bytes32
    entries: Annotated[list[ReceiptEntry], Meta(min_length=1, max_length=MAX_RECEIPT_ENTRIES)]


class Content(Record, frozen=True):
    """What is encrypted in an envelope: a signed object, and for a document its salt and body."""

    signed: Annotated[bytes, Meta(min_length=1, max_length=256 * 1024)]
    salt: Annotated[bytes, Meta(max_length=SALT_BYTES)]
    body: Annotated[bytes, Meta(max_length=MAX_INTERNAL_BYTES)]
    attachment_keys: Annotated[list[Bytes32], Meta(max_length=MAX_ATTACHMENTS)]


def body_commit(salt: bytes, body: bytes) -> bytes:
    """Commitment to a body: SHA-256("sluss/body" ‖ 00 ‖ salt ‖ body).

    Args:
        salt: 32 random bytes.
        body: canonical msgpack as sent.
    """
    return hashlib.sha256(domains.BODY + salt + body).digest()


def check_commit(commit: bytes, salt: bytes, body: bytes) -> None:
    """Check 15 of FORMATS 8.

    Raises:
        FormatError: code ``COMMIT``.
    """
    if len(salt) != SALT_BYTES or body_commit(salt, body) != commit:
        raise FormatError("COMMIT")
