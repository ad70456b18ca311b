"""The one sync loop: standing duties, pull, push; woken by the hub, by the handler, or by a due time.

Everything else writes to the vault and nudges; nothing but this loop moves envelopes. Trouble is kept as a code for the
status line and tried again with a growing pause; it never ends the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from typing import Final, Protocol

from client.engine.context import Context
from client.engine.inbox import Inbox
from client.engine.link import Link
from client.engine.outbox import Outbox
from client.engine.push import Pusher
from client.engine.receipts import Receipts
from client.engine.rounds import Rounds
from client.engine.sessions import HubError, HubRefusedError
from client.engine.transfers import Transfers
from keys.errors import LockedError, SlussError
from keys.ids import DeviceId
from keys.logging import get_logger

FRESH_SECONDS: Final = 600  # withdrawals are checked again before this is over (CNS-08 allows 15 minutes)
_FIRST_PAUSE: Final = 0.5
_MOST_PAUSE: Final = 30.0
_log = get_logger("sync")


@dataclasses.dataclass(frozen=True, slots=True)
class Synced:
    """What one pass moved."""

    accepted: int
    quarantined: int
    deposited: int


class Unit(Protocol):
    """The part that this device has in its unit."""

    async def duty(self) -> None:
        """What a round brings."""

    async def next_due(self) -> float | None:
        """When it next has something to send, in seconds."""

    async def drained(self, at: int) -> None:
        """The mailbox was read to its end by a drain that began then (seconds)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ways:
    """The parts that the loop drives."""

    rounds: Rounds
    inbox: Inbox
    outbox: Outbox
    receipts: Receipts
    pusher: Pusher
    unit: Unit
    transfers: Transfers


class Sync:
    """The loop of one office."""

    def __init__(self, context: Context, link: Link, ways: Ways) -> None:
        self._context = context
        self._link = link
        self._ways = ways
        self._nudged = asyncio.Event()
        self._woken = asyncio.Event()
        self._cleared = asyncio.Event()
        self._busy = asyncio.Lock()
        self._round_at = 0.0
        self.trouble = ""

    def nudge(self) -> None:
        """Something new waits to leave."""
        self._nudged.set()
        self._ways.transfers.nudge()

    async def rotate(self) -> None:
        """Make and publish new epoch prekeys now.

        Raises:
            HubError: unreachable; it is done in the first round that reaches the hub. LocalError: code ``ROTATE``.
        """
        async with self._busy:
            async with self._context.vault.transaction():
                await self._ways.rounds.rotate()
            await self._do_duties()

    async def end(self, device_id: DeviceId, statement: bytes) -> None:
        """Have a device's revocation entered in the log, now or in the first round that reaches the hub.

        Raises:
            HubError: unreachable; it is kept, and nothing is lost.
        """
        async with self._busy:
            async with self._context.vault.transaction():
                await self._ways.rounds.queue_end(device_id, statement)
            await self._do_duties()

    def clear_trouble(self) -> None:
        """What stood in the way may be gone: try at once instead of after the pause."""
        self._cleared.set()

    async def once(self) -> Synced:
        """A whole pass: duties, pull, files, push.

        Raises:
            HubError: unreachable. LocalError, PeerError: what else stopped it; the vault is as it was.
        """
        async with self._busy:
            accepted, quarantined = await self._do_duties_and_pull()
            await self._ways.transfers.move(self._link)
            return Synced(accepted, quarantined, await self._ways.pusher.push(self._link))

    async def run(self) -> None:
        """Go on until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._work())
            tasks.create_task(self._move())

    async def _work(self) -> None:
        pause = 0.0
        while True:
            try:
                await self._pass()
                pause, self.trouble = 0.0, ""
                await self._wait()
            except Exception as error:  # a fault of our own must not end the loop unseen: the status tells it
                pause = min(max(2 * pause, _FIRST_PAUSE), _MOST_PAUSE)
                self._note(error)
                await self._rest(pause)

    async def _rest(self, pause: float) -> None:
        """Wait until it is worth trying again."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._cleared.wait(), pause)
        self._cleared.clear()

    async def _pass(self) -> None:
        """As little as what happened asks for.

        A long outbox leaves one round at a time: receipts and withdrawals come in between, and what they settle or stop
        is not sealed again. Two offices that only pushed would never learn that they are done.
        """
        round_due = self._context.clock.exact() >= self._round_at + self._context.settings.round_seconds
        whole = round_due or bool(self.trouble)
        woken = self._woken.is_set()
        self._woken.clear()
        self._nudged.clear()
        async with self._busy:
            if whole:
                await self._do_duties_and_pull()
            elif woken or not self._is_fresh():
                await self._pull()
            if await self._ways.pusher.push(self._link, rounds=1):
                self.nudge()
        self._ways.transfers.nudge()

    async def _move(self) -> None:
        """Attached files, beside everything else."""
        await self._ways.transfers.run(self._link, self._nudged.set)

    async def _do_duties_and_pull(self) -> tuple[int, int]:
        """Duties that cannot be done stop sending, not reading: a withdrawal may be among what waits.

        A device that was revoked or went back reads nothing more: its keys are gone.
        """
        dispute: SlussError | None = None
        try:
            await self._do_duties()
        except SlussError as error:
            if error.code in {"HUB", "REVOKED", "ROLLBACK"}:
                raise
            dispute = error
        pulled = await self._pull()
        if dispute is not None:
            raise dispute
        return pulled

    async def _do_duties(self) -> None:
        if await self._ways.rounds.run(self._link):
            async with self._context.vault.transaction():
                await self._ways.outbox.keys_came()
                await self._ways.receipts.keys_came()
        await self._ways.unit.duty()
        self._round_at = self._context.clock.exact()

    async def _pull(self) -> tuple[int, int]:
        began = self._context.clock.now()
        done = await self._ways.inbox.drain(self._link)
        self._context.freshness.drained_at = began
        await self._ways.unit.drained(began)
        return done.accepted, done.quarantined

    def _is_fresh(self) -> bool:
        drained_at = self._context.freshness.drained_at
        return drained_at is not None and self._context.clock.now() - drained_at < FRESH_SECONDS

    async def _wait(self) -> None:
        events = [asyncio.create_task(event.wait()) for event in (self._nudged, self._woken)]
        try:
            await asyncio.wait(events, timeout=await self._until_due(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for event in events:
                event.cancel()

    async def _until_due(self) -> float:
        """Seconds until the next round, document or receipt is due."""
        now = self._context.clock.exact()
        due = [self._round_at + self._context.settings.round_seconds]
        parts = (self._ways.outbox, self._ways.receipts, self._ways.unit)
        due += [at for part in parts if (at := await part.next_due()) is not None]
        return max(0.0, min(due) - now)

    async def _listen(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            with contextlib.suppress(HubError, HubRefusedError, LockedError):
                async for _ in self._link.wakes():
                    pause = _FIRST_PAUSE
                    self._woken.set()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _MOST_PAUSE)

    def _note(self, error: Exception) -> None:
        code = error.code if isinstance(error, SlussError) else "FAULT"
        if code != self.trouble:
            _log.warning("sync stopped", code=code, error_type=type(error).__name__)
        self.trouble = code
