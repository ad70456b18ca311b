"""When the proxy's certificates run out. The hub does no TLS; it reads the files so that somebody is told in time."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography import x509

MAX_BYTES: Final = 256 * 1024


def seconds_left(path: Path, now: float) -> float | None:
    """Until the first certificate of a PEM file ends; the others are its issuers'.

    Args:
        path: the file.
        now: seconds since 1970.

    Returns:
        Seconds, below zero when it ran out; None when there is no readable certificate.
    """
    try:
        with path.open("rb") as file:
            certificate = x509.load_pem_x509_certificate(file.read(MAX_BYTES))
    except (OSError, ValueError):
        return None
    ends = certificate.not_valid_after_utc
    return (ends - datetime.datetime.fromtimestamp(now, tz=datetime.UTC)).total_seconds()


def all_seconds_left(paths: Iterable[str], now: float) -> tuple[float | None, ...]:
    """``seconds_left`` of each, in order."""
    return tuple(seconds_left(Path(path), now) for path in paths)
