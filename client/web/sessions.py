"""Who is at the page: one-time tickets, and the sessions that they open.

Rules:
1. A ticket is 32 random bytes, works once, and for ten minutes.
2. A session is known by a cookie of 32 random bytes; only its SHA-256 is kept, in memory, never on disk.
3. Each session has a token of its own that every form carries back.
4. What an address must not tell, because a browser keeps addresses, is held here under a random word, or stands there
   under a name that only this session knows.
5. All sessions end with the office.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import math
import time
from collections.abc import Callable
from typing import Final

from keys.private.identity import random_bytes

TICKET_SECONDS: Final = 600
MAX_TICKETS: Final = 64
MAX_SESSIONS: Final = 64
MAX_HELD: Final = 64
SECRET_BYTES: Final = 32
HELD_BYTES: Final = 8  # no secret: it only must not repeat


@dataclasses.dataclass(slots=True)
class Session:
    """One browser. ``form_token`` is hexadecimal; ``hidden``: somebody hid the page, and has not come back.

    ``kit_first``: the first start is not over before there is a recovery kit. ``kit_due``: from when on the work list
    leads to it, in seconds of the monotonic clock; never where there is one.
    """

    form_token: str
    lang: str = "sv"
    notice: str = ""
    hidden: bool = False
    kit_first: bool = False
    kit_due: float = math.inf
    _held: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    def take_notice(self) -> str:
        """The sentence to show once, and no more."""
        notice, self.notice = self.notice, ""
        return notice

    def hold(self, *words: str) -> str:
        """Hold words; returns what stands in the address in their place. The oldest fall out beyond ``MAX_HELD``."""
        for name, held in self._held.items():
            if held == words:
                return name
        return self.hold_anew(*words)

    def hold_anew(self, *words: str) -> str:
        """The same under a name of its own, for a form that is kept under it: two may be begun about the same."""
        name = random_bytes(HELD_BYTES).hex()
        self._held[name] = words
        while len(self._held) > MAX_HELD:
            del self._held[next(iter(self._held))]
        return name

    def alias(self, word: str) -> str:
        """What stands in an address for a word of a known list: the same in this session, and of no other's making."""
        return hmac.new(self.form_token.encode(), word.encode(), hashlib.sha256).hexdigest()[: 2 * HELD_BYTES]

    def held(self, name: str) -> tuple[str, ...] | None:
        """The words behind an address; None when they fell out, or are another session's."""
        return self._held.get(name)


class Sessions:
    """Tickets and sessions of one page."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._tickets: dict[bytes, float] = {}
        self._sessions: dict[bytes, Session] = {}

    def ticket(self) -> str:
        """A new one-time ticket, hexadecimal; the oldest ones fall out beyond ``MAX_TICKETS``."""
        secret = random_bytes(SECRET_BYTES).hex()
        self._tickets[_digest(secret)] = self._now() + TICKET_SECONDS
        while len(self._tickets) > MAX_TICKETS:
            del self._tickets[next(iter(self._tickets))]
        return secret

    def enter(self, ticket: str) -> str | None:
        """Use up a ticket: the cookie of a new session, or None when it is unknown, used or too old."""
        until = self._tickets.pop(_digest(ticket), None)
        if until is None or self._now() > until:
            return None
        cookie = random_bytes(SECRET_BYTES).hex()
        self._sessions[_digest(cookie)] = Session(random_bytes(SECRET_BYTES).hex())
        while len(self._sessions) > MAX_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return cookie

    def of(self, cookie: str | None) -> Session | None:
        """The session of a cookie."""
        return None if not cookie else self._sessions.get(_digest(cookie))

    def leave(self, cookie: str | None) -> None:
        """End a session."""
        if cookie:
            self._sessions.pop(_digest(cookie), None)


def same(given: str, expected: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
