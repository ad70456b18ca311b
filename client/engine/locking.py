"""Locking an open office: its keeper's process ends, and nobody reads or writes until the passphrase comes again.

The sync loop goes on with the code ``LOCKEDKEYS``: it opens nothing and sends nothing, and nothing is lost by it.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Final, Protocol

from client.engine.folder import Folder, require_made
from client.engine.settings import MAX_LOCK_MINUTES, MIN_LOCK_MINUTES, Chosen, Settings, load_chosen
from keys.errors import LocalError, LockedError
from keys.files import write_durably
from keys.private.hardening import NOTHING, Hardening
from keys.private.keeper import Keeper
from keys.private.keeper_client import ProcessKeeper
from keys.statements import Profile

PAGE_MINUTES: Final = 5
CHOICES: Final = (MIN_LOCK_MINUTES, 2, PAGE_MINUTES, 10, MAX_LOCK_MINUTES)


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


def idle_seconds(settings: Settings, chosen: Chosen, *, page: bool) -> int:
    """After how long without a person the keys are locked; 0: never. A page locks unless the settings say otherwise.

    What was chosen at the page counts there, up to what the settings say.
    """
    minutes = settings.lock_after_minutes
    if page and chosen.lock_after_minutes is not None:
        minutes = min(minutes or MAX_LOCK_MINUTES, chosen.lock_after_minutes)
    if minutes is None:
        minutes = PAGE_MINUTES if page else 0
    return int(minutes * 60)


class Locking:
    """The lock of one open office."""

    def __init__(self, keeper: Keeper, unlocked: Callable[[], None], folder: Folder, settings: Settings) -> None:
        self._process = keeper if isinstance(keeper, ProcessKeeper) else None
        self._unlocked = unlocked
        self._file, self._settings = folder.page, settings
        self._chosen = self._in_effect = load_chosen(folder.page)

    @property
    def page_seconds(self) -> int:
        """After how long without a person a page is locked, since the keys were unlocked; 0: never."""
        return idle_seconds(self._settings, self._in_effect, page=True)

    @property
    def choices(self) -> tuple[int, ...]:
        """Minutes that can be chosen."""
        most = self._settings.lock_after_minutes or MAX_LOCK_MINUTES
        return tuple(minutes for minutes in CHOICES if minutes <= most)

    @property
    def chosen_minutes(self) -> float:
        """After how many minutes a page is locked from the next unlocking on; 0: never."""
        return idle_seconds(self._settings, self._chosen, page=True) / 60

    def choose(self, minutes: int) -> None:
        """Lock after so many minutes from the next unlocking on: the keeper's process is told when it starts.

        Raises:
            LocalError: code ``ARGUMENT``; it is none of the choices. ``DISK``.
        """
        if minutes not in self.choices:
            raise LocalError("ARGUMENT", minutes=minutes)
        write_durably(self._file, f"lock_after_minutes = {minutes}\n".encode())
        self._chosen = Chosen(lock_after_minutes=minutes)
        if self._process is not None:
            self._process.idle_seconds = idle_seconds(self._settings, self._chosen, page=True)

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
            self._in_effect = self._chosen
        self._unlocked()
