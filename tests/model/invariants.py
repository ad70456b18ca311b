"""What must hold: the invariants of protocol 12 that a model can tell, in every state and when all is quiet again.

I6 (the hub's state holds no sender), I7 (identical bytes) and I8 (commitment and consent) are about bytes, which this
model does not have; ``tests/hostile/protocol_rows.py`` names the tests that show them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tests.model import desk
from tests.model.desk import Off
from tests.model.life import behave
from tests.model.world import Device, World, active_names, digest_of, directory_of, is_prefix

QUIET_ROUNDS = 8


def i1(world: World) -> bool:
    """What came by mail was signed by a device that was active in the log that it names, and not known to be gone."""
    for device in world.devices:
        for taken in device.taken:
            size, sender = len(taken.document.view), taken.document.sender
            signer = directory_of(device.longest).get(sender)
            if taken.by_mail and (signer is None or not signer.was_active(size, 0)):
                return False
            known = directory_of(taken.known).get(sender)
            if taken.by_mail and known is not None and known.revoked_size is not None:
                return False
    return True


def i2(world: World) -> bool:
    """No two documents that a device took in have the same place in a chain."""
    for device in world.devices:
        places = [(taken.document.sender, taken.document.seq) for taken in device.taken]
        if len(set(places)) < len(places):
            return False
    return True


def i3(world: World) -> bool:
    """What the hub holds before a device's cursor was read by that device."""
    if "lied" in world.facts or "put back" in world.facts:
        return True
    for device in _reading(world):
        if device.incarnation != world.hub.incarnation or device.reading is not None:
            continue
        for row in world.hub.rows:
            mine = row.envelope.mailbox == device.unit and row.n <= device.cursor
            if mine and device.name in dict(row.envelope.keys) and row.envelope.number not in device.seen:
                return False
    return True


def i4(world: World) -> bool:
    """An outbox row that has gone: a device of the recipient's unit has the document."""
    kept = {digest_of(taken.document) for device in world.devices for taken in device.taken if device.unit == "b"}
    rows = [own for device in world.devices for own in device.own if own.state == "settled"]
    return all(own.signed is not None and digest_of(own.signed) in kept for own in rows)


def i5(world: World) -> bool:
    """No key has gone that an envelope needs which the device has not read."""
    if "put back" in world.facts or "lied" in world.facts:
        return True
    for device in _reading(world):
        for row in world.hub.rows:
            mine = row.envelope.mailbox == device.unit and row.envelope.number not in device.seen
            needed = {key for key in row.envelope.keys if key[0] == device.name}
            if mine and needed - set(device.keys):
                return False
    return True


def i9(world: World) -> bool:
    """No device's log shrinks, and nobody takes a document from somebody who saw another history, unnoticed."""
    for device in world.devices:
        if device.stopped == "FORK":
            continue
        if not is_prefix(device.longest, device.log):
            return False
        for taken in device.taken:
            view = taken.document.view
            if not is_prefix(view, device.log) and not is_prefix(device.log, view):
                return False
    return True


def i10(world: World) -> bool:
    """Nothing is sealed for a device of whose revocation the sender had heard."""
    for row in (*world.hub.rows, *world.hub.unfinished):
        known = directory_of(row.envelope.saw)
        if any(known[name].revoked_size is not None for name, _ in row.envelope.keys if name in known):
            return False
    return True


def once(world: World) -> bool:
    """Nothing is shown twice."""
    return all(max(Counter(device.held).values(), default=1) == 1 for device in world.devices)


def one_place_one_document(world: World) -> bool:
    """No device signs a place of its chain twice, unless its whole folder was put back and nobody could know."""
    signed = {fact[1:3]: 0 for fact in world.facts if isinstance(fact, tuple) and fact[0] == "signed"}
    count = sum(isinstance(fact, tuple) and fact[0] == "signed" for fact in world.facts)
    return count == len(signed) or "nobody could know" in world.facts


def gone_is_gone(world: World) -> bool:
    """A key that was deleted is on no machine again, unless its whole folder was put back."""
    gone = {fact[1:] for fact in world.facts if isinstance(fact, tuple) and fact[0] == "forgot"}
    return "put back" in world.facts or not any(gone & set(device.keys) for device in world.devices)


