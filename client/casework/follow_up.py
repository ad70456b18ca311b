"""When a closed case is followed up, and when it is not.

Rules:
1. Only with the purpose ``uppfoljning_efter_avslut`` signed and not withdrawn, and never when the person ended by
   herself: the municipality has no mandate beyond that.
2. How is the office's own way, a fact of its card in the directory: one year after closing, thirty days to either side;
   every ninety days while the support lasts; or at each review of the plan.
3. The clock is local and only reminds. The judgement is due sixty days after it.

Public signatures:
    plan_follow_up(closing, mode) -> FollowUp(state, reason, opens, due, judge_by)
    next_during(begun, today) -> date
    mode_of(facts) -> str

Source: domain.md 2.7, 2.13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from client.casework.codelists import codelist
from client.casework.deadlines import add_months

#: Name of the fact on a unit's card, and the ways of following up.
FACT: Final = "follow_up"
MODE: Final = codelist(
    "follow_up_mode",
    {
        "ett_ar_efter_avslut": "Ett år efter avslut",
        "under_pagaende": "Under pågående insats",
        "vid_omprovning": "Vid omprövning",
    },
)

MONTHS: Final = 12
WINDOW: Final = timedelta(days=30)
JUDGE_WITHIN: Final = timedelta(days=60)
DURING: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What is known when a case is closed.

    Args:
        closed_on: the day.
        ended_by_person: she ended it herself.
        consented: the purpose is signed and not withdrawn.
        purpose_until: last day of the purpose, None when it is not known.
    """

    closed_on: date
    ended_by_person: bool
    consented: bool
    purpose_until: date | None = None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What the clock does.

    Args:
        state: ``schemalagd`` or ``utgar``.
        reason: why it lapses, empty when it does not.
        opens: first day.
        due: the day itself.
        judge_by: last day of the judgement.
    """

    state: str
    reason: str = ""
    opens: date | None = None
    due: date | None = None
    judge_by: date | None = None


def mode_of(facts: Mapping[str, object]) -> str:
    """An office's way of following up; a year after closing where its card says nothing we know."""
    mode = facts.get(FACT)
    return mode if isinstance(mode, str) and mode in MODE.codes else "ett_ar_efter_avslut"


def plan_follow_up(closing: Closing, mode: str) -> FollowUp:
    """Whether and when a closed case is followed up."""
    if closing.ended_by_person:
        return FollowUp("utgar", "person_avslutade_sjalv")
    if not closing.consented:
        return FollowUp("utgar", "samtycke_saknas")
    if mode != "ett_ar_efter_avslut":
        return FollowUp("utgar", mode)  # this office has followed up while the support lasted
    due = add_months(closing.closed_on, MONTHS)
    opens = due - WINDOW
    if closing.purpose_until is not None and closing.purpose_until < opens:
        return FollowUp("utgar", "samtycke_saknas")
    return FollowUp("schemalagd", "", opens, due, due + JUDGE_WITHIN)


def next_during(begun: date, today: date) -> date:
    """The next day of follow-up while the support lasts, counted from its beginning; today when today is one."""
    periods = max(1, -(-(today - begun) // DURING))
    return begun + periods * DURING
