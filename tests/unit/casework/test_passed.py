"""Dates that pass while a document waits for a second person, and new ones in their place."""

import copy
import datetime
from typing import Any

import pytest

from client.casework.passed import passed_dates, with_dates
from client.casework.problems import InvalidBodyError
from client.casework.shape import is_instant
from tests.unit.casework.samples import SAMPLES

WRITTEN = datetime.date(2026, 2, 10)
SOON = WRITTEN + datetime.timedelta(days=3)


def placing() -> dict[str, Any]:
    """A need of a place, by a day, with a wish for an answer."""
    body: dict[str, Any] = copy.deepcopy(SAMPLES["placering.behov"])
    body["header"] |= {"created_at": f"{WRITTEN}T09:00:00Z", "reply_by": f"{SOON}T10:00:00Z"}
    body["content"]["move_by"] = SOON.isoformat()
    return body


def test_what_lay_ahead_has_passed_on_the_day_after() -> None:
    """On its last day it has not; what is to have happened never passes."""
    body = placing()
    assert passed_dates(body, SOON) == ()
    late = passed_dates(body, SOON + datetime.timedelta(days=1))
    assert [(one.path, one.value) for one in late] == [
        ("header.reply_by", f"{SOON}T10:00:00Z"),
        ("content.move_by", SOON.isoformat()),
    ]


def test_a_date_inside_a_list_is_named_by_its_row() -> None:
    """So that the right one is given anew."""
    body: dict[str, Any] = copy.deepcopy(SAMPLES["plan.upprattad"])
    long_after = WRITTEN + datetime.timedelta(days=20_000)
    paths = [one.path for one in passed_dates(body, long_after)]
    inside = next(path for path in paths if any(part.isdecimal() for part in path.split(".")))
    _, content = with_dates(body, {inside: "2099-01-01"}, long_after)
    row: Any = {"content": content}
    for part in inside.split("."):
        row = row[int(part)] if part.isdecimal() else row[part]
    assert row == "2099-01-01"
    assert body == SAMPLES["plan.upprattad"]


def test_only_what_has_passed_is_given_anew() -> None:
    """The rest of the document stays what its author wrote."""
    body, day = placing(), SOON + datetime.timedelta(days=1)
    before = copy.deepcopy(body)
    header, content = with_dates(body, {"content.move_by": "2026-03-01"}, day)
    assert (content, header) == (before["content"] | {"move_by": "2026-03-01"}, before["header"])
    assert body == before
    assert is_instant(header["reply_by"])
    for path in ("content.reason", "header.sender_unit", "content.nothing"):
        with pytest.raises(InvalidBodyError):
            with_dates(body, {path: "2026-03-01"}, day)
