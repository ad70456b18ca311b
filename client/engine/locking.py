"""Locking an open office: its keeper's process ends, and nobody reads or writes until the passphrase comes again.

The sync loop goes on with the code ``LOCKEDKEYS``: it opens nothing and sends nothing, and nothing is lost by it.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Final, Protocol

from client.engine.folder import Folder, require_made
from client.engine.settings import Settings
from keys.errors import LockedError
from keys.private.hardening import NOTHING, Hardening
from keys.private.keeper import Keeper
from keys.private.keeper_client import ProcessKeeper
from keys.statements import Profile

PAGE_MINUTES: Final = 5


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """What the passphrase opened: the door to the private keys, and the vault key."""

    keeper: Keeper
    vault_key: bytes
    profile: Profile


class Opener(Protocol):
    """How an office comes to its keeper."""

    async def __call__(self, folder: Folder, passphrase: str, idle_seconds: int) -> Opened:
        """Unlock.

        Raises:
            LocalError: code ``NOOFFICE``, ``PASS``, ``FILE``, ``ENROL``, ``SELFTEST``.
        """


async def open_process(folder: Folder, passphrase: str, idle_seconds: int) -> Opened:
    """Start the keeper's process and unlock it."""
    require_made(folder)
    keeper = ProcessKeeper(folder.passphrase, folder.ring, idle_seconds=idle_seconds)
    vault_key = await asyncio.to_thread(keeper.unlock, passphrase, wants_vault_key=True)
    return Opened(keeper, vault_key, keeper.profile)


def idle_seconds(settings: Settings, *, page: bool) -> int:
    """After how long without a person the keys are locked; 0: never. A page locks unless the settings say otherwise."""
    minutes = settings.lock_after_minutes
    if minutes is None:
        minutes = PAGE_MINUTES if page else 0
    return int(minutes * 60)


class Locking:
    """The lock of one open office."""

    def __init__(self, keeper: Keeper, unlocked: Callable[[], None]) -> None:
        self._process = keeper if isinstance(keeper, ProcessKeeper) else None
        self._unlocked = unlocked

    @property
    def is_locked(self) -> bool:
        """Whether the keys are locked away."""
        return self._process is not None and self._process.is_locked

    @property
    def hardening(self) -> Hardening:
        """What the system does for the process that holds the keys."""
        return NOTHING if self._process is None else self._process.hardening

    def require_open(self, *, by_person: bool = True) -> None:
        """Refuse while the keys are locked away; otherwise a person is here, and the idle time begins again.

        Args:
            by_person: False for what a program asks by itself.

        Raises:
            LockedError: they are.
        """
        if self.is_locked:
            raise LockedError
        if self._process is not None and by_person:
            self._process.touch()

    def lock(self) -> None:
        """End the keeper's process; nothing where there is none."""
        if self._process is not None:
            self._process.lock()

    async def unlock(self, passphrase: str) -> None:
        """Bring the keys back; nothing when they are there.

        Raises:
            LocalError: code ``PASS``, ``FILE``.
        """
        if self._process is not None and self._process.is_locked:
            await asyncio.to_thread(self._process.unlock, passphrase)
        self._unlocked()
