"""Every field of every kind: required, optional, required or forbidden under a condition, as its declaration says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from client.casework.consent import ConsentRecord
from client.casework.describe import FieldInfo, describe_struct
from client.casework.fields import FieldType, When
from client.casework.kinds.registry import KINDS, describe, describe_header
from client.casework.shape import check_shape

Case = tuple[tuple[FieldInfo, ...], FieldInfo]

_VALUES: Mapping[FieldType, Any] = {
    FieldType.TEXT: "text",
    FieldType.LONG: "text",
    FieldType.BOOL: True,
    FieldType.DATE: "2026-03-01",
    FieldType.DT: "2026-03-01T08:00:00Z",
    FieldType.KOMMUN: "0180",
    FieldType.ID: "ab" * 16,
    FieldType.SHA256: "ab" * 32,
}


def _blocks(fields: tuple[FieldInfo, ...]) -> Iterator[Case]:
    for info in fields:
        yield fields, info
        yield from _blocks(info.children)


def _cases() -> list[tuple[str, tuple[FieldInfo, ...], FieldInfo]]:
    """All fields: of each kind, of the header, of the consent record."""
    roots = {name: describe(name) for name in sorted(KINDS)}
    roots |= {"header": describe_header(), "consent": describe_struct(ConsentRecord)}
    return [(name, block, info) for name, fields in roots.items() for block, info in _blocks(fields)]


CASES = _cases()
CONDITIONAL = [case for case in CASES if case[2].spec.need or case[2].spec.need_also]
FORBIDDEN = [case for case in CASES if case[2].spec.never]
OPTIONAL = [case for case in CASES if case[2].need == "O" and not case[2].spec.never]


def _named(case: tuple[str, tuple[FieldInfo, ...], FieldInfo]) -> str:
    return f"{case[0]}-{case[2].path}"


def _sample(info: FieldInfo) -> Any:
    spec = info.spec
    if spec.holds is FieldType.GROUP:
        one: Any = {child.name: _sample(child) for child in info.children if child.need == "R"}
    elif spec.holds is FieldType.ENUM:
        one = info.choices[0][0]
    elif spec.holds is FieldType.INT:
        one = spec.least
    else:
        one = _VALUES[spec.holds]
    return [one] if spec.many else one


def _answers(when: When, block: tuple[FieldInfo, ...]) -> list[Any]:
    """Everything that the field or fact of a condition may be: choices, yes and no, or a word that it does not name."""
    for info in block:
        if info.name == when.name and info.choices:
            return [code for code, _ in info.choices]
    flags = all(isinstance(value, bool) for value in when.values)
    return [True, False] if flags else [*when.values, "något annat"]


def _reasons(block: tuple[FieldInfo, ...], info: FieldInfo, given: Mapping[str, Any]) -> set[str]:
    """What is wrong with this one field beside these siblings and facts."""
    facts = {name: value for name, value in given.items() if name.startswith("@")}
    siblings = {name: value for name, value in given.items() if not name.startswith("@")}
    return {one.reason for one in check_shape(block, siblings, facts, "") if one.path == info.path}


@pytest.mark.parametrize("case", CONDITIONAL, ids=_named)
def test_a_field_is_required_exactly_when_its_condition_holds(
    case: tuple[str, tuple[FieldInfo, ...], FieldInfo],
) -> None:
    """Left out, it is missed under the values that the condition names and under no others."""
    _, block, info = case
    conditions = [when for when in (info.spec.need, info.spec.need_also) if when is not None]
    seen = set()
    for when in conditions:
        for answer in _answers(when, block):
            named = any(answer in one.values for one in conditions if one.name == when.name and not one.negate)
            spared = any(answer not in one.values for one in conditions if one.name == when.name and one.negate)
            missed = "missing" in _reasons(block, info, {when.name: answer})
            assert missed is (named or spared), (when, answer)
            seen.add(missed)
        assert "missing" not in _reasons(block, info, {})  # what is not known makes nothing required
    assert True in seen


@pytest.mark.parametrize("case", FORBIDDEN, ids=_named)
def test_a_field_is_forbidden_exactly_when_its_condition_holds(
    case: tuple[str, tuple[FieldInfo, ...], FieldInfo],
) -> None:
    """Filled in, it is refused under the values that the condition names and under no others."""
    _, block, info = case
    when = info.spec.never
    assert when is not None
    seen = set()
    for answer in _answers(when, block):
        forbidden = "forbidden" in _reasons(block, info, {when.name: answer, info.name: _sample(info)})
        assert forbidden is ((answer in when.values) is not when.negate), answer
        seen.add(forbidden)
    assert True in seen


@pytest.mark.parametrize("case", OPTIONAL, ids=_named)
def test_an_optional_field_may_be_left_out_or_filled_in(case: tuple[str, tuple[FieldInfo, ...], FieldInfo]) -> None:
    """Neither is missed nor refused for being there."""
    _, block, info = case
    assert _reasons(block, info, {}) == set()
    assert not _reasons(block, info, {info.name: _sample(info)}) & {"missing", "forbidden", "unknown", "type"}


def test_every_way_of_needing_a_field_is_met() -> None:
    """There are fields of all four ways, and a field is of one of them."""
    assert {info.need for _, _, info in CASES} == {"R", "C", "O"}
    assert CONDITIONAL
    assert FORBIDDEN
    assert all(info.need != "R" for _, _, info in (*CONDITIONAL, *FORBIDDEN))
