"""What a signature or a derived key is *for*: closed lists.

A type stands inside the signed bytes (DSSE), a label inside every hash and derivation, so nothing made for one purpose
passes for another.
"""

from __future__ import annotations

import enum
from typing import Final

VERSION: Final = 1  # field 1 of every payload
SUITE: Final = 1  # field 2: Ed25519 + ML-DSA-65, X-Wing, Cobblestone-256, SHA-256


class SignedType(enum.StrEnum):
    """Every type of signed object (protocol 3). A decoder refuses any other."""

    ROOT = "root"
    ORGANISATION = "organisation"
    UNIT = "unit"
    DEVICE = "device"
    ENROL = "enrol"
    REVOKE = "revoke"
    FREEZE = "freeze"
    OPPOSE = "oppose"
    WITNESSES = "witnesses"
    HUB = "hub"
    BATCH = "batch"
    SNAPSHOT = "snapshot"
    DOCUMENT = "document"
    RECEIPT = "receipt"
    CONSENT = "consent"
    WITHDRAWAL = "withdrawal"
    LOGIN = "login"
    RELEASE = "release"
    OFFICER = "officer"
    REKEY = "rekey"
    HANDOUT = "handout"
    RESEAL = "reseal"
    APPROVAL = "approval"


def label(name: str) -> bytes:
    """A domain label: ``sluss/`` + name + a zero byte, the prefix of every hash and derivation of ours."""
    return b"sluss/" + name.encode("ascii") + b"\x00"


ATTACHMENT: Final = label("attachment")
ATTACHMENT_INDEX: Final = label("attachment-index")
BACKUP: Final = label("backup")
BLOB_DROP: Final = label("blob-drop")
BODY: Final = label("body")
CARD: Final = label("card")
CONSENT_RECORD: Final = label("consent")
CONTENT: Final = label("content")
DELIVERY: Final = label("delivery")
DEPOSIT: Final = label("deposit")
DIRECTORY_KEY: Final = label("directory-key")
DIRECTORY_KEY_ID: Final = label("directory-key-id")
FINGERPRINT: Final = label("fingerprint")
FORMER_KEY: Final = label("former-key")
GRANT: Final = label("grant")
KEY_FILE: Final = label("key-file")
KEY_PAIR: Final = label("key-pair")
KIT: Final = label("kit")
RECALL: Final = label("recall")
RETURN_CODE: Final = label("return-code")
RING: Final = label("ring")
WRAP: Final = label("wrap")
