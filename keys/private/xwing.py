"""X-Wing keys (draft-connolly-cfrg-xwing-kem): a 32-byte seed at rest, ML-KEM-768 and X25519 in use.

SHAKE256(seed, 96) gives the ML-KEM seed (64 bytes) and the X25519 scalar (32 bytes). A public key is 1,184 + 32 bytes.
HPKE base mode (RFC 9180) with HKDF-SHA256 and ChaCha20-Poly1305; context goes into ``info``, because pyca's one-shot
API has no associated data.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from keys.errors import FormatError, OpenError
from keys.public import XWING_PUBLIC_BYTES

SEED_BYTES: Final = 32
WRAPPED_BYTES: Final = 1168  # enc 1,120 + a 32-byte key + 16 of the tag
_MLKEM_PUBLIC_BYTES: Final = 1184
_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def public_of(seed: bytes) -> bytes:
    """The public key (1,216 bytes) of a 32-byte seed."""
    mlkem, x25519 = _expand(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def wrap(key: bytes, public: bytes, info: bytes) -> bytes:
    """Encrypt a 32-byte key to a public key.

    Args:
        key: 32 bytes.
        public: 1,216 bytes.
        info: context that must be the same when unwrapping.

    Returns:
        1,168 bytes.

    Raises:
        FormatError: code ``WEAKKEY``; ``public`` is not an X-Wing key, or its X25519 half is of small order.
    """
    loaded = _load_public(public)
    try:
        return _SUITE.encrypt(key, loaded, info=info)
    except ValueError as error:
        raise FormatError("WEAKKEY") from error


def unwrap(wrapped: bytes, seed: bytes, info: bytes) -> bytes:
    """Decrypt what ``wrap`` made.

    Raises:
        OpenError: another key, another context, or altered.
    """
    return unwrap_any([wrapped], load_private(seed), info)


def unwrap_any(wrapped: Iterable[bytes], private: MLKEM768X25519PrivateKey, info: bytes) -> bytes:
    """Decrypt the first of several wraps that a loaded key opens; to load one costs as much as a try.

    Raises:
        OpenError: none opens: another key, another context, or altered.
    """
    for one in wrapped:
        with contextlib.suppress(InvalidTag, ValueError):
            return _SUITE.decrypt(one, private, info=info)
    raise OpenError("OPEN")


@functools.lru_cache(maxsize=1024)
def _load_public(public: bytes) -> MLKEM768X25519PublicKey:
    if len(public) != XWING_PUBLIC_BYTES:
        raise FormatError("WEAKKEY")
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES])
        x25519 = X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_BYTES:])
    except ValueError as error:
        raise FormatError("WEAKKEY") from error
    return MLKEM768X25519PublicKey(mlkem, x25519)


def load_private(seed: bytes) -> MLKEM768X25519PrivateKey:
    """The private key of a 32-byte seed; as secret as the seed."""
    return MLKEM768X25519PrivateKey(*_expand(seed))


def _expand(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    stretched = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(stretched[:64]), X25519PrivateKey.from_private_bytes(stretched[64:])
