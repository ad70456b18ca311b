"""What one check of the doctor found: words and numbers of ours, so that it may be pasted into a mail to anybody."""

from __future__ import annotations

import dataclasses
import enum


class Level(enum.StrEnum):
    """How bad."""

    WELL = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    level: Level
    text: str
