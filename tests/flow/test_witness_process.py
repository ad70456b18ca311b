"""The witness as a process: killed at any instant, it never cosigns two histories."""

from __future__ import annotations

import random
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from keys.add_checkpoint import ADD_PATH, AddCheckpoint, make_request
from keys.checkpoint import LOG_KEY, Checkpoint, note_line
from keys.cosignature import NoteKey, cosigned_at
from keys.log_tree import LogTree
from keys.private.identity import ed25519_public, sign_ed25519
from keys.statements import Witness
from tests.kit.witness_process import WitnessProcess

ORIGIN, SEED = "sluss/00", bytes(32)
LOG = NoteKey("hub", LOG_KEY, ed25519_public(SEED))
KILLS = 8


def tree_of(count: int, history: str) -> LogTree:
    """A log that is the same for both histories up to leaf 3."""
    tree = LogTree()
    for number in range(count):
        tree.append(f"{number}".encode() if number < 3 else f"{history}{number}".encode())
    return tree


def request(old: int, new: int, history: str) -> tuple[bytes, bytes]:
    """A request in one history, and its note."""
    tree = tree_of(new, history)
    text = Checkpoint(ORIGIN, new, tree.root()).text()
    note = text + b"\n" + note_line("hub", LOG.ed25519, sign_ed25519(SEED, text))
    proof = tree.consistency_proof(old, new) if old else []
    return make_request(AddCheckpoint(old, proof, note)), note


def post(url: str, body: bytes) -> tuple[int, bytes]:
    """Status and body; 0 when there is no answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url + ADD_PATH, data=body), timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError:
        return 0, b""


@pytest.fixture
def witness(tmp_path: Path) -> WitnessProcess:
    """One that follows the log; not running yet."""
    return WitnessProcess.create(tmp_path / "w", "w.example", {ORIGIN: LOG})


def test_a_killed_witness_remembers(witness: WitnessProcess) -> None:
    """Killed between two requests, it refuses the second history with 409 and 422, and keeps both notes."""
    witness.start()
    try:
        body, note = request(0, 5, "a")
        status, line = post(witness.url, body)
        assert status == 200
        seconds = cosigned_at(note + line, Witness(witness.key.name, witness.key.ed25519))
        assert seconds is not None
        assert abs(seconds - time.time()) < 30
        witness.kill()
        witness.start()
        assert post(witness.url, request(0, 7, "b")[0]) == (409, b"5\n")
        assert post(witness.url, request(5, 5, "b")[0]) == (409, b"5\n")
        assert post(witness.url, request(5, 7, "b")[0])[0] == 422
        assert len(witness.evidence()) == 2
        assert post(witness.url, request(5, 7, "a")[0])[0] == 200
        assert post(witness.url, b"old 1\n\n") == (400, b"")
        assert post(witness.url, b"x" * 100_000)[0] in {0, 400}
    finally:
        witness.stop()


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_whenever_it_is_killed_all_it_signed_is_one_history(witness: WitnessProcess) -> None:
    """Two histories compete for its signature while it is killed at random instants: one of them gets all."""
    signed: dict[str, set[int]] = {"a": set(), "b": set()}
    rng = random.Random(7)
    witness.start()
    try:
        assert post(witness.url, request(0, 3, "a")[0])[0] == 200
        for _ in range(KILLS):
            rivals = [threading.Thread(target=_push, args=(witness, history, signed)) for history in signed]
            for rival in rivals:
                rival.start()
            time.sleep(rng.random() * 0.1)
            witness.kill()
            for rival in rivals:
                rival.join()
            witness.start()
    finally:
        witness.stop()
    assert bool(signed["a"]) != bool(signed["b"])


def _push(witness: WitnessProcess, history: str, signed: dict[str, set[int]]) -> None:
    """Grow one history as far as it goes; ask for the held size when it does not fit."""
    url, held = witness.url, 3
    for _ in range(200):
        status, body = post(url, request(held, held + 1, history)[0])
        if status == 200:
            held += 1
            signed[history].add(held)
        elif status == 409 and body:
            held = int(body)
        else:
            return
