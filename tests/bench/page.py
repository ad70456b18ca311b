"""The page with a full vault: the work list, the search, and the first page after unlocking, over HTTP on loopback.

The vault holds ``THREADS`` threads of two documents each, one thread in twenty still open; the rows are copies of one
that was really written and sent, with words of their own, so what is measured reads, decodes and draws what a unit of
some years would have. Beside them stands a page of the same server that asks the vault for nothing: the one that hides.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from client.casework.consent import SignedPurpose
from client.engine.office import Desk
from keys.codec import decode_body, encode, encode_body
from keys.consent import Parcel
from keys.document import MAX_BODY_BYTES
from tests.bench.figure import Figure, figure, percentile, scaled
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import PASSPHRASE, Offices
from tests.kit.visitor import Visitor, visiting
from tests.unit.casework.samples import SAMPLES, record_as_dict, sample_record

THREADS, QUICK_THREADS = 10_000, 60
ROUNDS, QUICK_ROUNDS = 20, 2
GOAL_MS = 50.0
FIRST_MS = 1000.0
VIEWS = ("new", "mine", "free", "waiting", "overdue", "failed", "open", "all")
ORDERS = ("changed", "deadline", "begun")
OPEN_STATES = ("tillganglig", "pagar", "vantar_fragare", "besvarad")
OPEN_SHARE = 0.05
PARTS = [
    [first + vowel for first in ("b", "f", "gr", "k", "l", "m", "tr", "v") for vowel in "aeio"],
    [first + vowel for first in ("d", "l", "n", "rk", "st") for vowel in "aeu"],
    ["n", "r", "rd", "s", "t", "nde", "het", "ning"],
]
WORDS = ["".join(parts) for parts in itertools.product(*PARTS)]
CASE_THREADS = 15  # so many belong to one case, which was closed
DAY = 86_400


def figures() -> Iterator[Figure]:
    """Milliseconds, the 95th percentile."""
    with tempfile.TemporaryDirectory() as name:
        federation = Federation.demo(devices=0, now=int(time.time()))
        with HubProcess.create(Path(name) / "hub", federation).running() as hub:
            yield from asyncio.run(_measure(Path(name), hub, federation))


async def _measure(path: Path, hub: HubProcess, federation: Federation) -> list[Figure]:
    staff = {"sodermalm": "Olle Ohlin", "sav": "Eva Ek"}
    async with Offices.open(path, hub.url, federation, staff) as offices:
        desk = offices["sav"].desk
        await offices["sodermalm"].desk.writing.write(offices.ask("sav"))
        await offices.settle()
        threads = scaled(THREADS, QUICK_THREADS)
        await fill(desk, threads)
        async with visiting(desk) as visitor:
            await visitor.enter()
            return await _figures(desk, visitor, threads)


async def _figures(desk: Desk, visitor: Visitor, threads: int) -> list[Figure]:
    rounds = scaled(ROUNDS, QUICK_ROUNDS)
    seen = await visitor.get("/")
    backlog = [await _timed(visitor.post(seen, "/search", text=WORDS[0])) for _ in range(rounds)]
    while await desk.context.vault.value("SELECT 1 FROM unindexed LIMIT 1"):  # noqa: ASYNC110 - the page does it
        await asyncio.sleep(0.1)
    bare = [await _timed(visitor.get("/away")) for _ in range(rounds * 5)]
    lists = [
        await _timed(visitor.get(f"/?view={view}&order={order}&page={page}"))
        for _ in range(rounds)
        for view in VIEWS
        for order, page in ((random.choice(ORDERS), 0), ("changed", random.randrange(3)))
    ]
    beginnings = [*"bfglmtv", "ba", "gra", "bad", "tra", "fråga", "b f", "konsultation b"]
    asked = [random.choice([" ".join(random.sample(WORDS, 2)), random.choice(beginnings)]) for _ in range(rounds * 5)]
    searches = [await _timed(visitor.post(seen, "/search", text=words)) for words in asked]
    desk.locking.lock()
    await desk.locking.unlock(PASSPHRASE)
    first = await _timed(visitor.get("/"))
    return [
        *_within(f"work list of {threads} threads", lists),
        *_within(f"search in {2 * threads} documents", searches),
        *_within(f"search while {2 * threads} documents are taken in", backlog),
        figure("first page after unlocking", first.wall, "ms", goal=FIRST_MS, lower_is_better=True),
        figure("page without the vault, p95", percentile([one.wall for one in bare], 95), "ms", lower_is_better=True),
    ]


class Timed(NamedTuple):
    """Milliseconds by the clock, and of processor: server, vault and asking visitor are one process."""

    wall: float
    processor: float


def _within(name: str, timed: list[Timed]) -> list[Figure]:
    """Two figures: a machine that does other things beside stretches only the first."""
    wall, processor = (percentile(list(of), 95) for of in zip(*timed, strict=True))
    return [
        figure(f"{name}, p95", wall, "ms", goal=GOAL_MS, lower_is_better=True),
        figure(f"{name}, p95 of processor time", processor, "ms", goal=GOAL_MS, lower_is_better=True),
    ]


async def _timed(answer: Any) -> Timed:
    began, used = time.perf_counter(), time.process_time()
    got = await answer
    assert got.status == 200
    return Timed((time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000)


async def fill(desk: Desk, threads: int, *, open_share: float = OPEN_SHARE) -> None:
    """Copy the one thread that is there, with its document, ``threads`` times with two documents each."""
    vault, chance, now = desk.context.vault, random.Random(7), desk.context.clock.now()
    names = [row[1] for row in await vault.all("PRAGMA table_info(document)")]
    row = dict(zip(names, (await vault.all("SELECT * FROM document LIMIT 1"))[0], strict=True))
    body = decode_body(bytes(row["body"]), max_bytes=MAX_BODY_BYTES)
    own = bytes(desk.context.device_id)
    insert = f"INSERT INTO document ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})"  # noqa: S608
    for begin in range(0, threads, 500):
        async with vault.transaction():
            for number in range(begin, min(threads, begin + 500)):
                is_open = chance.random() < open_share
                state = chance.choice(OPEN_STATES) if is_open else "avslutad"
                thread_id, at = chance.randbytes(16), now - chance.randrange((20 if is_open else 700) * DAY)
                person = chance.randbytes(16).hex() if number % 3 else None
                await vault.write(
                    "INSERT INTO thread (thread_id, flow, state, side, unit_id, deadline, begun_at, changed_at,"
                    " principal) VALUES (?, 'konsultation', ?, 'mottagare', ?, ?, ?, ?, ?)",
                    thread_id, state, row["unit_id"], at + 5 * DAY, at, at + DAY, person,
                )  # fmt: skip
                if person and number % CASE_THREADS == 1:
                    await _close(desk, insert, row, person, at)
                if number % 3 == 0:
                    await vault.write(
                        "INSERT INTO setting (name, target, counter, holder, author, at)"
                        " VALUES ('assigned', ?, 1, ?, ?, ?)",
                        thread_id, own, own, at,
                    )  # fmt: skip
                for turn in range(2):
                    body["content"]["situation"] = " ".join(chance.choices(WORDS, k=150))
                    copy = row | {
                        "document_id": chance.randbytes(16), "thread_id": thread_id, "seq": None, "digest": None,
                        "body": encode_body(body), "at": at + turn,
                        "read_at": None if is_open and number % 10 == 0 else at,
                    }  # fmt: skip
                    await vault.write(insert, *copy.values())
                    if not is_open:
                        await vault.write("INSERT INTO diary (document_id) VALUES (?)", copy["document_id"])


async def _close(desk: Desk, insert: str, row: dict[str, Any], person: str, at: int) -> None:
    """A case as it is left behind: the consent, and what was told when it was closed."""
    vault, (thread_id, consent_id) = desk.context.vault, (os.urandom(16), os.urandom(16))
    record = sample_record(
        consent_id=consent_id.hex(), principal_ref=person, controller_unit=desk.context.unit_id.hex(),
        purposes=(SignedPurpose(purpose="uppfoljning_efter_avslut", signed=True, valid_to="2028-02-01"),),
    )  # fmt: skip
    parcel = encode(Parcel(bytes(1), bytes(32), encode_body(record_as_dict(record))))
    await vault.write(
        "INSERT INTO consent (consent_id, unit_id, digest, parcel, at, principal) VALUES (?, ?, ?, ?, ?, ?)",
        consent_id, desk.context.unit_id, consent_id, parcel, at, person,
    )  # fmt: skip
    await vault.write(
        "INSERT INTO thread (thread_id, flow, state, side, unit_id, begun_at, changed_at, principal)"
        " VALUES (?, 'avslut', 'arkivklar', 'fragare', ?, ?, ?, ?)",
        thread_id, row["unit_id"], at, at, person,
    )  # fmt: skip
    told = SAMPLES["avslut.notis"]
    copy = row | {
        "document_id": os.urandom(16), "thread_id": thread_id, "seq": None, "digest": None, "body": encode_body(told),
        "at": at, "direction": "out", "state": "registered", "kind": "avslut.notis", "read_at": at,
    }  # fmt: skip
    await vault.write(insert, *copy.values())
