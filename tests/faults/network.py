"""A bad network between three offices and their hub: each document arrives once, whatever it does.

Requests are lost before the hub hears them or after it acted, frames come twice, deposits of earlier come again, what
was handed over comes again and again among what is new and in another order, and offices are cut off for a while. The
control does not repeat what was not answered, and seals nothing anew.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from client.engine.push import Pusher
from client.engine.sessions import HubError
from hub.wire import requests, responses
from hub.wire.requests import Request
from hub.wire.responses import Response
from tests.faults.tally import Fault, Outcome
from tests.hostile.desks import RESEAL_SECONDS, Desks, waiting
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.lying_hub import Honest, _Silence

STAFF: Final = {"sav": "Eva Ek", "sodermalm": "Olle Ohlin", "bops": "Pia Po"}
ROUTES: Final = (("sav", "bops"), ("sav", "sodermalm"), ("sodermalm", "sav"), ("bops", "sav"), ("bops", "sodermalm"))
BATCH: Final = 50  # documents between two rounds of the offices
LOSES: Final = 0.03  # of the requests, and as many of the answers
DOUBLES: Final = 0.1
REPLAYS: Final = 0.05
CUT_OFF: Final = 0.2  # of the rounds of an office
MOST_HEALS: Final = 20
ROOM: Final = 16
"""Numbers that the offices see for each of the hub's: an envelope comes up to so many times."""
NEW: Final = 4
PAGE_BYTES: Final = 960 * 1024
"""Of envelopes; an answer takes a mebibyte."""
KEPT: Final = 1000
"""Of those that were handed over; any of them comes again."""


