"""Which authorities a consent must name here: the responsible unit's own sets, from its card, where it has some."""

from __future__ import annotations

import datetime

from client.casework.authorities import required_authorities
from client.casework.codelists import CASE_TYPE
from client.casework.consent import ConsentRecord
from client.casework.consent_rules import ConsentRefusedError
from client.casework.swedish_time import local_date
from client.engine.context import Context
from keys.ids import UnitId

Sets = dict[str, frozenset[str]]


def today(context: Context) -> datetime.date:
    """The day in Sweden."""
    return local_date(datetime.datetime.fromtimestamp(context.clock.now(), datetime.UTC))


def own_sets(context: Context, unit_id: UnitId) -> Sets:
    """The sets on a unit's card, by case type; empty where the table's hold.

    Raises:
        LocalError: code ``UNK``.
    """
    sets = context.book.unit(unit_id).fact("required_authorities", today(context)) or {}
    return {name: frozenset(codes) for name, codes in sets.items() if name in CASE_TYPE.codes}


def require_whole(context: Context, record: ConsentRecord) -> None:
    """Refuse a record that leaves out an authority which it must name: that is a refusal (domain.md 1.3 F10).

    Raises:
        ConsentRefusedError: code ``CNS-04``.
    """
    sets = own_sets(context, UnitId(bytes.fromhex(record.controller_unit)))
    required = required_authorities(record.case_type, today(context), sets, record.applicable)
    covered = {party.authority for party in record.parties} | {entry.authority for entry in record.not_concerned}
    missing = sorted(required - covered)
    if missing:
        raise ConsentRefusedError("CNS-04", authority=missing[0])
