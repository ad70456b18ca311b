"""The envelope: all that the hub sees of a document (FORMATS 6).

    header  = "SLU1" ‖ u8 slots ‖ u32 hour ‖ recall_hash (32)             41 bytes
    slots   = 4, 8, 16 or 32 times 1,168 bytes
    content = the rest
    size    = exactly 16, 64 or 256 KiB;   envelope_id = SHA-256(envelope)

Parsing looks at sizes and the header alone; sealing and opening stand in ``keys/private/seal.py``.
"""

from __future__ import annotations

import dataclasses
import hashlib
import struct
from typing import Final

from keys import domains
from keys.errors import FormatError
from keys.ids import EnvelopeId

MAGIC: Final = b"SLU1"
HEADER: Final = struct.Struct(">4sBI32s")
HEADER_BYTES: Final = HEADER.size  # 41
SLOT_BYTES: Final = 1168  # X-Wing enc 1,120 + 32 + 16 of the AEAD tag
SLOT_COUNTS: Final = (4, 8, 16, 32)
SIZES: Final = (16 * 1024, 64 * 1024, 256 * 1024)
RECALL_SECRET_BYTES: Final = 32
_CHUNK: Final = 16 * 1024  # Cobblestone: plaintext bytes per chunk
_COBBLESTONE_FIXED: Final = 56  # salt and key commitment
_COBBLESTONE_TAG: Final = 16  # per chunk


@dataclasses.dataclass(frozen=True, slots=True)
class Envelope:
    """A parsed envelope. Nothing in it is verified."""

    raw: bytes
    header: bytes
    hour: int
    recall_hash: bytes
    slots: tuple[bytes, ...]
    content: bytes

    @property
    def envelope_id(self) -> EnvelopeId:
        """SHA-256 of the envelope."""
        return EnvelopeId(hashlib.sha256(self.raw).digest())


def parse_header(raw: bytes) -> tuple[int, int, bytes]:
    """Check size, magic and slot count, and return (slots, hour, recall_hash).

    Raises:
        FormatError: not an envelope (check 0 of FORMATS 8).
    """
    if len(raw) not in SIZES:
        raise FormatError("FMT", rule="size")
    magic, slots, hour, recall_hash = HEADER.unpack_from(raw)
    if magic != MAGIC or slots not in SLOT_COUNTS or content_bytes(len(raw), slots) is None:
        raise FormatError("FMT", rule="header")
    return slots, hour, recall_hash


def parse_envelope(raw: bytes) -> Envelope:
    """Cut an envelope into its parts.

    Raises:
        FormatError: not an envelope.
    """
    slots, hour, recall_hash = parse_header(raw)
    end = HEADER_BYTES + slots * SLOT_BYTES
    cut = tuple(raw[at : at + SLOT_BYTES] for at in range(HEADER_BYTES, end, SLOT_BYTES))
    return Envelope(raw, raw[:HEADER_BYTES], hour, recall_hash, cut, raw[end:])


def content_bytes(size: int, slots: int) -> int | None:
    """Plaintext bytes that fit an envelope of ``size`` with ``slots``; None when the slots alone do not fit."""
    sealed = size - HEADER_BYTES - slots * SLOT_BYTES - _COBBLESTONE_FIXED
    if sealed < _COBBLESTONE_TAG:
        return None
    chunks = -(-sealed // (_CHUNK + _COBBLESTONE_TAG))
    return sealed - chunks * _COBBLESTONE_TAG


def recall_hash(secret: bytes) -> bytes:
    """What the header shows of a recall secret (32 bytes): whoever shows the secret may recall."""
    return hashlib.sha256(domains.RECALL + secret).digest()


def deposit_statement(envelope_id: bytes, mailbox_id: bytes, hour: int) -> bytes:
    """The bytes that a hub signs with Ed25519 when an envelope is durable: it was deposited in this hour."""
    return domains.DEPOSIT + envelope_id + mailbox_id + struct.pack(">I", hour)
