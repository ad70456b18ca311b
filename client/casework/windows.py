"""Days counted from the one on which a document is written: what a date may be, and what a form proposes.

Both ends count from the same day, the Swedish one of the header's ``created_at``, so they refuse the same documents.
Public signatures:
    Window(back, ahead); .wrong(given, written) -> (reason, days) | None
    Ahead(days=0, months=0), OWN_UNIT          what a declaration proposes (`defaults` works it out)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from client.casework.swedish_time import local_date

_YEAR, _DECADE = 366, 3653


@dataclass(frozen=True, slots=True)
class Window:
    """How far from the day of writing a date or an instant may be.

    Args:
        back: days before it, 0 for none.
        ahead: days after it, 0 for none.
    """

    back: int
    ahead: int

    def wrong(self, given: str, written: date) -> tuple[str, int] | None:
        """A key of `problems.SENTENCES` with its number of days, or None.

        Args:
            given: a day or a UTC instant whose form is right.
            written: the day on which the document was written.
        """
        days = (_day(given) - written).days
        if days < -self.back:
            return ("too_early", self.back) if self.back else ("past", 0)
        if days > self.ahead:
            return ("too_late", self.ahead) if self.ahead else ("future", 0)
        return None


#: Our own bounds (domain.md says none); each is wide enough for what is written late, and shuts out a slip of the year.
HAPPENED: Final = Window(_YEAR, 0)  # it has taken place
LONG_AGO: Final = Window(_DECADE, 0)  # it has, perhaps years before
COMING: Final = Window(0, _YEAR)  # it lies ahead
AROUND: Final = Window(_YEAR, _YEAR)
STARTING: Final = Window(31, 2 * _YEAR)  # it may have begun last month
LASTING: Final = Window(_DECADE, _DECADE)  # measures and what they are part of


@dataclass(frozen=True, slots=True)
class Ahead:
    """A default: so long after the day of writing."""

    days: int = 0
    months: int = 0


@dataclass(frozen=True, slots=True)
class OwnUnit:
    """A default: the unit that writes."""


OWN_UNIT: Final = OwnUnit()


def _day(text: str) -> date:
    if len(text) == len("2026-03-01"):
        return date.fromisoformat(text)
    return local_date(datetime.fromisoformat(text).astimezone(UTC))
