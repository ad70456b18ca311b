"""The own replica of the directory log: replayed whole, extended only by what fits (protocol 4; FORMATS 4).

Rules:
1. A checkpoint counts when the hub's key in the directory signed it and it extends the own tree. One that is smaller or
   has another root is a FORK: both notes are kept as evidence, an alarm is raised and nothing is sent any more.
2. Leaves are tried on a copy of the tree before any of them is applied: a wrong page changes nothing.
3. A leaf that the hub committed to but the directory's rules refuse is an alarm (``LOG``); the replica stays before it.
4. Leaves are in the vault before they are used.
"""

from __future__ import annotations

import asyncio
from typing import Final

from client.engine.alarms import Alarms
from client.engine.clock import Clock
from client.engine.link import Link
from client.engine.sessions import HubError
from client.engine.vault import Vault
from keys.checkpoint import Checkpoint, origin_of, parse_note, verify_note
from keys.codec import encode
from keys.directory import Directory
from keys.errors import LocalError, PeerError, SignatureError
from keys.ids import HubId

MAX_NEW_LEAVES: Final = 1_000_000
_NOTE: Final = "checkpoint"
_FORK: Final = "fork"


class ForkError(LocalError):
    """The hub shows two histories; sending has stopped."""

    default_code = "FORK"


class Replica:
    """The directory as this device has verified it. Use ``Replica.load``."""

    def __init__(self, vault: Vault, clock: Clock, directory: Directory, hub_id: bytes) -> None:
        self._vault = vault
        self._alarms = Alarms(vault, clock)
        self._clock = clock
        self._hub_id = HubId(hub_id)
        self._lock = asyncio.Lock()
        self.directory = directory

    @classmethod
    async def load(cls, vault: Vault, clock: Clock, *, first_root: bytes, hub_id: bytes) -> Replica:
        """Replay what the vault holds; these leaves were verified when they came.

        Raises:
            LocalError: code ``FILE`` when the vault's log is not one of this federation.
        """
        directory = Directory(first_root)
        for (leaf,) in await vault.all("SELECT leaf FROM leaf WHERE n > 0 ORDER BY n"):
            try:
                directory.apply(leaf, verified=True)
            except PeerError as error:
                raise LocalError("FILE") from error
        replica = cls(vault, clock, directory, hub_id)
        if directory.snapshot is not None:
            clock.heard_signed(directory.snapshot.made_at)
        return replica

    async def require_no_fork(self) -> None:
        """Refuse to go on after a fork.

        Raises:
            ForkError: one was seen and no person has settled it.
        """
        if await self._vault.meta(_FORK) is not None:
            raise ForkError

    async def refresh(self, link: Link) -> bool:
        """Fetch what is new in the log.

        Returns:
            Whether the replica grew.

        Raises:
            ForkError: the hub's log does not extend ours.
            HubError: unreachable, or what came is not a log.
        """
        async with self._lock:
            await self.require_no_fork()
            note = await link.read_checkpoint()
            return await self._extend(link, note)

    async def try_refresh(self, link: Link) -> bool:
        """As ``refresh`` while reading mail: a log in dispute has nothing new, and reading goes on.

        Raises:
            HubError: unreachable.
        """
        try:
            return await self.refresh(link)
        except LocalError as error:
            if error.code not in {"FORK", "LOG"}:
                raise
            return False

    def holds(self, size: int, root: bytes) -> bool:
        """Whether a sender's view (check 10) is one that we have passed through.

        Returns:
            False when ``size`` is beyond our log and we cannot tell.

        Raises:
            ForkError: the sender saw another history.
        """
        if size > self.directory.size:
            return False
        if self.directory.tree.root(size) != root:
            raise ForkError
        return True

    async def mark_fork(self, evidence: bytes) -> None:
        """Record a fork, inside a transaction: sending stops from here on."""
        await self._vault.set_meta(_FORK, evidence)
        await self._alarms.raise_("FORK", evidence=evidence)

    async def _extend(self, link: Link, note: bytes) -> bool:
        try:
            checkpoint, _ = parse_note(note)
            self._verify_if_known(note)
        except PeerError as error:
            raise HubError("LOG") from error
        own = self.directory.tree
        if checkpoint.size < own.size:
            await self._fork(note, checkpoint)
        leaves = await self._read(link, own.size, checkpoint.size)
        longer = own.copy()
        for leaf in leaves:
            longer.append(leaf)
        if longer.root() != checkpoint.root:
            await self._fork(note, checkpoint)
        await self._apply(leaves, note)
        return bool(leaves)

    def _verify_if_known(self, note: bytes) -> None:
        hub = self.directory.hubs.get(self._hub_id)
        if hub is not None:
            verify_note(
                note,
                name=self._hub_id.hex(),
                ed25519=hub.statement.keys.ed25519,
                origin=origin_of(self.directory.federation),
            )

    async def _read(self, link: Link, start: int, end: int) -> list[bytes]:
        if end - start > MAX_NEW_LEAVES:
            raise HubError("LOG", rule="length")
        leaves: list[bytes] = []
        while start + len(leaves) < end:
            page = await link.read_log(start + len(leaves))
            if page.start != start + len(leaves) or not page.leaves:
                raise HubError("LOG", rule="page")
            leaves += page.leaves
        return leaves[: end - start]

    async def _apply(self, leaves: list[bytes], note: bytes) -> None:
        applied: list[bytes] = []
        refused: bytes | None = None
        first = self.directory.size
        for leaf in leaves:
            try:
                self.directory.apply(leaf)
            except PeerError:
                refused = leaf
                break
            applied.append(leaf)
        await self._store(first, applied, note, refused)
        if self.directory.snapshot is not None:
            self._clock.heard_signed(self.directory.snapshot.made_at)
        try:
            self._verify_if_known(note)  # on first contact the hub's key came with these very leaves
        except SignatureError as error:
            raise HubError("LOG") from error
        if refused is not None:
            raise HubError("LOG", rule="leaf")

    async def _store(self, first: int, leaves: list[bytes], note: bytes, refused: bytes | None) -> None:
        if not leaves and refused is None and await self._vault.meta(_NOTE) == note:
            return
        async with self._vault.transaction():
            rows = [(first + offset, leaf) for offset, leaf in enumerate(leaves)]
            await self._vault.write_many("INSERT INTO leaf (n, leaf) VALUES (?, ?)", rows)
            await self._vault.set_meta(_NOTE, note)
            if refused is not None:
                await self._alarms.raise_("LOG", evidence=refused)

    async def _fork(self, note: bytes, checkpoint: Checkpoint) -> None:
        """Keep both notes and stop; only a note that the hub signed gets here once the hub's key is known."""
        held = await self._vault.meta(_NOTE) or b""
        async with self._vault.transaction():
            await self.mark_fork(encode([held, note, checkpoint.size, self.directory.size]))
        raise ForkError
