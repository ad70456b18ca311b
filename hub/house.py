"""A hub put together, served, and taken apart: the one place where the parts meet.

Order at start: settings, keys, store, replay of the log (which refuses what does not fit), then the socket. Order at a
stop: no new connections, listeners hung up, requests in flight answered, the store's queue written, the store closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from aiohttp import web

from hub.admin.server import AdminServer
from hub.admin.token import AdminSessions, admin_token
from hub.app import AppParts, HubServer
from hub.auth import BEARER_PURPOSE, Auth
from hub.blobs import BlobLimits, Blobs
from hub.clock import Clock, Steady, system_clock
from hub.config import Config
from hub.connections import Connections
from hub.cosigning import Cosigning
from hub.directory_log import DirectoryLog, open_log
from hub.doorway import Doorway, DoorwayParts
from hub.figures import Figures, Looked
from hub.following import Following
from hub.jobs import Jobs, Pace, Workers
from hub.known import Known
from hub.mailboxes import Mailboxes
from hub.metrics import Metrics
from hub.monitor import monitor_server
from hub.notify import Wakers
from hub.operations import Operations
from hub.prekeys import Prekeys, SnapshotPlan
from hub.quota import SourceRate
from hub.relay import Relay, RelayLimits, RelayParts
from hub.signer import HubSigner, load_signer
from hub.store.base import Store
from hub.store.blobs import BlobStore
from hub.stores import open_stores
from keys.errors import LocalError
from keys.ids import DeviceId, HubId, MailboxId, UnitId

LOCK_NAME: Final = "hub.lock"
BACKLOG: Final = 1024  # connections that the kernel holds while the hub is busy
DRAIN_SECONDS: Final = 5.0  # requests in flight at a stop; an answer is some milliseconds away


@dataclasses.dataclass(frozen=True, slots=True)
class Ground:
    """What a house stands on: settings, open stores, the log replayed from one, its mailboxes, keys and clock."""

    data: Path
    config: Config
    store: Store
    blobs: BlobStore
    log: DirectoryLog
    mailboxes: Mailboxes
    signer: HubSigner
    clock: Clock
    incarnation: bytes


class House:
    """One hub's parts. Made by ``open_house``."""

    def __init__(self, ground: Ground) -> None:
        config = ground.config
        self._data = ground.data
        self.config: Final = config
        self.store: Final = ground.store
        self.log: Final = ground.log
        self.clock: Final = ground.clock
        self.wakers: Final = Wakers(config.wake_seconds, self.clock)
        self.metrics: Final = Metrics()
        bearer_key = ground.signer.secret_for(BEARER_PURPOSE)
        self.auth: Final = Auth(self.log.directory, self.log.hub_id, self.clock, bearer_key=bearer_key)
        self.following: Final = Following(ground.store, ground.log, ground.mailboxes, self.wakers)
        limits = RelayLimits(config.max_waiting, config.mailbox_rate, config.mailbox_burst)
        parts = RelayParts(ground.store, ground.log, ground.mailboxes, ground.signer, self.wakers, ground.clock)
        self.relay: Final = Relay(parts, limits, ground.incarnation)
        bounds = BlobLimits(config.max_blobs, config.max_blobs_in_all, config.blob_rate, config.blob_burst)
        self.blobs: Final = Blobs(ground.blobs, ground.mailboxes, bounds, self.clock)
        plan = SnapshotPlan(config.snapshot_seconds, config.snapshot_idle_seconds)
        self.prekeys: Final = Prekeys(ground.store, ground.log, signer=ground.signer, clock=ground.clock, plan=plan)
        pace = Pace(config.job_seconds, config.snapshot_delay_seconds, config.witness_seconds)
        cosigning = Cosigning(self.log, config.witnesses)
        parties = Workers(self.relay, self.blobs, self.prekeys, self.auth)
        self.steady: Final = Steady(self.clock, self._newest_time)
        self.jobs: Final = Jobs(parties, log=self.log, cosigning=cosigning, pace=pace, steady=self.steady)
        self.connections: Final = Connections(config.max_connections, config.source_connections)
        self.known: Final = Known()
        looked = Looked(
            ground.data, config, ground.store, ground.log, self.metrics, self.clock, self.connections, self.wakers,
            self.jobs,
        )  # fmt: skip
        self.figures: Final = Figures(looked)
        self.doors: Final[dict[str, str]] = {}
        """Addresses of the listeners beside the main one, by name, while they are served."""
        self.log.on_revoked = self._device_revoked
        for entry in self.log.directory.units.values():
            self.relay.mark_unpruned(MailboxId(entry.statement.mailbox_id))

    def admin(self) -> AdminServer:
        """The operator's page.

        Raises:
            LocalError: code ``ADMINTOKEN``.
        """
        token = admin_token(self._data, self.config.admin_token_file)
        return AdminServer(self.figures, AdminSessions(token, self.clock))

    def server(self) -> HubServer:
        """The HTTP server of this house."""
        config = self.config
        return HubServer(
            AppParts(
                Operations(self.relay, self.log, self.prekeys, self.blobs, self.auth, self.following, self.clock),
                self.wakers,
                self.metrics,
                self.clock,
                SourceRate(config.source_rate, config.source_burst),
                Doorway(
                    DoorwayParts(self.connections, self.known, self.metrics, self.clock),
                    how=config.client_address,
                    trusted=config.trusted_proxies,
                ),
                config.request_seconds,
            )
        )

    def require_time(self, *, is_right: bool) -> None:
        """Refuse to serve by a clock that cannot be right, unless somebody says that it is.

        Raises:
            LocalError: code ``AHEAD``.
        """
        if is_right:
            self.steady.accept()
        elif not self.steady.is_plausible:
            raise LocalError("AHEAD", seconds=int(self.clock()) - self._newest_time())

    def _newest_time(self) -> int:
        snapshot = self.log.directory.snapshot
        return 0 if snapshot is None else snapshot.made_at

    async def _device_revoked(self, device: DeviceId) -> None:
        self.connections.release(self.known.forget(device), device)
        await self.wakers.end_device(device)
        unit = self.log.directory.units[UnitId(self.log.directory.devices[device].statement.unit_id)]
        self.relay.mark_unpruned(MailboxId(unit.statement.mailbox_id))


