"""Intake, target group, closing, return, receipts: every conditional field, and rules over several fields.

Conditions are generated from the declarations: a field that a condition requires or forbids is left out, or filled in.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from client.casework.describe import FieldInfo
from client.casework.fields import FieldType, When
from client.casework.flow_tables import FLOWS
from client.casework.flows import By, IllegalStepError, Side, step
from client.casework.kinds.formedling import DECISION
from client.casework.kinds.hotbild_words import OUTCOME
from client.casework.kinds.intag import STEP_EVENTS
from client.casework.kinds.intag_words import STEP
from client.casework.kinds.malgrupp import CRITERIA, CRITERION, RESULT, RESULTS, SCHEME
from client.casework.kinds.registry import KINDS, describe
from client.casework.problems import InvalidBodyError
from client.casework.rules import check_outgoing
from client.casework.validate import validate_body
from keys.errors import RefusedError
from tests.unit.casework.samples import SAMPLES, outgoing
from tests.unit.casework.samples_cases import CONTENTS

NAMES = sorted(CONTENTS)
VALUES: dict[FieldType, Any] = {
    FieldType.TEXT: "text",
    FieldType.LONG: "text",
    FieldType.BOOL: True,
    FieldType.DATE: "2026-03-01",
    FieldType.ID: "ab" * 16,
    FieldType.INT: 1,
}


def problems(name: str, content: dict[str, Any], **header: Any) -> set[tuple[str, str]]:
    """Where a content is refused, and why."""
    body = SAMPLES[name]
    body["content"] = content
    body["header"] |= header
    try:
        validate_body(body)
    except InvalidBodyError as error:
        return {(one.path, one.reason) for one in error.problems}
    return set()


def changed(name: str, **changes: Any) -> set[tuple[str, str]]:
    """The same for the sample with changes; None leaves a field out."""
    content = {**SAMPLES[name]["content"], **changes}
    return problems(name, {key: value for key, value in content.items() if value is not None})


def _value(info: FieldInfo) -> Any:
    return info.choices[0][0] if info.choices else VALUES[info.spec.holds]


def _others(info: FieldInfo, when: When, name: str) -> list[Any]:
    """Values of the field that a condition hangs on: those that make it hold, for the one named."""
    asked = next(one for one in describe(name) if one.name == when.name)
    every = [True, False] if asked.spec.holds is FieldType.BOOL else [code for code, _ in asked.choices]
    return [value for value in every if when.holds({when.name: value}, {})]


def _conditions(what: str) -> list[tuple[str, FieldInfo, When, Any]]:
    return [
        (name, info, when, value)
        for name in NAMES
        for info in describe(name)
        if (when := getattr(info.spec, what)) is not None
        for value in _others(info, when, name)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_required_field_is_missed(name: str) -> None:
    """Each field without which a kind is incomplete is named when it is left out."""
    for info in describe(name):
        if info.need == "R":
            assert (info.path, "missing") in changed(name, **{info.name: None})


@pytest.mark.parametrize(("name", "info", "when", "value"), _conditions("need"))
def test_condition_requires_a_field(name: str, info: FieldInfo, when: When, value: Any) -> None:
    """Where its condition holds the field is missed, whatever the value that makes it hold."""
    assert (info.path, "missing") in changed(name, **{when.name: value, info.name: None})


@pytest.mark.parametrize(("name", "info", "when", "value"), _conditions("never"))
def test_condition_forbids_a_field(name: str, info: FieldInfo, when: When, value: Any) -> None:
    """Where it must be absent it is refused."""
    assert (info.path, "forbidden") in changed(name, **{when.name: value, info.name: _value(info)})


def test_there_are_conditions_of_both_kinds() -> None:
    """Control: the declarations have what the two tests above go through."""
    assert len(_conditions("need")) >= 8
    assert len(_conditions("never")) >= 7


# -- the target group -------------------------------------------------------------------------------------------------


def decision(scheme: str, result: str, *criteria: str) -> set[tuple[str, str]]:
    """What is wrong with a decision."""
    rows = [{"criterion": one, "met": "uppfyllt"} for one in criteria or CRITERIA[scheme]]
    return changed("malgrupp.beslut", scheme=scheme, result=result, criteria=rows)


@pytest.mark.parametrize(("scheme", "result"), list(itertools.product(sorted(SCHEME.codes), sorted(RESULT.codes))))
def test_result_is_one_of_the_schemes_own(scheme: str, result: str) -> None:
    """Category 1 and 2 are never an outcome of Göteborg's scheme, nor *särskild avhoppare* one of the national."""
    wrong = {("content.result", "other_scheme")}
    assert decision(scheme, result) == (set() if result in RESULTS[scheme] else wrong)


