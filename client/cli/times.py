"""Times as people read them: Swedish clocks; programs get instants in UTC instead."""

from __future__ import annotations

from datetime import datetime, timedelta

from client.casework.swedish_time import local_time, shown_time


def when(instant: str | None) -> str:
    """An instant of the API on Swedish clocks, to the minute; what is no instant is empty or stays as it is.

    Args:
        instant: ISO 8601 in UTC with ``Z``.
    """
    return shown_time(instant)


def hours(instant: str | None) -> str:
    """The hour that begins there, for what is known to the hour only.

    Args:
        instant: ISO 8601 in UTC with ``Z``.
    """
    try:
        moment = local_time(datetime.fromisoformat(instant or ""))
    except ValueError:
        return ""
    return f"{moment:%Y-%m-%d} kl {moment:%H}–{moment + timedelta(hours=1):%H}"
