"""The samples' contents with their days moved to today: a real office refuses dates far from the day of writing."""

from __future__ import annotations

import datetime
import re
from typing import Any, Final

from tests.unit.casework import samples

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(T[0-9:.]+Z)?")


def of_today(value: Any) -> Any:
    """The same with each day moved by as much as today is after the samples' own day."""
    if isinstance(value, dict):
        return {name: of_today(one) for name, one in value.items()}
    if isinstance(value, list):
        return [of_today(one) for one in value]
    if isinstance(value, str) and _DATE.fullmatch(value):
        days = datetime.datetime.now(datetime.UTC).date() - samples.NOW.date()
        return f"{datetime.date.fromisoformat(value[:10]) + days}{value[10:]}"
    return value


CONTENTS: Final[dict[str, dict[str, Any]]] = of_today(samples.CONTENTS)
