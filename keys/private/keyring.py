"""The directory keys of a federation, newest first, and which of them makes the tokens of a week (FORMATS 3.6).

Each commitment in the log (``keys.rekey.Rekey``) can carry the key before it, sealed under its own. Whoever has the
newest key therefore has what is still needed of the older ones; nobody is asked for them. A key counts only when its
digest is the one that the roots committed to.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Annotated

import nacl.bindings
import nacl.exceptions
from msgspec import Meta

from keys import domains
from keys.cards import CardKind
from keys.codec import Bytes32, Record, Uint, Uint32
from keys.errors import OpenError
from keys.ids import digest
from keys.private.cards import NONCE_BYTES, open_card
from keys.private.identity import random_bytes
from keys.rekey import MAX_REKEYS, Rekey


class HeldKey(Record, frozen=True):
    """A directory key that a device knows by its number; 0 is the founders'."""

    number: Uint
    from_week: Uint32
    key: Bytes32

    def __repr__(self) -> str:
        """Never the key."""
        return f"HeldKey({self.number})"


HeldKeys = Annotated[list[HeldKey], Meta(max_length=MAX_REKEYS + 1)]


def directory_key_id(directory_key: bytes) -> bytes:
    """What the roots commit to: 32 bytes that tell nothing of a random key."""
    return digest(domains.DIRECTORY_KEY_ID + directory_key)


def seal_former(former: bytes, directory_key: bytes, *, federation: bytes, number: int) -> bytes:
    """The key before number ``number``, sealed under it; 72 bytes."""
    nonce = random_bytes(NONCE_BYTES)
    aad = _context(federation, number)
    return nonce + nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(former, aad, nonce, directory_key)


def unroll(steps: Sequence[Rekey], newest: bytes) -> list[HeldKey]:
    """Every directory key that follows from the newest one, newest first, as far as the roots let it.

    Args:
        steps: all commitments of the log, number 1 first; none while the founders' key is in force.
        newest: 32 bytes.

    Raises:
        OpenError: code ``DIRKEY``; it is not the key that the roots committed to.
    """
    held: list[HeldKey] = []
    key = newest
    for step in reversed(steps):
        if directory_key_id(key) != step.key_id:
            if step is steps[-1]:
                raise OpenError("DIRKEY")
            return held
        held.append(HeldKey(step.number, step.from_week, key))
        former = _open_former(step, key)
        if former is None:
            return held
        key = former
    return [*held, HeldKey(0, 0, key)]


def find(steps: Sequence[Rekey], known: Iterable[bytes]) -> bytes | None:
    """The newest directory key, when it is among the known ones."""
    if not steps:
        return next(iter(known), None)
    return next((key for key in known if directory_key_id(key) == steps[-1].key_id), None)


def key_of_week(held: Sequence[HeldKey], week: int) -> bytes | None:
    """The key that makes the tokens of a week; None when the held ones are all for later weeks.

    Both ends follow the log alone: all weeks before a key's first belong to the key before it. That is the overlap in
    which a sender who has not heard of the new key still reaches everybody.
    """
    fit = [key for key in held if key.from_week <= week]
    return max(fit, key=lambda one: one.number).key if fit else None


def open_any(held: Sequence[bytes], kind: CardKind, owner_id: bytes, sealed: bytes) -> bytes:
    """Open a card with the one of several directory keys that it was sealed under.

    Raises:
        OpenError: code ``CARD``; with none.
    """
    for key in held:
        try:
            return open_card(key, kind, owner_id, sealed)
        except OpenError:
            continue
    raise OpenError("CARD")


def _open_former(step: Rekey, key: bytes) -> bytes | None:
    """The key before it; None where the roots let none follow, or nonsense."""
    sealed, aad = step.former or b"", _context(step.federation, step.number)
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, aad, nonce, key)
    except (nacl.exceptions.CryptoError, ValueError):
        return None


def _context(federation: bytes, number: int) -> bytes:
    return domains.FORMER_KEY + federation + struct.pack(">I", number)
