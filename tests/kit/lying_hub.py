"""A hub that lies: a proxy between offices and the real hub, with a knob for every lie that the protocol must survive.

async with LyingHub.open(hub.url, federation) as liar:
    ... offices talk to liar.url ...
    liar.forget_deposits()        # from now on; several lies may be told at once
    liar.behave()                 # the truth again

The liar speaks the real frames and has the hub's real keys, as a hub that was taken over would. It has no
device's keys. Wake connections are refused: offices in these tests sync when they are told to.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

import aiohttp
from aiohttp import web
from msgspec.structs import replace

from hub.signer import HubSigner
from hub.wire import requests, responses
from hub.wire.frame import frame, unframe_request, unframe_response
from hub.wire.limits import HTTP_PATH
from hub.wire.requests import AnonymousRequest, Request
from hub.wire.responses import Item, Response
from keys.checkpoint import Checkpoint, origin_of, parse_note
from keys.envelope import HEADER_BYTES, SLOT_BYTES, parse_envelope
from keys.ids import digest
from keys.log_tree import root_of
from keys.private.witness import WitnessSigner
from tests.kit.federation import Federation

R = TypeVar("R", bound=Response)
Honest = Callable[[Request], Awaitable[Response]]
Lie = Callable[[Request, Honest], Awaitable[Response]]


class _Silence(Exception):  # noqa: N818 - no error: the liar hangs up
    """Say nothing and close the connection."""


class LyingHub:
    """The proxy. Every public method that is not about its life is a knob."""

    def __init__(self, upstream: str, federation: Federation) -> None:
        self._upstream = upstream
        self._federation = federation
        secret = federation.hub_secret
        self.signer = HubSigner(secret.ed25519_seed, secret.mldsa_seed)
        self.hub_id = federation.hub_id
        self.url = ""
        self.deposits: list[requests.Deposit] = []  # all that passed
        self.seen: list[Request] = []
        self.cosigners: list[WitnessSigner] = []  # witnesses who sign whatever this hub shows
        self._lies: list[Lie] = []
        self._http: dict[bool, aiohttp.ClientSession] = {}

    # -- its life -----------------------------------------------------------------------------------------------------

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, upstream: str, federation: Federation) -> AsyncIterator[LyingHub]:
        """Serve on a free port of this machine."""
        liar = cls(upstream, federation)
        # Two sessions, as the real hub refuses anonymous frames on a connection that logged in.
        liar._http = {anonymous: aiohttp.ClientSession() for anonymous in (True, False)}
        runner = web.ServerRunner(web.Server(liar._serve, access_log=None))
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            liar.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield liar
        finally:
            await runner.cleanup()
            for session in liar._http.values():
                await session.close()

    def behave(self) -> None:
        """The truth from now on."""
        self._lies.clear()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path != HTTP_PATH:
            return web.Response(status=404)
        message = unframe_request(await request.read())
        self.seen.append(message)
        if isinstance(message, requests.Deposit):
            self.deposits.append(message)
        answer: Honest = self.honest
        for lie in self._lies:
            answer = _wrap(lie, answer)
        try:
            return web.Response(body=frame(await answer(message)))
        except _Silence:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()

    async def honest(self, message: Request) -> Response:
        """What the real hub says."""
        session = self._http[isinstance(message, AnonymousRequest)]
        if self.cosigners and isinstance(message, requests.ReadCheckpoint):
            return responses.CheckpointIs(self.note(await self.history()))  # the real hub waits for real witnesses
        async with session.post(self._upstream + HTTP_PATH, data=frame(message)) as answer:
            return unframe_response(await answer.read())

    # -- knobs: the connection ----------------------------------------------------------------------------------------

    def tell(self, lie: Lie) -> None:
        """Any lie; it is asked before those that were told earlier."""
        self._lies.append(lie)

    def drop_requests(self, *kinds: type[Request]) -> None:
        """Hang up before the hub hears of it."""

        async def lie(message: Request, honest: Honest) -> Response:
            if isinstance(message, kinds):
                raise _Silence
            return await honest(message)

        self.tell(lie)

    def drop_answers(self, *kinds: type[Request]) -> None:
        """Let the hub act, and hang up before the answer."""

        async def lie(message: Request, honest: Honest) -> Response:
            answer = await honest(message)
            if isinstance(message, kinds):
                raise _Silence
            return answer

        self.tell(lie)

    def delay(self, seconds: float, *kinds: type[Request]) -> None:
        """Be slow."""

        async def lie(message: Request, honest: Honest) -> Response:
            if isinstance(message, kinds):
                await asyncio.sleep(seconds)
            return await honest(message)

        self.tell(lie)

    def say(self, kind: type[Request], answer: Response) -> None:
        """Always this answer, whatever the hub would say."""

        async def lie(message: Request, honest: Honest) -> Response:
            return answer if isinstance(message, kind) else await honest(message)

        self.tell(lie)

    def alter(self, expected: type[R], change: Callable[[R], Response]) -> None:
        """Change every answer of one kind."""

        async def lie(message: Request, honest: Honest) -> Response:
            answer = await honest(message)
            return change(answer) if isinstance(answer, expected) else answer

        self.tell(lie)

    # -- knobs: mail --------------------------------------------------------------------------------------------------

    def rearrange(self, change: Callable[[list[Item]], Sequence[Item]]) -> None:
        """Serve other items than those that wait, numbered from the cursor on so that the page looks sound."""

        async def lie(message: Request, honest: Honest) -> Response:
            if isinstance(message, requests.Ack):
                return responses.Acked(message.cursor)  # the numbers are the liar's own
            answer = await honest(message)
            if not isinstance(message, requests.Fetch) or not isinstance(answer, responses.Fetched):
                return answer
            items = list(change(list(answer.items)))
            numbered = [replace(item, n=message.after + 1 + place) for place, item in enumerate(items)]
            last_n = max([answer.last_n, *(item.n for item in numbered)])
            return responses.Fetched(answer.incarnation, last_n, numbered)

        self.tell(lie)

    def forget_deposits(self) -> None:
        """Answer every deposit with a sound signature and store nothing."""

        async def lie(message: Request, honest: Honest) -> Response:
            if not isinstance(message, requests.Deposit):
                return await honest(message)
            hour = parse_envelope(message.envelope).hour
            signature = self.signer.sign_deposit(digest(message.envelope), message.mailbox_id, hour)
            return responses.Deposited(hour, signature)

        self.tell(lie)

    def sign_deposits_wrongly(self) -> None:
        """Store deposits, but sign another hour than the one in the answer."""
        self.alter(responses.Deposited, lambda answer: replace(answer, hour=answer.hour + 1))

    def pretend_recall(self) -> None:
        """Say that an envelope is withheld, and serve it all the same."""
        self.say(requests.Recall, responses.RecallIs(withheld=True))

    def withhold_unrecalled(self) -> None:
        """Say of everything that waits that its sender took it back."""
        self.rearrange(
            lambda items: [
                responses.Withheld(item.n, item.hour, item.signature, digest(item.envelope))
                for item in items
                if isinstance(item, responses.Waiting)
            ]
        )

    def change_incarnation(self, incarnation: bytes) -> None:
        """Say that the hub was restored."""
        self.alter(responses.Fetched, lambda answer: replace(answer, incarnation=incarnation))
        self.alter(responses.HelloIs, lambda answer: replace(answer, incarnation=incarnation))

    # -- knobs: time, log and keys ------------------------------------------------------------------------------------

    def shift_time(self, seconds: int) -> None:
        """Say another time."""
        self.alter(responses.HelloIs, lambda answer: replace(answer, seconds=answer.seconds + seconds))

    def note(self, leaves: Sequence[bytes], signer: HubSigner | None = None) -> bytes:
        """A checkpoint note over any history, by default with the hub's real signature."""
        checkpoint = Checkpoint(origin_of(self._federation.directory.federation), len(leaves), root_of(list(leaves)))
        return self.cosigned((signer or self.signer).sign_checkpoint(checkpoint, self.hub_id.hex()))

    def cosigned(self, note: bytes) -> bytes:
        """A note with the lines of the witnesses who collude."""
        checkpoint, now = parse_note(note)[0], int(time.time())
        return note + b"".join(signer.cosign(checkpoint, now) for signer in self.cosigners)

    def show_history(self, leaves: Sequence[bytes], *, note: bytes | None = None) -> None:
        """Serve another log, with a checkpoint over it."""
        shown = note or self.note(leaves)

        async def lie(message: Request, honest: Honest) -> Response:
            match message:
                case requests.ReadCheckpoint():
                    return responses.CheckpointIs(shown)
                case requests.ReadLog(start=start):
                    return responses.Leaves(start, len(leaves), list(leaves[start : start + 8]))
                case _:
                    return await honest(message)

        self.tell(lie)

    async def history(self) -> list[bytes]:
        """The real log."""
        leaves: list[bytes] = []
        while True:
            page = await self.honest(requests.ReadLog(len(leaves), 1024))
            assert isinstance(page, responses.Leaves)
            leaves += page.leaves
            if len(leaves) >= page.size:
                return leaves

    def alter_batches(self, change: Callable[[bytes], bytes | None]) -> None:
        """Serve other prekey batches; None leaves one out."""

        def changed(page: responses.SnapshotPage) -> Response:
            batches = [new for raw in page.batches if (new := change(raw)) is not None]
            return replace(page, batches=batches)

        self.alter(responses.SnapshotPage, changed)


def _wrap(lie: Lie, inner: Honest) -> Honest:
    async def answer(message: Request) -> Response:
        return await lie(message, inner)

    return answer


# -- what a liar does to an item --------------------------------------------------------------------------------------


def flip_bit(item: Item, at: int) -> Item:
    """The item with one bit of its envelope turned; ``at`` counts bytes."""
    if not isinstance(item, responses.Waiting):
        return item
    raw = bytearray(item.envelope)
    raw[at] ^= 1
    return replace(item, envelope=bytes(raw))


def swap_slots(one: Item, other: Item) -> list[Item]:
    """Both items with all slots of the other; their hours and sizes are the same."""
    assert isinstance(one, responses.Waiting)
    assert isinstance(other, responses.Waiting)
    slots = len(parse_envelope(one.envelope).slots)
    end = HEADER_BYTES + slots * SLOT_BYTES
    first, second = one.envelope, other.envelope
    return [
        replace(one, envelope=first[:HEADER_BYTES] + second[HEADER_BYTES:end] + first[end:]),
        replace(other, envelope=second[:HEADER_BYTES] + first[HEADER_BYTES:end] + second[end:]),
    ]
