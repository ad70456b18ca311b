"""An office, put together: made, enrolled, opened, closed. The only place that knows all parts.

Life of a device: ``make`` (keys exist), its request to an officer, ``enrol`` (the approval comes in), ``Office.open``.
"""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path
from typing import IO

from client.engine import folder as folders
from client.engine.accepting import Accepting
from client.engine.alarms import Alarms
from client.engine.attempts import Attempts
from client.engine.clock import Clock
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.copying import Report, restore_backup
from client.engine.folder import Folder
from client.engine.inbox import Inbox
from client.engine.judging import Gate, Judging
from client.engine.link import Link
from client.engine.locking import Locking, Opened, Opener, idle_seconds, open_process
from client.engine.names import AddressBook
from client.engine.outbox import Outbox
from client.engine.prekeys import PrekeyBook
from client.engine.push import Pusher
from client.engine.receipts import Receipts
from client.engine.rollback import Rollback
from client.engine.rounds import Rounds
from client.engine.settings import Settings, load_settings
from client.engine.signing import Signer
from client.engine.sync import Sync, Ways
from client.engine.threads import Threads
from client.engine.trust import Replica
from client.engine.vault import Vault
from client.engine.withdrawing import Withdrawing
from client.engine.writing import Writing
from keys.approval import MAX_APPROVAL_BYTES, Approval, parse_approval
from keys.directory import Directory
from keys.domains import SignedType
from keys.errors import LocalError, PeerError
from keys.files import read_bounded, write_durably
from keys.ids import FederationId, HubId, UnitId
from keys.private import selftest
from keys.private.keeper import Ring, enrol_request, enrolled
from keys.private.key_file import require_profile
from keys.private.ring_file import RingFile
from keys.signed import parse_signed, read_payload
from keys.statements import Device, Profile


def make(folder: Folder, passphrase: str, profile: Profile, clock: Clock) -> bytes:
    """Make a new device; returns its request file.

    Raises:
        LocalError: code ``EXISTS``, ``PASSSHORT``, ``DISK``.
    """
    ring, _ = folders.create(folder, passphrase, profile)
    return enrol_request(ring, clock.now())


def restore(folder: Folder, passphrase: str, backup: Path, secret: bytes, *, profile: Profile) -> tuple[bytes, Report]:
    """Make a new device with the documents of a backup; its request file, and what came over.

    Args:
        folder: missing, or empty.
        passphrase: of the new device.
        backup: the file.
        secret: of the recovery kit, 32 bytes.
        profile: of the federation.

    Raises:
        LocalError: as ``copying.restore_backup``.
    """
    ring, report = restore_backup(backup, secret, folder, passphrase, profile=profile)
    return enrol_request(ring, Clock().now()), report


def request(folder: Folder, passphrase: str, clock: Clock) -> bytes:
    """The request file once more.

    Raises:
        LocalError: code ``NOOFFICE``, ``PASS``, ``FILE``.
    """
    return enrol_request(folders.open_keys(folder, passphrase).ring_file.load(), clock.now())


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Enrolment:
    """An approval that fits this device; a person compares ``federation`` before ``accept`` writes anything."""

    federation: FederationId
    _folder: Folder
    _ring_file: RingFile
    _ring: Ring
    _approval: bytes

    def accept(self) -> None:
        """From here on the device is enrolled.

        Raises:
            LocalError: code ``DISK``.
        """
        write_durably(self._folder.approval, self._approval)
        self._ring_file.save(self._ring)  # last


def read_approval(folder: Folder, passphrase: str, approval: bytes) -> Enrolment:
    """Open an approval without taking it in.

    Raises:
        LocalError: code ``ENROLLED`` when it was done before, ``APPROVAL`` when the file is broken or made for another
            device, ``PROFILE`` when demonstration meets real, and those of ``folder.open_keys``.
    """
    unlocked = folders.open_keys(folder, passphrase)
    ring = unlocked.ring_file.load()
    if ring.certificate is not None:
        raise LocalError("ENROLLED")
    try:
        parsed = parse_approval(approval)
        directory = Directory(parsed.first_root)
        certificate = parse_signed(parsed.certificate)
        device = read_payload(certificate, SignedType.DEVICE, Device)
        if device.device_id != ring.device_id or device.federation != directory.federation:
            raise LocalError("APPROVAL")
        require_profile(unlocked.profile, directory.profile)
        ring = enrolled(
            ring,
            federation=directory.federation,
            certificate=certificate.digest,
            sealed_directory_key=parsed.sealed_directory_key,
        )
    except PeerError as error:
        raise LocalError("APPROVAL") from error
    return Enrolment(directory.federation, folder, unlocked.ring_file, ring, approval)


