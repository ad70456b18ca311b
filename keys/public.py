"""Public signing keys, and the one place where signatures are verified.

Rules (FORMATS 2):
1. A signature counts only when Ed25519 *and* ML-DSA-65 verify over the same bytes; Ed25519 first, it is cheaper.
2. Bytes signed are the DSSE pre-authentication encoding, so the type is part of them.
3. Ed25519 keys of small order or off the curve are refused when a key is loaded: under such a key anything verifies.
4. Verification returns nothing; it raises.
"""

from __future__ import annotations

import functools
from typing import Annotated

import nacl.bindings
import nacl.exceptions
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey
from msgspec import Meta

from keys import domains
from keys.codec import Bytes32, Record, encode
from keys.errors import SignatureError
from keys.ids import KeyId, digest

ED25519_PUBLIC_BYTES = 32  # RFC 8032 5.1.5
ED25519_SIGNATURE_BYTES = 64  # RFC 8032 5.1.6
MLDSA65_PUBLIC_BYTES = 1952  # FIPS 204 table 2
MLDSA65_SIGNATURE_BYTES = 3309  # FIPS 204 table 2
XWING_PUBLIC_BYTES = 1216  # draft-connolly-cfrg-xwing-kem: 1,184 of ML-KEM-768, 32 of X25519

MldsaPublic = Annotated[bytes, Meta(min_length=MLDSA65_PUBLIC_BYTES, max_length=MLDSA65_PUBLIC_BYTES)]
MldsaSignature = Annotated[bytes, Meta(min_length=MLDSA65_SIGNATURE_BYTES, max_length=MLDSA65_SIGNATURE_BYTES)]
XWingPublic = Annotated[bytes, Meta(min_length=XWING_PUBLIC_BYTES, max_length=XWING_PUBLIC_BYTES)]


class PublicPair(Record, frozen=True):
    """The two public keys of one signer."""

    ed25519: Bytes32
    mldsa: MldsaPublic


def key_id(pair: PublicPair) -> KeyId:
    """Digest that names a pair of keys before any certificate does."""
    return KeyId(digest(domains.KEY_PAIR + encode(pair)))


def check_pair(pair: PublicPair) -> None:
    """Refuse keys that must not be used.

    Raises:
        SignatureError: code ``WEAKKEY``; not a point of the main subgroup, or not an ML-DSA-65 key.
    """
    check_ed25519(pair.ed25519)
    _load_mldsa(pair.mldsa)


def check_ed25519(public: bytes) -> None:
    """Refuse an Ed25519 key that is off the curve, of small order or not canonical.

    Raises:
        SignatureError: code ``WEAKKEY``.
    """
    if len(public) != ED25519_PUBLIC_BYTES or not nacl.bindings.crypto_core_ed25519_is_valid_point(public):
        raise SignatureError("WEAKKEY")


def pre_authentication(signed_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: DSSE's PAE (secure-systems-lab/dsse, protocol.md)."""
    name = signed_type.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(payload), payload)


def verify_ed25519(public: bytes, signature: bytes, message: bytes) -> None:
    """Verify one Ed25519 signature with libsodium's strict rules.

    Raises:
        SignatureError: code ``SIG``.
    """
    # A signature of another length would shift the boundary, and bytes of the message would count as signature.
    if len(signature) != ED25519_SIGNATURE_BYTES:
        raise SignatureError("SIG", scheme="ed25519")
    try:
        nacl.bindings.crypto_sign_open(signature + message, public)
    except (nacl.exceptions.BadSignatureError, ValueError) as error:
        raise SignatureError("SIG", scheme="ed25519") from error


def verify_pair(pair: PublicPair, ed25519: bytes, mldsa: bytes, message: bytes) -> None:
    """Verify both signatures of one signer over ``message``.

    Raises:
        SignatureError: code ``SIG`` when either fails, ``WEAKKEY`` when the ML-DSA key does not load.
    """
    verify_ed25519(pair.ed25519, ed25519, message)
    try:
        _load_mldsa(pair.mldsa).verify(mldsa, message)
    except InvalidSignature as error:
        raise SignatureError("SIG", scheme="mldsa") from error


@functools.lru_cache(maxsize=4096)
def _load_mldsa(public: bytes) -> MLDSA65PublicKey:
    try:
        return MLDSA65PublicKey.from_public_bytes(public)
    except ValueError as error:
        raise SignatureError("WEAKKEY") from error
