"""What a unit's card may say about how the unit works: the differences between cities as data (FORMATS 3.4).

Rules:
1. A fact is a value of its declared form, or a list of rows ``{value, valid_from, valid_to}``, days as ``YYYY-MM-DD``,
   both inclusive, either may be missing, no two rows on one day. So a rule that begins later can be signed beforehand.
2. Whoever writes a card may only write facts that are declared here (`check_facts`): a misspelt one would do nothing.
3. Whoever reads a card ignores what it does not know or cannot read (`fact`): another's newer card breaks no client.
4. No fact is about a person: contacts are those of a function. Kept small: the card has room for 4,096 bytes.

Public signatures:
    check_facts(facts, unit_type="") -> None          raises LocalError FACTS
    fact(facts, name, day) -> value | None
    FACTS: name -> Fact

Source: domain.md 2.0.4, 2.6 to 2.8, 3.3. Example:
    >>> fact({"takes_lvm": [{"value": False, "valid_to": "2026-12-31"}]}, "takes_lvm", date(2026, 1, 1))
    False
"""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from keys.errors import LocalError
from keys.places import LAN, POLICE_REGIONS, kommuner

MAX_DATED_ROWS: Final = 8
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNIT = re.compile(r"[0-9a-f]{32}")
_HOURS = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:[01][0-9]|2[0-4]):[0-5][0-9]")
_ROW_KEYS: Final = frozenset({"value", "valid_from", "valid_to"})

WEEKDAYS: Final = ("man", "tis", "ons", "tor", "fre", "lor", "son")
#: domain.md 3.3 and its list of authorities; casework has the same with labels, and a test compares them.
CASE_TYPES: Final = ("intag", "hotbild", "plan", "placering", "overlamnande", "uppfoljning")


class Holds(enum.StrEnum):
    """The form of a value."""

    WORD = "word"
    WORDS = "words"
    FLAG = "flag"
    NUMBER = "number"
    TEXT = "text"
    DAY = "day"
    UNITS = "units"
    KOMMUNER = "kommuner"
    LAN = "lan"
    REGIONS = "regions"
    NAMES = "names"
    HOURS = "hours"
    SETS = "sets"


@dataclass(frozen=True, slots=True)
class Fact:
    """What a fact may be.

    Args:
        holds: its form.
        words: the words to choose from, for WORD and WORDS.
        least: smallest number.
        most: greatest number, length of a text, or number of entries.
    """

    holds: Holds
    words: tuple[str, ...] = ()
    least: int = 0
    most: int = 8


_FLAG = Fact(Holds.FLAG)

FACTS: Final[Mapping[str, Fact]] = MappingProxyType(
    {
        "gatekeeper": Fact(Holds.WORD, ("polis_forst", "enheten_sjalv", "enhet_med_polisbekraftelse")),
        "decides": Fact(Holds.WORDS, ("malgrupp", "bistand", "placering")),
        "decision_unit": Fact(Holds.UNITS, most=1),
        "threat_assessor": Fact(Holds.UNITS),
        "takes_under_18": _FLAG,
        "takes_lvm": _FLAG,
        "takes_lvu": _FLAG,
        "takes_without_confirmed_threat": _FLAG,
        "advises_other_kommuner": _FLAG,
        "runs_hotline": _FLAG,
        "offers_paid_service": _FLAG,
        "handling_days": Fact(Holds.NUMBER, least=1, most=366),
        "consent_text_version": Fact(Holds.TEXT, most=40),
        "required_authorities": Fact(Holds.SETS, most=16),
        "opening_hours": Fact(Holds.HOURS),
        "deputies": Fact(Holds.UNITS),
        "catchment_kommuner": Fact(Holds.KOMMUNER, most=290),
        "catchment_lan": Fact(Holds.LAN, most=21),
        "catchment_regions": Fact(Holds.REGIONS, most=7),
        "catchment_districts": Fact(Holds.NAMES, most=16),
        "belongs_by": Fact(Holds.WORDS, ("folkbokford", "bosatt", "vistas")),
        "verified_until": Fact(Holds.DAY),
        "otillaten_paverkan_kontroll": Fact(Holds.DAY),
        "closing_criteria": Fact(
            Holds.WORDS, ("own_housing", "own_income", "no_social_need", "no_active_protection")
        ),
        "follow_up": Fact(Holds.WORD, ("ett_ar_efter_avslut", "under_pagaende", "vid_omprovning")),
        "postal_address": Fact(Holds.TEXT, most=200),
        "contact": Fact(Holds.TEXT, most=120),
        "dataskyddsombud": Fact(Holds.TEXT, most=120),
        "population": Fact(Holds.NUMBER, least=1, most=20_000_000),
        "small_place": _FLAG,
        "high_risk": _FLAG,
    }
)  # fmt: skip

#: Facts that a private provider must have (domain.md 2.6): until when it was checked, and when for undue influence.
_OF_PROVIDERS: Final = ("verified_until", "otillaten_paverkan_kontroll")


def fact(facts: Mapping[str, Any], name: str, day: date) -> Any:
    """The value of a fact on a day; None when there is none, or none that can be read."""
    value = facts.get(name)
    declared = FACTS[name]
    rows: list[dict[str, Any]] = value if isinstance(value, list) and _is_dated(value) else [{"value": value}]
    for row in rows:
        if not _row_problem(declared, row) and _holds_on(row, day):
            return row["value"]
    return None


