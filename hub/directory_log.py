"""The directory log as this hub keeps it: replayed at start, appended to, read by everybody (PROTOCOL 3).

Rules:
1. A statement is applied to a copy of the replica first, whose rules decide; then written; then the copy becomes the
   replica and the checkpoint that commits to it is published. Readers see only what is written.
2. When writing fails, the replica stays as it was. What the store then holds is read before anything else is appended:
   the leaf may be there, or that of another process of this hub.
3. Once the roots have named witnesses, the note that is shown is the newest that a quorum cosigned: a longer one that
   nobody watched would only make clients refuse. It never goes back, also not over a restart.
4. At start the replayed root must be that of the hub's own newest checkpoint: a database that was altered, or put back
   to an earlier state by hand, is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from hub.mailboxes import Mailboxes
from hub.refusal import RefusalError, of_peer
from hub.replay import LEAVES_BYTES, check_cosigned, check_root, replay
from hub.signer import HubSigner
from hub.store.base import Store
from hub.wire.responses import Code, Leaves, Submitted
from keys.checkpoint import Checkpoint, origin_of, parse_note
from keys.directory import Directory
from keys.domains import SignedType
from keys.errors import LocalError, PeerError
from keys.ids import DeviceId, Digest, HubId, MailboxId, UnitId, digest
from keys.signed import parse_signed
from keys.statements import Witnesses

OnRevoked = Callable[[DeviceId], Awaitable[None]]


@dataclasses.dataclass(frozen=True, slots=True)
class NewestNote:
    """The hub's own note over all that is written, and the policy of the log at that size."""

    note: bytes
    size: int
    policy: Witnesses | None


@dataclasses.dataclass(frozen=True, slots=True)
class Replayed:
    """The replica with every leaf of the store, leaf digest to index, and the note that a quorum cosigned, or empty."""

    directory: Directory
    index: dict[Digest, int]
    cosigned: bytes


class DirectoryLog:
    """One federation's log at one hub. Made by ``open_log``.

    Args:
        replayed: what the store's leaves gave.
        store: where leaves are.
        signer: signs checkpoints.
        hub_id: names the signer's key in notes.
        mailboxes: told which are open.
    """

    def __init__(
        self,
        replayed: Replayed,
        *,
        store: Store,
        signer: HubSigner,
        hub_id: HubId,
        mailboxes: Mailboxes,
    ) -> None:
        self.directory: Final = replayed.directory
        self.hub_id: Final = hub_id
        self.on_revoked: OnRevoked | None = None
        self._index = replayed.index
        self._store = store
        self._signer = signer
        self._mailboxes = mailboxes
        self._lock = asyncio.Lock()
        self._made: set[MailboxId] = set()
        self._news: list[tuple[int, SignedType]] = []  # sizes and types of leaves that have yet to take effect
        self.grown: Final = asyncio.Event()
        self.note = replayed.cosigned
        self._publish()

    @property
    def is_enrolled(self) -> bool:
        """Whether the roots have signed this hub's keys."""
        entry = self.directory.hubs.get(self.hub_id)
        return entry is not None and entry.statement.keys == self._signer.pair

    async def submit(self, leaf: bytes) -> Submitted:
        """Take one statement from anybody (PROTOCOL 3.2).

        Raises:
            RefusalError: ``FMT``, ``SIG`` or ``TRUST``; the log is unchanged.
            StoreError: the outcome is unknown.
        """
        async with self._appending():
            known = self._index.get(digest(leaf))
            if known is None:
                if parse_type(leaf) is SignedType.SNAPSHOT:
                    raise RefusalError(Code.TRUST, detail="snapshot")  # only this hub's own, by append_snapshot
                known = await self._append(leaf, lambda at, note: self._store.append_leaf(at, leaf, note))
            return Submitted(known, self.size)

    async def append_snapshot(self, leaf: bytes, *, number: int, kept: list[DeviceId]) -> None:
        """Append this hub's own snapshot, and mark what it covers in the same transaction.

        Raises:
            RefusalError: another snapshot came before it.
            StoreError: the outcome is unknown.
        """

        async def write(at: int, note: bytes) -> None:
            await self._store.append_snapshot(at, leaf, note, number=number, kept=kept)

        async with self._appending():
            await self._append(leaf, write)

    async def catch_up(self) -> None:
        """Take in what other processes of this hub wrote.

        Raises:
            StoreError: the store cannot be read.
            LocalError: code ``LOGROOT``; what was read does not fit the hub's own checkpoint, and is not shown.
        """
        async with self._lock:
            await self._catch_up()
        await self._take_effect()

    async def read(self, start: int, limit: int) -> Leaves:
        """Leaves from ``start``."""
        size = self.size
        count = max(0, min(limit, size - start))
        leaves = await self._store.leaves(start, limit=count, max_bytes=LEAVES_BYTES) if count else []
        return Leaves(start, size, leaves)

    def devices_of_mailbox(self, mailbox: MailboxId, now: float) -> list[DeviceId]:
        """Active devices of the unit that owns ``mailbox``."""
        unit = self.directory.unit_of_mailbox(mailbox)
        if unit is None:
            return []
        active = self.directory.active_devices(UnitId(unit.statement.unit_id), int(now))
        return [DeviceId(entry.statement.device_id) for entry in active]

    async def open_mailboxes(self) -> None:
        """Make and open the mailboxes of all units; a closed unit's mailbox can be read but takes no deposits."""
        for entry in list(self.directory.units.values()):
            mailbox = MailboxId(entry.statement.mailbox_id)
            if mailbox not in self._made:
                await self._store.add_mailbox(mailbox)
                self._made.add(mailbox)
            self._mailboxes.set_open(mailbox, is_open=entry.is_active)

    @contextlib.asynccontextmanager
    async def _appending(self) -> AsyncIterator[None]:
        """Nobody else appends while the block lasts, and the replica is as long as the log."""
        try:
            async with self._store.alone(), self._lock:
                await self._catch_up()
                yield
        finally:
            await self._take_effect()

    async def _append(self, leaf: bytes, write: Callable[[int, bytes], Awaitable[None]]) -> int:
        index, trial = self.directory.size, self.directory.copy()
        try:
            trial.apply(leaf)
        except PeerError as error:
            raise of_peer(error) from error
        await write(index, self._note(trial))
        self._adopt(trial, [leaf])
        return index

    async def _catch_up(self) -> None:
        """Read what others wrote. The caller holds the lock, and lets it take effect afterwards."""
        note, cosigned = await self._store.checkpoint(), await self._store.cosigned() or b""
        if note in {None, self._newest} and cosigned in {b"", self.note}:
            return
        # Somebody else's commit can be visible while it waits for its standby: what is shown must not go back.
        await self._store.probe()
        trial, news = self.directory.copy(), list[bytes]()
        try:
            if note is not None:
                news = await replay(self._store, trial, parse_note(note)[0].size)
                check_root(trial, note, self._signer, self.hub_id)
            if cosigned:
                check_cosigned(trial, cosigned, self._signer, self.hub_id)
        except PeerError as error:
            raise LocalError("LOGROOT", size=trial.size) from error
        self._adopt(trial, news)
        if cosigned and parse_note(cosigned)[0].size >= parse_note(self.note)[0].size:
            self.note = cosigned

    def _adopt(self, trial: Directory, news: list[bytes]) -> None:
        for at, leaf in enumerate(news, start=self.directory.size):
            self._index[digest(leaf)] = at
            self._news.append((at + 1, parse_signed(leaf).type))
        self.directory.adopt(trial)
        self._publish()

    def newest_note(self) -> NewestNote:
        """What witnesses are asked to cosign."""
        return NewestNote(self._newest, self.size, self._policy)

    async def publish(self, note: bytes, size: int) -> None:
        """Show a note that a quorum cosigned, and keep it; nothing when a longer one is shown already.

        Raises:
            StoreError: not kept, and therefore not shown.
        """
        async with self._appending():
            if size >= parse_note(self.note)[0].size:
                await self._store.put_cosigned(note)
                self.note = note

    def _publish(self) -> None:
        self.size = self.directory.size
        self._newest = self._note(self.directory)
        self._policy = self.directory.witnesses
        if self._policy is None or not self.note:
            self.note = self._newest
        self.grown.set()

    def _note(self, directory: Directory) -> bytes:
        checkpoint = Checkpoint(origin_of(directory.federation), directory.size, directory.tree.root())
        return self._signer.sign_checkpoint(checkpoint, self.hub_id.hex())

    async def _take_effect(self) -> None:
        """What new leaves change outside of the log: mailboxes, logins, listeners."""
        while self._news:
            size, kind = self._news[0]
            if kind in {SignedType.UNIT, SignedType.REVOKE}:  # the roots may have ended a unit
                await self.open_mailboxes()
            if kind is SignedType.REVOKE and self.on_revoked is not None:
                for device_id in self.directory.revoked_devices(size):
                    await self.on_revoked(device_id)
            if self._news and self._news[0] == (size, kind):  # else another task did the same at the same time
                self._news.pop(0)  # last: what failed is tried again


