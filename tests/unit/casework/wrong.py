"""What is wrong with a sample after changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from client.casework.problems import InvalidBodyError
from client.casework.validate import validate_body
from tests.unit.casework.samples import SAMPLES


def wrong(name: str, changes: Mapping[str, Any], opening: Mapping[str, Any] | None = None) -> set[tuple[str, str]]:
    """Path and reason of all that is wrong with a content after changes; None takes a field out."""
    body = SAMPLES[name]
    changed = body["content"] | changes
    body["content"] = {key: value for key, value in changed.items() if value is not None}
    try:
        validate_body(body, opening)
    except InvalidBodyError as error:
        return {(one.path, one.reason) for one in error.problems}
    return set()
