"""The protocol's invariants in every order of events within a bound, and what breaks when one defence is taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.model import desk, life
from tests.model.explore import explore
from tests.model.run import told
from tests.model.scenarios import DEFENCES, SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_everything_holds_within_the_bound(name: str) -> None:
    """No order of these events breaks an invariant, nor leaves something lost once the hub is honest again."""
    found = explore(SCENARIOS[name])
    print(told(name, SCENARIOS[name], found))
    assert found.invariant == "", " → ".join(found.trace)
    assert found.states > len(SCENARIOS[name].events), "something happened at all"


@pytest.mark.parametrize("defence", DEFENCES)
def test_a_defence_taken_out_is_noticed(defence: str) -> None:
    """Without this one defence an invariant breaks within the bound; the shortest way there is printed."""
    name = DEFENCES[defence]
    found = explore(SCENARIOS[name], defence)
    print(told(f"without {defence}", SCENARIOS[name], found))
    assert found.invariant
    assert 0 < len(found.trace) <= SCENARIOS[name].steps


def test_every_scenario_is_one_in_which_a_defence_is_missed() -> None:
    """A scenario in which nothing could be noticed would show nothing."""
    assert set(DEFENCES.values()) == set(SCENARIOS)


def test_a_broken_model_would_be_seen() -> None:
    """A switch that no step asks about changes nothing: the names above are no mere words."""
    name = DEFENCES["dedupe_by_id"]
    assert explore(SCENARIOS[name], "no such defence").invariant == ""


WEAKENED: dict[str, tuple[str, Callable[..., Any], str]] = {
    "extends": ("desk", lambda *_, **__: True, "another log"),
    "passed_through": ("desk", lambda *_, **__: True, "another log"),
    "is_equivocation": ("desk", lambda *_, **__: False, "an old folder"),
    "settles": ("desk", lambda *_, **__: True, "a receipt by somebody else"),
    "reads_anew": ("desk", lambda *_, **__: False, "a hub that is restored"),
    "is_for_nobody": ("desk", lambda *_, **__: False, "a device is revoked"),
    "keep_after": ("desk", lambda *_: [], "days pass while a mailbox is read"),
    "hub_remembers": ("desk", lambda *_, **__: "", "an old folder"),
    "counters_agree": ("life", lambda *_, **__: True, "an old folder"),
}


@pytest.mark.parametrize("name", WEAKENED)
def test_the_model_asks_the_program(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decision is the program's own: where the function is weakened, the model breaks."""
    module, weak, scenario = WEAKENED[name]
    target = {"desk": desk, "life": life}[module]
    assert getattr(target, name).__module__.startswith(("client.engine", "keys"))
    monkeypatch.setattr(target, name, weak)
    desk._kept.cache_clear()
    try:
        found = explore(SCENARIOS[scenario])
    finally:
        desk._kept.cache_clear()
    print(told(f"with a weakened {name}", SCENARIOS[scenario], found))
    assert found.invariant
