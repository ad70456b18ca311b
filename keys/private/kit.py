"""The recovery kit: a random secret on paper, in three shares of which two are needed (FORMATS 9.5).

The shares are SLIP-39 mnemonics of 33 words each, with a checksum that finds mistyped words and a digest that finds
shares which do not belong together. One share says nothing about the secret.

Of the secret a device keeps only a public key: it seals backups that it cannot open itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta
from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import Share

from keys import domains
from keys.codec import Bytes16, Record
from keys.errors import LocalError
from keys.ids import ID_BYTES, digest
from keys.private import xwing
from keys.private.identity import random_bytes
from keys.public import XWING_PUBLIC_BYTES

SECRET_BYTES: Final = 32
SHARES: Final = 3
NEEDED: Final = 2
WORDS: Final = 33  # of a share of 256 bits


class KitPublic(Record, frozen=True):
    """What a device keeps of its unit's kit."""

    kit_id: Bytes16
    public: Annotated[bytes, Meta(min_length=XWING_PUBLIC_BYTES, max_length=XWING_PUBLIC_BYTES)]


def new_secret() -> bytes:
    """A fresh secret, 32 bytes."""
    return random_bytes(SECRET_BYTES)


def public_of(secret: bytes) -> KitPublic:
    """The public half of a kit."""
    public = xwing.public_of(seal_seed(secret))
    return KitPublic(digest(domains.KIT + public)[:ID_BYTES], public)


def seal_seed(secret: bytes) -> bytes:
    """The X-Wing seed (32 bytes) that opens what was sealed to the kit."""
    return HKDF(algorithm=SHA256(), length=xwing.SEED_BYTES, salt=None, info=domains.KIT).derive(secret)


def split(secret: bytes) -> list[str]:
    """Three shares; any two give the secret back. No stretching: the secret is random and whole."""
    (group,) = generate_mnemonics(1, [(NEEDED, SHARES)], secret, iteration_exponent=0)
    return list(group)


def join(shares: Sequence[str]) -> bytes:
    """The secret of at least two shares, as typed: case and spacing do not matter.

    Raises:
        LocalError: code ``KITWORD`` with the number of a mistyped share, ``KIT`` when they do not belong together.
    """
    plain = [" ".join(share.lower().split()) for share in shares]
    for number, share in enumerate(plain, start=1):
        check_share(share, number)
    try:
        secret = combine_mnemonics(plain)
    except MnemonicError as error:
        raise LocalError("KIT") from error
    if len(secret) != SECRET_BYTES:
        raise LocalError("KIT")
    return bytes(secret)


def check_share(share: str, number: int) -> None:
    """Refuse a share whose words or checksum do not hold.

    Raises:
        LocalError: code ``KITWORD``.
    """
    try:
        Share.from_mnemonic(" ".join(share.lower().split()))
    except MnemonicError as error:
        raise LocalError("KITWORD", share=number) from error