@contextlib.asynccontextmanager
async def open_house(data: Path, config: Config, clock: Clock | None = None) -> AsyncIterator[House]:
    """Open the store, replay the log, put the parts together; close the store in the end.

    Raises:
        LocalError: keys, store or log are not in order; code ``PROFILE`` when settings and root disagree.
    """
    with only_one(data):
        signer = load_signer(data, config.key_file)
        async with open_stores(data, config) as stores:
            store = stores.mail
            await store.probe()  # what is read now may still wait for its standby, and will be shown
            mailboxes = Mailboxes(await store.tokens())
            log = await open_log(store, signer=signer, hub_id=HubId(bytes.fromhex(config.hub_id)), mailboxes=mailboxes)
            if log.directory.profile is not config.profile:
                raise LocalError("PROFILE", root=log.directory.profile.value, settings=config.profile.value)
            _require_own_keys(log, signer)
            await log.open_mailboxes()
            incarnation = await store.incarnation()
            clock = clock or system_clock(config.clock_offset_seconds)
            yield House(Ground(data, config, store, stores.blobs, log, mailboxes, signer, clock, incarnation))


def _require_own_keys(log: DirectoryLog, signer: HubSigner) -> None:
    """Refuse keys that are not those the roots signed: the checkpoint shows only whether the Ed25519 half is whole.

    Raises:
        LocalError: code ``KEYFILE``; with such keys every snapshot would be refused, and nobody would get new prekeys.
    """
    entry = log.directory.hubs.get(log.hub_id)
    if entry is not None and entry.statement.keys != signer.pair:
        raise LocalError("KEYFILE", rule="other-keys")


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the folder: two processes that append to one log would each believe their own replica.

    Raises:
        LocalError: code ``RUNNING``; another process has it, or there is no such folder.
    """
    try:
        handle = os.open(data / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LocalError("RUNNING", file=LOCK_NAME) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # goes with the process, also on kill -9
        except BlockingIOError as error:
            raise LocalError("RUNNING", file=LOCK_NAME) from error
        yield
    finally:
        os.close(handle)


@contextlib.asynccontextmanager
async def listening(house: House) -> AsyncIterator[str]:
    """Serve until the block ends; gives the address, ``http://host:port``.

    Raises:
        LocalError: code ``LISTEN``; an address is taken or not ours.
    """
    endless = (house.jobs.run(), house.wakers.serve(), house.following.run())
    work = [asyncio.create_task(duty) for duty in endless]
    runners: list[web.ServerRunner] = []
    try:
        if house.config.monitor:
            house.doors["monitor"] = await _open(runners, monitor_server(house.figures), *_door(house.config.monitor))
        if house.config.admin:
            house.doors["admin"] = await _open(runners, house.admin(), *_door(house.config.admin))
        yield await _open(runners, house.server(), house.config.host, house.config.port)
        for runner in runners:
            for site in list(runner.sites):
                await site.stop()
    finally:
        house.doors.clear()
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await house.wakers.end_all()
        for runner in reversed(runners):
            await runner.cleanup()


async def _open(runners: list[web.ServerRunner], server: web.Server, host: str, port: int) -> str:
    """Serve at one address, and put what must be cleaned up into ``runners``."""
    runner = web.ServerRunner(server, shutdown_timeout=DRAIN_SECONDS)
    await runner.setup()
    runners.append(runner)
    try:
        await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    except (OSError, OverflowError) as error:  # OverflowError: a port above 65535
        raise LocalError("LISTEN", host=host, port=port) from error
    return f"http://{f'[{host}]' if ':' in host else host}:{runner.addresses[0][1]}"


def _door(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)
