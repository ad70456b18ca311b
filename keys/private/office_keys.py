"""What an office's passphrase opens: ``passphrase.slk`` holds the vault key, then the key of the ring.

The vault key goes to the engine; the ring's key stays with the keeper.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Final

from keys.files import read_bounded
from keys.private.identity import random_bytes
from keys.private.key_file import MAX_KEY_FILE_BYTES, lock, unlock
from keys.private.ring_file import RingFile
from keys.statements import Profile

PURPOSE: Final = "office"
_KEY_BYTES: Final = 32


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class OfficeKeys:
    """The keys of one office."""

    vault_key: bytes
    ring_key: bytes
    profile: Profile

    def ring_file(self, path: Path) -> RingFile:
        """The ring at ``path``."""
        return RingFile(path, self.ring_key)


def new_office_keys(profile: Profile) -> OfficeKeys:
    """Fresh keys."""
    return OfficeKeys(random_bytes(_KEY_BYTES), random_bytes(_KEY_BYTES), profile)


def lock_office(keys: OfficeKeys, passphrase: str) -> bytes:
    """The bytes of ``passphrase.slk``.

    Raises:
        LocalError: code ``PASSSHORT``.
    """
    return lock(keys.vault_key + keys.ring_key, passphrase, purpose=PURPOSE, profile=keys.profile)


def unlock_office(path: Path, passphrase: str) -> OfficeKeys:
    """Open ``passphrase.slk``.

    Raises:
        LocalError: code ``FILE``, ``PASS``.
    """
    secret, profile = unlock(read_bounded(path, MAX_KEY_FILE_BYTES), passphrase, purpose=PURPOSE)
    return OfficeKeys(secret[:_KEY_BYTES], secret[_KEY_BYTES:], profile)
