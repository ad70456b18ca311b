"""What a keeper in a process of its own costs: its calls beside those of a keeper in this process."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from keys.domains import SignedType
from keys.envelope import parse_envelope
from keys.private.keeper import Keeper, LocalKeeper
from keys.private.seal import Target
from keys.signed import parse_signed, read_payload
from keys.statements import Batch
from tests.bench.figure import Figure, alternating, figure
from tests.kit.federation import HOUR, Federation
from tests.kit.keepers import keeper_files, unlocked

GOAL_MS = 0.1  # a call may cost this much more


def figures() -> Iterator[Figure]:
    """Milliseconds per call, and how many more than in the same process."""
    federation = Federation.demo(devices=1)
    unit, sender = federation.units["sav"], federation.units["bops"].keepers[0]
    ring = unit.stores[0].ring
    assert ring is not None
    with tempfile.TemporaryDirectory() as name:
        files = keeper_files(Path(name), ring)
        began = time.perf_counter()
        apart = unlocked(files)
        started = time.perf_counter() - began
        try:
            batch = read_payload(parse_signed(apart.new_batch(HOUR, 1)), SignedType.BATCH, Batch)
            here = LocalKeeper(files.keys.ring_file(files.ring_file).load(), unit.stores[0])
            target = Target(apart.device_id, batch.intervals[0].public)
            raw = sender.seal(bytes(2000), unit.mailbox_id, [target], hour=HOUR, recall_hash=bytes(32))
            for what, call in _calls(raw, unit.mailbox_id, target).items():
                yield from _compared(what, call, apart, here)
        finally:
            apart.close()
    yield figure("keeper: start and unlock, demonstration profile", started * 1e3, "ms", lower_is_better=True)


def _calls(raw: bytes, mailbox_id: bytes, target: Target) -> dict[str, Callable[[Keeper], object]]:
    envelope = parse_envelope(raw)
    return {
        "delivery token": lambda keeper: keeper.delivery_token(mailbox_id, 1),
        "sign": lambda keeper: keeper.sign(SignedType.DOCUMENT, bytes(500)),
        "open": lambda keeper: keeper.open_content(envelope, mailbox_id, keeper.open_key(envelope, mailbox_id)),
        "seal": lambda keeper: keeper.seal(bytes(2000), mailbox_id, [target], hour=HOUR, recall_hash=bytes(32)),
    }


def _compared(what: str, call: Callable[[Keeper], object], apart: Keeper, here: Keeper) -> Iterator[Figure]:
    ours, baseline = (1e3 / one for one in alternating(lambda: call(apart), lambda: call(here)))
    yield figure(f"keeper_call: {what}", ours, "ms", baseline=baseline, lower_is_better=True)
    yield figure(
        f"keeper_call: {what}, more than in one process", ours - baseline, "ms", goal=GOAL_MS, lower_is_better=True
    )
