"""The own unit: who its devices are, who works on what, notes that stay in the unit, new keys."""

from __future__ import annotations

from client.api.arguments import Arguments, Hand, NoteNew, OneThread, StandIn
from client.api.places import LEAST_DIGITS, find_id
from client.engine.office import Desk
from client.engine.reading import Facts, iso
from client.engine.unit_sync.unit import Colleague, Ended
from keys.errors import LocalError
from keys.ids import DeviceId

_DAY_SECONDS = 86_400


async def staff(desk: Desk, _arguments: Arguments) -> list[Facts]:
    """The devices of the own unit with the people who use them."""
    return [_colleague(desk, one) for one in await desk.unit.colleagues()]


async def take(desk: Desk, arguments: OneThread) -> Facts:
    """Work on a thread."""
    thread_id = await find_id(desk.context.vault, "thread", arguments.thread_id)
    await desk.unit.take(thread_id)
    desk.sync.nudge()
    return {"thread_id": thread_id.hex(), "assigned": await assigned(desk, thread_id)}


async def hand(desk: Desk, arguments: Hand) -> Facts:
    """Hand a thread to a colleague; whoever stands in for that colleague gets it."""
    thread_id = await find_id(desk.context.vault, "thread", arguments.thread_id)
    await desk.unit.hand(thread_id, await _find(desk, arguments.to))
    desk.sync.nudge()
    return {"thread_id": thread_id.hex(), "assigned": await assigned(desk, thread_id)}


async def note(desk: Desk, arguments: NoteNew) -> Facts:
    """Add a note to a thread."""
    thread_id = await find_id(desk.context.vault, "thread", arguments.thread_id)
    made = await desk.unit.note(thread_id, arguments.text)
    desk.sync.nudge()
    return {"thread_id": thread_id.hex(), "note_id": made.note_id.hex()}


async def stand_in(desk: Desk, arguments: StandIn) -> list[Facts]:
    """Let a colleague get what is handed to this device, for some days; 0 days ends it."""
    holder = None if not arguments.days else await _find(desk, arguments.to)
    until = desk.context.clock.now() + arguments.days * _DAY_SECONDS
    await desk.unit.stand_in(desk.context.device_id, holder, until)
    desk.sync.nudge()
    return await staff(desk, Arguments())


async def rotate(desk: Desk, _arguments: Arguments) -> Facts:
    """Make and publish new epoch prekeys now."""
    await desk.sync.rotate()
    return {"batch_no": desk.context.keeper.batch_no}


async def assigned(desk: Desk, thread_id: bytes) -> Facts | None:
    """Who works on a thread: device and name."""
    setting = await desk.unit.holder(thread_id)
    if setting is None or setting.holder is None:
        return None
    return {"device_id": setting.holder.hex(), "name": _name(desk, setting.holder), "since": iso(setting.at)}


async def notes(desk: Desk, thread_id: bytes) -> list[Facts]:
    """The notes on a thread, oldest first."""
    return [
        {"note_id": one.note_id.hex(), "name": _name(desk, one.author), "at": iso(one.at), "text": one.text}
        for one in await desk.unit.notes(thread_id)
    ]


async def _find(desk: Desk, text: str) -> DeviceId:
    """The one active device with this id or this person, or whose id or name begins so.

    Raises:
        LocalError: code ``UNK``.
    """
    wanted = text.strip().casefold()
    active = [one for one in await desk.unit.colleagues() if one.is_active]
    exact = [one for one in active if wanted in {one.device_id.hex(), one.card.name.casefold()}]
    begins = [one for one in active if one.card.name.casefold().startswith(wanted)]
    if len(wanted) >= LEAST_DIGITS:
        begins += [one for one in active if one.device_id.hex().startswith(wanted)]
    found = exact or begins
    if len(found) != 1 or not wanted:
        raise LocalError("UNK", found=len(found))
    return found[0].device_id


def _colleague(desk: Desk, one: Colleague) -> Facts:
    return {
        "device_id": one.device_id.hex(),
        "name": one.card.name,
        "title": one.card.title,
        "roles": [role.value for role in one.card.roles],
        "active": one.is_active,
        "own": one.is_own,
        "stand_in": None if one.stand_in is None else one.stand_in.hex(),
        "until": iso(one.until),
        "certified_until": iso(one.certified_until),
        "keys_since": iso(one.keys and one.keys[0]),
        "keys_until": iso(one.keys and one.keys[1]),
        "ended": None if one.ended is None else _ended(desk, one.ended),
    }


def _ended(desk: Desk, ended: Ended) -> Facts:
    """Who ended a machine, why and when; no name where it was nobody of the unit."""
    name = "" if ended.by is None else _name(desk, ended.by)
    return {"at": iso(ended.at), "reason": ended.reason.value, "by": name}


def _name(desk: Desk, device_id: bytes) -> str:
    try:
        return desk.context.book.staff(DeviceId(device_id)).name
    except LocalError:
        return ""
