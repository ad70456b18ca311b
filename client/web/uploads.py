"""Tickets for files on their way from the browser into a draft.

A form with a file cannot be read as a whole to find its token, because then the file would stand in memory, or in the
clear in a temporary file. So its address carries a ticket instead: 32 random bytes, for one draft, once, for an hour.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Final

from keys.private.identity import random_bytes

TICKET_SECONDS: Final = 3600
MAX_TICKETS: Final = 64
SECRET_BYTES: Final = 32


class Uploads:
    """The tickets of one page."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._drafts: dict[bytes, tuple[str, str, float]] = {}

    def ticket(self, draft_id: str, form_token: str) -> str:
        """A ticket for one draft in one session."""
        secret = random_bytes(SECRET_BYTES).hex()
        self._drafts[_digest(secret)] = (draft_id, form_token, self._now() + TICKET_SECONDS)
        while len(self._drafts) > MAX_TICKETS:
            del self._drafts[next(iter(self._drafts))]
        return secret

    def use(self, ticket: str, form_token: str) -> str | None:
        """The draft of a ticket that was given in this session; it is used up."""
        draft_id, owner, until = self._drafts.pop(_digest(ticket), ("", "", 0.0))
        return draft_id if draft_id and owner == form_token and self._now() <= until else None


def _digest(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).digest()
