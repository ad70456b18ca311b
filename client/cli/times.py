"""Times as people read them: Swedish clocks; programs get instants in UTC instead."""

from __future__ import annotations

from datetime import datetime, timedelta

from client.casework.swedish_time import local_time


def when(instant: str | None) -> str:
    """An instant of the API on Swedish clocks, to the minute; what is no instant is empty or stays as it is.

    Args:
        instant: ISO 8601 in UTC with ``Z``.
    """
    moment = _read(instant)
    return instant or "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def hours(instant: str | None) -> str:
    """The hour that begins there, for what is known to the hour only.

    Args:
        instant: ISO 8601 in UTC with ``Z``.
    """
    moment = _read(instant)
    return "" if moment is None else f"{moment:%Y-%m-%d} kl {moment:%H}–{moment + timedelta(hours=1):%H}"


def _read(instant: str | None) -> datetime | None:
    try:
        return local_time(datetime.fromisoformat(instant or ""))
    except ValueError:
        return None
