"""Checks a mapping against a declaration and finds all that is wrong, not only the first thing.

msgspec stops at its first error; a handler who fills in a form wants to see all. So the walk here
checks everything that the declaration says, and msgspec only makes the struct afterwards.

Rules:
1. Nothing is converted: ``"1"`` is no number and ``1`` is no truth value.
2. A text that is required must hold more than white space.
3. A list that is too long is not walked.
4. Unknown fields are counted, not named.

Public signatures:
    check_shape(fields, value, facts, path) -> list[Problem]
    major_of(version) -> int | None

Not here: what documents are made of (`validate`), consent records (`consent_check`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType

from client.casework.describe import FieldInfo
from client.casework.fields import FieldSpec, FieldType
from client.casework.problems import Problem, problem
from client.casework.windows import Window
from keys.places import kommuner

#: The fact that tells on which Swedish day the document was written; where it is not known, no window is held.
WRITTEN = "@written"

_ID = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Years of dates in documents; our own bounds.
FIRST_YEAR, LAST_YEAR = 1900, 2199

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_VERSION = re.compile(r"([0-9]{1,4})\.[0-9]{1,4}")
_KOMMUN = re.compile(r"[0-9]{4}")
_DT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")

#: Control characters, surrogates, and the marks that turn the direction of writing.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_BREAK = re.compile("[\n\t\u2028\u2029]")


def check_shape(
    fields: tuple[FieldInfo, ...], value: object, facts: Mapping[str, object], path: str = ""
) -> list[Problem]:
    """All problems of a block of fields.

    Args:
        fields: as `describe_struct` gives them.
        value: what stands there.
        facts: what conditions may ask about the surroundings, names with ``@``.
        path: where the block stands.
    """
    walk = _Walk(facts)
    walk.block(fields, value, path)
    return walk.found


class _Walk:
    """One walk through a declaration; what is wrong is noted in the order in which it is met."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        self._facts = facts
        self.found: list[Problem] = []

    def block(self, fields: tuple[FieldInfo, ...], value: object, path: str) -> None:
        """A block of fields, and whether there are others in it."""
        if not isinstance(value, Mapping):
            self.found.append(problem(path, "type"))
            return
        before, known = len(self.found), 0
        for info in fields:
            given = value.get(info.name)
            if given is not None:
                known += 1
                self._given(info, given, value)
            else:
                known += info.name in value
                if info.need != "O" or info.default is not None:
                    self._absent(info, value)
        if known < len(value):
            self.found.insert(before, problem(f"{path}.?" if path else "?", "unknown"))

    def _given(self, info: FieldInfo, value: object, siblings: Mapping[str, object]) -> None:
        """One field beside its siblings: present, forbidden, or a list in which nothing is."""
        spec = info.spec
        if spec.many and value in ([], ()):
            self._absent(info, siblings)
        elif spec.never is not None and info.forbidden_now(siblings, self._facts):
            self.found.append(problem(info.path, "forbidden", spec.label))
        elif spec.many:
            self._list(info, value)
        else:
            self._value(info, value)

    def _absent(self, info: FieldInfo, siblings: Mapping[str, object]) -> None:
        """Left out, empty, or an explicit null where the field has another default."""
        if info.required_now(siblings, self._facts):
            self.found.append(problem(info.path, "missing", info.spec.label))
        elif info.default is not None and info.name in siblings and siblings[info.name] is None:
            self.found.append(problem(info.path, "type", info.spec.label))

    def _list(self, info: FieldInfo, value: object) -> None:
        spec = info.spec
        if not isinstance(value, list | tuple):
            self.found.append(problem(info.path, "type", spec.label))
            return
        if len(value) > spec.max_rows:
            self.found.append(problem(info.path, "too_many", spec.label, limit=spec.max_rows))
            return
        for row in value:
            self._value(info, row)
        if spec.holds is FieldType.ENUM and len({repr(row) for row in value}) < len(value):
            self.found.append(problem(info.path, "duplicate", spec.label))

    def _value(self, info: FieldInfo, value: object) -> None:
        spec = info.spec
        if spec.holds is FieldType.GROUP:
            self.block(info.children, value, info.path)
            return
        reason = _LEAVES[spec.holds](spec, value)
        if reason:
            self.found.append(problem(info.path, reason, spec.label, limit=spec.limit))
        elif spec.const is not None and value is not spec.const:
            self.found.append(problem(info.path, "const", spec.label))
        elif spec.window is not None:
            self._day(info, spec.window, value)

    def _day(self, info: FieldInfo, window: Window, value: object) -> None:
        """A day or an instant beside the day of writing, where that is known."""
        written = self._facts.get(WRITTEN)
        if isinstance(written, date) and isinstance(value, str) and (wrong := window.wrong(value, written)):
            self.found.append(problem(info.path, wrong[0], info.spec.label, limit=wrong[1]))


