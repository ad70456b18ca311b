"""Deadlines and reminders for people and programs: what is waited for, until when, and whose turn it is.

A unit that is closed just now is told with whoever answers in its stead, as its card says.
"""

from __future__ import annotations

from collections.abc import Iterable

from client.api.arguments import Arguments, Id
from client.casework.clock_rows import Subject
from client.casework.clock_words import AWAITED
from client.casework.opening_hours import is_staffed, opening_hours
from client.casework.swedish_time import local_date
from client.engine.clock_row import BOTH, Running, instant
from client.engine.office import Desk
from client.engine.reading import Facts, iso
from client.engine.reminding import Reminder, Reminding
from client.engine.running import Clocks
from keys.errors import LocalError
from keys.ids import DeviceId, UnitId

_LEAST_DIGITS = 4
_NOTHING: Facts = {"awaited": "", "overdue": False, "responsible": [], "ours": False, "deputies": []}


class OneReminder(Arguments, frozen=True, kw_only=True):
    """A reminder by id or the beginning of one."""

    reminder_id: Id


def clocks(desk: Desk) -> Clocks:
    """The clocks of the desk."""
    return Clocks(desk.context, desk.consents, desk.threads)


async def reminders(desk: Desk, _arguments: Arguments) -> list[Facts]:
    """What a person should do now or hear of, the nearest end first."""
    return [_reminder(desk, one) for one in await _reminding(desk).open()]


async def reminded(desk: Desk, arguments: OneReminder) -> Facts:
    """Say that a reminder is seen, for all devices of the unit; it comes again with the next stage.

    Raises:
        LocalError: code ``NOTFOUND``, or ``AMBIGUOUS`` when more than one begins so.
    """
    wanted = arguments.reminder_id.lower()
    found = [one for one in await _reminding(desk).open() if one.reminder_id.hex().startswith(wanted)]
    if len(found) != 1 or len(wanted) < _LEAST_DIGITS:
        raise LocalError("AMBIGUOUS" if len(found) > 1 else "NOTFOUND")
    await desk.unit.reminded(found[0].reminder_id)
    desk.sync.nudge()
    return _reminder(desk, found[0])


async def counts(desk: Desk) -> Facts:
    """How many reminders there are, and how much is overdue, whether somebody has seen it or not."""
    return {"reminders": len(await _reminding(desk).open()), "overdue": len(await overdue_threads(desk))}


async def overdue_threads(desk: Desk) -> set[str]:
    """The threads of which a clock is over."""
    found = clocks(desk)
    await found.refresh()
    return {one.hex() for one in await found.overdue(desk.context.clock.now())}


async def timed(desk: Desk, threads: Iterable[Facts]) -> list[Facts]:
    """Threads as ``reading`` tells them, each with its clocks; ``clocks(desk).refresh`` came before."""
    return [{**one, **await of_thread(desk, one)} for one in threads]


async def of_thread(desk: Desk, thread: Facts) -> Facts:
    """What is waited for in a thread: the nearest of its clocks, and all of them."""
    running = await clocks(desk).of_thread(bytes.fromhex(thread["thread_id"])) if thread["deadline"] else []
    told = [_clock(desk, one) for one in running]
    nearest = told[0] if told else _NOTHING
    return {**{name: nearest[name] for name in _NOTHING}, "clocks": told}


def _reminding(desk: Desk) -> Reminding:
    return Reminding(desk.context, clocks(desk))


def _reminder(desk: Desk, reminder: Reminder) -> Facts:
    running, subject = reminder.running, reminder.clock.subject
    return {
        "reminder_id": reminder.reminder_id.hex(),
        **_clock(desk, running),
        "why": reminder.why,
        "thread_id": running.subject.hex() if subject is Subject.THREAD else None,
        "document_id": running.subject.hex() if subject in {Subject.DOCUMENT, Subject.CLOSING} else None,
        "consent_id": running.subject.hex() if subject is Subject.CONSENT else None,
        "principal_ref": running.principal,
        "holder": None if reminder.holder is None else _staff_name(desk, reminder.holder),
    }


def _clock(desk: Desk, running: Running) -> Facts:
    now, own = desk.context.clock.now(), bytes(desk.context.unit_id)
    return {
        "clock": running.clock,
        "awaited": AWAITED[running.clock],
        "begun_at": iso(running.begun_at),
        "due_at": iso(running.due_at),
        "overdue": running.due_at < now,
        **whose(desk, running.responsible),
        "ours": running.responsible in {BOTH, own},
    }


def whose(desk: Desk, responsible: bytes | None) -> Facts:
    """The unit that is waited for, by name, none when it is both; and who answers while it is closed."""
    if not responsible:
        return {"responsible": [], "deputies": []}
    try:
        unit = desk.context.book.unit(UnitId(responsible))
    except LocalError:
        return {"responsible": [""], "deputies": []}
    now = instant(desk.context.clock.now())
    hours = opening_hours(unit.fact("opening_hours", local_date(now)))
    deputies = [] if is_staffed(hours, now) else unit.fact("deputies", local_date(now)) or []
    return {"responsible": [unit.card.name_sv], "deputies": [name for one in deputies if (name := _name(desk, one))]}


def _name(desk: Desk, unit_id: str) -> str:
    try:
        return desk.context.book.unit(UnitId(bytes.fromhex(unit_id))).card.name_sv
    except LocalError:
        return ""


def _staff_name(desk: Desk, device_id: bytes) -> str:
    try:
        return desk.context.book.staff(DeviceId(device_id)).name
    except LocalError:
        return ""
