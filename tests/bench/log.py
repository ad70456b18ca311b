"""Replay of a national directory (300 organisations, 400 units, 2,000 devices), one more statement, cosigning."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from keys.acceptance import by_key_id
from keys.add_checkpoint import AddCheckpoint, make_request
from keys.cards import UNIT_TYPES
from keys.checkpoint import LOG_KEY, Checkpoint, note_line, origin_of
from keys.cosignature import NoteKey
from keys.directory import Directory
from keys.log_tree import LogTree
from keys.private.identity import ed25519_public, sign_ed25519
from keys.private.witness import WitnessSigner
from keys.private.witness_store import STORE_NAME, WitnessStore, add_checkpoint, create_witness
from keys.public import pre_authentication, verify_pair
from keys.signed import parse_signed
from tests.bench.figure import Figure, figure, percentile, rate, scaled
from tests.kit.federation import Federation

ORGANISATIONS, UNITS, DEVICES = 300, 400, 2_000
COLD_SECONDS, NEW_SECONDS = 20.0, 0.050  # to reach
COSIGN_RATE = 100.0  # a second; a hub asks some times an hour
SEED = bytes(32)


def figures() -> Iterator[Figure]:
    """Seconds of a cold replay and of one more statement; cosignatures per second."""
    federation = _nation()
    began = time.perf_counter()
    directory = Directory(federation.statements[0])
    for leaf in federation.statements[1:]:
        directory.apply(leaf)
    cold = time.perf_counter() - began
    bare = _bare_verification(federation)
    yield figure("replay a national directory, cold", cold, "s", baseline=bare, lower_is_better=True)
    yield figure("replay a national directory, cold, in all", cold, "s", goal=COLD_SECONDS, lower_is_better=True)
    yield figure("replay it from the vault", _warm(federation), "s", baseline=cold, lower_is_better=True)
    more = _one_more(directory, federation)
    yield figure("one more statement, p95", more, "s", goal=NEW_SECONDS, lower_is_better=True)
    yield from _witness()


def _nation() -> Federation:
    """A federation of the size of the country; units and devices spread evenly."""
    federation = Federation()
    for number in range(scaled(ORGANISATIONS, 3)):
        federation.add_organisation(f"o{number}", f"Kommun {number}")
    organisations = list(federation.organisations)
    for number in range(scaled(UNITS, 4)):
        owner = organisations[number % len(organisations)]
        federation.add_unit(f"u{number}", owner, unit_type=UNIT_TYPES[0])
    units = list(federation.units)
    for number in range(scaled(DEVICES, 8)):
        federation.enrol(units[number % len(units)], "Handläggare")
    return federation


def _bare_verification(federation: Federation) -> float:
    """Seconds of as many bare verifications of both signatures, under one key, as the log holds signatures."""
    so = parse_signed(federation.statements[0])
    signature = so.signatures[0]
    pair = by_key_id(federation.directory.root.keys)[signature.signer]
    count = sum(len(parse_signed(leaf).signatures) for leaf in federation.statements)
    message = pre_authentication(so.type, so.payload)
    began = time.perf_counter()
    for _ in range(count):
        verify_pair(pair, signature.ed25519, signature.mldsa, message)
    return time.perf_counter() - began


def _warm(federation: Federation) -> float:
    began = time.perf_counter()
    directory = Directory(federation.statements[0])
    for leaf in federation.statements[1:]:
        directory.apply(leaf, verified=True)
    return time.perf_counter() - began


def _one_more(directory: Directory, federation: Federation) -> float:
    """As an office does it: on a copy of the whole directory."""
    taken = []
    for unit in list(federation.units)[: scaled(50, 2)]:
        leaf = federation.revoke(unit, federation.units[unit].keepers[0].device_id)
        began = time.perf_counter()
        trial = directory.copy()
        trial.apply(leaf)
        taken.append(time.perf_counter() - began)
        directory = trial
    return percentile(taken, 95)


def _witness() -> Iterator[Figure]:
    """A witness that judges, syncs and signs, beside the bare synced write; one log that grows by a leaf each time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        signer = create_witness(path / "w", "w.example")
        origin, key = origin_of(bytes(32)), NoteKey("hub", LOG_KEY, ed25519_public(SEED))
        with contextlib.closing(WitnessStore(path / "w" / STORE_NAME)) as store:
            store.follow(origin, key)
            asking = _Asking(signer, store, origin)
            yield figure("witness cosigns", rate(asking.ask), "1/s", goal=COSIGN_RATE)


class _Asking:
    """A log that asks one witness for each new leaf."""

    def __init__(self, signer: WitnessSigner, store: WitnessStore, origin: str) -> None:
        self._signer = signer
        self._store = store
        self._origin = origin
        self._tree = LogTree()

    def ask(self) -> None:
        """One more leaf, one more cosignature."""
        old = self._tree.size
        self._tree.append(b"%d" % old)
        text = Checkpoint(self._origin, old + 1, self._tree.root()).text()
        note = text + b"\n" + note_line("hub", ed25519_public(SEED), sign_ed25519(SEED, text))
        proof = self._tree.consistency_proof(old, old + 1) if old else []
        add_checkpoint(self._signer, self._store, make_request(AddCheckpoint(old, proof, note)), int(time.time()))
