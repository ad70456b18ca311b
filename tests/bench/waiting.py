"""What a hub with 10^6 waiting envelopes does, beside one with 4,000: deposits, drain, polls, memory; on both stores.

    python -m tests.bench waiting

The envelopes are written directly into the store, for depositing them would take half an hour. Rows, numbers and
indexes are those of a hub that took them in. Of the bytes only the first 4,000 are whole, of 16 KiB; all others have
1 KiB, or it would be 16 GiB. They lie in the mailbox that is measured. A drain fetches those 4,000 page by page, and a
poll asks where nothing is new.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hub.stores import STORE_NAME
from hub.wire.requests import Fetch
from hub.wire.responses import Fetched
from keys.ids import MailboxId
from tests.bench.figure import Figure, figure, is_quick, scaled
from tests.bench.hub_deposit import resident_bytes
from tests.bench.postgres import SERVER, deposits
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess, found
from tests.kit.postgres import Postgres
from tests.unit.hub.device import Device, now_hour

FULL = 1_000_000
WHOLE = 4_000
BODY_BYTES, WHOLE_BYTES = 1024, 16 * 1024
FLAT = 1.3  # design 9
MOST_MIB = 150
_ROWS = """
INSERT INTO {schema}.envelope (mailbox, n, sealed, id, hour, recall_hash, body)
SELECT no, g, {hour}, sha256(g::text::bytea), {hour}, sha256(('r' || g)::bytea),
  decode(repeat(encode(sha256(('b' || g)::bytea), 'hex'), CASE WHEN g <= {whole} THEN {large} ELSE {small} END), 'hex')
FROM {schema}.mailbox, generate_series(1, {count}) AS g WHERE id = '\\x{mailbox}';
UPDATE {schema}.mailbox SET next_n = {count} + 1, waiting = {count} WHERE id = '\\x{mailbox}';
ANALYZE {schema}.envelope;
"""


def fill_sqlite(data: Path, mailbox: MailboxId, count: int) -> None:
    """Put them into the file of a hub that stands."""
    hour = now_hour()
    with contextlib.closing(sqlite3.connect(data / STORE_NAME, isolation_level=None)) as connection:
        (number,) = connection.execute("SELECT no FROM mailbox WHERE id = ?", (mailbox,)).fetchone()
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO envelope VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
            (
                (
                    number << 32 | n,
                    number,
                    hour,
                    _hash(b"i", n),
                    hour,
                    _hash(b"r", n),
                    os.urandom(WHOLE_BYTES if n <= WHOLE else BODY_BYTES),
                )
                for n in range(1, count + 1)
            ),
        )
        connection.execute("UPDATE mailbox SET next_n = ?, waiting = ? WHERE no = ?", (count + 1, count, number))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def fill_postgres(server: Postgres, schema: str, mailbox: MailboxId, count: int) -> None:
    """Put them into the tables of a hub that stands."""
    script = _ROWS.format(
        schema=schema, hour=now_hour(), whole=WHOLE, large=WHOLE_BYTES // 32, small=BODY_BYTES // 32, count=count,
        mailbox=mailbox.hex(),
    )  # fmt: skip
    for statement in script.split(";")[:-1]:
        server.sql(statement)


def _hash(kind: bytes, n: int) -> bytes:
    return hashlib.sha256(kind + n.to_bytes(8)).digest()


async def reads(device: Device, count: int) -> tuple[float, float]:
    """Envelopes fetched per second from the first one on, and polls per second."""
    async with device:
        await device.open_mailbox()
        whole, after, began = min(count, WHOLE), 0, time.perf_counter()
        while after < whole:
            answer = await device.call(Fetch(device.bearer, after, min(256, whole - after)))
            assert isinstance(answer, Fetched)
            after = answer.items[-1].n
        drained, seconds, polls = whole / (time.perf_counter() - began), scaled(3, 1), 0
        last_n = answer.last_n  # earlier rounds deposited too
        began = time.perf_counter()
        while (took := time.perf_counter() - began) < seconds:
            answer = await device.call(Fetch(device.bearer, last_n, 256))
            assert isinstance(answer, Fetched)
            assert not answer.items
            polls += 1
        return drained, polls / took


def measure(data: Path, federation: Federation, count: int) -> dict[str, float]:
    """One hub, as it stands."""
    with HubProcess(data).running() as process:
        device = Device(process.url, federation, federation.units["sav"].keepers[0])
        drain, polls = asyncio.run(reads(device, count))
        rate = deposits([process], [device])
        return {"deposits": rate, "drain": drain, "polls": polls, "mib": resident_bytes(process.pid) / 2**20}


def pair(folder: Path, count: int, server: Postgres | None) -> tuple[dict[str, float], dict[str, float]]:
    """A hub with few and a hub with many on one kind of store; measured in turns, the medians of each."""
    federation, made = Federation.demo(now=int(time.time())), []
    mailbox = MailboxId(federation.units["sav"].mailbox_id)
    for waiting in (min(WHOLE, count // 2), count):
        data, database = folder / f"{'pg' if server else 'lite'}{waiting}", server.database() if server else ""
        found(data, federation, database=database, max_waiting=10_000_000, job_seconds=60.0)
        if server:
            fill_postgres(server, database.rpartition("=")[2], mailbox, waiting)
        else:
            fill_sqlite(data, mailbox, waiting)
        made.append((data, waiting))
    rounds = [[measure(data, federation, waiting) for data, waiting in made] for _ in range(scaled(3, 2))]
    few, many = (
        {name: statistics.median(one[at][name] for one in rounds) for name in rounds[0][at]} for at in range(len(made))
    )
    return few, many


def figures() -> Iterator[Figure]:
    """One record per figure."""
    count = scaled(FULL, 2000)
    with tempfile.TemporaryDirectory(prefix="sluss-bench-") as name:
        folder = Path(name)
        yield from _told("SQLite", count, *pair(folder, count, None))
        with Postgres.running(folder / "server", **({} if is_quick() else SERVER)) as server:
            yield from _told("PostgreSQL", count, *pair(folder, count, server))


def _told(store: str, count: int, few: dict[str, float], many: dict[str, float]) -> Iterator[Figure]:
    words = f"{store}, {count} waiting, against {min(WHOLE, count // 2)}"
    kinds = (("deposits", "deposits of 16 KiB"), ("drain", "drain, whole pages"), ("polls", "polls with nothing new"))
    for name, what in kinds:
        yield figure(f"{what}: {words}", many[name], "1/s", baseline=few[name], goal=round(1 / FLAT, 2))
    yield figure(
        f"memory of the hub: {store}, {count} waiting", many["mib"], "MiB", goal=MOST_MIB, lower_is_better=True
    )
