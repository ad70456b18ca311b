"""Takes what waits in the mailbox through checks 0 to 15 of FORMATS 8; writes nothing.

Rules:
1. The checks before the one that needs the keeper are asked of all envelopes first. So it is known which envelope is
   next, and the keeper's process opens that one while this process checks the one before.
2. Where a check lacks a newer log, it is fetched, at most ``LOG_TRIES`` times, and those from 7 on are asked again.
3. What none of our keys opens is tried once in a drain, also where a drain goes through what waits twice: to try every
   key at every slot costs most of all, and after a long absence it is most of what waits.
4. Pages and wakes have their turn after every ``TURN`` envelopes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from client.engine.arrival import Arrival, DropError, QuarantineError, SeenError
from client.engine.checks import Check
from client.engine.context import Context
from client.engine.link import Link
from client.engine.opened import Opened
from hub.wire.responses import Waiting, Withheld
from keys.ids import EnvelopeId, digest

LOG_TRIES: Final = 3  # FORMATS 8, check 7
TURN: Final = 4  # some milliseconds
_KNOWN: Final = 1  # the check whether an envelope was handled before
_OPENS: Final = 3  # the check that needs the keeper
_SIGNER: Final = 7
_LACKS_LOG: Final = frozenset({"SIGNER", "LOG"})


class Opening:
    """Checks 0 to 15 of an office.

    Args:
        context: of the office.
        checks: by number.
    """

    def __init__(self, context: Context, checks: Mapping[int, Check]) -> None:
        self._context = context
        self._checks = checks
        self._shut: dict[EnvelopeId, QuarantineError] = {}

    def begin(self) -> None:
        """A drain begins."""
        self._shut.clear()

    async def open_all(self, items: Sequence[Waiting | Withheld], link: Link) -> list[Opened]:
        """All envelopes among what waits, in that order, with how the checks ended for each."""
        begun = [await self._begin(item) for item in items if isinstance(item, Waiting)]
        waiting = [opened.arrival for opened in begun if opened.end is None]
        behind = iter([*waiting[1:], None])
        found: list[Opened] = []
        for number, opened in enumerate(begun):
            found.append(opened if opened.end else await self._open(opened.arrival, next(behind), link))
            if number % TURN == 0:
                await asyncio.sleep(0)
        return found

    async def reopen(self, arrival: Arrival, link: Link) -> Opened:
        """An envelope that was put aside, through all the checks but that it is known."""
        opened = await self._check(arrival, [number for number in range(_OPENS) if number != _KNOWN])
        return opened if opened.end else await self._open(arrival, None, link)

    async def _begin(self, item: Waiting) -> Opened:
        arrival = Arrival(item.n, item.hour, item.signature, item.envelope, EnvelopeId(digest(item.envelope)))
        opened = await self._check(arrival, range(_OPENS))
        return opened if opened.end else Opened(arrival, self._shut.get(arrival.envelope_id))

    async def _open(self, arrival: Arrival, following: Arrival | None, link: Link) -> Opened:
        """Checks 3 to 15, with newer log fetched at most three times where one of them asks for it."""
        opened = await self._check(arrival, range(_OPENS, _OPENS + 1))
        if isinstance(opened.end, QuarantineError):
            self._shut[arrival.envelope_id] = opened.end
        if following is not None and following.envelope is not None:
            self._context.keeper.begin_open(following.envelope, self._context.mailbox_id)
        rest = range(_OPENS + 1, max(self._checks, default=0) + 1)
        for _ in range(LOG_TRIES):
            if opened.end is None:
                opened = await self._check(arrival, rest)
            lacks_log = isinstance(opened.end, QuarantineError) and opened.end.code in _LACKS_LOG
            if not lacks_log or not await self._context.replica.try_refresh(link):
                return opened
            rest, opened = range(_SIGNER, rest.stop), Opened(arrival, None)
        return await self._check(arrival, rest)

    async def _check(self, arrival: Arrival, numbers: Iterable[int]) -> Opened:
        try:
            for number in numbers:
                if number in self._checks:
                    await self._checks[number](arrival, self._context)
        except (DropError, SeenError, QuarantineError) as end:
            return Opened(arrival, end)
        return Opened(arrival, None)
