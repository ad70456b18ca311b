"""The own replica of the directory log: replayed whole, extended only by what fits (protocol 4; FORMATS 4).

Rules:
1. A checkpoint counts when the hub's key in the directory signed it and it extends the own tree. One that is smaller or
   has another root is a FORK: both notes are kept as evidence that others can judge (``forking``), an alarm is raised
   and nothing is sent any more. Only enrolling anew ends it.
2. Once the roots have named witnesses, it also needs the quorum's cosignatures (FORMATS 4.2). Without them the replica
   does not grow and an alarm is raised (``WITNESS``). A day after the time that a quorum last vouched for, sending
   stops: a hub that shows one office an old log for ever needs the witnesses' help for each new day. The approval says
   which policy was in force: at first contact a hub cannot withhold that there is one.
3. Leaves are tried on a copy of the directory before the replica takes them over: a wrong page changes nothing.
4. A leaf that the hub committed to but the directory's rules refuse is an alarm (``LOG``); the replica stays before it.
5. A leaf about this very device that it did not expect is an alarm (``OWNLEAF``).
6. Leaves are in the vault before they are used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, NoReturn

from client.engine.alarms import Alarms
from client.engine.clock import Clock
from client.engine.forking import document_against_note, note_against_note, read_shown
from client.engine.link import Link
from client.engine.log_trial import Own, Trial, attempt
from client.engine.sessions import HubError
from client.engine.vault import Vault
from keys.checkpoint import Checkpoint, origin_of, parse_note, verify_note
from keys.cosignature import require_quorum
from keys.directory import Directory
from keys.errors import FormatError, LocalError, PeerError, SignatureError
from keys.ids import HubId
from keys.log_tree import LogTree

MAX_NEW_LEAVES: Final = 1_000_000
_NOTE: Final = "checkpoint"
_FORK: Final = "fork"
_WATCHED_AT: Final = "watched_at"
UNWATCHED_SECONDS: Final = 24 * 3600  # as long as prekeys may be old: a day without witnesses, then a person


class ForkError(LocalError):
    """The hub shows two histories; sending has stopped."""

    default_code = "FORK"


def extends(own: LogTree, leaves: Sequence[bytes], *, size: int, root: bytes) -> bool:
    """Whether a log of this size and root is the own one with these leaves behind it: never shorter, never another."""
    if size != own.size + len(leaves):
        return False
    longer = own.copy()
    for leaf in leaves:
        longer.append(leaf)
    return longer.root() == root


def passed_through(own: LogTree, *, size: int, root: bytes) -> bool | None:
    """Whether the own log once had this size and root; None when it has not come that far."""
    return None if size > own.size else own.root(size) == root


class Replica:
    """The directory as this device has verified it. Use ``Replica.load``."""

    def __init__(self, vault: Vault, clock: Clock, directory: Directory, *, hub_id: bytes, own: Own) -> None:
        self._vault = vault
        self._alarms = Alarms(vault, clock)
        self._clock = clock
        self._hub_id = HubId(hub_id)
        self._own = own
        self._lock = asyncio.Lock()
        self._contradiction = b"", 0
        self.directory = directory
        self.watched_at = 0  # the latest time (seconds) that a quorum of witnesses vouched for

    @classmethod
    async def load(cls, vault: Vault, clock: Clock, *, first_root: bytes, hub_id: bytes, own: Own) -> Replica:
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
        replica = cls(vault, clock, directory, hub_id=hub_id, own=own)
        replica.watched_at = await vault.number(_WATCHED_AT)
        clock.heard_signed(replica.watched_at)
        if directory.snapshot is not None:
            clock.heard_signed(directory.snapshot.made_at)
        return replica

    def require_watched(self) -> None:
        """Refuse to send by a log that no quorum of its witnesses has vouched for within a day.

        Raises:
            LocalError: code ``WITNESS``. A federation that named no witnesses has none to wait for.
        """
        if self.directory.witnesses is not None and abs(self._clock.now() - self.watched_at) > UNWATCHED_SECONDS:
            raise LocalError("WITNESS")

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

    def holds(self, size: int, root: bytes, signed: bytes) -> bool:
        """Whether a sender's view (check 10) is one that we have passed through.

        Args:
            size: of the sender's log.
            root: of the sender's log.
            signed: the object that says so; kept for ``mark_fork`` when it contradicts us.

        Returns:
            False when ``size`` is beyond our log and we cannot tell.

        Raises:
            ForkError: the sender saw another history.
        """
        known = passed_through(self.directory.tree, size=size, root=root)
        if known is False:
            self._contradiction = signed, size
            raise ForkError
        return known is True

    async def mark_fork(self) -> None:
        """Record that a signed object named another log (``holds``), inside a transaction: sending stops."""
        held = await self._vault.meta(_NOTE) or b""
        await self._mark(document_against_note(self.directory.tree, held, *self._contradiction))

    async def _mark(self, evidence: bytes) -> None:
        if await self._vault.meta(_FORK) is None:
            await self._vault.set_meta(_FORK, evidence)
            await self._alarms.raise_("FORK", evidence=evidence)

    async def _extend(self, link: Link, note: bytes) -> bool:
        checkpoint, is_known = self._parse(note)
        own = self.directory.tree
        leaves = [] if checkpoint.size < own.size else await self._read(link, own.size, checkpoint.size)
        if not extends(own, leaves, size=checkpoint.size, root=checkpoint.root):
            await self._contradicted(link, note, checkpoint, is_known=is_known)
        trial = attempt(self.directory, leaves)
        if not is_known:
            self._require_signed(note, trial.directory)  # the roots may have given the hub new keys in these leaves
        try:
            watched_at = self._vouched(note, trial.directory)
        except SignatureError:
            await self._unwatched(note)
            return False
        await self._take(trial, note, watched_at)
        return bool(leaves)

    def _parse(self, note: bytes) -> tuple[Checkpoint, bool]:
        """The checkpoint, and whether the hub's key as we know it signed; before first contact any key is as good."""
        try:
            checkpoint, _ = parse_note(note)
        except FormatError as error:
            raise HubError("LOG") from error
        try:
            self._verify_if_known(note, self.directory)
        except SignatureError:
            return checkpoint, False
        return checkpoint, True

    def _require_signed(self, note: bytes, directory: Directory) -> None:
        try:
            self._verify_if_known(note, directory)
        except SignatureError as error:
            raise HubError("LOG") from error

    def _verify_if_known(self, note: bytes, directory: Directory) -> None:
        hub = directory.hubs.get(self._hub_id)
        if hub is not None:
            verify_note(
                note,
                name=self._hub_id.hex(),
                ed25519=hub.statement.keys.ed25519,
                origin=origin_of(directory.federation),
            )

    def _vouched(self, note: bytes, directory: Directory) -> int:
        """The time that the witnesses of the log at this checkpoint vouch for; 0 where none are named.

        Raises:
            SignatureError: too few, or the log lacks the policy that was in force when this device was approved.
        """
        policy = directory.witnesses
        if self._own.policy > (0 if policy is None else policy.number):
            raise SignatureError("WITNESS", rule="withheld")
        return 0 if policy is None else require_quorum(note, policy)

    async def _unwatched(self, note: bytes) -> None:
        async with self._vault.transaction():
            await self._alarms.raise_("WITNESS", evidence=note)

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

    async def _take(self, trial: Trial, note: bytes, watched_at: int) -> None:
        await self._store(trial, note, watched_at)
        self.directory = trial.directory
        self.watched_at = max(self.watched_at, watched_at)
        self._clock.heard_signed(self.watched_at)
        if self.directory.snapshot is not None:
            self._clock.heard_signed(self.directory.snapshot.made_at)
        self._require_signed(note, self.directory)  # on first contact the hub's key came with these very leaves
        if trial.refused is not None:
            raise HubError("LOG", rule="leaf")

    async def _store(self, trial: Trial, note: bytes, watched_at: int) -> None:
        if not trial.leaves and trial.refused is None and await self._vault.meta(_NOTE) == note:
            return
        about = trial.about(self._own)
        async with self._vault.transaction():
            if trial.leaves:
                rows = [(trial.first + offset, leaf) for offset, leaf in enumerate(trial.leaves)]
                await self._vault.write_many("INSERT INTO leaf (n, leaf) VALUES (?, ?)", rows)
            await self._vault.set_meta(_NOTE, note)
            await self._vault.set_number(_WATCHED_AT, max(watched_at, self.watched_at))
            await self._alarms.clear("WITNESS")
            if trial.refused is not None:
                await self._alarms.raise_("LOG", evidence=trial.refused)
            if about is not None:
                await self._alarms.raise_("OWNLEAF", evidence=about)

    async def _contradicted(self, link: Link, note: bytes, checkpoint: Checkpoint, *, is_known: bool) -> NoReturn:
        """Stop and keep both notes; a note that the hub did not sign is evidence of nothing."""
        if not is_known:
            raise HubError("LOG")
        held, own = await self._vault.meta(_NOTE) or b"", self.directory.tree
        async with self._vault.transaction():
            await self._mark(note_against_note(own, held, note))
        if checkpoint.size > own.size:  # only the hub has the tree that says what it now claims of our size
            longer = await read_shown(link, checkpoint)
            async with self._vault.transaction():
                evidence = note_against_note(own, held, note, longer=longer)
                await self._vault.set_meta(_FORK, evidence)
                await self._alarms.complete("FORK", evidence)
        raise ForkError
