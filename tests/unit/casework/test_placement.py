"""Placement and collision check: what each document must say, who may see it, and when a person may be moved."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest

from client.casework.describe import FieldInfo
from client.casework.flow_tables import KOLLISION, PLACERING
from client.casework.flows import By, Side, step
from client.casework.kinds.kollision import MAX_VALID_DAYS
from client.casework.kinds.registry import KINDS, describe
from client.casework.placement import Looked, require_checked, require_clear
from client.casework.problems import InvalidBodyError
from client.casework.repetition import Asked, asked, bounded, signs, signs_there
from client.casework.rules import check_incoming, check_outgoing
from client.casework.validate import validate_body
from keys.errors import RefusedError
from tests.unit.casework.samples import SAMPLES, SIGNED_BY_TWO, UNITS, outgoing, sample_record
from tests.unit.casework.samples_placement import ASSESSOR, HANDLER, OTHER_KOMMUN, POLICE, SOCIAL
from tests.unit.casework.wrong import wrong

NOW = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
AMONG_POLICE = sorted(name for name, kind in KINDS.items() if kind.flow == "kollision")
PLACES_SOMEBODY = sorted(name for name, kind in KINDS.items() if kind.flow in {"placering", "kollision"})


CONDITIONS: list[tuple[str, dict[str, Any], set[tuple[str, str]]]] = [
    ("placering.behov", {"cannot_be_near": []}, {("content.cannot_be_near", "missing")}),
    ("placering.behov", {"cannot_be_near": [], "no_place_excluded": True}, set()),
    ("placering.behov", {"no_place_excluded": True}, {("content.cannot_be_near", "forbidden")}),
    ("placering.behov", {"cannot_be_near": [{"why": "Vet inte"}]}, {("content.cannot_be_near.kommun", "missing")}),
    ("placering.behov", {"cannot_be_near": [{"place": "Skogaby", "why": "Släkt"}]}, set()),
    ("placering.behov", {"no_ties_known": False}, {("content.ties_elsewhere", "missing")}),
    ("placering.behov", {"ties_elsewhere": [{"place": "Skogaby", "what": "Släkt"}]},
     {("content.ties_elsewhere", "forbidden")}),
    ("placering.behov", {"household": {"adults": -1, "children": 0, "pets": False}},
     {("content.household.adults", "range")}),
    ("placering.mottagarsvar", {"answer": "kan_inte"}, {("content.reason", "missing")}),
    ("placering.mottagarsvar", {"answer": "kan_inte", "reason": "kapacitet"}, set()),
    ("placering.mottagarsvar", {"reason": "kapacitet"}, {("content.reason", "forbidden")}),
    ("placering.mottagarsvar", {"answer": "kan_med_villkor"}, {("content.conditions", "missing")}),
    ("placering.mottagarsvar", {"answer": "kan_med_villkor", "conditions": "Delad kostnad"}, set()),
    ("placering.mottagarsvar", {"conditions": "Delad kostnad"}, {("content.conditions", "forbidden")}),
    ("placering.mottagarsvar", {"answer": "kan_med_villkor", "conditions": "Gäller 19811218-9876"},
     {("content.conditions", "pid")}),
    ("kollision.utfall", {"outcome": "traff"}, {("content.contact_unit", "missing")}),
    ("kollision.utfall", {"outcome": "traff", "contact_unit": POLICE}, set()),
    ("kollision.utfall", {"outcome": "osakert", "contact_unit": POLICE}, set()),
    ("kollision.utfall", {"contact_unit": POLICE}, {("content.contact_unit", "forbidden")}),
    ("kollision.utfall", {"manual_review_by": HANDLER}, {("content.manual_review_by.role", "choice")}),
    ("kollision.svar", {"manual_review_by": HANDLER}, {("content.manual_review_by.role", "choice")}),
    ("kollision.svar", {"valid_days": MAX_VALID_DAYS + 1}, {("content.valid_days", "range")}),
    ("kollision.svar", {"valid_days": 0}, {("content.valid_days", "range")}),
    ("kollision.svar", {"checked_at": "2026-03-02T09:00:01Z"}, {("content.checked_at", "after")}),
    ("kollision.forfragan", {"tokens": [{"kind": "konflikt", "token": "en fejd"}]},
     {("content.tokens.token", "token")}),
    ("kollision.forfragan", {"tokens": []}, {("content.tokens", "missing")}),
    ("kollision.forfragan", {"tokens": [{"kind": "konflikt", "token": "K-4"}] * 2}, {("content.tokens", "duplicate")}),
    ("kollision.forfragan", {"tokens": [{"kind": "konflikt", "token": "811218-9876"}]},
     {("content.tokens.token", "pid")}),
    ("kollision.svar", {"check_made": False}, {("content.check_made", "const")}),
    ("kollision.svar", {"check_made": False, "verdict": "ort_olamplig"}, set()),
    ("kollision.forfragan", {"cells": [{"kommun": "2480"}]}, {("content.cells", "missing")}),
    ("kollision.forfragan", {"cells": [{"kommun": "2480"}], "checked_scope": "kommun"}, set()),
    ("kollision.forfragan", {"cells": [{"kommun": "2480"}] * 2}, {("content.cells", "duplicate")}),
    ("kollision.forfragan", {"repeat_decision": {"decided_by": ASSESSOR, "reason": "Brådskande"}},
     {("content.repeat_decision.decided_by", "same_staff")}),
    ("kollision.forfragan",
     {"repeat_decision": {"decided_by": {"name": "Per Polis", "role": "registrator"}, "reason": "Brådskande"}},
     {("content.repeat_decision.decided_by.role", "choice")}),
    ("kollision.forfragan",
     {"repeat_decision": {"decided_by": {"name": "Per Polis", "role": "polis_bedomare"}, "reason": "Brådskande"}},
     set()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "found"), CONDITIONS)
def test_a_field_hangs_on_the_others(name: str, changes: dict[str, Any], found: set[tuple[str, str]]) -> None:
    """What one answer demands or forbids elsewhere, for every conditional field."""
    assert wrong(name, changes) == found


def test_an_incident_is_always_urgent() -> None:
    """It cannot be sent as routine."""
    body = SAMPLES["placering.handelse"]
    body["header"]["priority"] = "rutin"
    with pytest.raises(InvalidBodyError) as caught:
        validate_body(body)
    assert [one.path for one in caught.value.problems] == ["header.priority"]


# -- who sees what ----------------------------------------------------------------------------------------------------


def _paths(fields: tuple[FieldInfo, ...]) -> set[str]:
    return {info.path for info in fields} | {path for info in fields for path in _paths(info.children)}


@pytest.mark.parametrize("name", AMONG_POLICE)
@pytest.mark.parametrize("end", ["sender", "recipient"])
def test_no_municipality_sends_or_gets_a_collision_question(name: str, end: str) -> None:
    """The check stays among police units, at both ends."""
    context = outgoing(name)
    outsider = dataclasses.replace(getattr(context, end), unit_type="avhopparenhet")
    for check in (check_outgoing, check_incoming):
        with pytest.raises(RefusedError) as caught:
            check(dataclasses.replace(context, **{end: outsider}))
        assert caught.value.code == "ROL"


@pytest.mark.parametrize("name", AMONG_POLICE)
def test_a_collision_question_names_nobody(name: str) -> None:
    """Neither the person block nor the key of the person in the case, and no consent that would carry it."""
    body = SAMPLES[name]
    body["header"]["principal_ref"] = "80" * 16
    with pytest.raises(InvalidBodyError) as caught:
        validate_body(body)
    assert {one.path for one in caught.value.problems} == {"header.principal_ref"}
    assert not KINDS[name].about_person


def test_the_verdict_says_nothing_of_others() -> None:
    """The unit gets place, word, time and scope; no field tells of tokens, hits or another unit."""
    assert _paths(describe("kollision.svar")) == {
        *("content.place", "content.verdict", "content.checked_at", "content.valid_days", "content.checked_scope"),
        *(
            "content.check_made",
            "content.manual_review_by",
            "content.manual_review_by.name",
            "content.manual_review_by.role",
        ),
    }


@pytest.mark.parametrize(("name", "field"), [("kollision.svar", "verdict"), ("kollision.utfall", "outcome")])
def test_no_hit_is_said_not_to_be_safety(name: str, field: str) -> None:
    """The words stand in the choice itself and in its help."""
    info = next(one for one in describe(name) if one.name == field)
    assert "betyder inte säkert" in info.spec.help
    assert sum("betyder inte säkert" in label for _, label in info.choices) == 1


def test_the_first_question_to_a_municipality_has_no_person() -> None:
    """What is needed, when and how risky; no text field could hold a name."""
    assert _paths(describe("placering.mottagarforfragan")) == {
        "content.needs",
        "content.from_date",
        "content.risk_class",
    }
    body = SAMPLES["placering.mottagarforfragan"]
    body["header"]["subject_person"] = SAMPLES["placering.behov"]["header"]["subject_person"]
    with pytest.raises(InvalidBodyError):
        validate_body(body)


@pytest.mark.parametrize("state", ["mottagare_fragas", "mottagare_kan_inte", "ort_foreslagen", None])
def test_who_it_is_comes_after_the_municipality_can(state: str | None) -> None:
    """A confirmation before the answer ``kan_ta_emot`` is refused."""
    with pytest.raises(RefusedError) as caught:
        check_outgoing(outgoing("placering.bekraftelse", state=state, asker_unit=SOCIAL))
    assert caught.value.code == "STA"


def test_who_it_is_needs_the_supplement_that_names_the_municipality() -> None:
    """A consent without supplement, or one whose supplement names somebody else, is not enough."""
    context = outgoing("placering.bekraftelse")
    assert context.record is not None
    unnamed = tuple(party for party in context.record.parties if party.unit != OTHER_KOMMUN)
    for changes, code in (({"supersedes": None}, "CNS-11"), ({"parties": unnamed}, "CNS-03")):
        record = sample_record(
            **{
                "supersedes": "c1" * 16,
                "parties": context.record.parties,
                "purposes": context.record.purposes,
                "data_categories": context.record.data_categories,
                "special_category": context.record.special_category,
                **changes,
            }
        )
        for check in (check_outgoing, check_incoming):
            with pytest.raises(RefusedError) as caught:
                check(dataclasses.replace(context, record=record))
            assert caught.value.code == code


@pytest.mark.parametrize("name", sorted(SIGNED_BY_TWO))
def test_one_signature_is_not_enough(name: str) -> None:
    """Whatever places somebody, and every step of the collision check, is signed by two."""
    with pytest.raises(RefusedError) as caught:
        check_outgoing(outgoing(name, signatures=1))
    assert caught.value.code == "LCK"


@pytest.mark.parametrize("name", PLACES_SOMEBODY)
def test_neither_hotline_nor_counters_read_it(name: str) -> None:
    """Roles without business in a placement are no readers of it."""
    readers = KINDS[name].readers
    assert readers
    assert not readers & {"telefon", "statistiker", "uppfoljare", "operator", "nyckelansvarig"}


# -- the way of a placement -------------------------------------------------------------------------------------------

WAYS = [
    ("police: straight on",
     [("send", Side.ASKER, "behov"), ("clear", Side.ANSWERER, "ort_foreslagen"),
      ("agree", Side.ASKER, "mottagare_fragas"),
      ("ready", Side.ASKER, "klar_att_flytta"), ("clear", Side.ANSWERER, "klar_att_flytta"),
      ("confirm", Side.ASKER, "placerad"), ("incident", Side.ANSWERER, "omprovas_akut"),
      ("stable", Side.ASKER, "placerad"), ("end", Side.ASKER, "upphord")]),
    ("police: another place",
     [("send", Side.ASKER, "behov"), ("start", Side.ANSWERER, "ortsutredning"), ("unsuitable", Side.ANSWERER, "ny_ort"),
      ("start", Side.ANSWERER, "ortsutredning"), ("clear", Side.ANSWERER, "ort_foreslagen"),
      ("disagree", Side.ASKER, "ortsutredning"), ("call", Side.ANSWERER, "ortsutredning"),
      ("clear", Side.ANSWERER, "ort_foreslagen"), ("agree", Side.ASKER, "mottagare_fragas"),
      ("look_again", Side.ASKER, "ortsutredning"), ("end", Side.ASKER, "avbruten")]),
    ("police: the last check fails",
     [("send", Side.ASKER, "behov"), ("clear", Side.ANSWERER, "ort_foreslagen"),
      ("agree", Side.ASKER, "mottagare_fragas"),
      ("ready", Side.ASKER, "klar_att_flytta"), ("unsuitable", Side.ANSWERER, "ny_ort")]),
    ("municipality: takes the person in",
     [("ask_recipient", Side.ASKER, "mottagare_fragas"), ("can", Side.ANSWERER, "tillagg_samtycke"),
      ("supplement_signed", Side.ASKER, "klar_att_flytta"), ("confirm", Side.ASKER, "placerad"),
      ("report", Side.ANSWERER, "placerad"), ("consent_withdrawn", Side.EITHER, "stoppad_samtycke")]),
    ("municipality: cannot",
     [("ask_recipient", Side.ASKER, "mottagare_fragas"), ("cannot", Side.ANSWERER, "mottagare_kan_inte")]),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "way"), WAYS, ids=[name for name, _ in WAYS])
def test_way(_name: str, way: list[tuple[str, Side, str]]) -> None:
    """A placement goes from state to state as it does in life."""
    state = PLACERING.initial
    for event, side, following in way:
        state = step(PLACERING, state, event, By(Side.ASKER if side is Side.EITHER else side)).next
        assert state == following


def test_an_answer_may_change_while_the_placement_lasts() -> None:
    """A police unit that learns more says so; once the entry is removed nothing can be said."""
    state = step(KOLLISION, "besvarad", "outcome", By(Side.ANSWERER, "polis_bedomare")).next
    assert state == "besvarad"
    assert step(KOLLISION, state, "remove", By(Side.ASKER, "polis_bedomare")).next == "borttagen"
    with pytest.raises(RefusedError):
        step(KOLLISION, "borttagen", "outcome", By(Side.ANSWERER, "polis_bedomare"))


# -- the verdict behind a move ----------------------------------------------------------------------------------------


def _verdict(checked_at: str, verdict: str = "gront_inga_hinder_kanda", place: str = "2480", days: int = 14) -> Any:
    return {"place": place, "verdict": verdict, "checked_at": checked_at, "valid_days": days}


MOVE = "2026-03-03T08:00:00Z"


@pytest.mark.parametrize(
    ("verdicts", "moves_at", "code"),
    [
        ([_verdict("2026-03-02T08:00:00Z")], MOVE, None),
        ([_verdict("2026-03-02T07:59:59Z")], MOVE, "KOL-02"),
        ([_verdict("2026-03-03T08:00:01Z")], MOVE, "KOL-02"),
        ([], MOVE, "KOL-01"),
        ([_verdict("2026-03-02T11:00:00Z", place="2401")], MOVE, "KOL-01"),
        ([_verdict("2026-03-02T11:00:00Z", "ort_olamplig")], MOVE, "KOL-01"),
        ([_verdict("2026-03-02T11:00:00Z", "kontakta_polisenhet")], MOVE, "KOL-01"),
        ([_verdict("2026-03-02T11:00:00Z"), _verdict("2026-03-02T10:00:00Z", "ort_olamplig")], MOVE, None),
        ([_verdict("2026-03-02T11:00:00Z", "ort_olamplig"), _verdict("2026-03-02T10:00:00Z")], MOVE, "KOL-01"),
        ([_verdict("2026-02-20T08:00:00Z"), _verdict("2026-03-02T09:00:00Z")], MOVE, None),
        ([_verdict("2026-02-20T08:00:00Z")], "2026-02-20T20:00:00Z", None),
        ([_verdict("2026-03-02T11:00:00Z", days=0)], MOVE, "KOL-02"),
        ([_verdict("2026-03-02T12:00:00Z", days=0)], MOVE, None),
        ([_verdict("2026-03-03T08:00:00Z")], MOVE, None),
        ([_verdict("2026-03-03T07:00:00Z", "ort_olamplig"), _verdict("2026-03-03T08:00:01Z")], MOVE, "KOL-02"),
    ],
)
def test_a_move_needs_a_fresh_verdict(verdicts: list[Any], moves_at: str, code: str | None) -> None:
    """On that place, the newest one clear, and checked within the day before the move."""
    if code is None:
        require_clear(verdicts, place="2480", moves_at=moves_at, now=NOW)
        return
    with pytest.raises(RefusedError) as caught:
        require_clear(verdicts, place="2480", moves_at=moves_at, now=NOW)
    assert caught.value.code == code


# -- questions that together find somebody ----------------------------------------------------------------------------


CHECKED = "2026-03-02T12:00:00Z"


def _looked(*outcomes: str, hours_ago: float = 0) -> list[Looked]:
    return [Looked(one, NOW - datetime.timedelta(hours=hours_ago)) for one in outcomes]


@pytest.mark.parametrize("outcomes", [["ingen_traff"], ["ingen_traff", "ingen_traff"]])
def test_no_obstacle_is_said_where_nobody_who_was_asked_has_one(outcomes: list[str]) -> None:
    """Whoever was asked has answered that there is no hit."""
    require_checked(_looked(*outcomes), CHECKED)


def test_no_obstacle_is_never_said_when_nobody_looked() -> None:
    """Nobody was asked and nobody looked, or not within the day before the check that the answer speaks of."""
    require_checked(_looked("ingen_traff", hours_ago=24), CHECKED)
    old = _looked("ingen_traff", hours_ago=24.01)
    require_checked([*old, *_looked("ingen_traff")], CHECKED)
    for looked in ([], old):
        with pytest.raises(RefusedError) as caught:
            require_checked(looked, CHECKED)
        assert caught.value.code == "KOL-04"


@pytest.mark.parametrize("outcomes", [["traff"], ["osakert"], [""], ["ingen_traff", "osakert"], ["ingen_traff", ""]])
def test_no_obstacle_is_never_said_beside_a_hit_a_doubt_or_silence(outcomes: list[str]) -> None:
    """One of those who were asked is enough."""
    with pytest.raises(RefusedError) as caught:
        require_checked(_looked(*outcomes), CHECKED)
    assert caught.value.code == "KOL-03"


def _asked(cells: str, *, days_ago: int = 1, tokens: str = "AB", placement: str = "p") -> Asked:
    return Asked(
        placement,
        frozenset(("gruppering", token) for token in tokens),
        frozenset(cells.split()),
        NOW - datetime.timedelta(days=days_ago),
    )


@pytest.mark.parametrize(
    ("past", "found"),
    [
        ([], ()),
        ([_asked("1 2")], ()),
        ([_asked("1 2")] * 2, ()),
        ([_asked("1 2")] * 3, ("repeated",)),
        ([_asked("2 3")], ("narrowing",)),
        ([_asked("1")], ("narrowing",)),
        ([_asked("5")], ()),
        ([_asked("5"), _asked("6")], ("several_places",)),
        ([_asked("5"), _asked("5")], ()),
        ([_asked("5 6"), _asked("6 7")], ("several_places",)),
        ([_asked("2 3"), _asked("6 7")], ("narrowing", "several_places")),
        ([_asked("1 2", days_ago=31)] * 5, ()),
        ([_asked("2 3", days_ago=30)], ("narrowing",)),
        ([_asked("2 3", placement="q")], ("narrowing",)),
        ([_asked("2 3", placement="q", tokens="A")], ("narrowing",)),
        ([_asked("2 3", placement="q", tokens="ABC")], ("narrowing",)),
        ([_asked("2 3", placement="q", tokens="AC")], ("narrowing",)),
        ([_asked("2 3", placement="q", tokens="CD")], ()),
        ([_asked("2 3", placement="p", tokens="XY")], ("narrowing",)),
    ],
)
def test_a_search_for_somebody_is_noticed(past: list[Asked], found: tuple[str, ...]) -> None:
    """Overlapping places, many places, and the same places again and again; other persons do not count."""
    assert signs(_asked("1 2", days_ago=0), past) == found


def _dated(cells: str, written: float, *, decided: bool = False, days_ago: float = 0) -> Asked:
    """A question that its author dates so many days ago."""
    at, written_at = NOW - datetime.timedelta(days=days_ago), NOW - datetime.timedelta(days=written)
    asked = _asked(cells)
    return dataclasses.replace(asked, at=bounded(written_at, at), written=written_at, decided=decided)


@pytest.mark.parametrize(
    ("past", "new", "found"),
    [
        # On the way the second and third overtook the first: somebody has decided on the third already.
        ([_dated("5", 2), _dated("6", 1, decided=True)], _dated("1 2", 3), ()),
        ([_dated("5", 2), _dated("6", 1)], _dated("1 2", 3), ("several_places",)),
        # Dated backwards, each before those that came before it.
        ([_dated("5", 1), _dated("6", 2)], _dated("1 2", 3), ("several_places",)),
        ([_dated("2 3", 1)], _dated("1 2", 2), ("narrowing",)),
        ([_dated("2 3", 1, decided=True)], _dated("1 2", 2), ()),
        # Dated alike.
        ([_dated("2 3", 2)], _dated("1 2", 2), ("narrowing",)),
        # Dated apart, although the hub got them on one day.
        ([_dated("2 3", 40)], _dated("1 2", 0), ("narrowing",)),
        ([_dated("2 3", 0)], _dated("1 2", -40), ("narrowing",)),
        # Asked and deposited long ago.
        ([_dated("2 3", 40, days_ago=40)], _dated("1 2", 0), ()),
        # A sign among those that came before is not the new one's fault.
        ([_dated("2 3", 5), _dated("3 4", 3)], _dated("2 3", 6), ()),
    ],
)
def test_whoever_is_asked_goes_by_what_the_author_dated_and_the_hub_bounds(
    past: list[Asked], new: Asked, found: tuple[str, ...]
) -> None:
    """A first question that comes last is answered; questions dated apart or backwards are a search all the same."""
    assert signs_there(new, past) == found


def test_a_question_is_no_older_than_a_week_when_the_hub_gets_it() -> None:
    """Nor younger than the hub's hour."""
    for written, counts in ((0, 0), (3, 3), (7, 7), (40, 7), (-2, 0)):
        at = bounded(NOW - datetime.timedelta(days=written), NOW)
        assert at == NOW - datetime.timedelta(days=counts)


def test_a_question_is_read_as_it_stands() -> None:
    """Tokens and places of a document; what is not there is nothing."""
    read = asked(SAMPLES["kollision.forfragan"]["content"], NOW)
    assert read.placement == "ab" * 16
    assert read.tokens == {("gruppering", "G-17-NORD"), ("konflikt", "K-4")}
    assert read.cells == {"2480", "2401", "2460"}
    assert asked({"placement": "p"}, NOW) == Asked("p", frozenset(), frozenset(), NOW)


def test_units_of_the_samples_are_what_they_are_called() -> None:
    """The samples go between police, and between social services."""
    assert UNITS[POLICE].authority == "polis"
    assert UNITS[SOCIAL].authority == "socialtjanst"