def parse_type(leaf: bytes) -> SignedType:
    """Type of an unverified statement.

    Raises:
        RefusalError: not a signed object.
    """
    try:
        return parse_signed(leaf).type
    except PeerError as error:
        raise of_peer(error) from error


async def open_log(store: Store, *, signer: HubSigner, hub_id: HubId, mailboxes: Mailboxes) -> DirectoryLog:
    """Replay the store's leaves.

    Signatures are not verified again: they were before the leaf was written, and the checkpoint covers the bytes.

    Raises:
        LocalError: code ``NOROOT`` when the store has no leaf, ``LOGROOT`` when the checkpoint does not fit.
    """
    first = await store.leaves(0, limit=1, max_bytes=1)
    if not first:
        raise LocalError("NOROOT")
    try:
        directory = Directory(first[0])
        index = {digest(first[0]): 0}
        note = await store.checkpoint()
        size = parse_note(note)[0].size if note else 0
        for leaf in await replay(store, directory, size):
            index[digest(leaf)] = len(index)
        check_root(directory, note, signer, hub_id)
        cosigned = await store.cosigned() or b""
        if cosigned:
            check_cosigned(directory, cosigned, signer, hub_id)
    except PeerError as error:
        raise LocalError("LOGROOT", size=len(first)) from error
    replayed = Replayed(directory, index, cosigned)
    return DirectoryLog(replayed, store=store, signer=signer, hub_id=hub_id, mailboxes=mailboxes)


async def found_log(store: Store, root: bytes, *, signer: HubSigner, hub_id: HubId) -> Directory:
    """Write the first root as leaf 0 of an empty store.

    Raises:
        PeerError: not a first root.
        StoreError: not written.
    """
    directory = Directory(root)
    checkpoint = Checkpoint(origin_of(directory.federation), 1, directory.tree.root())
    await store.append_leaf(0, root, signer.sign_checkpoint(checkpoint, hub_id.hex()))
    return directory
