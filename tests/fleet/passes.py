"""Lets the offices of a fleet send and fetch until nothing moves.

All send before anybody fetches, and all fetch before anybody answers: then what one device owes a unit goes in one
envelope, as it does in an office that answers after half an hour. What only a round brings (history is asked for, heads
are compared, what was refused is tried again) comes when all else is quiet; when it moves something, all begins again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tests.fleet.worker import Part, Passed, Worker

MOST_ROUNDS = 40  # in one step
MOST_TURNS = 400  # in one round: a new device gets sixteen batches of history in each
UNTROUBLED = frozenset({"", "HUB", "DENIED"})  # the hub was away; a newcomer the log does not name yet


class Passes:
    """Drives the offices of some workers.

    Args:
        workers: all of them.
        of: the worker that has a device.
        waiting: unit to the number that the next envelope of its mailbox gets; where something came it has risen.
        note: writes a line of the log.
    """

    def __init__(
        self,
        workers: Sequence[Worker],
        of: Callable[[str], Worker],
        waiting: Callable[[], dict[str, int]],
        note: Callable[..., Any],
    ) -> None:
        self._workers = workers
        self._of = of
        self._waiting = waiting
        self._note = note
        self._fetched: dict[str, int] = {}  # number of its mailbox when a device last fetched

    def settle(self, names: Iterable[str]) -> int:
        """Go on until nothing moves; returns how many passes that took."""
        awake = set(names)
        self.sync(awake, Part.SEND)
        passes, wanted = 1, awake
        for _ in range(MOST_ROUNDS):
            turns, fetched = self._quieten(awake)
            passes += 2 * turns + 1
            passed = self.sync(wanted | fetched, Part.WHOLE)
            wanted = {name for name, one in passed.items() if one.moved or one.trouble}
            if not wanted:
                break
        return passes

    def sync(self, names: Iterable[str], part: Part) -> dict[str, Passed]:
        """One pass of these devices, all workers side by side."""
        wanted = sorted(names)
        for worker in self._workers:
            worker.tell("sync", [name for name in wanted if self._of(name) is worker], part)
        passed: dict[str, Passed] = {}
        for worker in self._workers:
            passed |= worker.hear()
        for name, one in passed.items():
            if one.trouble not in UNTROUBLED:
                self._note("trouble", name=name, code=one.trouble)
        return passed

    def _quieten(self, awake: set[str]) -> tuple[int, set[str]]:
        """Fetch and answer in turns, until a turn brings nothing; returns how many there were, and who fetched."""
        fetched: set[str] = set()
        for turn in range(MOST_TURNS):
            now = self._waiting()
            risen = [name for name in awake if self._fetched.get(name) != now[name.partition("/")[0]]]
            if not risen:
                return turn, fetched
            fetched |= set(risen)
            passed = self.sync(risen, Part.PULL)
            self._fetched |= {name: now[name.partition("/")[0]] for name in risen}
            self.sync([name for name in risen if passed[name].moved], Part.PUSH)
        return MOST_TURNS, fetched
