"""A bit anywhere in an office's files at rest: refused with a code, or read as it was; never other words on the page.

The vault's database and its write-ahead log, the ring of private keys, and what the passphrase opens. A write-ahead log
that ends early makes a vault of some moments ago, which the comparison with the hub notices
(``tests/flow/test_rollback.py``); it is counted as *older*. A device whose files are broken is enrolled anew and
has its documents from its siblings or from a backup (``tests/fleet``).
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import dataclasses
import random
import shutil
import time
from pathlib import Path
from typing import Any, Final

from sqlcipher3 import dbapi2 as sqlcipher

from client.engine import folder as folders
from client.engine.folder import Folder
from client.engine.vault import Vault, connect
from keys.errors import SlussError
from keys.private.keeper import Ring
from tests.faults.bits import turn_anywhere
from tests.faults.tally import Fault, Outcome
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import PASSPHRASE, Offices

DOCUMENTS: Final = 30
FLIPS: Final = 500
"""In a round."""
Rows = dict[str, set[tuple[Any, ...]]]
"""By table."""
OLDER: Final = "older"
WAL_NAME: Final = "vault.db-wal"
_TABLES: Final = ("document", "thread", "thread_event", "leaf", "chain", "seen", "receipt_due", "meta")


@dataclasses.dataclass(frozen=True, slots=True)
class Truth:
    """An office as a crash leaves it and the same closed in order, its keys, and every row that is looked at."""

    crashed: Folder
    closed: Folder
    key: bytes
    ring: Ring
    rows: dict[str, Rows]


async def strike(folder: Path, seed: int, *, flips: int = FLIPS) -> Outcome:
    """Turn one bit in a copy, open it, and read every row."""
    truth = await _prepare(folder)
    rng, kinds, bad = random.Random(seed), collections.Counter[str](), []
    for number in range(flips):
        copy, (name, kept) = Folder(folder / "copy"), _choose(truth, rng)
        shutil.rmtree(copy.path, ignore_errors=True)
        shutil.copytree(kept.path, copy.path)
        _, byte = turn_anywhere([copy.path / name], rng)
        kind = await _look(copy, name, truth)
        kinds[kind] += 1
        if kind.startswith("!"):
            bad.append([number, name, byte, kind])
    return Outcome(flips, flips, len(bad), {"kinds": dict(kinds), "bad": bad})


async def control(folder: Path, seed: int) -> Outcome:
    """The same vault encrypted without a check of its pages."""
    truth, flips = await _prepare(folder), 200
    plain, copy = folder / "unchecked.db", folder / "copy.db"
    with contextlib.closing(connect(truth.closed.vault, truth.key)) as source:
        source.execute(f"ATTACH DATABASE ? AS copy KEY \"x'{truth.key.hex()}'\"", (str(plain),))
        source.execute("PRAGMA copy.cipher_use_hmac = OFF")
        source.execute("SELECT sqlcipher_export('copy')")
    rng, deceived = random.Random(seed), 0
    for _ in range(flips):
        shutil.copy(plain, copy)
        turn_anywhere([copy], rng)
        deceived += _shows_other_words(copy, truth)
    return Outcome(flips, flips, deceived)


def _shows_other_words(path: Path, truth: Truth) -> bool:
    with contextlib.closing(sqlcipher.connect(str(path))) as connection:
        connection.execute(f"PRAGMA key = \"x'{truth.key.hex()}'\"")
        connection.execute("PRAGMA cipher_use_hmac = OFF")
        try:
            found = {table: _all(connection, table) for table in _TABLES}
        except (sqlcipher.Error, UnicodeDecodeError):
            return False
    return any(found[table] - rows for table, rows in truth.rows[truth.closed.vault.name].items())


def _all(connection: Any, table: str) -> set[tuple[Any, ...]]:
    return set(connection.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608 - constant names


async def _prepare(folder: Path) -> Truth:
    federation = Federation.demo(devices=0, now=int(time.time()))
    hub = await asyncio.to_thread(HubProcess.create, folder / "hub", federation)
    await asyncio.to_thread(hub.start)
    crashed = Folder(folder / "crashed")
    try:
        async with Offices.open(folder, hub.url, federation, {"sav": "Eva Ek", "bops": "Pia Po"}) as offices:
            for number in range(DOCUMENTS):
                sender, to = ("sav", "bops") if number % 2 else ("bops", "sav")
                await offices[sender].desk.writing.write(offices.ask(to))
            await offices.settle()
            shutil.copytree(folder / "sav", crashed.path)  # with its write-ahead log: as after a crash
    finally:
        hub.stop()
    keys, closed = folders.open_keys(crashed, PASSPHRASE), Folder(folder / "sav")
    rows = {WAL_NAME: await _rows(crashed, keys.vault_key), closed.vault.name: await _rows(closed, keys.vault_key)}
    return Truth(crashed, closed, keys.vault_key, keys.ring_file.load(), rows)


async def _rows(office: Folder, key: bytes) -> Rows:
    """All rows, of a copy: opening empties the write-ahead log."""
    copy = Folder(office.path.with_name("looked-at"))
    shutil.copytree(office.path, copy.path)
    try:
        return await _read(copy.vault, key)
    finally:
        shutil.rmtree(copy.path)


async def _read(path: Path, key: bytes) -> Rows:
    vault = await Vault.open(path, key)
    try:
        return {table: {tuple(row) for row in await vault.all(f"SELECT * FROM {table}")} for table in _TABLES}  # noqa: S608
    finally:
        await vault.close()


def _choose(truth: Truth, rng: random.Random) -> tuple[str, Folder]:
    """A file, and whose: the database of an office that was closed in order is all in one file."""
    names = [truth.closed.vault.name, WAL_NAME, truth.closed.ring.name, truth.closed.passphrase.name]
    (name,) = rng.choices(names, [60, 25, 10, 5])
    return name, truth.crashed if name == WAL_NAME else truth.closed


async def _look(office: Folder, name: str, truth: Truth) -> str:
    """What became of it, in a word or two; with an exclamation mark when somebody would be deceived."""
    try:
        if name == office.passphrase.name:
            return "as it was" if folders.open_keys(office, PASSPHRASE).vault_key == truth.key else "!another key"
        if name == office.ring.name:
            ring = folders.open_keys(office, PASSPHRASE).ring_file.load()
            return "as it was" if ring == truth.ring else "!another ring"
        found = await _read(office.vault, truth.key)
    except SlussError as error:
        return f"refused: {error.code}"
    except Exception as error:  # what nobody has foreseen
        return f"!{type(error).__name__}"
    if found == truth.rows[name]:
        return "as it was"
    return OLDER if name == WAL_NAME and not _is_strange(found["document"], truth) else "!altered"


def _is_strange(documents: set[tuple[Any, ...]], truth: Truth) -> bool:
    """Whether a body stands there that never stood there; states and times were others some moments ago."""
    return not _bodies(documents) <= _bodies(truth.rows[WAL_NAME]["document"])


def _bodies(documents: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    return {(row[0], *row[12:14]) for row in documents}  # id, salt, body


FLIPS_VAULT: Final = Fault(
    name="flips-vault",
    title="a bit anywhere in an office's vault, write-ahead log, ring or passphrase file: refused, or read as it was",
    defence="the check of each page",
    wanted=4000,
    seed=20_260_700,
    strike=strike,
    control=control,
)
