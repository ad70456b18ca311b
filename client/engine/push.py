"""Pushing: recalls first, then what is sealed, deposit by deposit, each outcome written down before the next round.

Envelopes to one mailbox keep their order; different mailboxes are served side by side.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Final, Protocol

from client.engine.attempts import Attempt, Attempts, check_deposit
from client.engine.context import Context
from client.engine.link import Link
from client.engine.outbox import Outbox
from client.engine.receipts import Receipts
from client.engine.sessions import HubError, HubRefusedError
from hub.wire.responses import Deposited
from keys.errors import SignatureError

MAX_ROUNDS: Final = 1000  # of prepare and deposit in one push; each takes up to 64 documents

Outcome = Deposited | HubRefusedError | HubError


class Letters(Protocol):
    """What goes to the own unit's other devices."""

    async def prepare(self, due_at: int) -> int:
        """Seal what is due; returns how many attempts were made."""

    async def retry_later(self, document_id: bytes) -> None:
        """The hub refused an attempt, inside a transaction."""

    async def release(self) -> None:
        """Queue what colleagues have approved."""


class Pusher:
    """The way out."""

    def __init__(
        self, context: Context, outbox: Outbox, receipts: Receipts, attempts: Attempts, *, letters: Letters
    ) -> None:
        self._context = context
        self._vault = context.vault
        self._outbox = outbox
        self._receipts = receipts
        self._attempts = attempts
        self._letters = letters

    async def push(self, link: Link, rounds: int = MAX_ROUNDS) -> int:
        """Deposit what is due; returns how many envelopes the hub now has.

        Args:
            link: to the hub.
            rounds: of prepare and deposit.

        Raises:
            HubError: unreachable; what was sealed stays and is repeated byte for byte.
            LocalError: code ``CLOCK`` or ``FORK``: nothing leaves.
        """
        deposited, began = 0, self._context.clock.now()
        await self._recall(link)
        await self._letters.release()
        for _ in range(rounds):
            await self._outbox.prepare(began)
            await self._receipts.prepare()
            await self._letters.prepare(began)
            waiting = await self._attempts.open()
            if not waiting:
                break
            deposited += await self._deposit_all(link, waiting)
        await self._outbox.watch()
        return deposited

    async def _recall(self, link: Link) -> None:
        for envelope_id, document_id, secret, hour in await self._attempts.recalls():
            withheld = await link.recall(secret, hour)
            async with self._vault.transaction():
                await self._attempts.recalled(envelope_id, withheld=withheld)
                await self._outbox.mark_recalled(document_id, withheld=withheld)

    async def _deposit_all(self, link: Link, waiting: list[Attempt]) -> int:
        by_mailbox: dict[bytes, list[Attempt]] = defaultdict(list)
        for attempt in waiting:
            by_mailbox[attempt.mailbox_id].append(attempt)
        lanes = [self._deposit_lane(link, attempts) for attempts in by_mailbox.values()]
        outcomes = [outcome for lane in await asyncio.gather(*lanes) for outcome in lane]
        async with self._vault.transaction():
            for attempt, outcome in outcomes:
                await self._settle(attempt, outcome)
        unknown = [outcome for _, outcome in outcomes if isinstance(outcome, HubError)]
        if unknown:
            raise unknown[0]
        return sum(isinstance(outcome, Deposited) for _, outcome in outcomes)

    async def _deposit_lane(self, link: Link, attempts: list[Attempt]) -> list[tuple[Attempt, Outcome]]:
        """One mailbox, in order; after an unknown outcome the rest of the lane waits for the next round."""
        outcomes: list[tuple[Attempt, Outcome]] = []
        for attempt in attempts:
            outcome = await self._deposit(link, attempt)
            outcomes.append((attempt, outcome))
            if isinstance(outcome, HubError):
                break
        return outcomes

    async def _deposit(self, link: Link, attempt: Attempt) -> Outcome:
        token = self._context.keeper.delivery_token(attempt.mailbox_id, attempt.week)
        try:
            answer = await link.deposit(attempt.mailbox_id, token, attempt.envelope)
            check_deposit(self._context.hub_key(), attempt, answer)
        except (HubRefusedError, HubError) as outcome:
            return outcome
        except SignatureError as error:
            return HubError("HUB", rule=error.code)
        return answer

    async def _settle(self, attempt: Attempt, outcome: Outcome) -> None:
        match outcome:
            case Deposited():
                await self._attempts.deposited(attempt, outcome)
                await self._settle_sent(attempt, outcome.hour)
            case HubRefusedError():
                await self._attempts.drop(attempt)
                await self._settle_refused(attempt)
            case HubError():
                pass  # outcome unknown: the identical bytes go again

    async def _settle_sent(self, attempt: Attempt, hour: int) -> None:
        if attempt.document_id is None:
            await self._receipts.told(attempt.envelope_id)
        else:
            await self._outbox.mark_sent(attempt.document_id, hour)

    async def _settle_refused(self, attempt: Attempt) -> None:
        if attempt.document_id is None:
            await self._receipts.untold(attempt.envelope_id)
        else:
            await self._outbox.retry_later(attempt.document_id)
            await self._letters.retry_later(attempt.document_id)
