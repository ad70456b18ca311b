"""What all commands share: the desk that they sit at, and how a result is told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keys.admin_request import MAX_ADMIN_REQUEST_BYTES, Officer, parse_admin_request
from keys.files import read_bounded
from keys.private import describe
from keys.private.desk import Desk, open_desk
from keys.private.registry import Registry
from keys.private.terminal import passphrases, report, say


def open_at(folder: Path, given: dict[str, Any]) -> Desk:
    """The registry in ``folder`` with the key files and passphrase files of the command line."""
    files = given["key_files"]
    words = passphrases(len(files), given["pass_files"], [path.name for path in files], fresh=False)
    return open_desk(Registry.open(folder), list(zip(files, words, strict=True)), now())


def read_officers(registry: Registry, paths: Sequence[Path]) -> list[Officer]:
    """The requests of officers, which the registry keeps: a later directory key is sealed to them without asking.

    Raises:
        PeerError: one is none. LocalError: code ``FILE`` or ``DISK``.
    """
    raw = [read_bounded(path, MAX_ADMIN_REQUEST_BYTES) for path in paths]
    officers = [parse_admin_request(request) for request in raw]
    for request in raw:
        registry.save_officer(request)
    return officers


def settled(statement: bytes, number: int | None, **facts: Any) -> None:
    """Tell a statement's number in the registry; None: it is a draft."""
    if number is None:
        say("signatures are missing: the draft waits for `sign` or for a device of the unit, then `submit`")
    report({"statement": "draft" if number is None else number, **describe.describe_file(statement), **facts})


def now() -> int:
    """Seconds since 1970 UTC."""
    return int(time.time())
