"""Explore the larger bound and print what was explored: ``make model``."""

from __future__ import annotations

import sys

from tests.model.explore import Found, Scenario, explore
from tests.model.scenarios import DEFENCES, SCENARIOS


def told(name: str, scenario: Scenario, found: Found) -> str:
    """One line for people: the bound, and what came of it."""
    documents = sum(count for kind, count in scenario.events.items() if kind.startswith("write"))
    bound = f"{len(scenario.devices)} devices at first, {documents} documents, {scenario.steps} steps"
    outcome = f"BROKEN {found.invariant}: {' → '.join(found.trace)}" if found.invariant else "holds"
    return f"{name}: {bound}; {found.states} states, {found.seconds:.1f} s; {outcome}"


def main() -> int:
    """The whole, then each defence taken out."""
    failed = 0
    for name, scenario in SCENARIOS.items():
        found = explore(scenario.larger())
        failed += bool(found.invariant)
        print(told(name, scenario.larger(), found), flush=True)
    for defence, name in DEFENCES.items():
        found = explore(SCENARIOS[name], defence)
        failed += not found.invariant
        print(told(f"without {defence}", SCENARIOS[name], found), flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
