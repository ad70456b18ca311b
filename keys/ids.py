"""Identifiers, each a type of its own so that one is never handed over for another.

All ids are random and carry no meaning (protocol 4). Digests are SHA-256.
"""

from __future__ import annotations

import hashlib
from typing import NewType

OrgId = NewType("OrgId", bytes)  # 16 bytes
UnitId = NewType("UnitId", bytes)  # 16 bytes
MailboxId = NewType("MailboxId", bytes)  # 16 bytes
DeviceId = NewType("DeviceId", bytes)  # 16 bytes
HubId = NewType("HubId", bytes)  # 16 bytes
DocumentId = NewType("DocumentId", bytes)  # 16 bytes
ThreadId = NewType("ThreadId", bytes)  # 16 bytes
ConsentId = NewType("ConsentId", bytes)  # 16 bytes

FederationId = NewType("FederationId", bytes)  # 32 bytes, digest of the first root statement
Digest = NewType("Digest", bytes)  # 32 bytes, SHA-256 of a signed object as received
KeyId = NewType("KeyId", bytes)  # 32 bytes, digest of a pair of public signing keys
EnvelopeId = NewType("EnvelopeId", bytes)  # 32 bytes, SHA-256 of the envelope

ID_BYTES = 16
DIGEST_BYTES = 32


def digest(data: bytes) -> Digest:
    """SHA-256 of ``data`` as received, never of a re-encoding."""
    return Digest(hashlib.sha256(data).digest())


def fingerprint(value: bytes) -> str:
    """What two people read to each other: hexadecimal in groups of four digits."""
    text = value.hex()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
