"""What the directory key does: sealed cards, delivery tokens, and its own way to a new device (FORMATS 3.4-3.6).

The hub does not have this key; therefore its copy of the directory has no names, and a deposit shows that its maker is
in the federation without showing who it is.
"""

from __future__ import annotations

import struct
from typing import Final

import nacl.bindings
import nacl.exceptions
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys import domains
from keys.cards import CardKind
from keys.errors import LocalError, OpenError
from keys.private import xwing
from keys.private.identity import random_bytes
from keys.statements import MAX_CARD_BYTES

DIRECTORY_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 24  # XChaCha20-Poly1305
TOKEN_BYTES: Final = 32
CARD_STEP_BYTES: Final = 1024  # measured: a card without long facts has 80 to 300 bytes
_PAD_MARK: Final = b"\x80"  # ISO/IEC 7816-4: the mark, then zeros
_TAG_BYTES: Final = 16  # Poly1305
WEEK_HOURS: Final = 168


def seal_card(directory_key: bytes, kind: CardKind, owner_id: bytes, card: bytes) -> bytes:
    """Encrypt an encoded card for its owner (16-byte id); nonce of 24 bytes in front.

    Cards are padded to whole steps: a name's length alone would tell the hub one municipality from another.

    Raises:
        LocalError: code ``BIG``; longer than a statement takes.
    """
    padded = card + _PAD_MARK
    padded += bytes(-len(padded) % CARD_STEP_BYTES)
    if NONCE_BYTES + len(padded) + _TAG_BYTES > MAX_CARD_BYTES:
        raise LocalError("BIG")
    nonce = random_bytes(NONCE_BYTES)
    aad = _card_context(kind, owner_id)
    return nonce + nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(padded, aad, nonce, directory_key)


def open_card(directory_key: bytes, kind: CardKind, owner_id: bytes, sealed: bytes) -> bytes:
    """Decrypt a card.

    Raises:
        OpenError: code ``CARD``; another key, another owner, or altered.
    """
    aad = _card_context(kind, owner_id)
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        padded = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, aad, nonce, directory_key)
    except (nacl.exceptions.CryptoError, ValueError) as error:
        raise OpenError("CARD") from error
    card = padded.rstrip(b"\x00")
    if not card.endswith(_PAD_MARK):
        raise OpenError("CARD")
    return card[:-1]


def delivery_token(directory_key: bytes, mailbox_id: bytes, week: int) -> bytes:
    """The token (32 bytes) that a deposit to this mailbox shows in this week.

    Args:
        directory_key: 32 bytes.
        mailbox_id: 16 bytes.
        week: hours since 1970 UTC divided by 168, rounded down.
    """
    info = domains.DELIVERY + mailbox_id + struct.pack(">I", week)
    return HKDF(algorithm=SHA256(), length=TOKEN_BYTES, salt=None, info=info).derive(directory_key)


def seal_directory_key(
    directory_key: bytes, enrol_public: bytes, *, federation: bytes, device_id: bytes, policy: int | None = None
) -> bytes:
    """Wrap the directory key for a device; 1,168 bytes.

    Args:
        directory_key: 32 bytes.
        enrol_public: of the device.
        federation: its id.
        device_id: whose key it is.
        policy: in an approval, the number of the witness policy that stands in it: nobody without the directory key can
            put another there. None in a handout, which has no such number.
    """
    return xwing.wrap(directory_key, enrol_public, _sealed_for(federation, device_id, policy))


def open_directory_key(
    sealed: bytes, enrol_seed: bytes, *, federation: bytes, device_id: bytes, policy: int | None = None
) -> bytes:
    """Unwrap the directory key at the device.

    Raises:
        OpenError: made for another device or federation, or under another number of the policy.
    """
    return xwing.unwrap(sealed, enrol_seed, _sealed_for(federation, device_id, policy))


def _sealed_for(federation: bytes, device_id: bytes, policy: int | None) -> bytes:
    number = b"" if policy is None else policy.to_bytes(8)
    return domains.DIRECTORY_KEY + federation + device_id + number


def _card_context(kind: CardKind, owner_id: bytes) -> bytes:
    return domains.CARD + kind.encode("ascii") + b"\x00" + owner_id
