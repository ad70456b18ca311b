"""A fleet in small: joining, leaving, restoring, sleeping for 38 days, a hub killed and restored; nothing is lost.

The controls show that the run finds losses: each works without one defence and must not come out clean.
"""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from tests.fleet.conductor import Fleet
from tests.fleet.faults import NO_ASKING
from tests.fleet.plan import SHORT, Plan, Size, make_plan
from tests.fleet.verdict import EXPLAINED, Verdict, judge

EVENTS = ("join", "leave", "back_up", "lose", "sleep", "wake")


def live(folder: Path, size: Size, fault: str = "") -> tuple[Plan, Verdict]:
    """Run a plan of this size to its end, in this thread: it drives processes and has no loop of its own."""
    plan = make_plan(size)
    with Fleet(folder, plan, fault=fault) as fleet:
        fleet.run()
    return plan, judge(fleet)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_nothing_is_lost_unreadable_or_shown_twice(tmp_path: Path) -> None:
    """Every document is once, and readable, in the vault of every active device of both units; nothing waits."""
    plan, verdict = await asyncio.to_thread(live, tmp_path, SHORT)
    assert all(plan.count(event) for event in EVENTS)
    assert {"restart", "back up", "restore"} <= {step.hub for step in plan.steps}
    assert max(plan.slept_days) > 35
    assert verdict.documents > 0.8 * SHORT.documents
    assert (verdict.lost, verdict.unreadable, verdict.twice, verdict.unplanned) == (0, 0, 0, 0)
    assert +verdict.left == {}
    assert verdict.quarantine.keys() <= EXPLAINED
    assert verdict.is_good


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_control_without_asking_siblings_documents_are_lost(tmp_path: Path) -> None:
    """Neither needs nor history: who joins, is restored or sleeps beyond its keys lacks documents."""
    size = dataclasses.replace(SHORT, documents=120, days=60, hub_restarts=0, hub_restores=0)
    _, verdict = await asyncio.to_thread(live, tmp_path, size, NO_ASKING)
    assert verdict.lost > 0
    assert not verdict.is_good