def test_no_scheme_has_results_of_both_pairs() -> None:
    """So that one can never stand for the other."""
    pairs = ({"kategori_1", "kategori_2"}, {"sarskild_avhoppare", "avhoppare"})
    assert all(not (results & pairs[0] and results & pairs[1]) for results in RESULTS.values())
    assert set(RESULTS) == set(CRITERIA) == SCHEME.codes
    assert frozenset().union(*CRITERIA.values()) == CRITERION.codes
    assert frozenset().union(*RESULTS.values()) == RESULT.codes


@pytest.mark.parametrize("scheme", sorted(SCHEME.codes))
def test_exactly_the_schemes_criteria_are_answered(scheme: str) -> None:
    """One left out, one too many and one twice are all refused."""
    own = sorted(CRITERIA[scheme])
    other = min(CRITERION.codes - CRITERIA[scheme])
    assert decision(scheme, "ej_malgrupp", *own) == set()
    assert decision(scheme, "ej_malgrupp", *own[1:]) == {("content.criteria", "criteria")}
    assert decision(scheme, "ej_malgrupp", *own, other) == {("content.criteria", "criteria")}
    assert decision(scheme, "ej_malgrupp", *own, own[0]) == {("content.criteria", "duplicate")}


def test_police_decide_on_no_target_group() -> None:
    """The decision is the social unit's; from the police it is refused."""
    context = outgoing("malgrupp.beslut", asker_unit=None)
    assert check_outgoing(context).state == "malgrupp_beslutad"
    police = outgoing("bedomning.mote").recipient
    with pytest.raises(RefusedError) as caught:
        check_outgoing(outgoing("malgrupp.beslut", sender=type(police)(unit_id="50" * 16, unit_type="polis_bops")))
    assert caught.value.code == "ROL"


def test_a_meeting_about_a_disagreement_leaves_the_decision_to_be_written() -> None:
    """Its note ends nothing: the case reads as decided only by a decision, which can follow."""
    met = step(FLOWS["hotbild"], "oenighet", "meeting_note", By(Side.ASKER, "handlaggare"))
    assert met.next == "oenighet"
    assert check_outgoing(outgoing("malgrupp.beslut", state=met.next)).state == "malgrupp_beslutad"


# -- "cannot confirm" is never "no threat" ----------------------------------------------------------------------------

UNCONFIRMED = ("ej_bekraftad", "kan_inte_bedomas_okand_for_polisen")


@pytest.mark.parametrize("outcome", sorted(OUTCOME.codes))
@pytest.mark.parametrize("name", ["hotbild.resultat", "intag.dorrval"])
def test_outcome_is_stored_as_it_was_said(name: str, outcome: str) -> None:
    """Whatever the police said stands in the document, and has a label that no other outcome has."""
    field = {"hotbild.resultat": "outcome", "intag.dorrval": "threat_confirmed"}[name]
    body = SAMPLES[name]
    body["content"][field] = outcome
    assert getattr(validate_body(body).content, field) == outcome
    assert [code for code, label in OUTCOME.items if label == OUTCOME.label(outcome)] == [outcome]


@pytest.mark.parametrize("outcome", UNCONFIRMED)
def test_unconfirmed_is_not_labelled_as_no_threat(outcome: str) -> None:
    """The words on the page never say that there is no threat."""
    assert "ingen hotbild" not in OUTCOME.label(outcome).lower()


