"""The directory log as this hub keeps it: replayed at start, appended to, read by everybody (PROTOCOL 3).

Rules:
1. A statement is applied to the replica first, whose rules decide; then written; then the checkpoint that commits to it
   is published. Readers see only what is written.
2. When writing fails, the leaf stays first in line: it is in the replica already, so nothing else may take its index.
   The next submission or a repetition of the same bytes writes it.
3. Once the roots have named witnesses, the note that is shown is the newest that a quorum cosigned: a longer one that
   nobody watched would only make clients refuse. It never goes back, also not over a restart.
4. At start the replayed root must be that of the hub's own newest checkpoint: a database that was altered, or put back
   to an earlier state by hand, is refused.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Final

from hub.mailboxes import Mailboxes
from hub.refusal import RefusalError, of_peer
from hub.signer import HubSigner
from hub.store.base import Store
from hub.wire.limits import LARGE_BYTES
from hub.wire.responses import Code, Leaves, Submitted
from keys.checkpoint import Checkpoint, origin_of, parse_note, verify_note
from keys.directory import Directory
from keys.domains import SignedType
from keys.errors import LocalError, PeerError, TrustError
from keys.ids import DeviceId, Digest, HubId, MailboxId, UnitId, digest
from keys.signed import parse_signed
from keys.statements import Witnesses

_LEAVES_BYTES: Final = LARGE_BYTES - 8 * 1024  # room for 1,024 leaves' length fields and the record around them
_REPLAY_LEAVES: Final = 1024

OnRevoked = Callable[[DeviceId], Awaitable[None]]
Write = Callable[[], Awaitable[None]]


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
        self._unwritten: Write | None = None
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
        async with self._lock:
            await self._flush()
            known = self._index.get(digest(leaf))
            if known is not None:
                return Submitted(known, self.size)
            if parse_type(leaf) is SignedType.SNAPSHOT:
                raise RefusalError(Code.TRUST, detail="snapshot")  # only this hub's own, by append_snapshot
            index = await self._append(leaf, lambda at, note: self._store.append_leaf(at, leaf, note))
        await self._after(leaf, index + 1)
        return Submitted(index, self.size)

    async def append_snapshot(self, leaf: bytes, *, number: int, kept: list[DeviceId]) -> None:
        """Append this hub's own snapshot, and mark what it covers in the same transaction."""

        async def write(at: int, note: bytes) -> None:
            await self._store.append_snapshot(at, leaf, note, number=number, kept=kept)

        async with self._lock:
            await self._flush()
            await self._append(leaf, write)

    async def read(self, start: int, limit: int) -> Leaves:
        """Leaves from ``start``."""
        size = self.size
        count = max(0, min(limit, size - start))
        leaves = await self._store.leaves(start, limit=count, max_bytes=_LEAVES_BYTES) if count else []
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
            await self._store.add_mailbox(mailbox)
            self._mailboxes.set_open(mailbox, is_open=entry.is_active)

    async def _append(self, leaf: bytes, write: Callable[[int, bytes], Awaitable[None]]) -> int:
        index = self.directory.size
        try:
            self.directory.apply(leaf)
        except PeerError as error:
            raise of_peer(error) from error
        note = self._note()

        async def unwritten() -> None:
            await write(index, note)
            self._index[digest(leaf)] = index

        self._unwritten = unwritten
        await self._flush()
        return index

    async def _flush(self) -> None:
        if self._unwritten is not None:
            await self._unwritten()
            self._unwritten = None
            self._publish()

    def newest_note(self) -> NewestNote:
        """What witnesses are asked to cosign."""
        return NewestNote(self._newest, self.size, self._policy)

    async def publish(self, note: bytes, size: int) -> None:
        """Show a note that a quorum cosigned, and keep it; nothing when a longer one is shown already.

        Raises:
            StoreError: not kept, and therefore not shown.
        """
        if size >= parse_note(self.note)[0].size:
            await self._store.put_cosigned(note)
            self.note = note

    def _publish(self) -> None:
        self.size = self.directory.size
        self._newest = self._note()
        self._policy = self.directory.witnesses
        if self._policy is None or not self.note:
            self.note = self._newest
        self.grown.set()

    def _note(self) -> bytes:
        directory = self.directory
        checkpoint = Checkpoint(origin_of(directory.federation), directory.size, directory.tree.root())
        return self._signer.sign_checkpoint(checkpoint, self.hub_id.hex())

    async def _after(self, leaf: bytes, size: int) -> None:
        so = parse_signed(leaf)
        if so.type is SignedType.UNIT:
            await self.open_mailboxes()
        elif so.type is SignedType.REVOKE:
            await self.open_mailboxes()  # the roots may have ended a unit
            for device_id in self.directory.revoked_devices(size):
                if self.on_revoked is not None:
                    await self.on_revoked(device_id)


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
        while leaves := await store.leaves(directory.size, limit=_REPLAY_LEAVES, max_bytes=_LEAVES_BYTES):
            for leaf in leaves:
                index[digest(leaf)] = directory.size
                directory.apply(leaf, verified=True)
        _check_root(directory, await store.checkpoint(), signer, hub_id)
        cosigned = await store.cosigned() or b""
        if cosigned:
            _check_cosigned(directory, cosigned, signer, hub_id)
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


def _check_root(directory: Directory, note: bytes | None, signer: HubSigner, hub_id: HubId) -> None:
    origin = origin_of(directory.federation)
    found = verify_note(note or b"", name=hub_id.hex(), ed25519=signer.pair.ed25519, origin=origin)
    if (found.size, found.root) != (directory.size, directory.tree.root()):
        raise TrustError("TRUST", rule="checkpoint")


def _check_cosigned(directory: Directory, note: bytes, signer: HubSigner, hub_id: HubId) -> None:
    origin = origin_of(directory.federation)
    found = verify_note(note, name=hub_id.hex(), ed25519=signer.pair.ed25519, origin=origin)
    if found.size > directory.size or found.root != directory.tree.root(found.size):
        raise TrustError("TRUST", rule="checkpoint")
