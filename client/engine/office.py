"""An office, put together: made, enrolled, opened, closed. The only place that knows all parts.

Life of a device: ``make`` (keys exist), its request to an officer, ``enrol`` (the approval comes in), ``Office.open``.
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import IO

from client.engine import folder as folders
from client.engine.accepting import Accepting
from client.engine.alarms import Alarms
from client.engine.attempts import Attempts
from client.engine.clock import Clock
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.folder import Folder, Unlocked
from client.engine.inbox import Inbox
from client.engine.judging import Gate, Judging
from client.engine.link import Link
from client.engine.log_trial import Own
from client.engine.names import AddressBook
from client.engine.outbox import Outbox
from client.engine.prekeys import PrekeyBook
from client.engine.push import Pusher
from client.engine.receipts import Receipts
from client.engine.rounds import Rounds
from client.engine.settings import Settings, load_settings
from client.engine.signing import Signer
from client.engine.sync import Sync, Ways
from client.engine.threads import Threads
from client.engine.trust import Replica
from client.engine.unit_sync.agreed import Agreed
from client.engine.unit_sync.asking import Asking
from client.engine.unit_sync.effects import Parts, UnitEffects
from client.engine.unit_sync.letters import Letters
from client.engine.unit_sync.parts import UnitParts
from client.engine.unit_sync.passing import Desks, Passing
from client.engine.unit_sync.sharing import Sharing
from client.engine.unit_sync.unit import UnitSync
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
from keys.private.keeper import LocalKeeper, enrol_request, enrolled
from keys.private.key_file import require_profile
from keys.signed import parse_signed, read_payload
from keys.statements import Device, Profile


def make(folder: Folder, passphrase: str, profile: Profile, clock: Clock) -> bytes:
    """Make a new device; returns its request file.

    Raises:
        LocalError: code ``EXISTS``, ``PASSSHORT``, ``DISK``.
    """
    return enrol_request(folders.create(folder, passphrase, profile), clock.now())


def request(folder: Folder, passphrase: str, clock: Clock) -> bytes:
    """The request file once more.

    Raises:
        LocalError: code ``NOOFFICE``, ``PASS``, ``FILE``.
    """
    return enrol_request(folders.open_keys(folder, passphrase).ring_file.load(), clock.now())


def enrol(folder: Folder, passphrase: str, approval: bytes) -> FederationId:
    """Take an approval in; returns the federation, whose fingerprint a person compares.

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
    write_durably(folder.approval, approval)
    unlocked.ring_file.save(ring)  # last: from here on the device is enrolled
    return directory.federation


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """The parts that commands use."""

    context: Context
    consents: Consents
    threads: Threads
    writing: Writing
    withdrawing: Withdrawing
    sync: Sync
    unit: UnitSync


class Office:
    """An open office. Use ``Office.open`` and ``close``."""

    def __init__(self, desk: Desk, link: Link, lock: IO[bytes]) -> None:
        self.desk = desk
        self._link = link
        self._lock = lock
        self._running: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, folder: Folder, passphrase: str, clock: Clock | None = None) -> Office:
        """Unlock and open an enrolled office.

        Raises:
            LocalError: code ``SELFTEST``, ``NOOFFICE``, ``LOCKED``, ``PASS``, ``FILE``, ``SETTINGS``, ``ENROL`` when
                the device is not enrolled yet, ``PROFILE``, ``VERVAULT``, ``DISK``.
        """
        selftest.run()
        clock = clock or Clock()
        lock = folders.hold(folder)
        try:
            unlocked = folders.open_keys(folder, passphrase)
            vault = await Vault.open(folder.vault, unlocked.vault_key)
        except BaseException:
            lock.close()
            raise
        try:
            context, approval = await _context(folder, unlocked, vault, clock)
            link = Link(approval.hub_address, approval.hub_id, context.keeper)
            return cls(await _desk(context, link, approval), link, lock)
        except BaseException:
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
        await self.desk.context.vault.close()
        self._lock.close()


async def _context(folder: Folder, unlocked: Unlocked, vault: Vault, clock: Clock) -> tuple[Context, Approval]:
    settings: Settings = load_settings(folder.settings)
    ring = unlocked.ring_file.load()
    keeper = LocalKeeper(ring, unlocked.ring_file)
    approval = parse_approval(read_bounded(folder.approval, MAX_APPROVAL_BYTES))
    own = Own(keeper.device_id, parse_signed(approval.certificate).digest)
    replica = await Replica.load(vault, clock, first_root=approval.first_root, hub_id=approval.hub_id, own=own)
    require_profile(unlocked.profile, replica.directory.profile)
    certificate = read_payload(parse_signed(approval.certificate), SignedType.DEVICE, Device)
    context = Context(
        vault=vault,
        clock=clock,
        settings=settings,
        keeper=keeper,
        replica=replica,
        prekeys=await PrekeyBook.load(vault, clock, replica),
        book=AddressBook(replica, keeper),
        alarms=Alarms(vault, clock),
        unit_id=UnitId(certificate.unit_id),
        hub_id=HubId(approval.hub_id),
    )
    return context, approval


async def _desk(context: Context, link: Link, approval: Approval) -> Desk:
    attempts = Attempts(context.vault, context.clock, context.keeper)
    signer = Signer(context.keeper, context.replica, context.clock, context.unit_id)
    consents, threads = Consents(context), Threads(context.vault, context.clock)
    letters, agreed = Letters(context, signer, attempts), Agreed(context, threads)
    judging = Judging(context, consents, threads)
    outbox = Outbox(context, signer, attempts, Gate(context, consents, judging), signed=letters.copy)
    receipts = Receipts(context, signer, attempts, threads)
    withdrawing = Withdrawing(context, consents, threads, outbox=outbox, attempts=attempts)
    accepting = Accepting(context, consents, threads, withdrawing=withdrawing)
    parts = UnitParts(letters, agreed, Asking(context, letters), Sharing(context, threads, letters, agreed))
    unit = UnitSync(context, threads, parts)
    effects = UnitEffects(
        context,
        Parts(
            accepting=accepting,
            consents=consents,
            withdrawing=withdrawing,
            outbox=outbox,
            unit=parts,
            passing=Passing(context, Desks(accepting, consents, threads, judging, receipts)),
        ),
    )
    rounds = Rounds(context)
    if context.device_id not in context.replica.directory.devices:
        async with context.vault.transaction():
            await rounds.queue_statement(approval.certificate)
    pusher = Pusher(context, outbox, receipts, attempts, letters=unit)
    sync = Sync(context, link, Ways(rounds, Inbox(context, receipts, effects), outbox, receipts, pusher, unit))
    return Desk(context, consents, threads, Writing(context, consents, threads, outbox), withdrawing, sync, unit)
