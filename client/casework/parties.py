"""The two units of a document, as the directory describes them to the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Fewer inhabitants than this make a small place; our own bound (domain.md 2.1, guard G1 rule 3).
SMALL_PLACE_INHABITANTS: Final = 15_000

#: Units that take children only where their cards say so: the offices for defectors began with adults (domain.md 1.6,
#: rule U1), and a private provider answers for itself. The others must take them by law, or assess them.
ADULTS_UNLESS_TOLD: Final = frozenset({"avhopparenhet", "utforare"})


def takes_under_18(unit_type: str, told: object) -> bool:
    """Whether a unit takes persons under 18, also where its card is silent (``told`` is None)."""
    return told is True if told is not None else unit_type not in ADULTS_UNLESS_TOLD


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
        decides: which decisions it takes itself, words of the fact ``decides``; None for all.
        decision_unit: id of the unit that takes the others, empty for none.
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
    decides: frozenset[str] | None = None
    decision_unit: str = ""
    small_place: bool = False
