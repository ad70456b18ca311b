"""Consent records and withdrawals as signed objects (FORMATS 7).

The record's 32 fields (domain.md 3.2) are the business of casework; here it is bytes under a salted commitment, signed
by a device of the unit whose staff saw the signing. The *parcel* is how it travels inside a document's body.
"""

from __future__ import annotations

import enum
import hashlib
from typing import Annotated, Final

from msgspec import Meta

from keys import domains
from keys.codec import Bytes16, Bytes32, Record, Uint
from keys.errors import FormatError

PurposeWord = Annotated[str, Meta(max_length=40, pattern=r"^[a-z_]+\Z")]

MAX_RECORD_BYTES: Final = 32 * 1024
MAX_PARCEL_BYTES: Final = 64 * 1024


class Consent(Record, frozen=True):
    """Payload of a ``consent``."""

    version: Uint
    suite: Uint
    consent_id: Bytes16
    unit_id: Bytes16
    device_id: Bytes16
    signed_at: Uint
    record_commit: Bytes32


class WithdrawalScope(enum.StrEnum):
    """How much a withdrawal takes back (domain.md 2.10); the last: the unit had entered the record by mistake."""

    HELT = "helt"
    MOTTAGARE = "mottagare"
    SYFTE = "syfte"
    FELREGISTRERAT = "felregistrerat"


class Withdrawal(Record, frozen=True):
    """Payload of a ``withdrawal``: valid from ``at``, registered by ``device_id``."""

    version: Uint
    suite: Uint
    consent_id: Bytes16
    unit_id: Bytes16
    device_id: Bytes16
    scope: WithdrawalScope
    recipient: Bytes16 | None
    purposes: Annotated[list[PurposeWord], Meta(max_length=8)]
    at: Uint


class Parcel(Record, frozen=True):
    """A consent on its way: the signed object, the salt (32 bytes) and the record."""

    signed: Annotated[bytes, Meta(min_length=1, max_length=16 * 1024)]
    salt: Bytes32
    record: Annotated[bytes, Meta(min_length=1, max_length=MAX_RECORD_BYTES)]


def record_commit(salt: bytes, record: bytes) -> bytes:
    """Commitment to a record: SHA-256("sluss/consent" ‖ 00 ‖ salt ‖ record)."""
    return hashlib.sha256(domains.CONSENT_RECORD + salt + record).digest()


def check_record(commit: bytes, parcel: Parcel) -> None:
    """Check that a parcel's record is the one that was signed.

    Raises:
        FormatError: code ``COMMIT``.
    """
    if record_commit(parcel.salt, parcel.record) != commit:
        raise FormatError("COMMIT")
