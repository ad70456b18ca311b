"""What stands on the sealed cards of the directory, once opened (FORMATS 3.4).

Casework reads ``facts`` (domain.md 2.0.4: gatekeeper, who decides, handling days, …): dated data that differs between
cities and grows, and therefore a map and not a fixed record.
"""

from __future__ import annotations

import enum
from typing import Annotated, Final

from msgspec import Meta

from keys.codec import Bytes16, Record

MAX_FACTS_BYTES: Final = 4096
MAX_ROLES: Final = 10  # domain.md 2.0.5 names ten

Name = Annotated[str, Meta(min_length=1, max_length=120)]
Word = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9_]+\Z")]
MaybeCode = Annotated[str, Meta(max_length=20)]

# domain.md 2.0.4: what a unit is. The card's field is a plain word, so that an old client reads a newer list.
UNIT_TYPES: Final = (
    "avhopparenhet", "stadsdel_socialtjanst", "ordinarie_socialtjanst", "sig", "avhoppartelefon", "polis_bops",
    "polis_grova_brott", "polis_underrattelse", "kommunpolis", "polis_avhopparsamordnare", "kriminalvard", "frivard",
    "sis", "arbetsformedling", "skatteverket", "kronofogden", "region_halsovard", "psykiatri", "lansstyrelse",
    "statistikmottagare", "utforare",
)  # fmt: skip


class CardKind(enum.StrEnum):
    """What a sealed text belongs to; part of its authenticated context."""

    ORGANISATION = "organisation"
    UNIT = "unit"
    STAFF = "staff"


class OrganisationCard(Record, frozen=True):
    """Card of an organisation."""

    name: Name
    org_number: MaybeCode
    kind: Word
    kommunkod: MaybeCode


class UnitCard(Record, frozen=True):
    """Card of a unit. ``facts`` is a body map (``keys.codec.encode_body``), possibly empty."""

    name_sv: Name
    name_en: Name
    unit_type: Word
    kommunkod: MaybeCode
    police_region: MaybeCode
    hub_id: Bytes16
    facts: Annotated[bytes, Meta(min_length=1, max_length=MAX_FACTS_BYTES)]


class Role(enum.StrEnum):
    """Roles of domain.md 2.0.5, as certified for a device; on the sealed card, for a role tells who is police."""

    HANDLAGGARE = "handlaggare"
    BESLUTSFATTARE = "beslutsfattare"
    POLIS_BEDOMARE = "polis_bedomare"
    TELEFON = "telefon"
    REGISTRATOR = "registrator"
    ARKIVARIE = "arkivarie"
    UPPFOLJARE = "uppfoljare"
    STATISTIKER = "statistiker"
    NYCKELANSVARIG = "nyckelansvarig"
    OPERATOR = "operator"


class StaffCard(Record, frozen=True):
    """The label of a device: who uses it, and in which roles."""

    name: Name
    title: Annotated[str, Meta(max_length=120)]
    roles: Annotated[list[Role], Meta(min_length=1, max_length=MAX_ROLES)]
