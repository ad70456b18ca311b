"""Conditions on a step of a life cycle, beside its state, its side and its roles: named here, written into the rows.

A row says which of them hold for it, the guide shows them, and one place asks them (the engine's ``guarding``): the
predicates are pure (`case_rules`, `placement`, `repetition`, `providers`), what they are asked about stands in vault
and directory. What every document is asked, whatever its step, stands in `rules`.

Public signatures:
    Guard(name, label, asked);  Stage.WRITTEN | LEAVES | ARRIVES
    the guards, by their names
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """When a step is asked about."""

    WRITTEN = "written"
    LEAVES = "leaves"
    ARRIVES = "arrives"


@dataclass(frozen=True, slots=True)
class Guard:
    """One condition.

    Args:
        name: its code, as the diagrams write it.
        label: what must hold, as the guide says it.
        asked: when. Where the other end knows too little to ask, only at the author's.
    """

    name: str
    label: str
    asked: frozenset[Stage] = frozenset({Stage.WRITTEN})


_UNTIL_IT_LEFT: Final = frozenset({Stage.WRITTEN, Stage.LEAVES})
_AT_BOTH_ENDS: Final = frozenset(Stage)

# -- F1 to F4, F8 to F10, receipts: domain.md 2.2 to 2.4, 2.8 to 2.10, 2.12
PRISON_ANSWERED: Final = Guard("prison_answered", "där enheten beslutar själv: svar om ett längre straff väntar")
DOOR_CHOSEN: Final = Guard("door_chosen", "där polisen väljer dörr: dörren är vald, efter en återkomst på nytt")
CARE_TAKEN_HERE: Final = Guard("care_taken_here", "enheten tar emot den som vårdas enligt LVM eller LVU")
CARE_TAKEN_THERE: Final = Guard("care_taken_there", "mottagaren tar emot den som vårdas enligt LVM eller LVU")
RESULT_CURRENT: Final = Guard(
    "result_current", "hotbildsresultatet gäller personen, har inte gått ut och är det senaste"
)
RESULT_PASSABLE: Final = Guard("result_passable", "ett nämnt hotbildsresultat gäller och får lämnas vidare")
ONE_REQUEST: Final = Guard("one_request", "ingen annan förfrågan för personen är öppen")
GOALS_REACHED: Final = Guard("goals_reached", "mål uppnått: enhetens alla villkor är uppfyllda")
NO_PLACEMENT: Final = Guard("no_placement", "ingen placering pågår, om ärendet inte överlämnas")
CONSENT_NEW: Final = Guard("consent_new", "samtycket är nytt och gäller")
NO_CONSENT_HELD: Final = Guard("no_consent_held", "inget samtycke från personen gäller")
RECORD_OURS: Final = Guard("record_ours", "felregistrerat: enheten förde in det, och det är inte återkallat")
END_DAY_RIGHT: Final = Guard("end_day_right", "dagen är den då samtycket går ut")
DOCUMENT_CAME: Final = Guard("document_came", "dokumentet har kommit från den enheten")

# -- F5, F6: domain.md 2.5, 2.6
PLACE_CLEARED: Final = Guard(
    "place_cleared", "polisens senaste besked är inga kända hinder, kontrollerat inom 24 timmar före flytten",
    _AT_BOTH_ENDS,
)  # fmt: skip
PLACE_CHECKED: Final = Guard(
    "place_checked", "någon har kontrollerat orten inom 24 timmar, och ingen som är frågad ser något hinder",
    _UNTIL_IT_LEFT,
)  # fmt: skip
CALM: Final = Guard("calm", "frågorna visar inte tillsammans var någon finns, eller någon har beslutat", _AT_BOTH_ENDS)
PROVIDER_VERIFIED: Final = Guard("provider_verified", "katalogen säger att utföraren är kontrollerad", _UNTIL_IT_LEFT)
