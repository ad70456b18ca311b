"""Whom a handler has set aside as not concerned by a case, and why: an authority, one unit of it, or a region's police.

Rules:
1. A row without unit and region is about the authority as a whole; one with a unit about that unit, which the person
   need then not name; one with a region about the police of a new place.
2. A row about an authority as a whole answers for no unit and no region: its reason was given before either was known.

Public signatures:
    NotConcerned(authority, unit, region, reason, decided_by)
    set_aside(rows) -> SetAside(authorities, units, regions)

Source: domain.md 3.2 no 10, 3.4: what is required is named, or set aside with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from client.casework.codelists import AUTHORITY, codelist
from client.casework.fields import UNIT, Form, When, group, ident, one, text
from client.casework.header import Staff
from keys.places import POLICE_REGIONS

POLICE_REGION = codelist("police_region", dict(POLICE_REGIONS))


class NotConcerned(Form, frozen=True, kw_only=True):
    """Whom the handler, never the person, has set aside."""

    authority: Annotated[str, one(AUTHORITY, "Myndighet")]
    unit: Annotated[
        str | None, ident("Enhet", names=UNIT, help="Bara om det gäller en viss enhet, till exempel den som beslutar.")
    ] = None
    region: Annotated[
        str | None,
        one(
            POLICE_REGION,
            "Polisregion",
            help="Bara om det gäller polisen på en ny ort.",
            never=When("authority", ("polis",), negate=True),
        ),
    ] = None
    reason: Annotated[str, text(300, "Skäl")]
    decided_by: Annotated[Staff, group(Staff, "Beslutat av")]

    @property
    def whole(self) -> bool:
        """Whether it is about the authority as a whole."""
        return self.unit is None and self.region is None


@dataclass(frozen=True, slots=True)
class SetAside:
    """What need not be named: codes of `codelists.AUTHORITY`, ids of units, codes of police regions."""

    authorities: frozenset[str]
    units: frozenset[str]
    regions: frozenset[str]


def set_aside(rows: Iterable[NotConcerned]) -> SetAside:
    """What the rows set aside; one without a reason sets nothing aside."""
    told = [row for row in rows if row.reason.strip()]
    return SetAside(
        frozenset(row.authority for row in told if row.whole),
        frozenset(row.unit for row in told if row.unit is not None),
        frozenset(row.region for row in told if row.region is not None),
    )
