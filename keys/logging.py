"""Structured logs with an allow-list: what is not on the list is never written.

A field that is not allowed raises in tests (``strict=True``) and is dropped and counted in production. No field may
hold content, keys, tokens, names, addresses or a pair of sender and recipient; ids of envelopes, mailboxes and devices
are not on the list either, because a log line with one of them and a time is metadata about two offices.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, TextIO, cast

import structlog

ALLOWED: Final = frozenset(
    {
        "event", "level", "timestamp", "logger", "component", "code", "count", "size_bytes", "seconds", "version",
        "schema", "port", "host", "signal", "op", "status", "profile", "log_size", "queued", "waiting", "group",
        "attempt", "rule", "error_type", "incarnation_changed", "dropped_fields", "free_bytes", "revision",
    }
)  # fmt: skip


class UnlistedFieldError(AssertionError):
    """A log call used a field that is not on the list; raised in strict mode only."""


class AllowList:
    """Processor that lets only listed fields pass, and only numbers, booleans and short plain words as values."""

    MAX_TEXT = 120

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        """Drop what is not allowed, or raise in strict mode."""
        unlisted = [name for name in event if name not in ALLOWED]
        if unlisted and self._strict:
            raise UnlistedFieldError(", ".join(sorted(unlisted)))
        kept = {name: self._plain(value) for name, value in event.items() if name in ALLOWED}
        if unlisted:
            kept["dropped_fields"] = len(unlisted)
        return kept

    def _plain(self, value: object) -> object:
        if isinstance(value, bool | int | float) or value is None:
            return value
        return str(value)[: self.MAX_TEXT] if isinstance(value, str) else type(value).__name__


class Unfailing(io.TextIOBase):
    """A stream that lets a line go which it cannot write: a full disk must not change what is answered or done.

    Args:
        stream: where lines go.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or not."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, or not."""
        with contextlib.suppress(OSError):
            self._stream.flush()


def configure(*, strict: bool = False, stream: TextIO | None = None) -> None:
    """Set up logging for the process: JSON lines to ``stream`` (standard error by default).

    Args:
        strict: raise on unlisted fields; for tests.
        stream: where lines go.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            AllowList(strict=strict),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Unfailing(stream or sys.stderr))),
        cache_logger_on_first_use=False,
    )


def get_logger(component: str) -> structlog.typing.FilteringBoundLogger:
    """A logger bound to a component's name, one noun."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(component=component)
    return logger
