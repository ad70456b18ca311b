"""One fixed vector per primitive of the secret half, after those of the public half; some milliseconds.

Stored ciphertexts must open: what a library wrote last year it must read this year. Altered ones must be refused.
"""

from __future__ import annotations

import hashlib
from typing import Final

import nacl.bindings
import nacl.exceptions
import nacl.pwhash.argon2id
from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys import selftest as public_selftest
from keys import selftest_vectors as vectors
from keys.errors import OpenError
from keys.private import xwing
from keys.selftest import Check, refuses, run_checks

# draft-connolly-cfrg-xwing-kem, appendix C, first vector: the seed, and SHA-256 of its public key.
_XWING_SEED: Final = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
_XWING_PUBLIC_SHA256: Final = "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb"
# Stored: "sluss" under 32 bytes c, context vectors.MESSAGE.
_COBBLESTONE: Final = bytes.fromhex(
    "2651d77e7580c9420642094814193bc3d64d94d620a59fba8a44ee4ca9dfd9f0d2dee4b8fce5ca26"
    "1bce6b23dc91b3a95b8d3405457f132208e3e667c25ed9cc094c489ee10153f04eebbf9225"
)
# draft-irtf-cfrg-xchacha, A.3.1.
_XCHACHA_KEY: Final = bytes(range(0x80, 0xA0))
_XCHACHA_NONCE: Final = bytes(range(0x40, 0x58))
_XCHACHA_AAD: Final = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
_XCHACHA_PLAIN: Final = (
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    b"sunscreen would be it."
)
_XCHACHA_BEGIN: Final = bytes.fromhex("bd6d179d3e83d43b9576579493c0e939")
_XCHACHA_TAG: Final = bytes.fromhex("c0875924c1c7987947deafd8780acf49")
# libsodium's Argon2id, 1 pass, 8 KiB, salt of zeros, passphrase vectors.MESSAGE.
_ARGON2ID: Final = "7957f449a5e93c4d4cc9bb02d7ee7a803018d258873d73cc48ca45fd74b1f1ee"
# RFC 5869, A.1.
_HKDF_OKM: Final = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"


def run() -> None:
    """Run all self-tests, the public ones first.

    Raises:
        LocalError: code ``SELFTEST``, with the ``part`` that failed.
    """
    public_selftest.run()
    run_checks(_CHECKS)


def _xwing_key() -> bool:
    return hashlib.sha256(xwing.public_of(_XWING_SEED)).hexdigest() == _XWING_PUBLIC_SHA256


def _xwing_wrap() -> bool:
    opened = xwing.unwrap(vectors.XWING_WRAPPED, _XWING_SEED, vectors.MESSAGE)
    return opened == b"k" * 32 and refuses(
        lambda: xwing.unwrap(vectors.XWING_WRAPPED, _XWING_SEED, b"another context"), OpenError
    )


def _cobblestone() -> bool:
    altered = _COBBLESTONE[:-1] + bytes([_COBBLESTONE[-1] ^ 1])
    return _open_cobblestone(_COBBLESTONE) == b"sluss" and refuses(lambda: _open_cobblestone(altered), InvalidTag)


def _open_cobblestone(sealed: bytes) -> bytes:
    decryptor = Cobblestone256Decryptor(b"c" * 32, vectors.MESSAGE)
    return bytes(decryptor.update(sealed) + decryptor.finalize())


def _xchacha() -> bool:
    sealed = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        _XCHACHA_PLAIN, _XCHACHA_AAD, _XCHACHA_NONCE, _XCHACHA_KEY
    )
    return (
        (sealed[:16], sealed[-16:]) == (_XCHACHA_BEGIN, _XCHACHA_TAG)
        and _open_xchacha(sealed) == _XCHACHA_PLAIN
        and refuses(lambda: _open_xchacha(sealed[:-1] + b"\x00"), nacl.exceptions.CryptoError)
    )


def _open_xchacha(sealed: bytes) -> bytes:
    return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, _XCHACHA_AAD, _XCHACHA_NONCE, _XCHACHA_KEY)


def _argon2id() -> bool:
    return nacl.pwhash.argon2id.kdf(32, vectors.MESSAGE, bytes(16), opslimit=1, memlimit=8192).hex() == _ARGON2ID


def _hkdf() -> bool:
    hkdf = HKDF(algorithm=SHA256(), length=42, salt=bytes(range(13)), info=bytes(range(0xF0, 0xFA)))
    return hkdf.derive(b"\x0b" * 22).hex() == _HKDF_OKM


_CHECKS: Final[tuple[Check, ...]] = (
    ("xwing-key", _xwing_key),
    ("xwing-wrap", _xwing_wrap),
    ("cobblestone", _cobblestone),
    ("xchacha", _xchacha),
    ("argon2id", _argon2id),
    ("hkdf", _hkdf),
)
