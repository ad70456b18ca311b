"""Secret signing keys: two seeds, two signatures over the same bytes (FORMATS 2)."""

from __future__ import annotations

import functools

import nacl.bindings
import nacl.utils
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey

from keys.codec import Bytes32, Record
from keys.domains import SignedType
from keys.ids import KeyId
from keys.public import PublicPair, key_id, pre_authentication
from keys.signed import Signature, assemble


class SigningSecret(Record, frozen=True):
    """The seeds of one signer, 32 bytes each."""

    ed25519_seed: Bytes32
    mldsa_seed: Bytes32

    def __repr__(self) -> str:
        """Never the seeds."""
        return "SigningSecret(…)"


def random_bytes(count: int) -> bytes:
    """``count`` bytes from the operating system."""
    return bytes(nacl.utils.random(count))


def new_secret() -> SigningSecret:
    """A fresh pair of seeds."""
    return SigningSecret(random_bytes(32), random_bytes(32))


def public_pair(secret: SigningSecret) -> PublicPair:
    """The public half of a secret."""
    ed25519, _ = nacl.bindings.crypto_sign_seed_keypair(secret.ed25519_seed)
    return PublicPair(ed25519, _mldsa(secret.mldsa_seed).public_key().public_bytes_raw())


def secret_key_id(secret: SigningSecret) -> KeyId:
    """The key id of a secret's public half."""
    return key_id(public_pair(secret))


def sign_with(secret: SigningSecret, signer: bytes, signed_type: SignedType, payload: bytes) -> Signature:
    """Sign a payload as ``signer`` (32 bytes: a certificate digest or a key id) with both keys."""
    message = pre_authentication(signed_type, payload)
    return Signature(signer, sign_ed25519(secret.ed25519_seed, message), _mldsa(secret.mldsa_seed).sign(message))


def sign_object(secret: SigningSecret, signer: bytes, signed_type: SignedType, payload: bytes) -> bytes:
    """A signed object with this one signature."""
    return assemble(signed_type, payload, [sign_with(secret, signer, signed_type, payload)])


def sign_ed25519(seed: bytes, message: bytes) -> bytes:
    """A bare Ed25519 signature (64 bytes) with a 32-byte seed; for logins."""
    _, expanded = nacl.bindings.crypto_sign_seed_keypair(seed)
    return nacl.bindings.crypto_sign(message, expanded)[:64]


def ed25519_public(seed: bytes) -> bytes:
    """The Ed25519 public key (32 bytes) of a seed."""
    public, _ = nacl.bindings.crypto_sign_seed_keypair(seed)
    return public


@functools.lru_cache(maxsize=8)
def _mldsa(seed: bytes) -> MLDSA65PrivateKey:
    return MLDSA65PrivateKey.from_seed_bytes(seed)
