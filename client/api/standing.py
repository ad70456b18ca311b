"""How the office stands: status, sync, units, what is kept aside, alarms."""

from __future__ import annotations

import base64
import dataclasses
import datetime
from typing import Any

from client.api.arguments import AlarmFilter, Arguments, OneAlarm, Unlocking
from client.api.clocks import counts
from client.casework.codes import explain
from client.casework.swedish_time import local_date
from client.engine.alarms import Alarm
from client.engine.context import Context
from client.engine.names import UnitFacts
from client.engine.office import Desk
from client.engine.reading import Facts, Reading, iso, maybe_hex, unit_facts
from client.engine.unit_sync.history import TOLD
from keys.codec import Record
from keys.errors import LocalError, LockedError


def reading(desk: Desk) -> Reading:
    """The read side of the desk."""
    return Reading(desk.context, desk.threads)


async def status(desk: Desk, _arguments: Arguments) -> Facts:
    """One look at everything that a person may have to act on."""
    context = desk.context
    directory = context.replica.directory
    counted = await reading(desk).counts()
    return {
        "unit": _own_unit(context),
        "device_id": context.device_id.hex(),
        "staff": _staff(context),
        "profile": directory.profile.value,
        **counted,
        "told_by_history": await context.vault.number(TOLD),
        "approvals": await desk.approving.count(),
        **await _due(desk),
        "alarms": [alarm.code for alarm in await context.alarms.open()],
        "trouble": desk.sync.trouble,
        "log_size": directory.size,
        "log_root": directory.tree.root().hex(),
        "witnesses": _witnesses(context),
        "federation": directory.federation.hex(),
        "clock_off_seconds": context.clock.off_seconds,
        "drained_at": iso(context.freshness.drained_at),
        "locked": desk.locking.is_locked,
        "hardening": _named(desk.locking.hardening),
    }


async def _due(desk: Desk) -> Facts:
    """Reminders and what is overdue; not known while the cards cannot be read."""
    try:
        return await counts(desk)
    except LockedError:
        return {"reminders": 0, "overdue": 0}


async def page(_desk: Desk, _arguments: Arguments) -> Facts:
    """The page's address, which only an office that is kept open has; its server answers instead of this.

    Raises:
        LocalError: code ``NOPAGE``.
    """
    raise LocalError("NOPAGE")


async def lock(desk: Desk, _arguments: Arguments) -> dict[str, bool]:
    """Lock the private keys away at once."""
    desk.locking.lock()
    return {"locked": desk.locking.is_locked}


async def unlock(desk: Desk, arguments: Unlocking) -> dict[str, bool]:
    """Bring the private keys back."""
    await desk.locking.unlock(arguments.passphrase)
    return {"locked": desk.locking.is_locked}


async def sync(desk: Desk, _arguments: Arguments) -> dict[str, int]:
    """One whole pass: duties, pull, push."""
    return dataclasses.asdict(await desk.sync.once())


async def units(desk: Desk, _arguments: Arguments) -> list[Facts]:
    """The address list, with each unit's facts of today; ``reachable``: a document can be sealed for it right now."""
    today = local_date(datetime.datetime.fromtimestamp(desk.context.clock.now(), datetime.UTC))
    return [
        {**unit_facts(unit), "facts": unit.facts_on(today), "reachable": _is_reachable(desk.context, unit)}
        for unit in desk.context.book.units()
    ]


async def alarms(desk: Desk, arguments: AlarmFilter) -> list[Facts]:
    """What a person must see, with words for the code."""
    kept = desk.context.alarms
    found = await kept.all() if arguments.everything else await kept.open()
    return [_explained(_alarm(one)) for one in found]


async def alarm_seen(desk: Desk, arguments: OneAlarm) -> Facts:
    """The member of staff at this device has seen an alarm.

    Raises:
        LocalError: code ``NOTFOUND``.
        RefusedError: code ``ALARMSTAYS``.
    """
    async with desk.context.vault.transaction():
        return _explained(_alarm(await desk.context.alarms.seen(arguments.n, _staff(desk.context))))


async def alarm_evidence(desk: Desk, arguments: OneAlarm) -> Facts:
    """What was kept with an alarm, in base 64, to hand to whoever looks into it.

    Raises:
        LocalError: code ``NOTFOUND``, ``NOEVIDENCE``.
    """
    kept = await desk.context.alarms.evidence(arguments.n)
    return {"n": arguments.n, "evidence": base64.b64encode(kept).decode()}


def _alarm(alarm: Alarm) -> Facts:
    """An alarm, without its evidence."""
    return {
        "n": alarm.n,
        "code": alarm.code,
        "document_id": maybe_hex(alarm.document_id),
        "at": iso(alarm.at),
        "evidence": alarm.has_evidence,
        "stays": alarm.stays,
        "ended_at": iso(alarm.cleared_at),
        "seen_at": iso(alarm.seen_at),
        "seen_by": alarm.seen_by,
    }


def _explained(facts: Facts) -> Facts:
    told = explain(facts["code"])
    return {**facts, "sentence": told.sentence, "next_step": told.next_step}


def _witnesses(context: Context) -> Facts:
    """Who watches the log; a quorum of 0 says that nobody does."""
    replica = context.replica
    policy = replica.directory.witnesses
    if policy is None:
        return {"quorum": 0, "named": 0, "watched_at": None}
    return {"quorum": policy.quorum, "named": len(policy.witnesses), "watched_at": iso(replica.watched_at or None)}


def _own_unit(context: Context) -> dict[str, Any]:
    """The own unit; without names until the directory has come."""
    own = {"unit_id": context.unit_id.hex(), "name_sv": "", "organisation": ""}
    try:
        unit = context.book.unit(context.unit_id)
    except (LocalError, LockedError):
        return own
    return {**own, "name_sv": unit.card.name_sv, "organisation": unit.organisation.name}


def _is_reachable(context: Context, unit: UnitFacts) -> bool:
    try:
        context.prekeys.targets(unit.unit_id, context.clock.hour())
    except LocalError:
        return False
    return unit.is_active


def _staff(context: Context) -> str:
    try:
        return context.book.staff(context.device_id).name
    except (LocalError, LockedError):
        return ""


def _named(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}
