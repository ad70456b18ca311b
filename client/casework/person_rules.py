"""What follows from the person block: is the person a child, is the number doubtful, is the district one.

Source: domain.md 2.0.3 rule U1, 7.4.
"""

from __future__ import annotations

from datetime import datetime

from client.casework.header import Header, Person
from client.casework.identity import age_on, parse
from client.casework.swedish_time import local_date
from keys.places import STOCKHOLM, STOCKHOLM_DISTRICTS, stockholm_districts

#: Rule U1 holds for persons younger than this.
ADULT_YEARS = 18

_NUMBERED = frozenset({"personnummer", "samordningsnummer"})


def is_minor(header: Header) -> bool | None:
    """Whether the person is under 18 when the document is made; None when the header cannot tell."""
    person = header.subject_person
    if person is None:
        return None
    number = parse(person.id_value) if person.id_value and person.id_kind in _NUMBERED else None
    day = local_date(datetime.fromisoformat(header.created_at))
    age = age_on(number, day) if number is not None else person.age_at_intake
    return None if age is None else age < ADULT_YEARS


def is_doubtful(person: Person) -> bool:
    """Whether an identity number is impossible, of the other kind, or has a wrong check digit."""
    if person.id_kind not in _NUMBERED or person.id_value is None:
        return False
    number = parse(person.id_value)
    return number is None or number.kind != person.id_kind or not number.check_ok


def district_reason(header: Header) -> str:
    """What is wrong with the district of somebody in Stockholm, as a key of `problems.SENTENCES`; empty for nothing.

    ``district``: no district of Stockholm ever had that name. ``district_gone``: none had it when the document was
    made, which is no reason to hold it up, for an older decision may name it.
    """
    person = header.subject_person
    if person is None or person.registered_kommun != STOCKHOLM or person.district is None:
        return ""
    if person.district not in {one.name for one in STOCKHOLM_DISTRICTS}:
        return "district"
    day = local_date(datetime.fromisoformat(header.created_at))
    return "" if person.district in stockholm_districts(day) else "district_gone"
