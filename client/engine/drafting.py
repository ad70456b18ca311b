"""A document's body as a draft: what of it is signed later follows from its header and from what it encloses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from client.casework.codelists import STAYS
from client.casework.kinds.kind import Kind
from client.casework.kinds.registry import KINDS
from client.engine.signing import Draft
from keys.codec import decode, decode_body, encode_body
from keys.consent import MAX_PARCEL_BYTES, Parcel
from keys.document import MAX_BODY_BYTES, Attachment, KindClass, body_commit
from keys.errors import FormatError, RefusedError
from keys.ids import digest

CONSENT_KINDS = frozenset({"samtycke.registrerat", "samtycke.utokat"})
WITHDRAWAL_KIND = "samtycke.aterkallat"
#: Of a document ``d`` in the vault, for `read_draft`.
DRAFT_COLUMNS = (
    "d.document_id, d.unit_id, d.kind, d.kind_class, d.thread_id, d.reply_to, d.salt, d.body, d.consents,"
    " d.legal_basis, d.approval"
)


def class_of(kind: str) -> KindClass:
    """What a kind is to the engine: the part of it that is signed."""
    if kind == WITHDRAWAL_KIND:
        return KindClass.WITHDRAWAL
    declared = KINDS.get(kind)
    if declared is not None and declared.local:
        return KindClass.LOCAL
    return KindClass.CONSENT if kind in CONSENT_KINDS else KindClass.CONTENT


def enclosed_digests(kind: str, enclosed: list[bytes]) -> list[bytes]:
    """Digests of what a body encloses: the consents' signed objects, or the withdrawals themselves.

    Raises:
        FormatError: not parcels.
    """
    if kind == WITHDRAWAL_KIND:
        return [digest(raw) for raw in enclosed]
    return [digest(decode(raw, Parcel, max_bytes=MAX_PARCEL_BYTES).signed) for raw in enclosed]


def draft_of(data: bytes, salt: bytes) -> Draft:
    """A body as a draft: all else about it stands in its header.

    Raises:
        FormatError, KeyError, TypeError, ValueError: it is no body of a document.
    """
    body = decode_body(data, max_bytes=MAX_BODY_BYTES)
    header = body["header"]
    kind, reply_to = str(header["message_type"]), header.get("in_reply_to")
    return Draft(
        document_id=bytes.fromhex(header["message_id"]),
        unit_id=bytes.fromhex(header["recipient_unit"]),
        kind=kind,
        kind_class=class_of(kind).value,
        thread_id=bytes.fromhex(header["thread_id"]),
        reply_to=None if reply_to is None else bytes.fromhex(reply_to),
        salt=salt,
        body=data,
        body_commit=body_commit(salt, data),
        consents=b"".join(enclosed_digests(kind, body["consents"])),
        legal_basis=str(header["disclosure_basis"]),
        attachments=attachments_of(header),
    )


def attachments_of(header: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """What is signed of the files that a header lists.

    Raises:
        FormatError: not a list of files.
    """
    listed = header.get("attachments") or []
    try:
        return tuple(Attachment(bytes.fromhex(one["stream"]), _size(one["size"])) for one in listed)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError("FMT", rule="attachments") from error


def _size(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value


def basis_of(kind: Kind, *, has_consent: bool) -> str:
    """The basis of disclosure where the handler names none (domain.md 2.0.2, list D1).

    What stays is disclosed to nobody. What is about a person leans on consent, and is refused where there is none;
    only what is about nobody names nobody. A consent that was named is never dropped in silence.
    """
    if kind.local:
        return STAYS
    return "samtycke" if has_consent or kind.about_person else "inga_personuppgifter"


def encoded(body: dict[str, Any]) -> bytes:
    """A body as bytes.

    Raises:
        RefusedError: code ``BIG``.
    """
    data = encode_body(body)
    if len(data) > MAX_BODY_BYTES:
        raise RefusedError("BIG")
    return data


def read_draft(row: Sequence[Any]) -> Draft:
    """What waits to be signed, out of a row that begins with `DRAFT_COLUMNS`."""
    document_id, unit_id, kind, kind_class, thread_id, reply_to, salt, body, consents, legal_basis, approval = row[:11]
    return Draft(
        document_id=document_id,
        unit_id=unit_id,
        kind=kind,
        kind_class=kind_class,
        thread_id=thread_id,
        reply_to=reply_to,
        salt=salt,
        body=body,
        body_commit=body_commit(salt, body),
        consents=consents,
        legal_basis=legal_basis,
        approval=approval,
        attachments=attachments_of(decode_body(body, max_bytes=MAX_BODY_BYTES)["header"]),
    )
