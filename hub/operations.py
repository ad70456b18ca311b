"""One request record in, one response record out: who may, and who does it (PROTOCOL 4, 5). No HTTP.

The unions are closed: ``match`` names every operation, and a new one does not type-check until it stands here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import TypeVar, assert_never

from hub.auth import Auth
from hub.blobs import Blobs
from hub.clock import Clock
from hub.directory_log import DirectoryLog
from hub.following import Following
from hub.prekeys import Prekeys
from hub.quota import Sender
from hub.refusal import RefusalError
from hub.relay import Relay
from hub.wire.limits import BEARER_SECONDS, PROTOCOL_VERSION
from hub.wire.requests import (
    Ack,
    AnonymousRequest,
    BearerRequest,
    BlobRequest,
    Deposit,
    DropBlobs,
    Fetch,
    FindBlobs,
    GetBlob,
    Hello,
    LoginBegin,
    LoginProve,
    LoginRequest,
    PublishBatch,
    PutBlob,
    ReadCheckpoint,
    ReadLog,
    ReadSnapshot,
    Recall,
    RegisterToken,
    Status,
    Submit,
)
from hub.wire.responses import (
    AnonymousResponse,
    BearerResponse,
    BlobResponse,
    CheckpointIs,
    Code,
    HelloIs,
    LoggedIn,
    NonceIs,
    StatusIs,
)
from keys.ids import DeviceId

R = TypeVar("R")


@dataclasses.dataclass(frozen=True, slots=True)
class Operations:
    """Everything a hub does for devices."""

    relay: Relay
    log: DirectoryLog
    prekeys: Prekeys
    blobs: Blobs
    auth: Auth
    following: Following
    clock: Clock

    async def anonymous(self, request: AnonymousRequest, sender: Sender) -> AnonymousResponse:
        """Serve whoever asks (PROTOCOL 4); ``sender`` counts for limits only.

        Raises:
            RefusalError, StoreError: as the operation.
        """
        match request:
            case Deposit():
                return await self._surely(lambda: self.relay.deposit(request, sender))
            case Recall():
                return await self.relay.recall(request)
            case Submit():
                return await self.log.submit(request.statement)
            case Hello() | ReadLog() | ReadCheckpoint() | ReadSnapshot():
                return await self._read(request)
            case PutBlob() | GetBlob() | FindBlobs() | DropBlobs():
                return await self._blob(request, sender)
            case _:
                assert_never(request)

    async def login(self, request: LoginRequest) -> NonceIs | LoggedIn:
        """Let a device prove itself (PROTOCOL 5.1).

        Raises:
            RefusalError: code ``DENIED``.
        """
        match request:
            case LoginBegin():
                return NonceIs(self.auth.nonce(DeviceId(request.device_id)))
            case LoginProve():
                return await self._surely(lambda: self._logged_in(request))
            case _:
                assert_never(request)

    async def bearer(self, request: BearerRequest) -> BearerResponse:
        """Serve a device that is logged in (PROTOCOL 5).

        Raises:
            RefusalError: code ``AUTH``, or as the operation.
            StoreError: as the operation.
        """
        session = self.auth.session(request.bearer)
        match request:
            case Fetch():
                return await self.relay.fetch(session.mailbox, request.after, request.limit)
            case Ack():
                return await self.relay.ack(session.device, session.mailbox, request.cursor)
            case PublishBatch():
                return await self.prekeys.publish(session.device, request.batch)
            case RegisterToken():
                return await self.relay.register_token(session.mailbox, request)
            case Status():
                standing, weeks = await self.relay.standing(session.device, session.mailbox)
                heads = await self.prekeys.heads_of(session.device)
                covered = [head.number for head in heads if head.revision is not None]
                return StatusIs(
                    standing.waiting,
                    standing.last_n,
                    standing.cursor,
                    heads[-1].number if heads else 0,
                    covered[-1] if covered else 0,
                    self.prekeys.number,
                    weeks,
                )
            case _:
                assert_never(request)

    async def _logged_in(self, request: LoginProve) -> LoggedIn:
        return LoggedIn(self.auth.login(request), BEARER_SECONDS)

    async def _surely(self, attempt: Callable[[], Awaitable[R]]) -> R:
        """Before somebody is turned away, look at what other processes of this hub know, whatever the reason is."""
        try:
            return await attempt()
        except RefusalError as error:
            if error.reason is not Code.DENIED or not await self.following.refresh():
                raise
        return await attempt()

    async def _read(self, request: Hello | ReadLog | ReadCheckpoint | ReadSnapshot) -> AnonymousResponse:
        if not isinstance(request, Hello):
            await self.following.refresh()
        match request:
            case Hello():
                federation, hub_id = self.log.directory.federation, self.log.hub_id
                return HelloIs(PROTOCOL_VERSION, federation, hub_id, self.relay.incarnation, int(self.clock()))
            case ReadLog():
                return await self.log.read(request.start, request.limit)
            case ReadCheckpoint():
                return CheckpointIs(self.log.note)
            case ReadSnapshot():
                return await self.prekeys.page(request)
            case _:
                assert_never(request)

    async def _blob(self, request: BlobRequest, sender: Sender) -> BlobResponse:
        match request:
            case PutBlob():
                return await self._surely(lambda: self.blobs.put(request, sender))
            case GetBlob():
                return await self.blobs.get(request)
            case FindBlobs():
                return await self.blobs.find(request)
            case DropBlobs():
                return await self.blobs.drop(request)
            case _:
                assert_never(request)
