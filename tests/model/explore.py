"""Breadth first through every order of events within a bound; what breaks first is shown with its shortest trace."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping

from tests.model import desk, life
from tests.model.desk import Off
from tests.model.invariants import broken
from tests.model.world import Device, Hub, World, active_names

Step = Callable[[World, Off], World | None]


@dataclasses.dataclass(frozen=True, slots=True)
class Scenario:
    """A bound: who is there at the start, which events may come, each how often, and how many in all."""

    devices: tuple[str, ...]
    events: Mapping[str, int]
    steps: int
    more: int = 0  # steps more in ``make model``, which has one event more of each kind

    def start(self) -> World:
        """All enrolled, all with keys, all mailboxes empty."""
        log = tuple(b"+" + name.encode() for name in self.devices)
        world = World(Hub(log), (), tuple(self.events.items()))
        for name in self.devices:
            world = world.put(Device(name))
        for name in self.devices:
            world = desk.sync(world, name, "")
        return world

    def larger(self) -> Scenario:
        """The bound of ``make model``."""
        events = {kind: count + 1 for kind, count in self.events.items()}
        return dataclasses.replace(self, events=events, steps=self.steps + self.more)


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What an exploration found. ``trace`` is empty where nothing broke."""

    states: int
    seconds: float
    invariant: str = ""
    trace: tuple[str, ...] = ()


def explore(scenario: Scenario, off: Off = "") -> Found:
    """Every state within the bound, nearest first."""
    began, start = time.perf_counter(), scenario.start()
    seen, front = {start}, [(start, ())]
    for _ in range(scenario.steps + 1):
        following: list[tuple[World, tuple[str, ...]]] = []
        for world, trace in front:
            invariant = broken(world, off)
            if invariant:
                return Found(len(seen), time.perf_counter() - began, invariant, trace)
            if len(trace) == scenario.steps:
                continue
            for label, after in events(world, off):
                if after not in seen:
                    seen.add(after)
                    following.append((after, (*trace, label)))
        front = following
    return Found(len(seen), time.perf_counter() - began)


def events(world: World, off: Off) -> Iterator[tuple[str, World]]:
    """What may happen next."""
    for kind, count in world.left:
        spent = world.spend(kind) if count else None
        if spent is None:
            continue
        for label, step in _choices(kind, world):
            after = step(spent, off)
            if after is not None and after != spent:
                yield label, after


def _choices(kind: str, world: World) -> Iterator[tuple[str, Step]]:
    if kind in _OF_THE_WORLD:
        yield kind, _OF_THE_WORLD[kind]
    elif kind in _OF_ENVELOPES:
        rows = (*world.hub.rows, *world.hub.unfinished)
        for number in sorted({row.envelope.number for row in rows}):
            yield f"{kind} {number}", lambda w, off, n=number: _OF_ENVELOPES[kind](w, n, off)
    else:
        word, _, unit = kind.partition(" ")
        for name in _names(word, unit, world):
            yield f"{word} {name}", lambda w, off, n=name: _OF_DEVICES[word](w, n, off)


def _names(word: str, unit: str, world: World) -> list[str]:
    """Of whom an event can be: ``sync b`` of each device of unit b, ``revoke b1`` of b1."""
    if len(unit) > 1:
        return [unit] if word == "join" or any(device.name == unit for device in world.devices) else []
    gone = {"sign_as_if"}
    names = [device.name for device in world.devices if device.name.startswith(unit)]
    return names if word in gone else [name for name in names if name in active_names(world.hub.log, name[0])]


def _write(world: World, name: str, off: Off) -> World | None:
    was_fork = desk.look(world, name, off).device(name).stopped == "FORK"
    after = desk.write(world, name, off, atomic=off != "counter_in_the_same_transaction")
    return after.fact("sent in a fork") if after is not None and was_fork else after


_OF_THE_WORLD: dict[str, Step] = {
    "day_passes": life.day_passes,
    "reorder": life.reorder,
    "restore_hub": lambda world, off: life.restore_hub(world, off, honest=True),
    "restore_hub_secretly": lambda world, off: life.restore_hub(world, off, honest=False),
}
_OF_ENVELOPES: dict[str, Callable[[World, int, Off], World | None]] = {
    "drop": life.drop,
    "repeat": life.repeat,
    "finish_deposit": life.finish_deposit,
}
_OF_DEVICES: dict[str, Callable[[World, str, Off], World | None]] = {
    "write": _write,
    "sync": desk.sync,
    "begin": desk.begin,
    "finish": desk.finish,
    "crash": lambda world, name, off: desk.finish(desk.begin(world, name, off), name, off, crash=True),
    "seal_anew": desk.seal_anew,
    "ask": desk.ask,
    "join": life.join,
    "revoke": life.revoke,
    "copy": life.copy,
    "reopen": life.reopen,
    "put_back": life.put_back,
    "put_vault_back": life.put_vault_back,
    "restore": life.restore,
    "sign_as_if": life.sign_as_if,
    "receipt_by_a_third": life.receipt_by_a_third,
    "show_shorter": life.show_shorter,
    "show_other": life.show_other,
}
