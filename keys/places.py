"""Municipalities, counties, police regions and Stockholm's districts: what a code on a card or in a document may be.

Rules:
1. A code is four digits as text, county first; what is not in the table is no municipality, however plausible.
2. The police region follows from the county. Who assesses a threat does not: that stands in the directory.
3. What changes with the years has a first and a last day.

The municipalities stand in ``kommuner.csv`` beside this module, with their source. Source of the rest: domain.md 7.1
and 7.2; the names of the districts are general knowledge, their number (13, then 11) that of Stockholm's own page.

Public signatures:
    kommuner() -> Mapping[code, Kommun(code, name, full_name)]
    LAN, POLICE_REGIONS, REGION_OF_LAN
    region_of(kommunkod) -> str
    stockholm_districts(day) -> frozenset[str];  STOCKHOLM_DISTRICTS
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Final

STOCKHOLM: Final = "0180"
_CSV: Final = "kommuner.csv"

#: County code -> name. 02, 11, 15 and 16 are not used any more.
LAN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "01": "Stockholms län", "03": "Uppsala län", "04": "Södermanlands län", "05": "Östergötlands län",
        "06": "Jönköpings län", "07": "Kronobergs län", "08": "Kalmar län", "09": "Gotlands län",
        "10": "Blekinge län", "12": "Skåne län", "13": "Hallands län", "14": "Västra Götalands län",
        "17": "Värmlands län", "18": "Örebro län", "19": "Västmanlands län", "20": "Dalarnas län",
        "21": "Gävleborgs län", "22": "Västernorrlands län", "23": "Jämtlands län", "24": "Västerbottens län",
        "25": "Norrbottens län",
    }
)  # fmt: skip

#: Code of a police region -> its name.
POLICE_REGIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "nord": "Nord", "mitt": "Mitt", "stockholm": "Stockholm", "ost": "Öst", "vast": "Väst", "syd": "Syd",
        "bergslagen": "Bergslagen",
    }
)  # fmt: skip

#: County code -> code of its police region.
REGION_OF_LAN: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("22", "23", "24", "25"), "nord"),
        **dict.fromkeys(("03", "19", "21"), "mitt"),
        **dict.fromkeys(("01", "09"), "stockholm"),
        **dict.fromkeys(("04", "05", "06"), "ost"),
        **dict.fromkeys(("13", "14"), "vast"),
        **dict.fromkeys(("07", "08", "10", "12"), "syd"),
        **dict.fromkeys(("17", "18", "20"), "bergslagen"),
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class Kommun:
    """A municipality. ``name`` is the short one, ``full_name`` that of the authority."""

    code: str
    name: str
    full_name: str

    @property
    def lan(self) -> str:
        """Code of its county."""
        return self.code[:2]


@dataclasses.dataclass(frozen=True, slots=True)
class District:
    """One of Stockholm's district administrations, and the days between which it is or was one.

    Args:
        name: as the city writes it.
        first: from this day; None: as far back as this table tells, which is 2020-07-01.
        last: to this day; None: still.
    """

    name: str
    first: date | None = None
    last: date | None = None

    def stands_on(self, day: date) -> bool:
        """Whether it is a district on that day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


_MERGED, _NEW = date(2023, 6, 30), date(2023, 7, 1)

#: Thirteen until 30 June 2023; Järva and Norra innerstaden took over from two each on 1 July 2023.
STOCKHOLM_DISTRICTS: Final = (
    District("Bromma"),
    District("Enskede-Årsta-Vantör"),
    District("Farsta"),
    District("Hägersten-Älvsjö"),
    District("Hässelby-Vällingby"),
    District("Kungsholmen"),
    District("Skarpnäck"),
    District("Skärholmen"),
    District("Södermalm"),
    District("Norrmalm", last=_MERGED),
    District("Östermalm", last=_MERGED),
    District("Rinkeby-Kista", last=_MERGED),
    District("Spånga-Tensta", last=_MERGED),
    District("Järva", first=_NEW),
    District("Norra innerstaden", first=_NEW),
)


@functools.cache
def kommuner() -> Mapping[str, Kommun]:
    """All 290 by code, in the order of the codes; read once from the package's own file."""
    lines = (resources.files("keys") / _CSV).read_text("utf-8").splitlines()
    rows = [line.split(",") for line in lines if line[:1].isdigit()]
    return MappingProxyType({code: Kommun(code, name, full) for code, name, full in rows})


def region_of(kommunkod: str) -> str:
    """Code of the police region in which a municipality lies; empty for a code that no municipality has."""
    return REGION_OF_LAN[kommunkod[:2]] if kommunkod in kommuner() else ""


def stockholm_districts(day: date) -> frozenset[str]:
    """Names of Stockholm's districts on a day."""
    return frozenset(one.name for one in STOCKHOLM_DISTRICTS if one.stands_on(day))
