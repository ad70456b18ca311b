"""Rules that ask what else there is in a case: earlier results, the city's ways, goals, an earlier consent.

Rules:
1. A threat result counts until its last day, and until a later one of that unit or the person's return takes its place.
   Afterwards nothing may lean on it, and it is shown as expired or replaced.
   To another unit it goes only where the police have said in it that it may.
2. Where the police choose the door, a case is opened only after they have.
3. A unit that does not decide itself names the one that did; that is the decision unit of its card, at both ends.
4. What "goals reached" takes is the unit's directory data, and every point of it is answered ``ja``.
5. Who counts: applied, received support, consented, and belongs to the target group; computed, never chosen.
6. Whoever is in compulsory care under LVM or LVU is neither sent to a unit that does not take that, nor opened there.
7. Who comes back signs anew: a consent that an ended case leaned on, or a renewal of one, is none.

Public signatures: the functions below; each returns nothing or raises `RefusedError` with a code of
`code_table_case`, or `InvalidBodyError` that names the field.

Not here: where all this is found (the engine's ``case_file``). Source: domain.md 1.3, 2.0.4, 2.2, 2.3, 2.8, 2.9.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from client.casework.parties import Unit
from client.casework.problems import InvalidBodyError, problem
from keys.errors import RefusedError

#: Value of the fact ``gatekeeper`` where the police choose the door, and where the unit decides itself.
POLICE_FIRST: Final = "polis_forst"
UNIT_ITSELF: Final = "enheten_sjalv"

Content = Mapping[str, object]


def is_current(result: Content, today: date) -> bool:
    """Whether a threat result still counts on a day."""
    return date.fromisoformat(str(result.get("valid_until"))) >= today


def require_current(result: Content | None, today: date, *, replaced: bool = False) -> None:
    """Rule 1.

    Raises:
        RefusedError: NORESULT when there is no such result of this person here, OLDTHREAT when its time is over or
            something later stands in its place.
    """
    if result is None:
        raise RefusedError("NORESULT")
    if replaced:
        raise RefusedError("OLDTHREAT", replaced=1)
    if not is_current(result, today):
        raise RefusedError("OLDTHREAT", date=str(result.get("valid_until")))


def require_passable(result: Content) -> None:
    """Whether the police let the unit pass a result on; silence is no.

    Raises:
        RefusedError: NOPASS.
    """
    if result.get("may_pass_on") is not True:
        raise RefusedError("NOPASS")


def require_door(content: Content, gatekeeper: object, *, chosen: bool) -> None:
    """Rule 2.

    Raises:
        RefusedError: DOOR.
    """
    if content.get("outcome") == "oppnat" and gatekeeper == POLICE_FIRST and not chosen:
        raise RefusedError("DOOR")


def require_decider(decision: str, named: object, unit: Unit) -> None:
    """Rule 3.

    Args:
        decision: word of the fact ``decides``.
        named: the unit that decided, as the document says; None when it names none.
        unit: whose document it is.

    Raises:
        InvalidBodyError: ``decision_unit`` is missing, or its card says that another unit decides.
    """
    itself = unit.decides is None or decision in unit.decides
    if named is None and itself:
        return
    if named is None:
        raise InvalidBodyError((problem("content.decision_unit", "missing", "Enhet som har beslutat"),))
    if named != (unit.decision_unit or None) and not (itself and named == unit.unit_id):
        raise InvalidBodyError((problem("content.decision_unit", "decider", "Enhet som har beslutat"),))


def require_prison_answer(content: Content, gatekeeper: object) -> None:
    """Where the unit decides itself (Göteborg) an intake says whether a longer sentence is waited for.

    Raises:
        InvalidBodyError: ``awaiting_prison`` is missing.
    """
    if gatekeeper == UNIT_ITSELF and content.get("awaiting_prison") is None:
        raise InvalidBodyError((problem("content.awaiting_prison", "missing", "Väntar längre fängelsestraff"),))


def require_care(custody: object, unit: Unit) -> None:
    """Rule 6. ``custody`` is a code of that list, or None when nothing is known of it.

    Raises:
        RefusedError: CARE.
    """
    takes = {"lvm": unit.takes_lvm, "sis_lvu": unit.takes_lvu}
    if isinstance(custody, str) and not takes.get(custody, True):
        raise RefusedError("CARE")


def require_goals(content: Content, criteria: Collection[str]) -> None:
    """Rule 4.

    Raises:
        InvalidBodyError: with every point that is not reached.
    """
    if content.get("reason") != "mal_uppnatt":
        return
    missed = [name for name in sorted(criteria) if content.get(name) != "ja"]
    if missed:
        raise InvalidBodyError(tuple(problem(f"content.{name}", "goal") for name in missed))


def require_no_placement(flows_open: Collection[str]) -> None:
    """A case with a placement that goes on is not closed, whatever the form says.

    Raises:
        RefusedError: PLACED.
    """
    if "placering" in flows_open:
        raise RefusedError("PLACED")


def counts(*, applied: bool, received: bool, consented: bool, in_target: bool) -> bool:
    """Rule 5 (Stockholm's rule, domain.md 1.3 F8)."""
    return applied and received and consented and in_target


def require_new_consent(*, is_active: bool, renews: bool, used_before: bool) -> None:
    """Rule 7.

    Raises:
        RefusedError: CNS-01 when it does not hold today, OLDCONSENT when it is not a new one.
    """
    if renews or used_before:
        raise RefusedError("OLDCONSENT")
    if not is_active:
        raise RefusedError("CNS-01")
