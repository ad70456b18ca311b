"""The prekey batches of all devices, as the newest snapshot in the log commits to them (protocol 5).

Rules:
1. A batch counts when its own device signed it. Of two the one with the higher number is sealed to, whatever the newest
   snapshot holds: a hub that goes back to older keys brings nobody back to them. Whoever comes new knows no better than
   the snapshot: what it shows of this device is kept apart from what is known, for the device itself to compare.
2. All batches together must give the root that the hub committed to in the log; otherwise none of them counts and an
   alarm is raised: the hub shows us other keys than it shows the others.
3. Nothing is sealed by batches whose snapshot is older than 24 hours.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Final

from client.engine.alarms import Alarms
from client.engine.clock import Clock
from client.engine.link import Link
from client.engine.trust import Replica
from client.engine.vault import Vault
from keys.directory import Directory
from keys.directory_entries import DeviceEntry
from keys.domains import SignedType
from keys.errors import LocalError, PeerError, TrustError
from keys.ids import ID_BYTES, DeviceId, Digest, UnitId, digest
from keys.log_tree import root_of
from keys.private.seal import Target
from keys.signed import parse_signed, read_payload, verify_single
from keys.statements import Batch, Interval, Snapshot

STALE_SECONDS: Final = 24 * 3600
_NUMBER: Final = "snapshot_number"
_MADE_AT: Final = "snapshot_made_at"
_OWN: Final = "snapshot_own"  # the own batch as the newest snapshot has it; empty when it has none


@dataclasses.dataclass(frozen=True, slots=True)
class HeldBatch:
    """A verified batch with the bytes it came as."""

    batch: Batch
    raw: bytes


def fitting(batch: Batch, hour: int) -> Interval | None:
    """The shortest interval of a batch that holds ``hour``."""
    holding = [key for key in batch.intervals if key.start <= hour < key.end]
    return min(holding, key=lambda key: key.end - key.start, default=None)


def roster(active: Iterable[DeviceEntry], held: Mapping[DeviceId, HeldBatch], hour: int) -> list[Target]:
    """Whom to wrap for: of the active devices those with a key that holds ``hour``; the others are left out."""
    targets = []
    for entry in active:
        device_id = DeviceId(entry.statement.device_id)
        key = fitting(held[device_id].batch, hour) if device_id in held else None
        if key is not None:
            targets.append(Target(device_id, key.public))
    return targets


def newest(known: Mapping[DeviceId, HeldBatch], shown: Mapping[DeviceId, HeldBatch]) -> dict[DeviceId, HeldBatch]:
    """What is shown, but for devices of whom a batch with a higher number is known."""
    return {
        device_id: max(item, known.get(device_id, item), key=lambda held: held.batch.batch_no)
        for device_id, item in shown.items()
    }


class PrekeyBook:
    """The newest verified batch of each device. Use ``PrekeyBook.load``."""

    def __init__(self, vault: Vault, clock: Clock, replica: Replica, own: DeviceId) -> None:
        self._own = own
        self._vault = vault
        self._clock = clock
        self._replica = replica
        self._alarms = Alarms(vault, clock)
        self._held: dict[DeviceId, HeldBatch] = {}
        self._shown: HeldBatch | None = None
        self._made_at = 0  # of the snapshot that the held batches matched

    @classmethod
    async def load(cls, vault: Vault, clock: Clock, replica: Replica, own: DeviceId) -> PrekeyBook:
        """Read what the vault holds; it was verified when it came."""
        book = cls(vault, clock, replica, own)
        book._made_at = await vault.number(_MADE_AT)
        for (raw,) in await vault.all("SELECT signed FROM batch"):
            held = _read_held(raw)
            book._held[DeviceId(held.batch.device_id)] = held
        shown = await vault.meta(_OWN)
        book._shown = book._held.get(own) if shown is None else _read_held(shown) if shown else None
        return book

    def held(self, device_id: DeviceId) -> HeldBatch | None:
        """The newest verified batch of a device."""
        return self._held.get(device_id)

    @property
    def shown(self) -> HeldBatch | None:
        """The own batch as the newest snapshot shows it to everybody; None when it has none."""
        return self._shown

    @property
    def made_at(self) -> int:
        """When the snapshot was made that the held batches are of, in seconds."""
        return self._made_at

    async def refresh(self, link: Link) -> bool:
        """Fetch the batches of the newest snapshot in the replica; True when there are new ones.

        Raises:
            HubError: unreachable.
            TrustError: code ``SNAPSHOT``; the batches are not those of the log. What we had stays.
        """
        snapshot = self._replica.directory.snapshot
        if snapshot is None or snapshot.number == await self._vault.number(_NUMBER):
            return False
        try:
            complete = await self._read_matching(link, snapshot)
        except TrustError:
            async with self._vault.transaction():
                await self._alarms.raise_("SNAPSHOT")
            raise
        if complete is None:
            return False
        await self._keep(complete, snapshot)
        return True

    def targets(self, unit_id: UnitId, hour: int) -> list[Target]:
        """Whom to wrap for: active devices of the unit with a key that holds ``hour``.

        Raises:
            LocalError: code ``STALE`` when their snapshot is over 24 hours away, ``NOKEY`` when no device has a key,
                ``WITNESS`` as ``Replica.require_watched``.
        """
        if abs(self._clock.now() - self._made_at) > STALE_SECONDS:
            raise LocalError("STALE")
        self._replica.require_watched()
        devices = self._replica.directory.active_devices(unit_id, self._clock.now())
        targets = roster(devices, self._held, hour)
        if not targets:
            raise LocalError("NOKEY")
        return targets

    async def _read_matching(self, link: Link, snapshot: Snapshot) -> dict[DeviceId, HeldBatch] | None:
        """What the snapshot shows: only what changed first, then everything; None when a newer one came in between."""
        for have in (await self._vault.number(_NUMBER), 0):
            shown = dict(self._held) if have else {}
            if not await self._read(link, have, snapshot.number, shown):
                return None
            if _matches(shown, snapshot, self._replica.directory):
                return shown
        raise TrustError("SNAPSHOT")

    async def _read(self, link: Link, have: int, number: int, into: dict[DeviceId, HeldBatch]) -> bool:
        after = bytes(ID_BYTES)
        while True:
            page = await link.read_snapshot(have, after)
            if page.number != number:
                return False
            for raw in page.batches:
                held = self._verify(raw)
                after = held.batch.device_id
                into[DeviceId(after)] = held
            if page.last or not page.batches:
                return True

    def _verify(self, raw: bytes) -> HeldBatch:
        try:
            so = parse_signed(raw)
            signer = so.signatures[0].signer
            entry = self._replica.directory.device_of_certificate(Digest(signer))
            if entry is None:
                raise TrustError("SNAPSHOT", rule="signer")
            verify_single(so, signer, entry.enrol.signing)
            batch = read_payload(so, SignedType.BATCH, Batch)
            _check_batch(batch, entry, self._replica.directory)
        except PeerError as error:
            raise TrustError("SNAPSHOT") from error
        return HeldBatch(batch, raw)

    async def _keep(self, complete: dict[DeviceId, HeldBatch], snapshot: Snapshot) -> None:
        held, shown = newest(self._held, complete), complete.get(self._own)
        async with self._vault.transaction():
            rows = [(device_id, item.batch.batch_no, item.raw) for device_id, item in held.items()]
            await self._vault.write_many("INSERT OR REPLACE INTO batch VALUES (?, ?, ?)", rows)
            await self._vault.set_number(_NUMBER, snapshot.number)
            await self._vault.set_number(_MADE_AT, snapshot.made_at)
            await self._vault.set_meta(_OWN, b"" if shown is None else shown.raw)
            await self._alarms.clear("SNAPSHOT")
        self._held, self._shown, self._made_at = held, shown, snapshot.made_at


def _read_held(raw: bytes) -> HeldBatch:
    return HeldBatch(read_payload(parse_signed(raw), SignedType.BATCH, Batch), raw)


def _check_batch(batch: Batch, entry: DeviceEntry, directory: Directory) -> None:
    sound = (
        batch.federation == directory.federation
        and batch.device_id == entry.statement.device_id
        and all(key.start < key.end for key in batch.intervals)
    )
    if not sound:
        raise TrustError("SNAPSHOT", rule="batch")


def _matches(held: dict[DeviceId, HeldBatch], snapshot: Snapshot, directory: Directory) -> bool:
    """Whether these batches, of devices not revoked when the snapshot was made, give its root."""
    leaves = [
        device_id + digest(item.raw)
        for device_id, item in sorted(held.items())
        if not _revoked_at(directory.devices[device_id], snapshot.dir_size)
    ]
    return len(leaves) == snapshot.batches and root_of(leaves) == snapshot.root


def _revoked_at(entry: DeviceEntry, size: int) -> bool:
    return entry.revoked_size is not None and entry.revoked_size <= size
