"""Prekey batches and the snapshots that cover them (PROTOCOL 5.4, 3.4).

A batch is the device's own signed object; the hub passes it on and can leave it out, but not change it. The snapshot, a
leaf of the log, commits the hub to one set of batches for everybody, so it cannot show an old batch to one sender only.

    snapshot root = root_of([device_id ‖ SHA-256(batch) …]) by device id, over the newest batch of every device that had
                    published one and was not revoked at dir_size
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Final

from hub.clock import Clock
from hub.directory_log import DirectoryLog
from hub.refusal import RefusalError, of_peer
from hub.signer import HubSigner
from hub.store.base import BatchHead, Store
from hub.wire.limits import LARGE_BYTES, MAX_PAGE_BATCHES
from hub.wire.requests import ReadSnapshot
from hub.wire.responses import Code, Published, SnapshotPage
from keys import domains
from keys.codec import encode
from keys.domains import SignedType
from keys.errors import PeerError, TrustError
from keys.ids import DeviceId, digest
from keys.log_tree import root_of
from keys.signed import parse_signed, read_payload, verify_single
from keys.statements import Batch, Snapshot

_PAGE_BYTES: Final = LARGE_BYTES - 4 * 1024  # room for 256 batches' length fields and the record around them


@dataclasses.dataclass(frozen=True, slots=True)
class SnapshotPlan:
    """How often snapshots are made, in seconds: while batches change, and while none does."""

    busy_seconds: float
    idle_seconds: float


class Prekeys:
    """Batches of all devices.

    Args:
        store: where batches are.
        log: where snapshots go.
        signer: signs snapshots.
        clock: seconds since 1970.
        plan: how often.
    """

    def __init__(self, store: Store, log: DirectoryLog, *, signer: HubSigner, clock: Clock, plan: SnapshotPlan) -> None:
        self._store = store
        self._log = log
        self._signer = signer
        self._clock = clock
        self._plan = plan
        self._lock = asyncio.Lock()
        self.newcomer: Final = asyncio.Event()

    @property
    def number(self) -> int:
        """Number of the newest snapshot; 0: none."""
        snapshot = self._log.directory.snapshot
        return 0 if snapshot is None else snapshot.number

    async def publish(self, device: DeviceId, raw: bytes) -> Published:
        """Take a device's batch (PROTOCOL 5.4).

        Raises:
            RefusalError: ``FMT``, ``SIG``, ``TRUST``, or ``BATCH`` when its number is not above the last.
        """
        batch = await self._checked(device, raw)
        head = BatchHead(device, batch.batch_no, digest(raw), None)
        async with self._store.alone(), self._lock:
            own = await self.heads_of(device)
            if own and own[-1].digest == head.digest:
                return Published(head.number)
            if own and own[-1].number >= head.number:
                raise RefusalError(Code.BATCH)
            await self._store.put_batch(head, raw)
        if all(known.revision is None for known in own):
            self.newcomer.set()
        return Published(head.number)

    async def heads_of(self, device: DeviceId) -> list[BatchHead]:
        """A device's batches, by number."""
        return [head for head in await self._store.batch_heads() if head.device == device]

    async def is_due(self, *, newcomer: bool = False) -> bool:
        """Whether it is time for a snapshot; for a ``newcomer`` at once, unless one has covered its batch already."""
        snapshot, now = self._log.directory.snapshot, self._clock()
        heads = await self._store.batch_heads()
        if snapshot is None:
            return bool(heads)
        age = now - snapshot.made_at
        changed = any(head.revision is None or self._is_revoked(head.device) for head in heads)
        return (changed and newcomer) or age >= (self._plan.busy_seconds if changed else self._plan.idle_seconds)

    async def make_snapshot(self) -> int | None:
        """Cover what was published (PROTOCOL 3.4); returns the number, or None while the hub has no statement."""
        if not self._log.is_enrolled:
            return None
        before = self.number
        async with self._store.alone(), self._lock:
            await self._log.catch_up()
            heads = await self._store.batch_heads()
            if self.number != before and all(head.revision is not None for head in heads):
                return self.number  # another process of this hub was faster
            newest = {head.device: head for head in heads if not self._is_revoked(head.device)}
            leaves = [device + newest[device].digest for device in sorted(newest)]
            snapshot = self._snapshot(root_of(leaves), len(leaves))
            leaf = self._signer.sign_object(SignedType.SNAPSHOT, encode(snapshot))
            await self._log.append_snapshot(leaf, number=snapshot.number, kept=list(newest))
        return snapshot.number

    async def page(self, request: ReadSnapshot) -> SnapshotPage:
        """Some of the batches that the newest snapshot covers (PROTOCOL 4.6)."""
        while True:
            number = self.number
            rows = await self._store.covered(
                above=request.have, after=DeviceId(request.after), limit=MAX_PAGE_BATCHES, max_bytes=_PAGE_BYTES
            )
            more = rows and await self._store.covered(above=request.have, after=rows[-1][0], limit=1, max_bytes=1)
            await self._log.catch_up()
            if number == self.number:  # a snapshot that came between may have replaced rows of the page
                return SnapshotPage(number, [body for _, body in rows], last=not more)

    async def _checked(self, device: DeviceId, raw: bytes) -> Batch:
        entry = self._log.directory.devices[device]
        try:
            so = parse_signed(raw)
            verify_single(so, entry.certificate, entry.enrol.signing)
            batch = read_payload(so, SignedType.BATCH, Batch)
            if batch.device_id != device or batch.federation != self._log.directory.federation:
                raise TrustError("TRUST", rule="batch-device")
            if batch.dir_size > self._log.size:
                await self._log.catch_up()
            if batch.dir_size > self._log.size:
                raise TrustError("TRUST", rule="batch-size")
        except PeerError as error:
            raise of_peer(error) from error
        return batch

    def _is_revoked(self, device: DeviceId) -> bool:
        return self._log.directory.devices[device].revoked_size is not None

    def _snapshot(self, root: bytes, batches: int) -> Snapshot:
        last = self._log.directory.snapshot
        directory = self._log.directory
        return Snapshot(
            domains.VERSION,
            domains.SUITE,
            directory.federation,
            self._log.hub_id,
            self.number + 1,
            directory.size,
            batches,
            root,
            # A clock that was put back must not stop snapshots: the log wants rising times.
            max(int(self._clock()), 0 if last is None else last.made_at),
        )