def silent_in_a_fork(world: World) -> bool:
    """A device that has seen two histories sends nothing more."""
    return "sent in a fork" not in world.facts


STATE: dict[str, Callable[[World], bool]] = {
    "shown once": once,
    "I1": i1,
    "I2": i2,
    "I3": i3,
    "I4": i4,
    "I5": i5,
    "I9": i9,
    "I10": i10,
    "one place, one document": one_place_one_document,
    "gone is gone": gone_is_gone,
    "silent in a fork": silent_in_a_fork,
}


def broken(world: World, off: Off) -> str:
    """The first invariant that does not hold here, or once the hub is honest again and everybody has drained."""
    for name, holds in STATE.items():
        if not holds(world):
            return name
    return _broken_when_quiet(quiet(world, off))


def quiet(world: World, off: Off) -> World:
    """The hub behaves and everybody does their duties, until nothing changes any more."""
    world = behave(world)
    for _ in range(QUIET_ROUNDS):
        before = world
        for device in world.devices:
            world = desk.ask(desk.sync(world, device.name, off), device.name, off)
        for device in world.devices:
            waiting = [own.number for own in device.own if own.state != "settled"]
            for number in () if device.stopped else waiting:
                world = desk.seal_anew(world, device.name, off, number) or world
        if world == before:
            break
    return world


def _broken_when_quiet(world: World) -> str:
    for name, holds in STATE.items():
        if not holds(world):
            return f"{name}, later"
    if not _is_nothing_lost(world):
        return "nothing lost"
    if _is_undisturbed(world):
        if not _is_everything_receipted(world):
            return "everything receipted"
        if not _can_everybody_read(world):
            return "readable for every device"
    return "" if _is_nothing_unreadable(world) else "nothing unreadable"


def _is_nothing_lost(world: World) -> bool:
    """Every document is at the recipient's unit, or still in an outbox where a person sees it."""
    there = {number for device in world.devices if device.unit == "b" for number in device.held}
    kept = {own.number for device in world.devices for own in device.own if own.state != "settled"}
    sealed_since = "put back" in world.facts  # a folder that is put back takes what was written since with it
    return sealed_since or set(range(1, world.documents + 1)) <= there | kept


def _is_undisturbed(world: World) -> bool:
    """No sender was stopped, and somebody is there to receive."""
    senders = [device for device in world.devices if device.unit == "a"]
    stopped = any(device.stopped for device in senders) or any(device.stopped == "FORK" for device in world.devices)
    return not stopped and not {"put back", "restored"} & world.facts and bool(_reading(world, "b"))


def _is_everything_receipted(world: World) -> bool:
    """No document waits for a receipt for ever."""
    return all(own.state == "settled" for device in world.devices for own in device.own)


def _can_everybody_read(world: World) -> bool:
    """Every device of the unit has what one of them has, where the hub told the truth.

    Not so what was receipted before the hub was restored and not read by all: nothing tells a device that it lacks it.
    """
    lost = {fact[1] for fact in world.facts if isinstance(fact, tuple) and fact[0] == "settled before a restore"}
    readers = _reading(world, "b")
    every = {number for device in readers for number in device.held} - lost
    return "lied" in world.facts or all(every <= set(device.held) for device in readers)


def _is_nothing_unreadable(world: World) -> bool:
    """What a device could not open and a sibling could, it has from the sibling."""
    for device in _reading(world, "b"):
        lacked = {number for number, code in device.aside if code in desk.CANNOT_OPEN}
        for sibling in _reading(world, "b"):
            brought = {number for envelope, number in sibling.carried if envelope in lacked}
            if not brought <= set(device.held):
                return False
    return True


def _reading(world: World, unit: str = "ab") -> list[Device]:
    """Devices that are in the log and not stopped."""
    log = world.hub.log
    return [
        device
        for device in world.devices
        if device.unit in unit and not device.stopped and device.name in active_names(log, device.unit)
    ]
