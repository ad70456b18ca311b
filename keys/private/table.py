"""Who sits at the table of a ceremony, and how their signatures come together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from keys.codec import Record, decode, encode
from keys.domains import SignedType
from keys.errors import FormatError, LocalError
from keys.private.identity import SigningSecret, secret_key_id, sign_object
from keys.signed import join_signatures, parse_signed

Signer = Callable[[SignedType, bytes], bytes]  # (type, payload) -> signed object; ``Keeper.sign`` is one


@dataclasses.dataclass(frozen=True, slots=True)
class Officers:
    """Who sits at the table: their signers, the directory key (32 bytes) and the time (seconds)."""

    signers: Sequence[Signer]
    directory_key: bytes = dataclasses.field(repr=False)
    now: int


def officer_signer(secret: SigningSecret) -> Signer:
    """A signer named by its key id, as roots and administrators are."""

    def sign(signed_type: SignedType, payload: bytes) -> bytes:
        return sign_object(secret, secret_key_id(secret), signed_type, payload)

    return sign


def cosign(draft: bytes, signers: Sequence[Signer]) -> bytes:
    """Add signatures to a draft.

    Raises:
        FormatError: not a signed object.
    """
    so = parse_signed(draft)
    return join_signatures([draft, *(sign(so.type, so.payload) for sign in signers)])


def sign_record(signers: Sequence[Signer], signed_type: SignedType, record: Record) -> bytes:
    """A signed object with the signatures of all signers; of at least one.

    Raises:
        LocalError: code ``FIELD``; a field that nobody could read again.
    """
    payload = encode_checked(record)
    return join_signatures([sign(signed_type, payload) for sign in signers])


def encode_checked(record: Record) -> bytes:
    """Encode a record whose fields a person gave.

    Raises:
        LocalError: code ``FIELD``; too long, empty, or not of the form that the record allows.
    """
    data = encode(record)
    try:
        decode(data, type(record), max_bytes=len(data))
    except FormatError as error:
        raise LocalError("FIELD", record=type(record).__name__) from error
    return data
