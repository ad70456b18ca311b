"""May anything go to a private provider? Off, unless the directory says that somebody has looked at it.

Rules:
1. The card says until when the provider is verified, and that day is not over.
2. The card says when it was checked for undue influence (*otillåten påverkan*): not in the future, not over a year ago.

Public signatures:
    require_verified(facts, today) -> None          raises RefusedError PROVIDER

The person's own line for the provider is asked for by `consent_rules` (CNS-10). Source: domain.md 2.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from client.casework.deadlines import add_months
from keys.errors import RefusedError

ORDER: Final = "utforare.uppdrag"

VERIFIED_UNTIL: Final = "verified_until"
CHECKED: Final = "otillaten_paverkan_kontroll"
FACTS: Final = (VERIFIED_UNTIL, CHECKED)
#: A check holds so long; our own bound.
CHECK_MONTHS: Final = 12


def require_verified(facts: Mapping[str, object], today: date) -> None:
    """Return when the provider may get an order today.

    Args:
        facts: of its card in the directory.
        today: by Swedish clocks.

    Raises:
        RefusedError: PROVIDER.
    """
    until, checked = _day(facts.get(VERIFIED_UNTIL)), _day(facts.get(CHECKED))
    if until is None or checked is None:
        raise RefusedError("PROVIDER")
    if until < today or checked > today or add_months(checked, CHECK_MONTHS) < today:
        raise RefusedError("PROVIDER", date=min(until, checked).isoformat())


def _day(value: object) -> date | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
