"""Holds the closed vaults against what was written: nothing that a process said counts here."""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import dataclasses
import multiprocessing
from pathlib import Path
from typing import Any

from client.engine import folder as folders
from client.engine.folder import Folder
from client.engine.vault import Vault
from keys.codec import decode_body
from keys.document import MAX_BODY_BYTES, Document, check_commit
from keys.domains import SignedType
from keys.errors import PeerError
from keys.signed import parse_signed, read_payload
from tests.fleet.conductor import Fleet
from tests.fleet.talk import words_in
from tests.kit.offices import PASSPHRASE

_LEFT = {
    "outbox": "SELECT count(*) FROM outbox",
    "letters": "SELECT count(*) FROM letter",
    "attempts": "SELECT count(*) FROM attempt WHERE envelope IS NOT NULL",
    "gaps": "SELECT count(*) FROM gap",
}


EXPLAINED = frozenset({"3 SLOT"})
"""What may stand aside: sealed when this device had no key that others knew. What was in it came from a sibling; a
document that did not is counted as lost."""


@dataclasses.dataclass
class Verdict:
    """What is wrong in all vaults together; ``lost`` and ``unreadable`` count a document once per device."""

    documents: int = 0
    devices: int = 0
    places: int = 0  # documents that must be in a vault, summed over the devices
    lost: int = 0
    unreadable: int = 0
    twice: int = 0
    unplanned: int = 0  # in a vault, but nobody wrote them
    left: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    quarantine: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    alarms: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    lost_at: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    def add(self, other: Verdict) -> None:
        """What is wrong in one vault more."""
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    @property
    def is_good(self) -> bool:
        """Nothing is lost, unreadable or shown twice, and nothing waits or stands aside unexplained."""
        wrong = self.lost + self.unreadable + self.twice + self.unplanned
        return not wrong and not +self.left and self.quarantine.keys() <= EXPLAINED


def judge(fleet: Fleet, processes: int = 2) -> Verdict:
    """Look into every active device's vault, some side by side."""
    verdict = Verdict(documents=len(fleet.documents.units), devices=len(fleet.active))
    spawning = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(processes, mp_context=spawning) as pool:
        names = sorted(fleet.active)
        places = [fleet.places[name] for name in names]
        for one in pool.map(_judge, names, places, [_wanted(fleet, name) for name in names]):
            verdict.add(one)
    return verdict


def _wanted(fleet: Fleet, name: str) -> dict[bytes, str]:
    """What must be in a device's vault: document id to its direction."""
    unit = name.partition("/")[0]
    return {
        document_id: "out" if units[0] == unit else "in"
        for document_id, units in fleet.documents.units.items()
        if unit in units
    }


def _judge(name: str, place: Path, wanted: dict[bytes, str]) -> Verdict:
    verdict = Verdict()
    asyncio.run(_judge_one(name, place, wanted, verdict))
    return verdict


async def _judge_one(name: str, place: Path, wanted: dict[bytes, str], verdict: Verdict) -> None:
    vault = await _open(place)
    found: dict[bytes, str] = {}
    words: collections.Counter[str] = collections.Counter()
    for document_id, direction, signed, salt, body in await vault.all(
        "SELECT document_id, direction, signed, salt, body FROM document"
    ):
        found[document_id] = direction
        verdict.unreadable += not _is_readable(document_id, signed, salt, body)
        words.update(words_in(body))
    lost = [document_id for document_id, direction in wanted.items() if found.get(document_id) != direction]
    verdict.places += len(wanted)
    verdict.lost += len(lost)
    verdict.lost_at[name] += len(lost)
    verdict.lost_at = +verdict.lost_at
    verdict.unplanned += len(found.keys() - wanted.keys())
    verdict.twice += sum(count - 1 for count in words.values()) + await _repeated_steps(vault)
    for what, sql in _LEFT.items():
        verdict.left[what] += await vault.value(sql)
    verdict.quarantine.update([f"{step} {code}" for step, code in await vault.all("SELECT step, code FROM quarantine")])
    verdict.alarms.update([code for (code,) in await vault.all("SELECT code FROM alarm WHERE cleared_at IS NULL")])
    await vault.close()


async def _open(path: Path) -> Vault:
    folder = Folder(path)
    return await Vault.open(folder.vault, folders.open_keys(folder, PASSPHRASE).vault_key)


def _is_readable(document_id: bytes, signed: bytes | None, salt: bytes, body: bytes) -> bool:
    """Whether the body is there, whole, and the one that was signed under this id."""
    try:
        document = read_payload(parse_signed(signed or b""), SignedType.DOCUMENT, Document)
        check_commit(document.body_commit, salt, body)
        content: Any = decode_body(body, max_bytes=MAX_BODY_BYTES)
    except PeerError:
        return False
    return document.document_id == document_id and content["header"]["message_id"] == document_id.hex()


async def _repeated_steps(vault: Vault) -> int:
    """How often one document moved its thread a second time in the same way."""
    rows = await vault.all(
        "SELECT count(*) - 1 FROM thread_event WHERE document_id IS NOT NULL AND event <> 'told'"
        " GROUP BY document_id, event HAVING count(*) > 1"
    )
    return sum(count for (count,) in rows)
