"""Dates of a document that lay ahead when it was written and have passed since, because it waited for a second person.

The rules count from the day on which a document was written, so that both ends agree; a wish for an answer by yesterday
would still leave. Whoever is to approve it is told instead, and its author gives new days without writing all anew.

Public signatures:
    passed_dates(body, day) -> tuple[Passed, ...]
    with_dates(body, dates, day) -> (header, content)                raises InvalidBodyError
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from client.casework.describe import FieldInfo
from client.casework.fields import FieldType
from client.casework.kinds.registry import describe, describe_header
from client.casework.problems import InvalidBodyError, problem

Body = dict[str, Any]
#: What a window says of a date that lies too far back.
_BEFORE = frozenset({"past", "too_early"})


@dataclass(frozen=True, slots=True)
class Passed:
    """A date that has passed.

    Args:
        path: where it stands, with the number of the row inside a list, e.g. ``content.steps.0.until``.
        label: Swedish label of the field.
        value: the day or the instant.
        holds: which of the two.
    """

    path: str
    label: str
    value: str
    holds: FieldType


def passed_dates(body: Body, day: date) -> tuple[Passed, ...]:
    """What a document of today could not say any more.

    Args:
        body: decoded and valid.
        day: in Sweden.
    """
    fields = describe(str(body["header"]["message_type"]))
    return (
        *_passed(describe_header(), body["header"], "header", day),
        *_passed(fields, body["content"], "content", day),
    )


def _passed(fields: tuple[FieldInfo, ...], block: Mapping[str, Any], at: str, day: date) -> Iterator[Passed]:
    for info in fields:
        value, path, window = block.get(info.name), f"{at}.{info.name}", info.spec.window
        if info.spec.holds is FieldType.GROUP:
            rows = enumerate(value or ()) if info.spec.many else [("", value)] if value else ()
            for number, row in rows:
                yield from _passed(info.children, row, path if number == "" else f"{path}.{number}", day)
        elif window is not None and isinstance(value, str) and (window.wrong(value, day) or ("",))[0] in _BEFORE:
            yield Passed(path, info.spec.label, value, info.spec.holds)


def with_dates(body: Body, dates: Mapping[str, str], day: date) -> tuple[Body, Body]:
    """Header and content with new days in the place of those that have passed.

    Args:
        body: of the document that waited.
        dates: new values by path.
        day: in Sweden.

    Raises:
        InvalidBodyError: something is given for another field.
    """
    unknown = dates.keys() - {one.path for one in passed_dates(body, day)}
    if unknown:
        raise InvalidBodyError(tuple(problem(path, "unknown") for path in sorted(unknown)))
    parts = {name: body[name] for name in ("header", "content")}
    for path, value in dates.items():
        parts = _put(parts, path.split("."), value)
    return parts["header"], parts["content"]


def _put(value: Any, path: list[str], new: str) -> Any:
    """A copy with one value replaced; nothing of the original is changed."""
    if not path:
        return new
    if isinstance(value, dict):
        return {**value, path[0]: _put(value[path[0]], path[1:], new)}
    number = int(path[0])
    return [_put(row, path[1:], new) if at == number else row for at, row in enumerate(value)]
