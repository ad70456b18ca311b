"""Checks a consent record: every field, and what the fields say together.

Rules beyond the declaration:
1. From ``valid_from`` to ``valid_to`` are twelve months at most; a purpose ends no later than the
   record, but follow-up, the look-ups for it, and research may run eighteen months longer. None ends before it begins.
2. Special categories are computed from the categories, never chosen; the grounds for handling data
   name article 9 where there are some of that article, and article 10 likewise.
3. A placement needs a second member of staff, another one than the witness.
4. The chain of events is whole and in the order of time, and nobody gives before having been informed.
5. An authority or a unit is named or set aside, not both; a handler or a decision-maker sets it
   aside, each once. What applies is one of the case type's own list.
6. The line of a private provider is for a purpose of the record.
7. Who a person is placed with stands in a supplement with a closed circle: the units that may get
   it are named in it, and the receiving municipality is one of them (domain.md 3.3).
8. A record of another major version is refused, never read by guess.

Public signatures:
    validate_record(decoded, minor=None) -> ConsentRecord        raises InvalidBodyError

Source: domain.md 3.2.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import date

import msgspec

from client.casework.authorities import requirement
from client.casework.codelists import LASTING_PURPOSES
from client.casework.consent import ConsentRecord, special_categories, verify_events
from client.casework.consent_events import EventChainError
from client.casework.deadlines import add_months
from client.casework.describe import describe_struct
from client.casework.problems import InvalidBodyError, Problem, problem
from client.casework.shape import check_shape, major_of

#: Domain.md 3.2 no 17.
MAX_MONTHS = 12
FOLLOW_UP_MONTHS_MORE = 18

#: Events after which the record needs its signed original.
GIVING_EVENTS = frozenset({"given", "utokad", "fornyad"})
_CONTINUING_EVENTS = frozenset({"utokad", "fornyad"})
_MAJOR = 1
#: Roles that may set somebody aside as not concerned.
SETS_ASIDE = frozenset({"handlaggare", "beslutsfattare"})
_ARTICLE_10 = frozenset({"brott_och_domar", "misstankar"})
#: Grounds of which one must be there: for all, for article 9, for article 10. The police have a law of their own.
_GENERAL, _FOR_9, _FOR_10 = ({"6_1_c", "6_1_e"}, {"9_2_g", "9_2_h"}, {"10"})
_POLICE_LAW = "brottsdatalagen"

Mapped = Mapping[str, object]


def validate_record(record: object, *, minor: bool | None = None) -> ConsentRecord:
    """Check a decoded record.

    Args:
        record: what was decoded; good is a map.
        minor: whether the person is under 18; None when that is not known here.

    Raises:
        InvalidBodyError: with every problem found.
    """
    found = check_shape(describe_struct(ConsentRecord), record, _facts(record, minor))
    if found:
        raise InvalidBodyError(tuple(found))
    try:
        made = msgspec.convert(record, ConsentRecord)
    except (msgspec.ValidationError, TypeError) as error:
        raise InvalidBodyError((problem("", "body"),)) from error
    found = list(_together(made))
    if found:
        raise InvalidBodyError(tuple(found))
    return made


def _facts(record: object, minor: bool | None) -> dict[str, object]:
    """What the conditions of the declaration ask about."""
    if not isinstance(record, Mapping):
        return {}
    events = _column(record, "events", "type")
    return {
        "@signed": not GIVING_EVENTS.isdisjoint(events),
        "@continues": bool(events) and events[0] in _CONTINUING_EVENTS,
        "@places": "placering" in _column(record, "purposes", "purpose"),
        "@guardians_needed": minor is True and not record.get("guardian_omitted_reason"),
    }


def _column(record: Mapped, list_name: str, name: str) -> list[str]:
    """One field of every row of a list, as far as the rows are what they should be."""
    rows = record.get(list_name)
    values = [row.get(name) for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []
    return [value for value in values if isinstance(value, str)]


def _together(record: ConsentRecord) -> Iterator[Problem]:
    """Rules over several fields."""
    if major_of(record.record_version) != _MAJOR:
        yield problem("record_version", "version", "Postversion")
    yield from _periods(record)
    yield from _grounds(record)
    yield from _authorities(record)
    yield from _circle(record)
    yield from _events(record)
    if record.second_staff is not None and _same_name(record.second_staff.name, record.witness_staff.name):
        yield problem("second_staff", "same_staff", "Kontrollant")
    purposes = {entry.purpose for entry in record.purposes}
    if len(purposes) < len(record.purposes):
        yield problem("purposes", "duplicate", "Ändamål")
    if any(line.purpose not in purposes for line in record.private_parties):
        yield problem("private_parties.purpose", "choice", "Ändamål")


def _same_name(one: str, other: str) -> bool:
    return one.casefold().split() == other.casefold().split()


def _grounds(record: ConsentRecord) -> Iterator[Problem]:
    """Rule 2."""
    special = set(special_categories(record.data_categories, extremism=record.extremism))
    if set(record.special_category) != special:
        yield problem("special_category", "computed", "Särskilda kategorier")
    wanted = [_GENERAL, *([_FOR_9] if special - _ARTICLE_10 else []), *([_FOR_10] if special & _ARTICLE_10 else [])]
    if any(({*grounds, _POLICE_LAW}).isdisjoint(record.gdpr_basis) for grounds in wanted):
        yield problem("gdpr_basis", "missing", "GDPR-grund")


def _authorities(record: ConsentRecord) -> Iterator[Problem]:
    """Rule 5."""
    named = {party.authority for party in record.parties}
    units = {party.unit for party in record.parties} - {None}
    for entry in record.not_concerned:
        if entry.whole and entry.authority in named:
            yield problem("not_concerned.authority", "duplicate", "Myndighet")
        if entry.unit in units or None not in {entry.unit, entry.region}:
            yield problem("not_concerned.unit", "duplicate", "Enhet")
        if entry.decided_by.role not in SETS_ASIDE:
            yield problem("not_concerned.decided_by.role", "choice", "Roll")
    if len({(entry.authority, entry.unit, entry.region) for entry in record.not_concerned}) < len(record.not_concerned):
        yield problem("not_concerned", "duplicate", "Ej berörd myndighet")
    row = requirement(record.case_type, date.fromisoformat(record.valid_from))
    if not row.conditional.issuperset(record.applicable):
        yield problem("applicable", "choice", "Berörs också i det här ärendet")


def _circle(record: ConsentRecord) -> Iterator[Problem]:
    """Rule 7."""
    circle = {member.unit for member in record.circle}
    units = {party.unit for party in record.parties if party.unit is not None}
    places = any(entry.purpose == "placering" for entry in record.purposes)
    hosts = {party.unit for party in record.parties if party.authority == "mottagande_kommun"} if places else set()
    if circle and (record.supersedes is None or not circle <= units):
        yield problem("circle", "choice", "Begränsad krets")
    if not hosts <= circle:  # a host that is no unit is in no circle
        yield problem("circle", "missing", "Begränsad krets")


def _events(record: ConsentRecord) -> Iterator[Problem]:
    """Rule 4."""
    try:
        verify_events(record)
    except EventChainError:
        yield problem("events", "chain", "Händelser")
    if any(later.at < earlier.at for earlier, later in itertools.pairwise(record.events)):
        yield problem("events.at", "before", "När")
    types = [event.type for event in record.events]
    if "given" in types and "informerad" not in types[: types.index("given")]:
        yield problem("events", "missing", "Informerad")


def _periods(record: ConsentRecord) -> Iterator[Problem]:
    begins, ends = date.fromisoformat(record.valid_from), date.fromisoformat(record.valid_to)
    if ends < begins:
        yield problem("valid_to", "before", "Gäller till")
    if ends > add_months(begins, MAX_MONTHS):
        yield problem("valid_to", "after", "Gäller till")
    for entry in record.purposes:
        more = FOLLOW_UP_MONTHS_MORE if entry.purpose in LASTING_PURPOSES else 0
        if date.fromisoformat(entry.valid_to) > add_months(ends, more):
            yield problem("purposes.valid_to", "after", "Gäller till")
        if date.fromisoformat(entry.valid_to) < begins:
            yield problem("purposes.valid_to", "before", "Gäller till")
