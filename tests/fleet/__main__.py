"""``python -m tests.fleet``: a fleet's life at full size, or as small as asked; one JSON line with the outcome."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.fleet.conductor import Fleet, tidy
from tests.fleet.faults import FAULTS
from tests.fleet.plan import LONG, SHORT, Plan, make_plan
from tests.fleet.verdict import Verdict, judge


def main() -> int:
    """Run and judge; 0 when nothing is lost, unreadable or shown twice."""
    options = _options()
    size = dataclasses.replace(SHORT if options.short else LONG, **_given(options))
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "fleet"
        plan = make_plan(size)
        with Fleet(folder, plan, fault=options.without, workers=options.workers, minutes=options.minutes) as fleet:
            fleet.run()
        verdict = judge(fleet, options.workers)
        outcome = result(plan, verdict, fleet.took_seconds)
        (folder / "result.json").write_text(json.dumps(outcome) + "\n", encoding="utf-8")
        if options.tidy:
            tidy(folder)
    print(json.dumps(outcome))
    return 0 if verdict.is_good else 1


def result(plan: Plan, verdict: Verdict, seconds: float) -> dict[str, Any]:
    """The line that a run ends with."""
    return {
        "documents": verdict.documents,
        "units": len(plan.units),
        "devices": verdict.devices,
        "joins": plan.count("join"),
        "leaves": plan.count("leave"),
        "restores": plan.count("lose"),
        "sleeps": plan.count("sleep"),
        "longest_sleep_days": round(max(plan.slept_days, default=0), 1),
        "hub_restarts": sum(step.hub == "restart" for step in plan.steps),
        "hub_restores": sum(step.hub == "restore" for step in plan.steps),
        "days": plan.size.days,
        "steps": len(plan.steps),
        "places": verdict.places,
        "lost": verdict.lost,
        "unreadable": verdict.unreadable,
        "twice": verdict.twice,
        "unplanned": verdict.unplanned,
        "left": +verdict.left,
        "quarantine": verdict.quarantine,
        "alarms": verdict.alarms,
        "lost_at": verdict.lost_at,
        "seconds": round(seconds),
        "seed": plan.size.seed,
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fleet", description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, help="for vaults, hub and the raw log; nothing stays without it"
    )
    parser.add_argument("--short", action="store_true", help="the form that the tests run")
    parser.add_argument("--documents", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--step-hours", type=int, help="how far the clock turns at once: fewer steps, each with more")
    parser.add_argument("--minutes", type=float, help="write fewer documents where the steps would take longer")
    parser.add_argument("--workers", type=int, default=2, help="processes with offices")
    parser.add_argument("--without", choices=FAULTS, default="", help="take a defence out: must report losses")
    parser.add_argument("--tidy", action="store_true", help="keep the log and the result only")
    return parser.parse_args()


def _given(options: argparse.Namespace) -> dict[str, int]:
    return {
        name: value for name in ("documents", "seed", "step_hours") if (value := getattr(options, name)) is not None
    }


if __name__ == "__main__":
    sys.exit(main())