def enrol(folder: Folder, passphrase: str, approval: bytes) -> FederationId:
    """Take an approval in whose federation is known to be the right one.

    Raises:
        LocalError: as ``read_approval``.
    """
    enrolment = read_approval(folder, passphrase, approval)
    enrolment.accept()
    return enrolment.federation


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """The parts that commands use."""

    context: Context
    consents: Consents
    threads: Threads
    writing: Writing
    withdrawing: Withdrawing
    sync: Sync
    locking: Locking


class Office:
    """An open office. Use ``Office.open`` and ``close``."""

    def __init__(self, desk: Desk, link: Link, lock: IO[bytes]) -> None:
        self.desk = desk
        self._link = link
        self._lock = lock
        self._running: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        folder: Folder,
        passphrase: str,
        clock: Clock | None = None,
        *,
        page: bool = False,
        opener: Opener = open_process,
    ) -> Office:
        """Unlock and open an enrolled office.

        Args:
            folder: of the office.
            passphrase: of the office; it goes to the keeper.
            clock: the machine's, where none is given.
            page: people work at a page that locks itself when nobody is there.
            opener: how the private keys are reached; tests may keep them in their own process.

        Raises:
            LocalError: code ``SELFTEST``, ``NOOFFICE``, ``LOCKED``, ``PASS``, ``FILE``, ``SETTINGS``, ``ENROL`` when
                the device is not enrolled yet, ``PROFILE``, ``VERVAULT``, ``DISK``.
        """
        selftest.run()
        clock = clock or Clock()
        lock = folders.hold(folder)
        try:
            settings = load_settings(folder.settings)
            opened = await opener(folder, passphrase, idle_seconds(settings, page=page))
        except BaseException:
            lock.close()
            raise
        try:
            vault = await Vault.open(folder.vault, opened.vault_key)
        except BaseException:
            opened.keeper.close()
            lock.close()
            raise
        try:
            context, approval = await _context(folder, opened, vault, clock=clock, settings=settings)
            link = Link(approval.hub_address, approval.hub_id, context.keeper)
            return cls(await _desk(context, link, approval), link, lock)
        except BaseException:
            opened.keeper.close()
            await vault.close()
            lock.close()
            raise

    def start(self) -> None:
        """Run the sync loop in the background."""
        if self._running is None:
            self._running = asyncio.create_task(self.desk.sync.run(), name="sync")

    async def close(self) -> None:
        """Stop the loop and close vault and link."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._link.close()
        self.desk.context.keeper.close()
        await self.desk.context.vault.close()
        self._lock.close()


async def _context(
    folder: Folder, opened: Opened, vault: Vault, *, clock: Clock, settings: Settings
) -> tuple[Context, Approval]:
    keeper, alarms = opened.keeper, Alarms(vault, clock)
    approval = parse_approval(read_bounded(folder.approval, MAX_APPROVAL_BYTES))
    replica = await Replica.load(vault, clock, first_root=approval.first_root, hub_id=approval.hub_id)
    require_profile(opened.profile, replica.directory.profile)
    rollback = Rollback(vault, keeper, alarms)
    await rollback.open()
    certificate = read_payload(parse_signed(approval.certificate), SignedType.DEVICE, Device)
    context = Context(
        vault=vault,
        clock=clock,
        settings=settings,
        keeper=keeper,
        replica=replica,
        prekeys=await PrekeyBook.load(vault, clock, replica),
        book=AddressBook(replica, keeper),
        alarms=alarms,
        rollback=rollback,
        unit_id=UnitId(certificate.unit_id),
        hub_id=HubId(approval.hub_id),
    )
    return context, approval


async def _desk(context: Context, link: Link, approval: Approval) -> Desk:
    attempts = Attempts(context.vault, context.clock, context.keeper)
    signer = Signer(context.keeper, context.replica, context.clock, context.unit_id)
    consents, threads = Consents(context), Threads(context.vault, context.clock)
    outbox = Outbox(context, signer, attempts, Gate(context, consents, Judging(context, consents, threads)))
    receipts = Receipts(context, signer, attempts, threads)
    withdrawing = Withdrawing(context, consents, threads, outbox=outbox, attempts=attempts)
    inbox = Inbox(context, receipts, Accepting(context, consents, threads, outbox=outbox, withdrawing=withdrawing))
    rounds = Rounds(context)
    if context.device_id not in context.replica.directory.devices:
        async with context.vault.transaction():
            await rounds.queue_statement(approval.certificate)
    pusher = Pusher(context, outbox, receipts, attempts)
    sync = Sync(context, link, Ways(rounds, inbox, outbox, receipts, pusher))
    locking = Locking(context.keeper, sync.clear_trouble)
    return Desk(context, consents, threads, Writing(context, consents, threads, outbox), withdrawing, sync, locking)