def check_facts(facts: Mapping[str, Any], unit_type: str = "") -> None:
    """Whether facts may be written on a card.

    Args:
        facts: by name.
        unit_type: of the unit, for what its type must have.

    Raises:
        LocalError: code ``FACTS``, with ``fact`` and ``rule``: ``unknown``, ``form``, ``dated``, ``overlap`` or
            ``missing``.
    """
    for name, value in facts.items():
        if name not in FACTS:
            raise LocalError("FACTS", fact=name if re.fullmatch(r"[a-z0-9_]{1,40}", name) else "?", rule="unknown")
        problem = _problem(FACTS[name], value)
        if problem:
            raise LocalError("FACTS", fact=name, rule=problem)
    needed = _OF_PROVIDERS if unit_type == "utforare" else ()
    if "decides" in facts and not _decides_all(facts["decides"]):
        needed = (*needed, "decision_unit")  # Konsultationsteamet: somebody must decide
    for name in needed:
        if name not in facts:
            raise LocalError("FACTS", fact=name, rule="missing")


def _decides_all(value: list[Any]) -> bool:
    """Whether a unit takes every decision itself, on every day that its card speaks of."""
    rows = [row["value"] for row in value] if _is_dated(value) else [value]
    return all(set(row) == set(FACTS["decides"].words) for row in rows)


def _is_dated(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _problem(declared: Fact, value: Any) -> str:
    """The rule that a fact breaks; empty for none."""
    if not _is_dated(value):
        return _row_problem(declared, {"value": value})
    if len(value) > MAX_DATED_ROWS:
        return "dated"
    broken = next((problem for row in value if (problem := _row_problem(declared, row))), "")
    return broken or ("overlap" if _overlap(value) else "")


def _row_problem(declared: Fact, row: Mapping[str, Any]) -> str:
    days = [row[key] for key in ("valid_from", "valid_to") if key in row]
    if "value" not in row or not row.keys() <= _ROW_KEYS or not all(_is_day(declared, day) for day in days):
        return "dated"
    return "" if _FORMS[declared.holds](declared, row["value"]) else "form"


def _overlap(rows: list[dict[str, Any]]) -> bool:
    """Whether two rows hold on one day. ISO days sort as they follow each other."""
    spans = sorted((row.get("valid_from", ""), row.get("valid_to", "9999-12-31")) for row in rows)
    return any(last >= following for (_, last), (following, _) in itertools.pairwise(spans))


def _holds_on(row: Mapping[str, Any], day: date) -> bool:
    text = day.isoformat()
    return bool(row.get("valid_from", "") <= text <= row.get("valid_to", "9999-12-31"))


# -- forms ------------------------------------------------------------------------------------------------------------


def _is_day(_declared: Fact, value: object) -> bool:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_number(declared: Fact, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and declared.least <= value <= declared.most


def _is_text(declared: Fact, value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= declared.most and value.isprintable()


def _list_of(known: Callable[[Fact, str], bool]) -> Callable[[Fact, object], bool]:
    """A list without repeats, no longer than declared, of texts that are known."""

    def check(declared: Fact, value: object) -> bool:
        if not isinstance(value, list) or len(value) > max(declared.most, len(declared.words)):
            return False
        sound = all(isinstance(one, str) and known(declared, one) for one in value)
        return sound and len(set(value)) == len(value)

    return check


def _is_hours(_declared: Fact, value: object) -> bool:
    """Weekday -> opening and closing time; a day that is missing is closed."""
    if not isinstance(value, dict) or not value.keys() <= set(WEEKDAYS):
        return False
    return all(isinstance(span, str) and _HOURS.fullmatch(span) and span[:5] < span[6:] for span in value.values())


def _is_sets(declared: Fact, value: object) -> bool:
    """Case type -> authorities."""
    if not isinstance(value, dict) or not value.keys() <= set(CASE_TYPES):
        return False
    words = _list_of(lambda _, one: bool(re.fullmatch(r"[a-z0-9_]{1,40}", one)))
    return all(words(declared, one) for one in value.values())


_FORMS: Final[Mapping[Holds, Callable[[Fact, object], bool]]] = MappingProxyType(
    {
        Holds.WORD: lambda declared, value: isinstance(value, str) and value in declared.words,
        Holds.WORDS: _list_of(lambda declared, one: one in declared.words),
        Holds.FLAG: lambda _, value: isinstance(value, bool),
        Holds.NUMBER: _is_number,
        Holds.TEXT: _is_text,
        Holds.DAY: _is_day,
        Holds.UNITS: _list_of(lambda _, one: bool(_UNIT.fullmatch(one))),
        Holds.KOMMUNER: _list_of(lambda _, one: one in kommuner()),
        Holds.LAN: _list_of(lambda _, one: one in LAN),
        Holds.REGIONS: _list_of(lambda _, one: one in POLICE_REGIONS),
        Holds.NAMES: _list_of(lambda _, one: 0 < len(one) <= 40 and one.isprintable()),
        Holds.HOURS: _is_hours,
        Holds.SETS: _is_sets,
    }
)
