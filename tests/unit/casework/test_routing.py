"""Whom to write to: the three cities, small places, children, and when nothing may be proposed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.casework.codelists import PROTECTED_BLOCKS_ROUTING
from client.casework.fact_words import LABELS, tell
from client.casework.kinds.registry import KINDS
from client.casework.routing import Place, Question, Routing, route
from client.casework.routing_words import TEXTS, sentence
from client.demo import cast, directory
from client.lang.catalogue import translated
from keys.facts import FACTS, fact
from keys.places import kommuner
from tests.unit.keys.test_facts import FLAGS, GOOD

HANDOVER = "overlamnande.forfragan"
DAY = date(2026, 3, 2)


def _places() -> list[Place]:
    """The demonstration's directory, with names for ids."""
    codes = {one.key: one.kommunkod for one in cast.ORGANISATIONS}
    return [
        Place(
            unit_id=unit.key,
            name=unit.name_sv,
            unit_type=unit.unit_type,
            kommunkod=unit.kommunkod or codes[unit.organisation],
            police_region=unit.police_region,
            facts={name: value for name in unit.facts if (value := _value(unit.facts, name)) is not None},
        )
        for unit in (*[one for one in cast.OFFICES if not one.unit], *directory.UNITS)  # no unit twice
    ]


def _value(facts: dict[str, Any], name: str) -> Any:
    """Units stand there by the cast's keys, which are no ids yet."""
    return facts[name] if FACTS[name].holds == "units" else fact(facts, name, DAY)


PLACES = _places()


def _route(kind: str = HANDOVER, own: str = "", **asked: Any) -> Routing:
    return route(kind, Question(**{"protected": "ingen", **asked}), PLACES, own=own)


def _names(found: Routing) -> list[str]:
    return [one.name for one in found.proposals]


def test_gothenburg_decides_itself() -> None:
    """The unit first, with who decides and who assesses; the reason is the card's."""
    best = _route(registered="1480", age=24).proposals[0]
    assert best.name == "Göteborg SAV"
    assert best.reason.told().startswith("Göteborg: Göteborg SAV avgör själv; hotbilden bedöms av Bops Väst")
    assert "21 dagar" in best.reason.told()


def test_stockholm_begins_with_the_police() -> None:
    """The police decide the door; then the unit, then the district of the person."""
    found = _route(registered="0180", district="Järva", age=30)
    assert _names(found)[:2] == ["Bops Stockholm", "Enheten för hemlösa"]
    assert "Järva" in " ".join(_names(found))
    assert "Södermalm" not in " ".join(_names(found))
    assert "polisen avgör först" in found.proposals[1].reason.told()


def test_stockholm_without_confirmed_threat_goes_to_the_district() -> None:
    """The central unit does not take those."""
    found = _route(registered="0180", district="Södermalm", threat_confirmed="nej")
    assert "Enheten för hemlösa" not in _names(found)
    assert any("utan bekräftad hotbild" in sentence.told() for sentence in found.advice)
    assert any("Södermalm" in name for name in _names(found))


def test_malmo_names_who_decides() -> None:
    """The team has no decision power; its card says who has, and who assesses."""
    best = _route(registered="1280", age=40).proposals[0]
    assert best.name == "Konsultationsteamet"
    assert "beslut fattas av Malmö" in best.reason.told()
    assert "hotbilden bedöms av Grova brott Malmö" in best.reason.told()


@pytest.mark.parametrize("code", ["0180", "1280", "1480"])
def test_a_child_goes_where_the_card_says(code: str) -> None:
    """No city's unit takes children; the ordinary services or the group of the home municipality do."""
    found = _route(registered=code, age=17)
    gates = {"Enheten för hemlösa", "Konsultationsteamet", "Göteborg SAV"}
    assert not gates & set(_names(found))
    assert any("under 18 år" in sentence.told() for sentence in found.advice)
    adults = _route(registered=code, age=18)
    assert gates & set(_names(adults))


@pytest.mark.parametrize(("custody", "word"), [("lvm", "LVM"), ("sis_lvu", "LVU")])
def test_compulsory_care_does_not_go_to_gothenburgs_unit(custody: str, word: str) -> None:
    """Its card says no; the ordinary services take it."""
    found = _route(registered="1480", age=30, custody=custody)
    assert "Göteborg SAV" not in _names(found)
    assert any(word in sentence.told() for sentence in found.advice)
    assert found.proposals


