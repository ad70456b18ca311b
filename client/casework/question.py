"""What the rules are asked about one document, and what they answer.

Public signatures:
    Context(...)                                                         frozen; gathered by the caller, verified
    Verdict(message, state, deadline, due, warnings, asks_for_two)       frozen

Not here: the rules themselves (`rules`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from client.casework.consent import ConsentRecord
from client.casework.consent_status import Withdrawal
from client.casework.deadlines import Span
from client.casework.parties import Unit
from client.casework.problems import Problem
from client.casework.validate import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that the rules need to know about one document.

    Args:
        body: the decoded body.
        sender: the unit whose device signed.
        recipient: the unit it is addressed to.
        state: state of the thread here, None when this would be its first document.
        place: the shared state at its author's place (`folding.place`), None when that is ``state``.
        asker_unit: id of the unit that opened the thread, None for a first document.
        opening: content of the thread's first document, None when that is not here.
        record: the consent in force for the person, None when there is none.
        withdrawals: withdrawals of that consent.
        replaced_by: the record that has replaced it here, None when nothing has.
        withdrawals_of_later: withdrawals of that one.
        controller: the unit that is responsible for that consent.
        known_custody: what the sender's own case tells of custody, empty for nothing.
        police_regions: police units that the consent names -> their regions.
        own_sets: the responsible unit's own sets of required authorities by case type, instead of the table's.
        now: aware datetime.
        withdrawals_checked_at: when the own mailbox was last read to its end.
        signatures: number of valid signatures by different people of the sending unit.
        second_roles: roles of the one who gave the second.
        known_protected: the sender's own case says that the person's registration is protected or unknown.
    """

    body: Mapping[str, object]
    sender: Unit
    recipient: Unit
    state: str | None = None
    place: str | None = None
    asker_unit: str | None = None
    opening: Mapping[str, object] | None = None
    record: ConsentRecord | None = None
    withdrawals: tuple[Withdrawal, ...] = ()
    replaced_by: ConsentRecord | None = None
    withdrawals_of_later: tuple[Withdrawal, ...] = ()
    own_sets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    controller: Unit | None = None
    known_custody: str = ""
    police_regions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    now: datetime
    withdrawals_checked_at: datetime | None = None
    signatures: int = 1
    second_roles: frozenset[str] = frozenset()
    known_protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The document may go, or take effect.

    Args:
        message: the validated document.
        state: the thread's new state.
        deadline: how long that state may last, None for no limit.
        due: when that time is over, UTC; None without deadline or when its date is not known.
        warnings: what the author should look at once more before it leaves; none of what came.
        asks_for_two: two people answer for it.
    """

    message: Message
    state: str
    deadline: Span | None
    due: datetime | None
    warnings: tuple[Problem, ...]
    asks_for_two: bool