@pytest.mark.parametrize("outcome", sorted(OUTCOME.codes))
def test_every_outcome_leads_to_the_same_state(outcome: str) -> None:
    """What the police found moves no case by itself: the thread says that there is a result, whatever it says."""
    body = SAMPLES["hotbild.resultat"]
    body["content"]["outcome"] = outcome
    assert check_outgoing(outgoing("hotbild.resultat", body=body)).state == "resultat_lamnat"


@pytest.mark.parametrize("name", ["hotbild.resultat", "intag.dorrval"])
def test_form_says_so_where_it_is_filled_in(name: str) -> None:
    """Whoever chooses an outcome reads that the two are not the same."""
    helps = [info.spec.help for info in describe(name) if info.spec.codes is OUTCOME]
    assert helps
    assert all("inte samma sak" in one for one in helps)


# -- intake, closing, return, receipts --------------------------------------------------------------------------------


def test_every_step_of_an_intake_has_its_event() -> None:
    """No step on the list is without effect, and each event is in the table."""
    assert set(STEP_EVENTS) == STEP.codes
    assert set(STEP_EVENTS.values()) <= {row.event for row in FLOWS["intag"].rows}


@pytest.mark.parametrize("outcome", sorted(DECISION.codes))
@pytest.mark.parametrize(
    ("name", "side", "state"), [("intag.svar", Side.ANSWERER, "formedlad"), ("intag.beslut", Side.ASKER, "undersoks")]
)
def test_decision_leads_to_its_end(name: str, side: Side, state: str, outcome: str) -> None:
    """Opened, referred or declined: each outcome ends the intake in its own state, and only where it is decided."""
    body = SAMPLES[name]
    body["content"] = {"outcome": outcome} | ({"referred_to": "70" * 16} if outcome == "hanvisad" else {})
    event = validate_body(body).event
    wanted = outcome.partition("_")[0]
    assert step(FLOWS["intag"], state, event, By(side, "beslutsfattare")).next == wanted
    other = "undersoks" if state == "formedlad" else "formedlad"
    with pytest.raises(IllegalStepError):
        step(FLOWS["intag"], other, event, By(side, "beslutsfattare"))


def test_only_the_police_choose_a_door() -> None:
    """A unit that is no doorkeeper is refused, however it is addressed."""
    for unit_type in ("avhopparenhet", "polis_grova_brott", "avhoppartelefon"):
        sender = type(outgoing("intag.dorrval").sender)(unit_id="60" * 16, unit_type=unit_type)
        with pytest.raises(RefusedError) as caught:
            check_outgoing(outgoing("intag.dorrval", sender=sender))
        assert caught.value.code == "ROL"


def test_placement_that_goes_on_holds_a_closing_up() -> None:
    """Unless the case is handed over."""
    wrong = {("content.remaining_placement", "placed")}
    assert changed("avslut.notis", remaining_placement=True) == wrong
    assert changed("avslut.notis", remaining_placement=True, reason="annat") == wrong
    assert changed("avslut.notis", remaining_placement=True, reason="overlamnad") == set()


def test_who_asks_to_end_has_ended_it() -> None:
    """So that nobody is followed up against her own word."""
    assert changed("avslut.notis", reason="egen_begaran") == {("content.ended_by_person", "const")}
    assert changed("avslut.notis", reason="egen_begaran", ended_by_person=True) == set()


def test_return_without_new_assessment_is_refused() -> None:
    """A new assessment is made, each time."""
    assert changed("aterkomst.notis", new_threat_assessment=False) == {("content.new_threat_assessment", "const")}


def test_registration_has_its_number() -> None:
    """The diary number stands in the header, inside what is sealed."""
    content = CONTENTS["kvittens.registrerad"]
    assert problems("kvittens.registrerad", content, sender_dnr=None) == {("header.sender_dnr", "missing")}


@pytest.mark.parametrize("name", ["intag.anhorig_rad", "kvittens.avvisad"])
def test_what_names_nobody_is_guarded(name: str) -> None:
    """An identity number in the text is refused, and no person block fits."""
    field = {"intag.anhorig_rad": "advice", "kvittens.avvisad": "note"}[name]
    assert (f"content.{field}", "pid") in changed(name, **{field: "Gäller 811218-9876."})
    assert KINDS[name].subject_person.value == "forbidden"
