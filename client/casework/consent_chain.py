"""Which of several records of one consent holds: a supplement or a renewal is a new record that names the one before.

Rules:
1. Records belong together when one continues the other for the same person *and* the same responsible unit. Whoever
   signs a record chooses what it claims to continue; a record of another unit never replaces this one.
2. A record with a closed circle (a placement) stands beside the others: it continues one of them and replaces none but
   an earlier one with a circle. What continues the others never takes it over.
3. Of two ends made apart the one signed last holds, and by id where the time is the same: all offices choose alike.
4. A renewal that was registered early holds from its first day; until then the one before it does.
5. A document about a placement, to a unit of the circle, leans on the record with the circle. Everything else leans on
   the one that all may know.

Public signatures:
    family(records, start) -> tuple[ConsentRecord, ...]
    holding(records, start, day) -> ConsentRecord | None
    fitting(records, start, day, to_unit=..., places=...) -> ConsentRecord | None
    later(records, record, day) -> ConsentRecord | None                    what has replaced it by that day

Source: domain.md 3.2 (no 3), 3.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from client.casework.consent import ConsentRecord

Records = Sequence[ConsentRecord]


def family(records: Iterable[ConsentRecord], start: str) -> tuple[ConsentRecord, ...]:
    """The record with the id ``start`` and all that belong to it, each behind the one that it continues."""
    known = {record.consent_id: record for record in records}
    first = known.get(start)
    if first is None:
        return ()
    alike = [one for one in known.values() if _whose(one) == _whose(first)]
    found = {start}
    for _ in alike:
        found |= {one.consent_id for one in alike if one.supersedes in found}
        found |= {one.supersedes for one in alike if one.consent_id in found and one.supersedes is not None}
    belonging = {one.consent_id: one for one in alike if one.consent_id in found}
    return tuple(sorted(belonging.values(), key=lambda one: (_depth(one, belonging), *_age(one))))


def holding(records: Iterable[ConsentRecord], start: str, day: date) -> ConsentRecord | None:
    """The newest record that all named units may know; None when there is none (or they name each other in a ring)."""
    return _end([one for one in family(records, start) if not one.circle], day)


def fitting(
    records: Iterable[ConsentRecord], start: str, day: date, *, to_unit: str, places: bool
) -> ConsentRecord | None:
    """The record that a document to a unit leans on.

    Args:
        records: those that are here.
        start: id of any record of the consent.
        day: in Sweden.
        to_unit: id of the recipient.
        places: the document is about a placement.
    """
    known = family(records, start)
    closed = _end([one for one in known if to_unit in _members(one)], day)
    return closed if places and closed is not None else holding(known, start, day)


def later(records: Iterable[ConsentRecord], record: ConsentRecord, day: date) -> ConsentRecord | None:
    """What has replaced a record by that day; None when nothing has."""
    known = [*records, record]
    alike = [one for one in family(known, record.consent_id) if _members(one) == _members(record)]
    end = _end(alike, day)
    return None if end is None or end.consent_id == record.consent_id else end


def _depth(record: ConsentRecord, known: Mapping[str, ConsentRecord]) -> int:
    """How many records stand before it; those that name each other in a ring are all as deep as can be."""
    for depth in range(len(known)):
        before = known.get(record.supersedes or "")
        if before is None:
            return depth
        record = before
    return len(known)


def _whose(record: ConsentRecord) -> tuple[str, str]:
    return record.principal_ref, record.controller_unit


def _members(record: ConsentRecord) -> frozenset[str]:
    return frozenset(member.unit for member in record.circle)


def _age(record: ConsentRecord) -> tuple[str, str]:
    return record.signed_at or "", record.consent_id


def _end(records: Records, day: date) -> ConsentRecord | None:
    """The newest that no other one continues, of those that have begun; of all when none has."""
    begun = [one for one in records if date.fromisoformat(one.valid_from) <= day]
    among = begun or records
    continued = {one.supersedes for one in among}
    ends = [one for one in among if one.consent_id not in continued]
    return max(ends, key=_age, default=None)
