"""One fixed vector per primitive of the public half; a program that fails it refuses to run.

1. PyNaCl is 1.6.2 or newer: older ones miss a check of libsodium on points of Ed25519 (CVE-2025-69277).
2. SHA-256, Ed25519 and ML-DSA-65 give the stored answers, and refuse a changed message.
3. A key of small order is refused: under it, anything verifies.

The secret half has its own: ``keys/private/selftest.py``.

Example:
    >>> from keys import selftest
    >>> selftest.run()
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Final

import nacl

from keys import selftest_vectors as vectors
from keys.errors import LocalError, SignatureError
from keys.public import PublicPair, check_ed25519, verify_ed25519, verify_pair

Check = tuple[str, Callable[[], bool]]

LEAST_PYNACL: Final = (1, 6, 2)
IDENTITY_POINT: Final = b"\x01" + bytes(31)  # order 1 on the curve of RFC 8032 5.1

# RFC 8032 7.1, test 2.
_ED25519_PUBLIC: Final = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
_ED25519_MESSAGE: Final = b"\x72"
_ED25519_SIGNATURE: Final = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
# An Ed25519 signature over vectors.MESSAGE by the seed of 32 bytes 01, for the pair of both schemes.
_PAIR_ED25519: Final = bytes.fromhex("8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")
_PAIR_SIGNATURE: Final = bytes.fromhex(
    "cc13df16a14c21a95fdd88a718a7981d7ab8f34d5037042787f4d1c060dcb214"
    "0f4586d8a6ba3687d9db8f7956923a127f3eff22c1d62ae3264800d0530c7000"
)
# FIPS 180-2, appendix B.1.
_SHA256_ABC: Final = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def run() -> None:
    """Run the public self-tests; some milliseconds.

    Raises:
        LocalError: code ``SELFTEST``, with the ``part`` that failed.
    """
    run_checks(_CHECKS)


def run_checks(checks: Iterable[Check]) -> None:
    """Run named checks; one that returns False or raises anything fails."""
    for part, check in checks:
        try:
            passed = check()
        except Exception as error:
            raise LocalError("SELFTEST", part=part) from error
        if not passed:
            raise LocalError("SELFTEST", part=part)


def refuses(call: Callable[[], object], error_type: type[Exception]) -> bool:
    """Whether a call raises ``error_type``."""
    try:
        call()
    except error_type:
        return True
    return False


def _pynacl() -> bool:
    parts = nacl.__version__.split(".")[:3]
    return tuple(int("".join(filter(str.isdigit, part))) for part in parts) >= LEAST_PYNACL


def _sha256() -> bool:
    return hashlib.sha256(b"abc").hexdigest() == _SHA256_ABC


def _ed25519() -> bool:
    verify_ed25519(_ED25519_PUBLIC, _ED25519_SIGNATURE, _ED25519_MESSAGE)
    return refuses(lambda: verify_ed25519(_ED25519_PUBLIC, _ED25519_SIGNATURE, b"\x73"), SignatureError)


def _small_order() -> bool:
    return refuses(lambda: check_ed25519(IDENTITY_POINT), SignatureError)


def _pair() -> bool:
    pair = PublicPair(_PAIR_ED25519, vectors.MLDSA65_PUBLIC)
    verify_pair(pair, _PAIR_SIGNATURE, vectors.MLDSA65_SIGNATURE, vectors.MESSAGE)
    altered = bytes([vectors.MLDSA65_SIGNATURE[0] ^ 1]) + vectors.MLDSA65_SIGNATURE[1:]
    return refuses(lambda: verify_pair(pair, _PAIR_SIGNATURE, altered, vectors.MESSAGE), SignatureError)


_CHECKS: Final[tuple[Check, ...]] = (
    ("pynacl", _pynacl),
    ("sha256", _sha256),
    ("ed25519", _ed25519),
    ("small-order", _small_order),
    ("mldsa65", _pair),
)
