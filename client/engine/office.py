"""An office, put together: opened and closed. The only place that knows all parts.

What comes before is in ``enrolling``: its keys are made, and it is enrolled.
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import IO

from client.engine import folder as folders
from client.engine.accepting import Accepting
from client.engine.after_kept import AfterKept
from client.engine.alarms import Alarms
from client.engine.attachments import Attachments
from client.engine.attempts import Attempts
from client.engine.clock import Clock
from client.engine.confirming import Confirming
from client.engine.consents import Consents
from client.engine.context import Context
from client.engine.fetching import Fetching
from client.engine.folder import Folder
from client.engine.guarding import Guarding
from client.engine.inbox import Inbox
from client.engine.judging import Gate, Judging
from client.engine.keeping import Keeping
from client.engine.link import Link
from client.engine.locking import Locking, Opened, Opener, idle_seconds, open_process
from client.engine.log_trial import Own
from client.engine.names import AddressBook
from client.engine.outbox import Outbox
from client.engine.prekeys import PrekeyBook
from client.engine.push import Pusher
from client.engine.receipts import Receipts
from client.engine.rollback import Rollback
from client.engine.rounds import Rounds
from client.engine.seconding import Seconding
from client.engine.settings import Settings, load_chosen, load_settings
from client.engine.signing import Signer
from client.engine.stream_files import StreamFiles
from client.engine.sync import Sync, Ways
from client.engine.threads import Threads
from client.engine.transfers import Transfers
from client.engine.trust import Replica
from client.engine.unit_sync.agreed import Agreed
from client.engine.unit_sync.approving import Approving, Tools
from client.engine.unit_sync.asking import Asking
from client.engine.unit_sync.effects import Parts, UnitEffects
from client.engine.unit_sync.heads import Comparing
from client.engine.unit_sync.history import CatchingUp
from client.engine.unit_sync.lending import Lending
from client.engine.unit_sync.letters import Letters
from client.engine.unit_sync.parts import UnitParts
from client.engine.unit_sync.passing import Desks, Passing
from client.engine.unit_sync.requests import Requests
from client.engine.unit_sync.sharing import Sharing
from client.engine.unit_sync.unit import UnitSync
from client.engine.uploading import Uploading
from client.engine.vault import Vault
from client.engine.withdrawing import Withdrawing
from client.engine.writing import Exits, Writing
from keys.approval import MAX_APPROVAL_BYTES, Approval, parse_approval
from keys.domains import SignedType
from keys.files import read_bounded
from keys.ids import HubId, UnitId
from keys.private import selftest
from keys.private.key_file import require_profile
from keys.signed import parse_signed, read_payload
from keys.statements import Device


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
    approving: Approving
    attachments: Attachments
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
            opened = await opener(folder, passphrase, idle_seconds(settings, load_chosen(folder.page), page=page))
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
            return cls(await _desk(context, link, approval, folder), link, lock)
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
    own = Own(keeper.device_id, parse_signed(approval.certificate).digest, approval.witness_policy)
    replica = await Replica.load(vault, clock, first_root=approval.first_root, hub_id=approval.hub_id, own=own)
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
        prekeys=await PrekeyBook.load(vault, clock, replica, keeper.device_id),
        book=AddressBook(replica, keeper),
        alarms=alarms,
        rollback=rollback,
        unit_id=UnitId(certificate.unit_id),
        hub_id=HubId(approval.hub_id),
    )
    return context, approval


async def _desk(context: Context, link: Link, approval: Approval, folder: Folder) -> Desk:
    attempts = Attempts(context.vault, context.clock, context.keeper)
    signer = Signer(context.keeper, context.replica, context.clock, context.unit_id)
    consents, threads = Consents(context), Threads(context.vault, context.clock)
    letters, agreed = Letters(context, signer, attempts), Agreed(context, threads)
    judging, seconding = Judging(context, consents, threads), Seconding(context)
    guarding = Guarding(context, consents, threads)
    gate = Gate(context, consents, judging, seconding=seconding, guarding=guarding)
    outbox = Outbox(context, signer, attempts, gate, signed=letters.copy, undone=letters.called_back)
    requests = Requests(context, letters, threads, seconding)
    files = StreamFiles(folder.attachments, context.replica.directory.federation)
    attachments = Attachments(context, files)
    withdrawing = Withdrawing(context, consents, threads, outbox=outbox, attempts=attempts)
    kept = AfterKept(threads, withdrawing)
    exits = Exits(outbox, Keeping(context, signer, signed=letters.copy), requests.hold, attachments, kept)
    writing = Writing(context, consents, threads, exits=exits, seconding=seconding)
    approving = Approving(context, requests, Tools(consents, judging, seconding, writing, attachments))
    receipts = Receipts(context, signer, attempts, threads)
    lending = Lending(context, letters, receipts, attachments)
    transfers = Transfers(context, Uploading(context, files, lending), Fetching(context, files, lending), lending)
    accepting = Accepting(context, consents, threads, withdrawing=withdrawing, seconding=seconding)
    sharing = Sharing(context, threads, letters, agreed=agreed, requests=requests)
    history, confirming = CatchingUp(context, letters), Confirming(context, writing, withdrawing)
    asking = Asking(context, letters, history)
    comparing = Comparing(context, letters, history)
    parts = UnitParts(letters, agreed, history, comparing, asking, sharing, requests, lending, approving, confirming)
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
            await rounds.queue_certificate(approval.certificate)
    pusher = Pusher(context, outbox, receipts, attempts, letters=unit)
    sync = Sync(
        context, link, Ways(rounds, Inbox(context, receipts, effects), outbox, receipts, pusher, unit, transfers)
    )
    locking = Locking(context.keeper, sync.clear_trouble, folder, context.settings)
    await attachments.sweep()
    return Desk(context, consents, threads, writing, withdrawing, sync, unit, approving, attachments, locking)
