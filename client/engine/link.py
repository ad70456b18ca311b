"""The link to the hub: one method per operation, on two sessions that never mix (PROTOCOL 4, 5).

Rules:
1. Anonymous operations travel on connections on which this device never logged in; the hub refuses them otherwise, and
   would otherwise learn who deposits.
2. A bearer that ran out is renewed once, silently.
3. Answers are checked for what they can be checked for here: the right type, and the hub's signature on a deposit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Protocol, TypeVar

import aiohttp

from client.engine.sessions import HubError, HubRefusedError, Session
from hub.wire import requests, responses
from hub.wire.frame import frame, unframe_response
from hub.wire.limits import MAX_FETCH_ITEMS, MAX_READ_LEAVES, WAKE_PATH
from hub.wire.requests import BearerRequest, Request
from hub.wire.responses import Code, Response
from keys.errors import FormatError
from keys.private.keeper import Keeper

R = TypeVar("R", bound=Response)


class Link:
    """A device's link to its hub.

    Args:
        address: the hub's address.
        hub_id: 16 bytes, from the approval; part of what a login signs.
        keeper: signs the login.
    """

    def __init__(self, address: str, hub_id: bytes, keeper: Keeper) -> None:
        self._anonymous = Session(address, connections=4)
        self._known = Session(address, connections=2)
        self._hub_id = hub_id
        self._keeper = keeper
        self._bearer: bytes | None = None
        self._login_lock = asyncio.Lock()

    async def close(self) -> None:
        """Close both sessions."""
        await self._anonymous.close()
        await self._known.close()

    # -- anonymous ----------------------------------------------------------------------------------------------------

    async def hello(self) -> responses.HelloIs:
        """Who the hub is and what time it has."""
        return await self._ask(requests.Hello(), responses.HelloIs)

    async def deposit(self, mailbox_id: bytes, token: bytes, envelope: bytes) -> responses.Deposited:
        """Put one envelope into one mailbox."""
        return await self._ask(requests.Deposit(mailbox_id, token, envelope), responses.Deposited)

    async def recall(self, secret: bytes, hour: int) -> bool:
        """Whether the hub now withholds the envelope."""
        return (await self._ask(requests.Recall(secret, hour), responses.RecallIs)).withheld

    async def read_log(self, start: int) -> responses.Leaves:
        """A page of the directory log."""
        return await self._ask(requests.ReadLog(start, MAX_READ_LEAVES), responses.Leaves)

    async def read_checkpoint(self) -> bytes:
        """The newest checkpoint note, unverified."""
        return (await self._ask(requests.ReadCheckpoint(), responses.CheckpointIs)).note

    async def read_snapshot(self, have: int, after: bytes) -> responses.SnapshotPage:
        """A page of the prekey batches, unverified."""
        return await self._ask(requests.ReadSnapshot(have, after), responses.SnapshotPage)

    async def submit(self, statement: bytes) -> responses.Submitted:
        """Hand in a signed statement."""
        return await self._ask(requests.Submit(statement), responses.Submitted)

    async def put_blob(self, mailbox_id: bytes, token: bytes, *, hour: int, drop_hash: bytes, blob: bytes) -> None:
        """Put one blob for the readers of a mailbox."""
        await self._ask(requests.PutBlob(mailbox_id, token, hour, drop_hash, blob), responses.BlobPut)

    async def get_blob(self, name: bytes) -> bytes:
        """What the hub has under a name, unverified; empty when it has nothing."""
        return (await self._ask(requests.GetBlob(name), responses.BlobIs)).blob

    async def find_blobs(self, names: Sequence[bytes]) -> set[bytes]:
        """Those of at most 1,024 names that the hub says it has."""
        found = (await self._ask(requests.FindBlobs(b"".join(names)), responses.BlobsFound)).found
        if len(found) != len(names):
            raise HubError("HUB", rule="answer")
        return {name for name, there in zip(names, found, strict=True) if there}

    async def drop_blobs(self, drops: Sequence[tuple[bytes, bytes]]) -> None:
        """Have at most 256 blobs deleted: names and secrets."""
        await self._ask(requests.DropBlobs(b"".join(name + secret for name, secret in drops)), responses.BlobsDropped)

    # -- logged in ----------------------------------------------------------------------------------------------------

    async def fetch(self, after: int) -> responses.Fetched:
        """A page of what waits."""
        return await self._with_bearer(lambda bearer: requests.Fetch(bearer, after, MAX_FETCH_ITEMS), responses.Fetched)

    async def ack(self, cursor: int) -> None:
        """Everything up to ``cursor`` is in the vault."""
        await self._with_bearer(lambda bearer: requests.Ack(bearer, cursor), responses.Acked)

    async def publish_batch(self, batch: bytes) -> None:
        """Publish the own batch of epoch prekeys."""
        await self._with_bearer(lambda bearer: requests.PublishBatch(bearer, batch), responses.Published)

    async def register_token(self, week: int, token_hash: bytes) -> None:
        """Register the hash of the own mailbox's delivery token for a week."""
        await self._with_bearer(lambda bearer: requests.RegisterToken(bearer, week, token_hash), responses.Registered)

    async def status(self) -> responses.StatusIs:
        """The own mailbox in numbers."""
        return await self._with_bearer(requests.Status, responses.StatusIs)

    async def wakes(self) -> AsyncIterator[None]:
        """Yield each time that there is something, until the connection ends.

        Raises:
            HubError: unreachable, or the connection broke.
        """
        bearer = await self._require_bearer()
        socket = await self._known.websocket(WAKE_PATH)
        try:
            await socket.send_bytes(frame(requests.Wake(bearer)))
            async for message in socket:
                if self._says_something(message):
                    yield
        except (aiohttp.ClientError, OSError) as error:
            raise HubError("HUB", error_type=type(error).__name__) from error
        finally:
            await socket.close()

    def _says_something(self, message: aiohttp.WSMessage) -> bool:
        if message.type is not aiohttp.WSMsgType.BINARY:
            raise HubError("HUB", rule="wake")
        try:
            answer = unframe_response(message.data)
        except FormatError as error:
            raise HubError("HUB", rule="wake") from error
        if isinstance(answer, responses.Refused):
            self._bearer = None
            raise HubRefusedError(answer)
        return isinstance(answer, responses.Something)

    async def _ask(self, request: Request, expected: type[R]) -> R:
        return _expect(await self._anonymous.call(request), expected)

    async def _with_bearer(self, build: _Build, expected: type[R]) -> R:
        bearer = await self._require_bearer()
        try:
            return _expect(await self._known.call(build(bearer)), expected)
        except HubRefusedError as error:
            if error.code != Code.LOGIN:
                raise
        if self._bearer == bearer:
            self._bearer = None
        return _expect(await self._known.call(build(await self._require_bearer())), expected)

    async def _require_bearer(self) -> bytes:
        async with self._login_lock:
            if self._bearer is None:
                device_id = self._keeper.device_id
                nonce = _expect(await self._known.call(requests.LoginBegin(device_id)), responses.NonceIs).nonce
                signature = self._keeper.login(self._hub_id, nonce)
                proof = requests.LoginProve(device_id, nonce, signature)
                self._bearer = _expect(await self._known.call(proof), responses.LoggedIn).bearer
            return self._bearer


class _Build(Protocol):
    def __call__(self, bearer: bytes, /) -> BearerRequest: ...


def _expect(response: Response, expected: type[R]) -> R:
    if not isinstance(response, expected):
        raise HubError("HUB", rule="answer")
    return response
