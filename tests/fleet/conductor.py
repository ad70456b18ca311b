"""Runs a plan: a real hub, workers with real offices, and the ceremonies between them.

In every step the clock turns, the step's events happen, documents are written, and all who are awake sync until nothing
moves (``passes``). At the end everybody wakes, and the clock turns on until every outbox is empty or nothing changes.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import random
import shutil
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keys.approval import parse_approval
from keys.domains import SignedType
from keys.private import kit as kits
from keys.private.table import Signer
from keys.signed import parse_signed, read_payload
from keys.statements import Device, RevokeReason
from tests.fleet.clock import FleetClock
from tests.fleet.hub import FleetHub
from tests.fleet.passes import Passes
from tests.fleet.plan import Loss, Plan, Step
from tests.fleet.talk import Talk, Talks
from tests.fleet.worker import Part, Worker
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess
from tests.kit.offices import ALL_ROLES, redirect

DRAIN_HOURS = 7  # one turn of the final drain: longer than the pause to the first sealing anew
MOST_DRAINS = 12
NOT_NOW = frozenset({"STA", "UNK", "ROL"})  # the thread is not here yet: the document is written later


@dataclasses.dataclass
class Documents:
    """What was written: document id to the units it concerns."""

    units: dict[bytes, tuple[str, str]] = dataclasses.field(default_factory=dict)
    words: int = 0


class Fleet:
    """One run. ``with Fleet.start(folder, plan) as fleet: fleet.run()``; then the vaults are closed and can be read."""

    def __init__(
        self, folder: Path, plan: Plan, *, fault: str = "", workers: int = 2, minutes: float | None = None
    ) -> None:
        self._minutes = minutes  # for all steps: one that begins late writes nothing
        self.folder = folder
        self.plan = plan
        self.documents = Documents()
        self.places: dict[str, Path] = {}  # device to folder, also of those that left
        self.active: dict[str, bytes] = {}  # device to its id
        self.took_seconds = 0.0
        self._rng = random.Random(plan.size.seed)
        self._talks = Talks(plan.units, self._rng)
        self._awake: set[str] = set()
        self._leaving: list[str | Loss] = []
        self._backups: dict[str, Path] = {}
        self._kit = kits.new_secret()
        folder.mkdir(parents=True, exist_ok=True)
        self._log = (folder / "log.jsonl").open("a", encoding="utf-8")
        self.clock = FleetClock.make(folder / "clock")
        self.federation = _federation(plan.units)
        self.hub = _hub(folder / "hub", self.federation, self.clock.path)
        self._workers = [Worker.start(self.clock.path, fault) for _ in range(workers)]
        self._passes = Passes(self._workers, self._of, self._waiting, self._note)

    def __enter__(self) -> Fleet:
        self.hub.start()
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            for worker in self._workers:
                worker.stop()
        for worker in self._workers:
            worker.kill()
        self.hub.stop()
        self._log.close()

    def run(self) -> None:
        """Everything."""
        began = time.monotonic()
        for name in self.plan.first:
            self._join(name)
        self._passes.settle(self._awake)
        for number, step in enumerate(self.plan.steps):
            self.clock.turn(self.plan.size.step_hours * 3600)
            if self._minutes and time.monotonic() - began > self._minutes * 60 * (number + 1) / len(self.plan.steps):
                step.documents = 0
            self._step(step)
            self._note("step", number=number, documents=len(self.documents.units), seconds=time.monotonic() - began)
        self._drain()
        self.took_seconds = time.monotonic() - began

    # -- a step -------------------------------------------------------------------------------------------------------

    def _step(self, step: Step) -> None:
        self._move_hub(step.hub)
        for name in step.wake:
            self._of(name).ask("open", name)
            self._awake.add(name)
        for name in step.join:
            self._join(name)
        for name in step.back_up:
            self._backups[name] = self.folder / f"{name.replace('/', '-')}.backup"
            self._of(name).ask("backup", name, self._backups[name], kits.public_of(self._kit))
        self._leaving += [*step.leave, *step.lose]
        for name in step.sleep:
            self._of(name).ask("close", name)
            self._awake.discard(name)
        self._write(step.documents)
        passes = self._passes.settle(self._awake)
        self._note("passes", count=passes)
        self._let_leave()

    def _move_hub(self, what: str) -> None:
        match what:
            case "restart":
                self.hub.kill()
                self.hub.start()
            case "back up":
                self.hub.back_up()
            case "restore":
                self.hub.stop()
                self.hub.restore()
                self.hub.start()

    def _write(self, count: int) -> None:
        """Ask devices of the units whose turn it is; what cannot be written now is written in a later step."""
        leaving = {one if isinstance(one, str) else one.old for one in self._leaving}
        writers = collections.defaultdict(list)
        for name in sorted(self._awake - leaving):
            writers[_unit(name)].append(name)
        tasks: dict[str, list[Talk]] = collections.defaultdict(list)
        for _ in range(count):
            talk = self._talks.take()
            tasks[self._rng.choice(writers[talk.writer])].append(talk)
        for name, talks in tasks.items():
            errands = [talk.errand(self.federation.units[talk.reader].unit_id) for talk in talks]
            self._of(name).tell("write", name, errands)
        for name, talks in tasks.items():
            for talk, outcome in zip(talks, self._of(name).hear(), strict=True):
                self._written(talk, outcome)

    def _written(self, talk: Talk, outcome: bytes | str) -> None:
        if isinstance(outcome, bytes):
            self.documents.units[outcome] = (talk.writer, talk.reader)
            self.documents.words += talk.stage < 2
            talk.last = outcome
            talk.stage += 1
        elif outcome not in NOT_NOW:
            raise RuntimeError(f"not written: {outcome}")
        self._talks.put_back(talk)

    def _drain(self) -> None:
        """Wake everybody; let time pass until nothing waits, or nothing changes any more."""
        before: Any = None
        for _ in range(MOST_DRAINS):
            self.clock.turn(DRAIN_HOURS * 3600)
            self._passes.settle(self._awake)
            self._let_leave()
            waiting = [worker.ask("waiting") for worker in self._workers]
            left = sum(sum(counts.values()) for share in waiting for counts in share.values())
            self._note("drain", left=left)
            if not left or waiting == before:
                return
            before = waiting

    # -- devices come and go ------------------------------------------------------------------------------------------

    def _join(self, name: str) -> None:
        self._enrol(name, self._of(name).ask("make", name, self._place(name)))

    def _enrol(self, name: str, request: bytes) -> None:
        approval = self._approve(_unit(name), request, name)
        parsed = parse_approval(approval)
        self.active[name] = read_payload(parse_signed(parsed.certificate), SignedType.DEVICE, Device).device_id
        self._awake.add(name)
        self._of(name).ask("enrol", name, redirect(approval, self.hub.url))
        self._passes.sync([name], Part.WHOLE)

    def _approve(self, unit: str, request: bytes, name: str) -> bytes:
        self.federation.now = int(self.clock())
        self.federation.vouching[unit] = [self._signer(one) for one in sorted(self._awake) if _unit(one) == unit]
        return self.federation.approve(unit, request, f"Handläggare {name}", roles=ALL_ROLES)

    def _signer(self, name: str) -> Signer:
        return lambda signed_type, payload: self._of(name).ask("sign", name, signed_type.value, payload)

    def _let_leave(self) -> None:
        """Whoever is to go and has delivered everything, goes."""
        still: list[str | Loss] = []
        for one in self._leaving:
            name = one if isinstance(one, str) else one.old
            counts = self._of(name).ask("waiting")[name]
            if counts["outbox"] or counts["attempts"]:
                still.append(one)
                continue
            self._revoke(name)
            if isinstance(one, Loss):
                backup = self._backups[one.old]
                request = self._of(one.new).ask("restore", one.new, self._place(one.new), backup, self._kit)
                self._enrol(one.new, request)
        self._leaving = still

    def _revoke(self, name: str) -> None:
        self.federation.now = int(self.clock())
        statement = self.federation.revoke(_unit(name), self.active.pop(name), reason=RevokeReason.LOST)
        self._of(name).ask("close", name)
        self._awake.discard(name)
        other = next(iter(sorted(self._awake)))
        self._of(other).ask("submit", other, statement)

    def _place(self, name: str) -> Path:
        self.places[name] = self.folder / "offices" / name.replace("/", "-")
        return self.places[name]

    def _of(self, name: str) -> Worker:
        return self._workers[sum(name.encode()) % len(self._workers)]

    def _waiting(self) -> dict[str, int]:
        """Unit to the number that the next envelope of its mailbox gets."""
        numbers = self.hub.numbers()
        return {unit: numbers[self.federation.units[unit].mailbox_id] for unit in self.plan.units}

    def _note(self, what: str, **facts: Any) -> None:
        line = {"what": what, "at": round(time.time()), "day": round(self.clock.offset / 86_400, 1), **facts}
        self._log.write(json.dumps(line) + "\n")
        self._log.flush()


class FleetFederation(Federation):
    """A federation whose devices live elsewhere: who of a unit vouches for its next device is told."""

    vouching: dict[str, list[Signer]]

    def approvers(self, unit: str) -> list[Signer]:
        """Who must approve the unit's next device."""
        siblings, administrators = self.vouching.get(unit, []), list(self.admins(self.org_of(unit)).signers)
        return [administrators[0], siblings[0]] if siblings else administrators


def _federation(units: Sequence[str]) -> FleetFederation:
    federation = FleetFederation(now=int(time.time()))
    federation.vouching = {}
    for number, unit in enumerate(units):
        organisation = f"kommun{number // 3}"
        if number % 3 == 0:
            federation.add_organisation(organisation, f"Kommun {number // 3 + 1}", kind="kommun")
        federation.add_unit(unit, organisation, unit_type="ordinarie_socialtjanst")
    return federation


def _hub(data: Path, federation: Federation, clock_path: Path) -> FleetHub:
    with socket.socket() as listener:  # the same port over restarts
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    HubProcess.create(data, federation, port=port, job_seconds=0.05, snapshot_seconds=3600.0, max_waiting=1_000_000)
    return FleetHub(data, clock_path=clock_path)


def _unit(name: str) -> str:
    return name.partition("/")[0]


def tidy(folder: Path) -> None:
    """Throw the offices and the hub's folder away; the log and the result stay."""
    for name in ("offices", "hub"):
        shutil.rmtree(folder / name, ignore_errors=True)
