"""Which authorities a consent must name here: the responsible unit's own sets, from its card, where it has some."""

from __future__ import annotations

import datetime

from client.casework.authorities import required_authorities
from client.casework.codelists import CASE_TYPE
from client.casework.concerned import left_out, units_of
from client.casework.consent import ConsentRecord
from client.casework.consent_rules import ConsentRefusedError
from client.casework.swedish_time import local_date
from client.engine.context import Context
from client.engine.party import Moment, party, unit_then
from keys.ids import UnitId

Sets = dict[str, frozenset[str]]


def today(context: Context) -> datetime.date:
    """The day in Sweden."""
    return local_date(datetime.datetime.fromtimestamp(context.clock.now(), datetime.UTC))


def own_sets(context: Context, unit_id: UnitId, moment: Moment | None = None) -> Sets:
    """The sets on a unit's card today, or when a document was sent, by case type; empty where the table's hold.

    Raises:
        LocalError: code ``UNK``.
    """
    unit, day = unit_then(context, unit_id, moment)
    sets = unit.fact("required_authorities", day) or {}
    return {name: frozenset(codes) for name, codes in sets.items() if name in CASE_TYPE.codes}


def require_whole(context: Context, record: ConsentRecord) -> None:
    """Refuse a record that leaves out an authority which it must name: that is a refusal (domain.md 1.3 F10).

    Raises:
        ConsentRefusedError: code ``CNS-04``.
    """
    responsible = UnitId(bytes.fromhex(record.controller_unit))
    sets = own_sets(context, responsible)
    required = required_authorities(record.case_type, today(context), sets, record.applicable)
    missing = left_out(record, required, units_of({record.case_type}, party(context, responsible)))
    if missing:
        raise ConsentRefusedError("CNS-04", **missing)
