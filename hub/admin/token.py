"""The token that opens the operator's page, and the sessions that it opened: in memory, bounded, eight hours."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path
from typing import Final

from hub.clock import Clock
from hub.secret_files import CREDENTIAL, is_open_to_others, secret_path
from keys.errors import LocalError
from keys.files import read_bounded, write_durably

FILE_NAME: Final = "admin.token"
LEAST_CHARACTERS: Final = 20
MAX_BYTES: Final = 256
SESSION_SECONDS: Final = 8 * 3600  # a working day
MAX_SESSIONS: Final = 16


def admin_token(data: Path, place: str) -> str:
    """Read the token; made at the first start where the settings name no credential.

    Args:
        data: the hub's folder.
        place: setting ``admin_token_file``.

    Raises:
        LocalError: code ``ADMINTOKEN``: missing, too short, or readable by others.
    """
    path = secret_path(data, place, FILE_NAME)
    try:
        if not path.exists() and not place.startswith(CREDENTIAL):
            write_durably(path, secrets.token_urlsafe(32).encode() + b"\n")
        token = read_bounded(path, MAX_BYTES).decode("ascii").strip()
        if is_open_to_others(path) or len(token) < LEAST_CHARACTERS:
            raise LocalError("ADMINTOKEN")
    except (OSError, LocalError, UnicodeError) as error:
        raise LocalError("ADMINTOKEN", file=FILE_NAME) from error
    return token


class AdminSessions:
    """Who opened the page.

    Args:
        token: what opens it.
        clock: seconds since 1970.
    """

    def __init__(self, token: str, clock: Clock) -> None:
        self._token = token.encode()
        self._clock = clock
        self._ends: dict[str, float] = {}

    def open(self, token: str) -> str | None:
        """A session's name for the right token, None for a wrong one."""
        if not hmac.compare_digest(token.strip().encode(), self._token):
            return None
        while len(self._ends) >= MAX_SESSIONS:
            del self._ends[next(iter(self._ends))]
        name = secrets.token_urlsafe(32)
        self._ends[name] = self._clock() + SESSION_SECONDS
        return name

    def holds(self, name: str) -> bool:
        """Whether a session is open."""
        ends = self._ends.get(name)
        if ends is not None and ends <= self._clock():
            self.close(name)
            return False
        return ends is not None

    def close(self, name: str) -> None:
        """End a session."""
        self._ends.pop(name, None)
