"""May somebody be placed there now? The verdict of the police behind a confirmation.

Rules:
1. The newest verdict on that very municipality says that no obstacle is known.
2. One such verdict was checked within the 24 hours before the move.
3. No verdict counts longer than it says, fourteen days at most (`kinds.kollision`).
4. The police say that no obstacle is known only when somebody looked: a police unit that they asked about the placement
   and the place, or two of their own (``kollision.egenkontroll``), has said so within the day before; and while nobody
   who was asked has a hit, is unsure or has not answered.

Public signatures:
    Looked(outcome, at)
    require_checked(looked, checked_at) -> None                             raises RefusedError KOL-03, KOL-04
    require_clear(verdicts, place=..., moves_at=..., now=...) -> None       raises RefusedError KOL-01, KOL-02

Both ends of a thread with the police ask this. The receiving municipality knows no verdict and asks nothing.
Source: domain.md 2.5, 2.13.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from keys.errors import RefusedError

CONFIRMATION: Final = "placering.bekraftelse"
VERDICT: Final = "kollision.svar"
OUTCOME: Final = "kollision.utfall"
OWN_CHECK: Final = "kollision.egenkontroll"
NO_HIT: Final = "ingen_traff"
CLEAR: Final = "gront_inga_hinder_kanda"

#: How long before a move the place is checked again (domain.md 2.13).
RECHECK: Final = timedelta(hours=24)

Content = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of one question about a placement and a place, or of the unit's own look.

    Args:
        outcome: the newest word, empty for none yet.
        at: when it was said, UTC.
    """

    outcome: str
    at: datetime


def require_checked(looked: Iterable[Looked], checked_at: object) -> None:
    """Rule 4, for a verdict that no obstacle is known.

    Args:
        looked: each question about this placement that covered the place, and the newest own check.
        checked_at: UTC instant of the check, as the verdict says it.

    Raises:
        RefusedError: KOL-03 when one of them does not say that there is no hit, KOL-04 when nobody looked, or nobody
            within the day before.
    """
    words = list(looked)
    if any(one.outcome != NO_HIT for one in words):
        raise RefusedError("KOL-03")
    if not any(one.at >= _instant(checked_at) - RECHECK for one in words):
        raise RefusedError("KOL-04")


def require_clear(verdicts: Iterable[Content], *, place: object, moves_at: object, now: datetime) -> None:
    """Return when the person may be placed there.

    Args:
        verdicts: contents of ``kollision.svar`` about this person, in any order.
        place: municipality of the confirmation.
        moves_at: UTC instant of the move.
        now: aware datetime.

    Raises:
        RefusedError: KOL-01 when the place is not cleared, KOL-02 when the check is too old.
    """
    here = sorted((one for one in verdicts if one.get("place") == place), key=_checked)
    if not here or here[-1].get("verdict") != CLEAR:
        raise RefusedError("KOL-01")
    move = _instant(moves_at)
    if not any(one.get("verdict") == CLEAR and _is_fresh(one, move, now) for one in here):
        raise RefusedError("KOL-02", at=_checked(here[-1]))


def _is_fresh(verdict: Content, move: datetime, now: datetime) -> bool:
    checked = _instant(_checked(verdict))
    days = verdict.get("valid_days")
    holds = timedelta(days=days if isinstance(days, int) else 0)
    return move - RECHECK <= checked <= move and min(move, now) <= checked + holds


def _checked(verdict: Content) -> str:
    return str(verdict.get("checked_at"))


def _instant(value: object) -> datetime:
    return datetime.fromisoformat(str(value))
