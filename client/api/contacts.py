"""Comparing keys: the fingerprint of a unit, and the mark that it was compared."""

from __future__ import annotations

from typing import Final

from client.api.arguments import Compared, OneUnit
from client.api.places import find_unit
from client.casework.problems import Problem, problem
from client.engine import contacts
from client.engine.contacts import Contact, Standing
from client.engine.context import Context
from client.engine.office import Desk
from client.engine.reading import Facts, iso
from keys.ids import UnitId

#: How a unit's keys stand -> what is said to who writes to it.
_DOUBT: Final = {Standing.UNKNOWN: "uncompared", Standing.CHANGED: "recompare", Standing.COMPARED: ""}


async def fingerprint(desk: Desk, arguments: OneUnit) -> Facts:
    """The words of a unit's keys; without a unit the own, to read out."""
    context = desk.context
    unit_id = context.unit_id if arguments.unit is None else find_unit(context, arguments.unit)
    return _facts(context, await contacts.look_up(context, unit_id))


async def compared(desk: Desk, arguments: Compared) -> Facts:
    """Mark a unit's keys as compared, by the words that were read out there."""
    unit_id = find_unit(desk.context, arguments.unit)
    return _facts(desk.context, await contacts.mark_compared(desk.context, unit_id, arguments.words))


async def doubts(context: Context, unit_id: UnitId) -> list[Problem]:
    """What deserves a second look before a unit is trusted with a document; nothing of the own unit."""
    if unit_id == context.unit_id:
        return []
    reason = _DOUBT[(await contacts.look_up(context, unit_id)).standing]
    return [problem("header.recipient_unit", reason, code="WORDS")] if reason else []


def _facts(context: Context, contact: Contact) -> Facts:
    return {
        "unit_id": contact.unit_id.hex(),
        "unit": context.book.unit(contact.unit_id).card.name_sv,
        "words": contact.words,
        "devices": contact.devices,
        "log_size": context.replica.directory.size,
        "compared": contact.standing.value,
        "compared_at": iso(contact.compared_at or None),
    }