def _text(spec: FieldSpec, value: object) -> str:
    if not isinstance(value, str):
        return "type"
    if len(value) > spec.limit:
        return "too_long"
    if _FORBIDDEN.search(value) or (spec.holds is FieldType.TEXT and _LINE_BREAK.search(value)):
        return "control"
    return "" if value.strip() else "missing"


def _enum(spec: FieldSpec, value: object) -> str:
    if not isinstance(value, str):
        return "type"
    return "" if spec.codes is not None and value in spec.codes.codes else "choice"


def major_of(version: object) -> int | None:
    """The first number of a version such as ``1.0``; None for anything else, which no reader accepts."""
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    return int(found[1]) if found else None


def _bool(_spec: FieldSpec, value: object) -> str:
    return "" if isinstance(value, bool) else "type"


def _integer(spec: FieldSpec, value: object) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return "type"
    return "" if spec.least <= value <= spec.most else "range"


def _matching(pattern: re.Pattern[str], reason: str) -> Callable[[FieldSpec, object], str]:
    """A check that the value is a text of the pattern's form."""

    def check(_spec: FieldSpec, value: object) -> str:
        if not isinstance(value, str):
            return "type"
        return "" if pattern.fullmatch(value) else reason

    return check


def _date(_spec: FieldSpec, value: object) -> str:
    if not isinstance(value, str):
        return "type"
    return "" if _DATE.fullmatch(value) and is_real(date, value) else "date"


def _dt(_spec: FieldSpec, value: object) -> str:
    if not isinstance(value, str):
        return "type"
    return "" if is_instant(value) else "dt"


def is_instant(text: str) -> bool:
    """Whether the text is a UTC instant as documents write it."""
    return bool(_DT.fullmatch(text)) and is_real(datetime, text.removesuffix("Z"))


def is_real(kind: type[date], text: str) -> bool:
    """Whether the calendar has that day (and the clock that time), in years that a case can speak of.

    Deadlines are counted from dates that others write: near the calendar's end the sum would be no date.
    """
    try:
        return FIRST_YEAR <= kind.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        return False


def _kommun(_spec: FieldSpec, value: object) -> str:
    if not isinstance(value, str):
        return "type"
    if value in kommuner():
        return ""
    return "kommun_unknown" if _KOMMUN.fullmatch(value) else "kommun"


_LEAVES: Mapping[FieldType, Callable[[FieldSpec, object], str]] = MappingProxyType(
    {
        FieldType.TEXT: _text,
        FieldType.LONG: _text,
        FieldType.ENUM: _enum,
        FieldType.BOOL: _bool,
        FieldType.INT: _integer,
        FieldType.DATE: _date,
        FieldType.DT: _dt,
        FieldType.KOMMUN: _kommun,
        FieldType.ID: _matching(_ID, "id"),
        FieldType.SHA256: _matching(_SHA256, "id"),
    }
)