def test_a_takes_rule_follows_its_day() -> None:
    """Facts are those of the day: a unit that takes children from April on is proposed from April on."""
    rows = [{"value": False, "valid_to": "2026-03-31"}, {"value": True, "valid_from": "2026-04-01"}]
    told = {}
    for day in (date(2026, 3, 31), date(2026, 4, 1)):
        facts = {"takes_under_18": fact({"takes_under_18": rows}, "takes_under_18", day)}
        unit = Place(unit_id="a", name="Enheten", unit_type="avhopparenhet", kommunkod="1480", facts=facts)
        told[day.month] = _names(route(HANDOVER, Question(protected="ingen", registered="1480", age=17), [unit]))
    assert told == {3: [], 4: ["Enheten"]}


@pytest.mark.parametrize("protected", sorted(PROTECTED_BLOCKS_ROUTING))
@pytest.mark.parametrize("kind", [HANDOVER, "hotbild.begaran", "intag.formedling"])
def test_protected_registration_is_never_routed(protected: str, kind: str) -> None:
    """By hand, with two signatures; the register's municipality steers nothing, and is not named."""
    found = _route(kind, registered="1480", residence="1280", protected=protected)
    assert (found.proposals, found.by_hand) == ((), True)
    assert "Göteborg" not in found.advice[0].told()
    assert "två personer" in found.advice[0].told()


def test_where_somebody_lives_comes_before_the_register() -> None:
    """Bosättningskommun has the responsibility; where somebody is stays a remark."""
    found = _route(registered="1480", residence="1280", staying="0180", age=30)
    assert found.proposals[0].name == "Konsultationsteamet"
    assert any("Stockholm" in sentence.told() and "akut" in sentence.told() for sentence in found.advice)


def test_a_municipality_that_is_not_connected_gives_whom_to_call() -> None:
    """114 14 and the region, and the nearest unit that gives advice."""
    found = _route(registered="1402", age=30)  # Partille
    assert found.proposals == ()
    assert "114 14" in found.advice[0].told()
    assert "Väst" in found.advice[0].told()
    assert "Göteborg SAV" in found.advice[1].told()


def test_a_threat_goes_to_whom_the_card_names() -> None:
    """Malmö lies in region Syd, but Grova brott assesses; without a unit the region's police do."""
    assert _names(_route("hotbild.begaran", registered="1280"))[0] == "Grova brott Malmö"
    assert _names(_route("hotbild.begaran", registered="1402")) == ["Bops Väst"]


def test_advice_comes_from_the_nearest() -> None:
    """A question goes to a unit that advises others, those of the own county first; never to oneself."""
    names = _names(_route("konsultation.fraga", registered="1402"))
    assert names[0] == "Göteborg SAV"
    assert len(names) == len(set(names)) >= 3
    assert "Göteborg SAV" not in _names(_route("konsultation.fraga", own="goteborg-sav", registered="1402"))


def test_without_a_place_it_asks_for_one() -> None:
    """Nothing is guessed."""
    found = _route()
    assert (found.proposals, found.by_hand) == ((), False)
    assert "folkbokförd" in found.advice[0].told()


@given(
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(sorted(kommuner())),
    st.none() | st.sampled_from(sorted(kommuner())),
    st.none() | st.integers(0, 120),
    st.sampled_from(["ingen", "sekretessmarkering", "skyddad_folkbokforing", "okant"]),
)
def test_every_question_has_an_answer(
    kind: str, registered: str, residence: str | None, age: int | None, protected: str
) -> None:
    """A proposal, or a sentence about what to do; nothing is proposed for the protected."""
    found = _route(kind, registered=registered, residence=residence, age=age, protected=protected)
    assert found.proposals or found.advice
    legal, proposed = KINDS[kind].recipient_types, {one.unit_id for one in found.proposals}
    assert all(not legal or place.unit_type in legal for place in PLACES if place.unit_id in proposed)
    assert not (found.by_hand and found.proposals)
    assert found.by_hand is (protected in PROTECTED_BLOCKS_ROUTING)