class BadNetwork:
    """What happens to each request; counts how often something did. ``loses``: of the deposits.

    Each number of the hub's becomes ``ROOM`` numbers, so that there is room for what came before: an office is handed
    over each envelope again, some times, beside what is new, and all of it in another order.
    """

    def __init__(self, rng: random.Random, loses: float) -> None:
        self._rng = rng
        self.loses = loses
        self._earlier: list[requests.Deposit] = []
        self._handed: dict[bytes, list[responses.Waiting]] = {}  # by bearer
        self.struck: collections.Counter[str] = collections.Counter()

    def heal(self) -> None:
        """Nothing is lost any more; it goes on to double and to hand over again."""
        self.loses = 0.0

    async def __call__(self, message: Request, honest: Honest) -> Response:
        """A lie of a network."""
        match message:
            case requests.Fetch():
                message = replace(message, after=message.after // ROOM, limit=NEW)
            case requests.Ack():
                message = replace(message, cursor=message.cursor // ROOM)
        loses = self.loses if isinstance(message, requests.Deposit) else min(LOSES, self.loses)
        if self._happens("request lost", loses):
            raise _Silence
        if self._happens("doubled", DOUBLES):
            await honest(message)
        answer = await honest(message)
        if isinstance(message, requests.Deposit):
            await self._replay(message, honest)
        if self._happens("answer lost", loses):
            raise _Silence
        return self._handed_over(message, answer)

    async def _replay(self, message: requests.Deposit, honest: Honest) -> None:
        self._earlier = [*self._earlier[-100:], message]
        if self._happens("replayed", REPLAYS):
            await honest(self._rng.choice(self._earlier))

    def _handed_over(self, message: Request, answer: Response) -> Response:
        match message, answer:
            case requests.Fetch(), responses.Fetched():
                return self._page(message.bearer, answer)
            case requests.Ack(), responses.Acked():
                return replace(answer, cursor=answer.cursor * ROOM + ROOM - 1)
        return answer

    def _page(self, bearer: bytes, page: responses.Fetched) -> responses.Fetched:
        """What is new and what was handed over before, shuffled, under numbers that rise up to the last of the page."""
        before, new = self._handed.setdefault(bearer, []), list(page.items)
        again = self._again(before, new)
        before += [item for item in new if isinstance(item, responses.Waiting)]
        del before[:-KEPT]
        items = self._rng.sample([*new, *again], len(new) + len(again)) if again else new
        self.struck["handed over again"] += len(again)
        self.struck["out of order"] += sum(item is not one for item, one in zip(items, new, strict=False))
        numbers = [item.n * ROOM + place for item in new for place in range(ROOM)][: len(items)]
        if numbers:
            numbers[-1] = new[-1].n * ROOM + ROOM - 1
        numbered = [replace(item, n=number) for item, number in zip(items, numbers, strict=True)]
        return responses.Fetched(page.incarnation, page.last_n * ROOM + ROOM - 1, numbered)

    def _again(self, before: list[responses.Waiting], new: list[responses.Item]) -> list[responses.Waiting]:
        """What was handed over before, as much as the numbers and the page have room for."""
        room = PAGE_BYTES - sum(len(item.envelope) for item in new if isinstance(item, responses.Waiting))
        chosen: list[responses.Waiting] = []
        for item in self._rng.sample(before, len(before)):
            if len(chosen) < (ROOM - 1) * len(new) and len(item.envelope) <= room:
                room -= len(item.envelope)
                chosen.append(item)
        return chosen

    def _happens(self, what: str, share: float) -> bool:
        happens = self._rng.random() < share
        self.struck[what] += happens
        return happens


async def strike(folder: Path, seed: int, *, documents: int = 500) -> Outcome:
    """Write through the bad network, then let it lose nothing until everything has arrived."""
    async with _desks(folder) as desks:
        network = await _write(desks, random.Random(seed), documents)
        network.heal()
        for _ in range(MOST_HEALS):
            desks.dial.turn(RESEAL_SECONDS)
            await desks.try_all(2)
            if not sum([await waiting(office) for office in desks.values()]):
                break
        return await _judge(desks, network)


async def control(folder: Path, seed: int, *, documents: int = 100) -> Outcome:
    """What was not answered is not repeated, nor sealed anew."""
    async with _desks(folder) as desks:
        for office in desks.values():
            _send_once(office.desk.sync._ways.pusher)
        network = await _write(desks, random.Random(seed), documents, 0.3, batch=20)
        network.heal()
        await desks.try_all(3)
        return await _judge(desks, network)


def _send_once(pusher: Pusher) -> None:
    """The fault: an unknown outcome counts as a good one."""
    settle = pusher._settle

    async def unless_unknown(attempt: Any, outcome: Any) -> None:
        if not isinstance(outcome, HubError):
            await settle(attempt, outcome)
            return
        await pusher._attempts.drop(attempt)
        await pusher._vault.write("DELETE FROM outbox WHERE document_id = ?", attempt.document_id)

    setattr(pusher, "_settle", unless_unknown)  # noqa: B010 - mypy and a method


@contextlib.asynccontextmanager
async def _desks(folder: Path) -> AsyncIterator[Desks]:
    federation = Federation.demo(devices=0, now=int(time.time()))
    hub = await asyncio.to_thread(HubProcess.create, folder / "hub", federation)
    await asyncio.to_thread(hub.start)
    try:
        async with Desks.behind(folder, hub.url, federation, STAFF) as desks:
            yield desks
    finally:
        hub.stop()


async def _write(
    desks: Desks, rng: random.Random, documents: int, loses: float = LOSES, *, batch: int = BATCH
) -> BadNetwork:
    network = BadNetwork(rng, loses)
    desks.liar.tell(network)
    for _ in range(0, documents, batch):
        for number in range(batch):
            await desks.send(*ROUTES[number % len(ROUTES)])
        for key in rng.sample(list(STAFF), len(STAFF)):
            if rng.random() < CUT_OFF:
                network.struck["cut off"] += 1
                continue
            with contextlib.suppress(HubError):
                await desks[key].desk.sync.once()
        desks.liar.seen.clear()
        desks.liar.deposits.clear()
    return network


async def _judge(desks: Desks, network: BadNetwork) -> Outcome:
    sent: dict[bytes, tuple[bytes, ...]] = {}
    came: collections.Counter[tuple[bytes, ...]] = collections.Counter()
    for key, office in desks.items():
        vault, own = office.desk.context.vault, bytes(desks.unit(key))
        for document_id, unit_id, *rest in await vault.all(_ROWS.format("unit_id"), "out"):
            sent[document_id] = (document_id, unit_id, *rest)
        came.update([tuple(row) for row in await vault.all(_ROWS.format("?"), own, "in")])
        shown = "SELECT count(*) FROM thread_event WHERE document_id IS NOT NULL GROUP BY document_id, event"
        came.update({(b"twice", own): sum(count - 1 for (count,) in await vault.all(shown))})
    wrong = sum(count != came.get(row, 0) for row, count in collections.Counter(sent.values()).items())
    strange = sum((came - collections.Counter(sent.values())).values())
    left = sum([await waiting(office) for office in desks.values()])
    told = dict(network.struck) | {"without a receipt": left}
    return Outcome(sum(network.struck.values()), len(sent), wrong + strange, told)


_ROWS: Final = "SELECT document_id, {}, signed, salt, body FROM document WHERE direction = ?"

NETWORK: Final = Fault(
    name="network",
    title="envelopes handed over again and out of order, frames lost and doubled, offices cut off; each document once",
    defence="repeating what was not answered",
    wanted=100_000,
    seed=20_261_300,
    strike=strike,
    control=control,
)
