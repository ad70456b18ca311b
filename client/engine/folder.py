"""The folder of an office: what lies where, and how it is made, unlocked and kept from being opened twice.

office.toml     settings
passphrase.slk  vault key ‖ keeper key, under the handler's passphrase
ring.slk        private keys, under the keeper key
vault.db        everything else, under the vault key
approval.slk    the approval, as received (public but for the sealed directory key)
api.json        address and token of the loopback API while the office is open (0600)
lock            held by the process that has the office open
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import IO, Final

from client.engine import portable
from keys.errors import LocalError
from keys.files import read_bounded, write_durably
from keys.private.identity import random_bytes
from keys.private.keeper import Ring, new_ring
from keys.private.key_file import MAX_KEY_FILE_BYTES, lock, unlock
from keys.private.ring_file import RingFile
from keys.statements import Profile

PURPOSE: Final = "office"
_KEY_BYTES: Final = 32


@dataclasses.dataclass(frozen=True, slots=True)
class Folder:
    """Paths of one office."""

    path: Path

    @property
    def settings(self) -> Path:
        """``office.toml``."""
        return self.path / "office.toml"

    @property
    def passphrase(self) -> Path:
        """``passphrase.slk``."""
        return self.path / "passphrase.slk"

    @property
    def ring(self) -> Path:
        """``ring.slk``."""
        return self.path / "ring.slk"

    @property
    def vault(self) -> Path:
        """``vault.db``."""
        return self.path / "vault.db"

    @property
    def approval(self) -> Path:
        """``approval.slk``."""
        return self.path / "approval.slk"

    @property
    def api(self) -> Path:
        """``api.json``."""
        return self.path / "api.json"


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Unlocked:
    """What a passphrase opens."""

    vault_key: bytes
    ring_file: RingFile
    profile: Profile


def create(folder: Folder, passphrase: str, profile: Profile) -> Ring:
    """Make a new device in an empty or missing folder.

    Raises:
        LocalError: code ``EXISTS`` when the folder already holds an office, ``PASSSHORT``, ``DISK``.
    """
    if folder.passphrase.exists():
        raise LocalError("EXISTS")
    keys = random_bytes(2 * _KEY_BYTES)
    sealed = lock(keys, passphrase, purpose=PURPOSE, profile=profile)
    try:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LocalError("DISK") from error
    ring = new_ring(profile)
    RingFile(folder.ring, keys[_KEY_BYTES:]).save(ring)
    write_durably(folder.settings, f'profile = "{profile.value}"\n'.encode())
    write_durably(folder.passphrase, sealed)  # last: from here on the office exists
    return ring


def open_keys(folder: Folder, passphrase: str) -> Unlocked:
    """Unlock an office's keys.

    Raises:
        LocalError: code ``NOOFFICE`` when there is none, ``PASS``, ``FILE``.
    """
    if not folder.passphrase.exists():
        raise LocalError("NOOFFICE")
    data = read_bounded(folder.passphrase, MAX_KEY_FILE_BYTES)
    keys, profile = unlock(data, passphrase, purpose=PURPOSE)
    return Unlocked(keys[:_KEY_BYTES], RingFile(folder.ring, keys[_KEY_BYTES:]), profile)


def hold(folder: Folder) -> IO[bytes]:
    """Keep others from opening the office; it is free again when the file is closed or the process ends.

    Raises:
        LocalError: code ``LOCKED``; another process has it open.
    """
    try:
        file = (folder.path / "lock").open("ab")
    except OSError as error:
        raise LocalError("NOOFFICE") from error
    try:
        portable.lock_file(file)
    except OSError as error:
        file.close()
        raise LocalError("LOCKED") from error
    return file
