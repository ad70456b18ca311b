"""The two units of a document, as the directory describes them to the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Fewer inhabitants than this make a small place; our own bound (domain.md 2.1, guard G1 rule 3).
SMALL_PLACE_INHABITANTS: Final = 15_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What the directory says about a unit.

    Args:
        unit_id: 32 hexadecimal characters.
        unit_type: code of `codelists.UNIT_TYPE`.
        authority: code of `codelists.AUTHORITY`, empty for none.
        private: a private provider.
        takes_under_18: on this day; rule U1.
        takes_lvm: on this day people under LVM (domain.md 2.0.4).
        takes_lvu: on this day people under LVU.
        kommunkod: its municipality, empty for none.
        small_place: of few inhabitants, where leaving out the name may not be enough (guard G1 rule 3).
    """

    unit_id: str
    unit_type: str
    authority: str = ""
    private: bool = False
    takes_under_18: bool = True
    takes_lvm: bool = True
    takes_lvu: bool = True
    kommunkod: str = ""
    small_place: bool = False
