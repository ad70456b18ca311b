"""The folder of an office: what lies where, and how it is made, unlocked and kept from being opened twice.

office.toml     settings
page.toml       what its handler has chosen at the page
passphrase.slk  vault key ‖ ring key, under the handler's passphrase
ring.slk        private keys, under the ring key
vault.db        everything else, under the vault key
attachments/    attached files, each under a key of its own that stands in the vault
approval.slk    the approval, as received (public but for the sealed directory key)
api.json        address and token of the loopback API while the office is open (0600)
lock            held by the process that has the office open
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import IO

from client.engine import portable
from keys.errors import LocalError
from keys.files import write_durably
from keys.private.keeper import Ring, new_ring
from keys.private.office_keys import OfficeKeys, lock_office, new_office_keys, unlock_office
from keys.private.ring_file import RingFile
from keys.statements import Profile


@dataclasses.dataclass(frozen=True, slots=True)
class Folder:
    """Paths of one office."""

    path: Path

    @property
    def settings(self) -> Path:
        """``office.toml``."""
        return self.path / "office.toml"

    @property
    def page(self) -> Path:
        """``page.toml``."""
        return self.path / "page.toml"

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
    def attachments(self) -> Path:
        """``attachments/``."""
        return self.path / "attachments"

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


def create(folder: Folder, passphrase: str, profile: Profile) -> tuple[Ring, OfficeKeys]:
    """Make a new device in an empty or missing folder.

    Raises:
        LocalError: code ``EXISTS`` when the folder already holds an office, ``PASSSHORT``, ``DISK``.
    """
    if folder.passphrase.exists():
        raise LocalError("EXISTS")
    keys = new_office_keys(profile)
    sealed = lock_office(keys, passphrase)
    try:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LocalError("DISK") from error
    ring = new_ring(profile)
    keys.ring_file(folder.ring).save(ring)
    write_durably(folder.settings, f'profile = "{profile.value}"\n'.encode())
    write_durably(folder.passphrase, sealed)  # last: from here on the office exists
    return ring, keys


def require_made(folder: Folder) -> None:
    """Refuse a folder without an office.

    Raises:
        LocalError: code ``NOOFFICE``.
    """
    if not folder.passphrase.exists():
        raise LocalError("NOOFFICE")


def open_keys(folder: Folder, passphrase: str) -> Unlocked:
    """Unlock an office's keys in this process; an open office leaves them to its keeper.

    Raises:
        LocalError: code ``NOOFFICE`` when there is none, ``PASS``, ``FILE``.
    """
    require_made(folder)
    keys = unlock_office(folder.passphrase, passphrase)
    return Unlocked(keys.vault_key, keys.ring_file(folder.ring), keys.profile)


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
