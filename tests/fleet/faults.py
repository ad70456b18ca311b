"""Defences that a fleet works without, as controls: a run with one of them taken out must report losses."""

from __future__ import annotations

from typing import Any

from client.engine.office import Office

NO_ASKING = "no-asking"  # a device asks its siblings for nothing: no needs, no history
NO_HISTORY = "no-history"  # no history: neither for a new device nor after a long sleep
FAULTS = (NO_ASKING, NO_HISTORY)


async def _nothing(*_: Any, **__: Any) -> None:
    """In place of a method."""


def take_out(office: Office, fault: str) -> None:
    """Let an open office work without a defence; nothing for an empty name."""
    parts = office.desk.unit._parts
    if fault in {NO_ASKING, NO_HISTORY}:
        setattr(parts.history, "wish", _nothing)  # noqa: B010 - mypy and a method
    if fault == NO_ASKING:
        for name in ("lack", "look", "prepare"):
            setattr(parts.asking, name, _nothing)