def test_every_fact_is_told_in_swedish() -> None:
    """Each has a label, and each value that may be written has words."""
    assert set(LABELS) == set(FACTS)
    for name, values in {**GOOD, **{flag: [True, False] for flag in FLAGS}}.items():
        for value in values:
            assert tell(name, value, {})
    assert tell("threat_assessor", ["ab" * 16], {"ab" * 16: "Bops Väst"}) == "Bops Väst"
    assert tell("takes_lvm", False, {}) == "nej"
    assert tell("opening_hours", {"man": "08:00-16:00"}, {}) == "mån 08:00-16:00"


@pytest.mark.parametrize(
    ("belongs_by", "asked", "is_proposed"),
    [
        (None, {"registered": "1480"}, True),
        (None, {"registered": "1480", "residence": "1280"}, False),
        (["bosatt"], {"registered": "1480"}, True),
        (["bosatt"], {"registered": "1480", "residence": "1280"}, False),
        (["folkbokford"], {"registered": "1480", "residence": "1280"}, True),
        (["folkbokford"], {"registered": "1280", "residence": "1480"}, False),
        (["vistas"], {"registered": "1280", "staying": "1480"}, True),
        (["vistas"], {"registered": "1480", "staying": "1280"}, False),
        (["bosatt", "folkbokford"], {"registered": "1280", "residence": "1480"}, True),
    ],
)
def test_the_card_says_what_makes_somebody_belong(
    belongs_by: list[str] | None, asked: dict[str, str], is_proposed: bool
) -> None:
    """Living there, being registered there, or being there: as the unit counts; the place stands in the reason."""
    facts = {} if belongs_by is None else {"belongs_by": belongs_by}
    unit = Place(unit_id="a", name="Enheten", unit_type="ordinarie_socialtjanst", kommunkod="1480", facts=facts)
    home = Place(unit_id="b", name="Hemma", unit_type="ordinarie_socialtjanst", kommunkod="1280")
    found = route(HANDOVER, Question(protected="ingen", **asked), [unit, home]).proposals
    assert ("Enheten" in [one.name for one in found]) is is_proposed
    assert all(one.reason.told().startswith("Göteborg") for one in found if one.name == "Enheten")


#: Every text in brackets as the program fills it in.
_FILLED = {
    "unit": "Göteborg SAV", "units": "Bops Väst", "place": "Göteborg", "region": "Väst", "days": "21", "kind": "SIG",
}  # fmt: skip
_SWEDISH = re.compile(
    r"\b(?:och|inte|polisen|råd|kommun(?:er)?|personer|enligt|beslut|ärenden|hemkommunen|län)\b", re.IGNORECASE
)


@pytest.mark.parametrize("name", TEXTS)
def test_each_sentence_is_told_in_english_too(name: str) -> None:
    """From the catalogue, with the same things filled in; the names of places and units stay."""
    one = sentence(name, **{key: value for key, value in _FILLED.items() if f"%({key})s" in TEXTS[name]})
    english = one.told(lambda text: translated(text, "en"))
    assert english != one.told()
    assert not _SWEDISH.search(english)
    assert all(value.lower() in english.lower() for _, value in one.values)


def test_a_reason_in_english_has_all_its_parts() -> None:
    """Who decides, who assesses, how long: the parts follow each other as in Swedish."""
    best = _route(registered="1480", age=24).proposals[0].reason
    english = best.told(lambda text: translated(text, "en"))
    assert english.count(";") == best.told().count(";") == len(best.more)
    assert "21 days" in english


@pytest.mark.parametrize(("confirmed", "is_proposed"), [("nej", False), ("okant", True), ("ja", True), (None, True)])
def test_not_known_is_not_no(confirmed: str | None, is_proposed: bool) -> None:
    """A threat that the police could not confirm or have not looked at turns nobody away; only their no does."""
    facts = {"takes_without_confirmed_threat": False}
    unit = Place(unit_id="a", name="Enheten", unit_type="avhopparenhet", kommunkod="1480", facts=facts)
    asked = Question(protected="ingen", registered="1480", threat_confirmed=confirmed)
    found = route(HANDOVER, asked, [unit])
    assert ([one.name for one in found.proposals] == ["Enheten"]) is is_proposed
