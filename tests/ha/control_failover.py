"""What synchronous replication is for: with an asynchronous standby the same deaths lose what was answered.

Not in ``make test`` for its time; ``make ha`` runs it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.ha.pair import Pair, under_load
from tests.kit.federation import Federation

SECONDS = 50.0

pytestmark = pytest.mark.timeout(180)


async def test_a_standby_that_is_away_stops_the_answers(folder: Path, federation: Federation) -> None:
    """Synchronous: nothing is answered that the standby lacks. The control: an asynchronous standby loses it."""
    for synchronous, name in ((True, "sync"), (False, "async")):
        with Pair.running(folder / name, synchronous=synchronous) as pair:
            async with under_load(pair, folder / name, federation) as load:
                async with load.running():
                    await load.until(20, SECONDS)
                    receiver = await asyncio.to_thread(pair.hold_standby)
                    before = len(load.answered)
                    if synchronous:
                        await asyncio.sleep(1.0)
                    else:
                        await load.until(10, SECONDS)  # however slow the machine is, something is answered
                    since = len(load.answered) - before
                    await asyncio.to_thread(pair.fail_over, held=receiver)
                    await load.until(5, SECONDS)
                lost = await load.lost()
            if synchronous:
                assert since <= 8, f"{since} answered, more than were under way when the standby went"
                assert not lost, f"{len(lost)} of {len(load.answered)} lost"
            else:
                assert lost, "the control: answered, and gone with the leader"
