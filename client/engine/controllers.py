"""Who answers for the data that a unit handles, from the directory: its organisation's card and the unit's own facts.

The roots sign name and number of an organisation, its administrators where the unit is reached (`keys.facts`). Source:
domain.md 3.2 no 8.
"""

from __future__ import annotations

from typing import Final

from client.casework.consent import ConsentRecord, Controller
from client.engine.context import Context
from client.engine.requirements import today
from keys.errors import LocalError, RefusedError
from keys.ids import UnitId

_NO_NUMBER: Final = "-"


def controller_of(context: Context, unit_id: UnitId) -> Controller | None:
    """The organisation of a unit and where it is reached today; None when the directory has no such unit."""
    try:
        unit, day = context.book.unit(unit_id), today(context)
    except LocalError:
        return None
    return Controller(
        name=unit.organisation.name,
        org_number=unit.organisation.org_number or _NO_NUMBER,
        address=unit.fact("postal_address", day),
        contact=unit.fact("contact", day),
        dataskyddsombud=unit.fact("dataskyddsombud", day),
    )


def require_controller(context: Context, record: ConsentRecord) -> None:
    """Refuse a record that names another organisation than that of its unit as the one that answers for the data.

    The number decides where both have one; else every name that the roots have signed for the organisation counts. A
    consent that somebody gave before it was renamed holds on.

    Raises:
        RefusedError: code ``CONTROLLER``.
    """
    told = record.controller
    if told is None:
        return
    unit_id = UnitId(bytes.fromhex(record.controller_unit))
    found = controller_of(context, unit_id)
    if found is None:
        raise RefusedError("CONTROLLER")
    numbers = {told.org_number, found.org_number}
    same = told.name in context.book.organisation_names(unit_id) if _NO_NUMBER in numbers else len(numbers) == 1
    if not same:
        raise RefusedError("CONTROLLER")


def told_controller(context: Context, unit_id: UnitId) -> Controller | None:
    """As `controller_of`, for a record: None while the unit's card does not say where it is reached.

    A program from before refuses a record with a field that it does not know: who writes those facts says that all
    programs of the federation are new enough.
    """
    found = controller_of(context, unit_id)
    reached = found is not None and (found.address or found.contact or found.dataskyddsombud)
    return found if reached else None
