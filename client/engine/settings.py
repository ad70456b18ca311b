"""Settings of one office: ``office.toml`` in its folder, and ``page.toml`` beside it, which the page writes."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from keys.errors import LocalError
from keys.statements import Profile

#: What can be chosen at the page: long enough to read a page, short enough for who is called away.
MIN_LOCK_MINUTES: Final = 1
MAX_LOCK_MINUTES: Final = 15

Seconds = Annotated[float, Meta(ge=0, le=40 * 86_400)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an operator may set. Times in seconds.

    The defaults are those of protocol 10: receipts delayed by half an hour on average, a document without receipt
    sealed anew after 6 hours and then daily, a person told after 24 hours (4 when urgent).
    ``lock_after_minutes`` without a person's request the keys are locked; 0: never; when it is not set, a page locks
    after 5 minutes and an office without a page stays open. ``undo_seconds`` what is written at the page can be taken
    back before it leaves. ``statistics_threshold`` the smallest number that statistics show.
    """

    profile: Profile = Profile.REAL
    receipt_mean_seconds: Seconds = 1800
    reseal_first_seconds: Seconds = 6 * 3600
    reseal_then_seconds: Seconds = 24 * 3600
    alarm_seconds: Seconds = 24 * 3600
    alarm_urgent_seconds: Seconds = 4 * 3600
    round_seconds: Seconds = 60
    lock_after_minutes: Annotated[float, Meta(ge=0, le=24 * 60)] | None = None
    api_port: Annotated[int, Meta(ge=0, le=65535)] = 0
    undo_seconds: Annotated[float, Meta(ge=0, le=600)] = 30
    statistics_threshold: Annotated[int, Meta(ge=5, le=100)] = 5
    page_port: Annotated[int, Meta(ge=0, le=65535)] = 0


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a handler has chosen at the page. ``lock_after_minutes`` is never longer than an operator's."""

    lock_after_minutes: Annotated[int, Meta(ge=MIN_LOCK_MINUTES, le=MAX_LOCK_MINUTES)] | None = None


def load_chosen(path: Path) -> Chosen:
    """Read what was chosen; a file that is missing or cannot be read stands for nothing chosen."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Chosen)
    except (OSError, ValueError):
        return Chosen()


def load_settings(path: Path) -> Settings:
    """Read the settings; a missing file means the defaults.

    Raises:
        LocalError: code ``SETTINGS``; not TOML, an unknown name, or a value out of bounds.
    """
    if not path.exists():
        return Settings()
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Settings)
    except (OSError, ValueError) as error:
        raise LocalError("SETTINGS") from error
