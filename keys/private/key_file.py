"""Secrets under a passphrase: Argon2id and XChaCha20-Poly1305 (FORMATS 9).

The cost profile stands in the file and is authenticated. ``CHEAP`` is for the demonstration and for tests; a key file
made with it opens as such, and whoever opens it refuses it in a real federation (``require_profile``).
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Final

import nacl.bindings
import nacl.exceptions
import nacl.pwhash.argon2id
from msgspec import Meta

from keys import domains
from keys.codec import Bytes16, Record, Uint, decode, encode
from keys.errors import FormatError, LocalError
from keys.private.identity import random_bytes
from keys.statements import Profile

MAX_KEY_FILE_BYTES: Final = 64 * 1024
MAX_SECRET_BYTES: Final = 48 * 1024
MIN_PASSPHRASE_CHARACTERS: Final = 12
_MAGIC: Final = "sluss-key"
_COSTS: Final = {
    Profile.REAL: (3, 256 * 1024 * 1024),  # passes, bytes of memory: protocol 2 asks for at least 256 MiB
    Profile.DEMO: (1, 8 * 1024),  # libsodium's least
}


class KeyFile(Record, frozen=True):
    """A sealed secret with what is needed to try a passphrase."""

    magic: Annotated[str, Meta(max_length=20)]
    version: Uint
    profile: Profile
    purpose: Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[a-z-]+\Z")]
    salt: Bytes16
    sealed: Annotated[bytes, Meta(min_length=40, max_length=MAX_KEY_FILE_BYTES - 1024)]


def lock(secret: bytes, passphrase: str, *, purpose: str, profile: Profile) -> bytes:
    """Seal a secret under a passphrase.

    Args:
        secret: at most 48 KiB.
        passphrase: at least 12 characters; normalised to NFC, so that å typed on another keyboard is the same.
        purpose: what the secret is, a short word; must be named again when opening.
        profile: which cost to use.

    Raises:
        LocalError: code ``PASSSHORT``, or ``BIG`` for a longer secret.
    """
    if len(unicodedata.normalize("NFC", passphrase)) < MIN_PASSPHRASE_CHARACTERS:
        raise LocalError("PASSSHORT", least=MIN_PASSPHRASE_CHARACTERS)
    if len(secret) > MAX_SECRET_BYTES:
        raise LocalError("BIG")
    salt, nonce = random_bytes(16), random_bytes(24)
    key = _stretch(passphrase, salt, profile)
    aad = _context(purpose, profile, salt)
    sealed = nonce + nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(secret, aad, nonce, key)
    return encode(KeyFile(_MAGIC, 1, profile, purpose, salt, sealed))


def inspect(data: bytes) -> KeyFile:
    """What a key file says of itself, without a passphrase; nothing of it is authenticated yet.

    Raises:
        LocalError: code ``FILE``; not a key file.
    """
    try:
        file = decode(data, KeyFile, max_bytes=MAX_KEY_FILE_BYTES)
    except FormatError as error:
        raise LocalError("FILE") from error
    if (file.magic, file.version) != (_MAGIC, 1):
        raise LocalError("FILE")
    return file


def unlock(data: bytes, passphrase: str, *, purpose: str) -> tuple[bytes, Profile]:
    """Open a key file.

    Returns:
        The secret, and the profile that it was sealed with.

    Raises:
        LocalError: code ``FILE`` when it is not a key file of this purpose, ``PASS`` when the passphrase is wrong.
    """
    file = inspect(data)
    if file.purpose != purpose:
        raise LocalError("FILE")
    key = _stretch(passphrase, file.salt, file.profile)
    aad = _context(purpose, file.profile, file.salt)
    try:
        secret = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(file.sealed[24:], aad, file.sealed[:24], key)
    except nacl.exceptions.CryptoError as error:
        raise LocalError("PASS") from error
    return secret, file.profile


def require_profile(profile: Profile, expected: Profile) -> None:
    """Refuse demonstration keys in a real federation, and the reverse.

    Raises:
        LocalError: code ``PROFILE``.
    """
    if profile is not expected:
        raise LocalError("PROFILE")


def _stretch(passphrase: str, salt: bytes, profile: Profile) -> bytes:
    passes, memory_bytes = _COSTS[profile]
    text = unicodedata.normalize("NFC", passphrase).encode("utf-8")
    return nacl.pwhash.argon2id.kdf(32, text, salt, opslimit=passes, memlimit=memory_bytes)


def _context(purpose: str, profile: Profile, salt: bytes) -> bytes:
    return domains.KEY_FILE + encode([_MAGIC, 1, purpose, profile.value, salt])
