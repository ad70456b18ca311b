"""The plan of a fleet's life: what happens in which step, from a seed alone.

Bounds of the plan, because no program could keep them:
1. At each instant one device of a unit is awake that has everything: what the only machine that has a document takes
   with it is gone for good.
2. Nobody leaves, and no machine is lost, with documents in it that have no receipt (the conductor waits for that): a
   document whose signer was revoked before anybody saw it is refused, so that a thief cannot write (protocol 8, 11).
"""

from __future__ import annotations

import dataclasses
import random
from collections import defaultdict

DAY_SECONDS = 86_400
LONGEST_SLEEP_DAYS = 40
SETTLED_STEPS = 2  # after so many steps awake a device is taken to have everything
BACKUP_STEPS = 3  # from a backup to the loss of its machine


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything."""

    seed: int
    units: int
    devices: int
    documents: int
    days: int
    step_hours: int
    joins: int
    leaves: int
    restores: int
    sleeps: int
    hub_restarts: int
    hub_restores: int = 1

    @property
    def steps(self) -> int:
        """How many steps the plan has."""
        return self.days * 24 // self.step_hours


LONG = Size(
    seed=20260401, units=12, devices=50, documents=100_000, days=120, step_hours=48, joins=16, leaves=8, restores=8,
    sleeps=40, hub_restarts=8, hub_restores=2,
)  # fmt: skip
SHORT = Size(
    seed=20260402, units=4, devices=10, documents=300, days=96, step_hours=48, joins=2, leaves=1, restores=1, sleeps=4,
    hub_restarts=2,
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Loss:
    """A machine that is lost and comes back as a new device, from a backup."""

    old: str
    new: str


@dataclasses.dataclass(slots=True)
class Step:
    """What happens after a turn of the clock, in this order. Devices are named ``unit/number``."""

    wake: list[str] = dataclasses.field(default_factory=list)
    join: list[str] = dataclasses.field(default_factory=list)
    back_up: list[str] = dataclasses.field(default_factory=list)
    leave: list[str] = dataclasses.field(default_factory=list)
    lose: list[Loss] = dataclasses.field(default_factory=list)
    sleep: list[str] = dataclasses.field(default_factory=list)
    hub: str = ""  # restart, back up, restore
    documents: int = 0


@dataclasses.dataclass(slots=True)
class _Device:
    awake_since: int
    busy_until: int = 0  # nothing else happens to it before


@dataclasses.dataclass
class Plan:
    """Units, the devices of the beginning, and the steps."""

    size: Size
    units: list[str]
    first: list[str]
    steps: list[Step]
    slept_days: list[float] = dataclasses.field(default_factory=list)

    def count(self, what: str) -> int:
        """How many events of one sort there are."""
        return sum(len(getattr(step, what)) for step in self.steps)


class _Planner:
    def __init__(self, size: Size) -> None:
        self.size = size
        self.rng = random.Random(size.seed)
        self.units = [f"enhet{chr(ord('a') + number)}" for number in range(size.units)]
        self.made: defaultdict[str, int] = defaultdict(int)
        self.devices: dict[str, _Device] = {}
        self.asleep: dict[str, int] = {}  # until which step
        self.steps = [Step() for _ in range(size.steps)]
        self.slept: list[float] = []

    def plan(self) -> Plan:
        first = [self.new(self.units[number % len(self.units)], 0) for number in range(self.size.devices)]
        due = self.wanted()
        for at, step in enumerate(self.steps):
            self.wake(at, step)
            waiting = [what for what in due.pop(at, []) if not getattr(self, what)(at, step)]
            due[at + 1] = waiting + due.get(at + 1, [])
            share, rest = divmod(self.size.documents, self.size.steps)
            step.documents = share + (at < rest)
        self.plan_hub()
        return Plan(self.size, self.units, first, self.steps, self.slept)

    def wanted(self) -> dict[int, list[str]]:
        """In which step each event is wanted; one that does not go there waits for the next."""
        counts = {"join": self.size.joins, "leave": self.size.leaves, "lose": self.size.restores}
        due: defaultdict[int, list[str]] = defaultdict(list)
        last = self.size.steps - BACKUP_STEPS - 4
        for what, count in counts.items():
            for _ in range(count):
                due[self.rng.randrange(2, last)].append(what)
        for number in range(self.size.sleeps):
            days = self.rng.uniform(34, LONGEST_SLEEP_DAYS) if number % 3 == 0 else self.rng.uniform(2, 30)
            due[self.rng.randrange(2, max(3, last - self.steps_of(days)))].append("long" if days > 33 else "short")
        return due

    def steps_of(self, days: float) -> int:
        return round(days * 24 / self.size.step_hours)

    def new(self, unit: str, at: int) -> str:
        self.made[unit] += 1
        name = f"{unit}/{self.made[unit]}"
        self.devices[name] = _Device(at)
        return name

    def wake(self, at: int, step: Step) -> None:
        for name in [name for name, until in self.asleep.items() if until <= at]:
            del self.asleep[name]
            self.devices[name].awake_since = at
            step.wake.append(name)

    def free(self, at: int) -> str | None:
        """A device to which something may happen: a sibling is awake that has everything."""
        names = [name for name in self.devices if name not in self.asleep]
        self.rng.shuffle(names)
        for name in names:
            settled = [one for one in names if _unit(one) == _unit(name) and self.is_settled(one, at) and one != name]
            if settled and self.is_settled(name, at):
                return name
        return None

    def is_settled(self, name: str, at: int) -> bool:
        device = self.devices[name]
        return (device.awake_since + SETTLED_STEPS <= at and device.busy_until <= at) or at == 0

    # -- events -------------------------------------------------------------------------------------------------------

    def join(self, at: int, step: Step) -> bool:
        step.join.append(self.new(self.rng.choice(self.units), at))
        return True

    def leave(self, at: int, step: Step) -> bool:
        name = self.free(at)
        if name is not None:
            del self.devices[name]
            step.leave.append(name)
        return name is not None

    def lose(self, at: int, step: Step) -> bool:
        name = self.free(at)
        if name is None:
            return False
        step.back_up.append(name)
        later = at + BACKUP_STEPS
        del self.devices[name]
        new = self.new(_unit(name), later)
        self.devices[new].busy_until = later + SETTLED_STEPS
        self.steps[later].lose.append(Loss(name, new))
        return True

    def long(self, at: int, step: Step) -> bool:
        return self.sleep(at, step, self.rng.uniform(34, LONGEST_SLEEP_DAYS))

    def short(self, at: int, step: Step) -> bool:
        return self.sleep(at, step, self.rng.uniform(2, 30))

    def sleep(self, at: int, step: Step, days: float) -> bool:
        name = self.free(at)
        if name is not None:
            until = min(at + self.steps_of(days), self.size.steps)
            self.asleep[name] = until
            self.slept.append((until - at) * self.size.step_hours / 24)
            step.sleep.append(name)
        return name is not None

    def plan_hub(self) -> None:
        places = self.rng.sample(range(4, len(self.steps) - 2), self.size.hub_restarts + 2 * self.size.hub_restores)
        for at in places[: self.size.hub_restarts]:
            self.steps[at].hub = "restart"
        for early, late in _pairs(sorted(places[self.size.hub_restarts :])):
            self.steps[early].hub, self.steps[late].hub = "back up", "restore"


def _pairs(places: list[int]) -> list[tuple[int, int]]:
    return list(zip(places[::2], places[1::2], strict=True))


def _unit(name: str) -> str:
    return name.partition("/")[0]


def make_plan(size: Size) -> Plan:
    """The plan of a size; the same for the same seed."""
    return _Planner(size).plan()
