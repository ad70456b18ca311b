"""Rules that ask what else there is in a case: each refuses exactly what it is for."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from client.casework import case_rules
from client.casework.parties import Unit
from client.casework.problems import InvalidBodyError
from keys.errors import RefusedError

TODAY = date(2026, 3, 2)
GOALS = ("own_housing", "own_income", "no_social_need", "no_active_protection")
STOCKHOLM, GOTEBORG = GOALS, ("no_social_need",)


def refused(rule: Callable[..., None], *given: Any, **named: Any) -> str:
    """The code of the refusal, empty when there is none."""
    try:
        rule(*given, **named)
    except RefusedError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (None, "NORESULT"),
        ({"valid_until": "2026-03-01"}, "OLDTHREAT"),
        ({"valid_until": "2026-03-02"}, ""),
        ({"valid_until": "2026-09-02"}, ""),
    ],
)
def test_result_counts_until_its_last_day(result: dict[str, object] | None, code: str) -> None:
    """On that day it still does, on the next it does not."""
    assert refused(case_rules.require_current, result, TODAY) == code


def test_result_that_something_later_replaced_does_not_count() -> None:
    """Whatever its last day; and the refusal says why."""
    with pytest.raises(RefusedError) as caught:
        case_rules.require_current({"valid_until": "2026-09-02"}, TODAY, replaced=True)
    assert (caught.value.code, caught.value.fields) == ("OLDTHREAT", {"replaced": 1})


@pytest.mark.parametrize(
    ("said", "code"), [({}, "NOPASS"), ({"may_pass_on": False}, "NOPASS"), ({"may_pass_on": True}, "")]
)
def test_a_result_goes_on_only_with_the_word_of_the_police(said: dict[str, bool], code: str) -> None:
    """Their secrecy is theirs: silence is no."""
    assert refused(case_rules.require_passable, said) == code


@pytest.mark.parametrize("outcome", ["oppnat", "hanvisad", "avslag_ej_malgrupp"])
@pytest.mark.parametrize("gatekeeper", ["polis_forst", "enheten_sjalv", "enhet_med_polisbekraftelse", None])
@pytest.mark.parametrize("chosen", [True, False])
def test_police_choose_the_door_before_a_case_is_opened(outcome: str, gatekeeper: str | None, chosen: bool) -> None:
    """Only where they come first, and only for opening: a refusal needs no door."""
    wrong = outcome == "oppnat" and gatekeeper == "polis_forst" and not chosen
    content = {"outcome": outcome}
    assert refused(case_rules.require_door, content, gatekeeper, chosen=chosen) == ("DOOR" if wrong else "")


OWN, DECIDER, THIRD = "50" * 16, "70" * 16, "90" * 16


@pytest.mark.parametrize(
    ("decides", "named", "reason"),
    [
        (None, None, ""),
        (None, OWN, ""),
        (None, DECIDER, ""),
        (None, THIRD, "decider"),
        ({"malgrupp", "bistand"}, None, ""),
        ({"malgrupp"}, OWN, ""),
        ({"malgrupp"}, THIRD, "decider"),
        (set(), None, "missing"),
        ({"bistand"}, None, "missing"),
        (set(), DECIDER, ""),
        (set(), OWN, "decider"),
        (set(), THIRD, "decider"),
    ],
)
def test_unit_that_does_not_decide_names_the_one_of_its_card(
    decides: set[str] | None, named: str | None, reason: str
) -> None:
    """Konsultationsteamet has no decision of its own, and does not choose whose decision it was."""
    held = None if decides is None else frozenset(decides)
    unit = Unit(unit_id=OWN, unit_type="avhopparenhet", decides=held, decision_unit=DECIDER)
    told = ""
    try:
        case_rules.require_decider("malgrupp", named, unit)
    except InvalidBodyError as error:
        (one,) = error.problems
        assert one.path == "content.decision_unit"
        told = one.reason
    assert told == reason


@pytest.mark.parametrize("named", [None, OWN, DECIDER, ""])
def test_where_no_unit_of_the_card_decides_nobody_is_believed(named: str | None) -> None:
    """A card without a decision unit makes no unit that is named one."""
    unit = Unit(unit_id=OWN, unit_type="avhopparenhet", decides=frozenset())
    with pytest.raises(InvalidBodyError):
        case_rules.require_decider("malgrupp", named, unit)


@pytest.mark.parametrize(
    ("gatekeeper", "answer"), list(itertools.product(["enheten_sjalv", "polis_forst", None], ["ja", None]))
)
def test_goteborg_asks_about_a_sentence(gatekeeper: str | None, answer: str | None) -> None:
    """And nobody else must."""
    wanted = "SCH" if gatekeeper == "enheten_sjalv" and answer is None else ""
    assert refused(case_rules.require_prison_answer, {"awaiting_prison": answer}, gatekeeper) == wanted


@pytest.mark.parametrize("criteria", [STOCKHOLM, GOTEBORG, ()], ids=["stockholm", "goteborg", "no-data"])
@pytest.mark.parametrize("missed", [*GOALS, None])
@pytest.mark.parametrize("answer", ["nej", "okant"])
def test_goals_of_the_city_are_all_reached(criteria: tuple[str, ...], missed: str | None, answer: str) -> None:
    """Stockholm's four and Göteborg's one; "not known" is not reached."""
    content = {"reason": "mal_uppnatt", **dict.fromkeys(GOALS, "ja")} | ({missed: answer} if missed else {})
    assert refused(case_rules.require_goals, content, criteria) == ("SCH" if missed in criteria else "")
    assert refused(case_rules.require_goals, {**content, "reason": "annat"}, criteria) == ""


def test_every_goal_that_is_missed_is_named() -> None:
    """So that the handler sees all of them."""
    with pytest.raises(InvalidBodyError) as caught:
        case_rules.require_goals({"reason": "mal_uppnatt"}, STOCKHOLM)
    assert {one.path for one in caught.value.problems} == {f"content.{name}" for name in GOALS}


@pytest.mark.parametrize("given", list(itertools.product([True, False], repeat=4)))
def test_only_all_four_together_count(given: tuple[bool, ...]) -> None:
    """Applied, received, consented, and in the target group."""
    names = ("applied", "received", "consented", "in_target")
    assert case_rules.counts(**dict(zip(names, given, strict=True))) is all(given)


@pytest.mark.parametrize(
    ("active", "renews", "used", "code"),
    [
        (True, False, False, ""),
        (False, False, False, "CNS-01"),
        (True, True, False, "OLDCONSENT"),
        (True, False, True, "OLDCONSENT"),
        (False, True, True, "OLDCONSENT"),
    ],
)
def test_an_old_consent_never_comes_alive_again(active: bool, renews: bool, used: bool, code: str) -> None:
    """Neither itself nor a renewal of it."""
    named = {"is_active": active, "renews": renews, "used_before": used}
    assert refused(case_rules.require_new_consent, **named) == code


def test_open_placement_holds_a_closing_up() -> None:
    """Other threads do not."""
    assert refused(case_rules.require_no_placement, {"placering", "plan"}) == "PLACED"
    assert refused(case_rules.require_no_placement, {"plan", "hotbild"}) == ""


@pytest.mark.parametrize(("custody", "code"), [("lvm", "CARE"), ("sis_lvu", "CARE"), ("sis_lsu", ""), (None, "")])
def test_compulsory_care_is_not_opened_where_it_is_not_taken(custody: str | None, code: str) -> None:
    """A unit that takes everybody opens for everybody."""
    unit = Unit(unit_id="ab" * 16, unit_type="avhopparenhet")
    assert refused(case_rules.require_care, custody, unit) == ""
    assert refused(case_rules.require_care, custody, replace(unit, takes_lvm=False, takes_lvu=False)) == code
