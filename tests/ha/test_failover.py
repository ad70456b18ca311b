"""The leader of the database dies under two hub processes: what was answered is on its standby (PROTOCOL 8.7).

The short form, with what pip provides and the test as operator. ``make ha`` runs the control beside it
(control_failover) and the long form: HAProxy, Patroni, etcd (run).
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.ha.pair import Pair, under_load
from tests.kit.federation import Federation

SECONDS = 50.0  # for some answers on a loaded machine

pytestmark = pytest.mark.timeout(180)


async def test_the_leader_dies_and_nothing_answered_is_lost(folder: Path, federation: Federation) -> None:
    """Deposits go on by themselves; every answered one is there, and no number names two envelopes."""
    with Pair.running(folder, synchronous=True) as pair:
        async with under_load(pair, folder, federation) as load:
            async with load.running():
                await load.until(20, SECONDS)
                died = time.monotonic()
                await asyncio.to_thread(pair.fail_over)
                await load.until(20, SECONDS)
            found_all = await load.everything()
        assert load.answered.keys() <= set(found_all.values())
        assert not load.contradictions
        assert load.read.items() <= found_all.items(), "what a device was given is still what it was"
        assert list(found_all) == list(range(1, len(found_all) + 1))
        print(f"{len(load.answered)} answered in {load.tries} tries; pause {load.pause(died):.1f} s")
