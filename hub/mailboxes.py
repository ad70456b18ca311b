"""Which mailboxes exist and which delivery tokens open them, in memory (PROTOCOL 4.2 step 3).

Every deposit asks, so the answer must not cost a read. An unknown mailbox, a closed unit, a week without a token and a
wrong token take the same steps and give the same answer.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

from hub.store.base import Token
from keys.ids import MailboxId


class Mailboxes:
    """The open mailboxes and their token hashes."""

    def __init__(self, tokens: Iterable[Token] = ()) -> None:
        self._open: set[MailboxId] = set()
        self._hashes: dict[tuple[MailboxId, int], bytes] = {}
        # What nobody's token hashes to; compared when there is nothing to compare with, so that the work is the same.
        self._nothing: Final = secrets.token_bytes(32)
        for token in tokens:
            self.put_token(token)

    def set_open(self, mailbox: MailboxId, *, is_open: bool) -> None:
        """Open or close a mailbox for deposits."""
        if is_open:
            self._open.add(mailbox)
        else:
            self._open.discard(mailbox)

    def put_token(self, token: Token) -> None:
        """Know a token hash; replaces that of the same week."""
        self._hashes[token.mailbox, token.week] = token.token_hash

    def replace_tokens(self, tokens: Iterable[Token]) -> None:
        """Know these token hashes and no others."""
        self._hashes = {(token.mailbox, token.week): token.token_hash for token in tokens}

    def weeks(self, mailbox: MailboxId) -> list[int]:
        """Weeks for which the mailbox has a token."""
        return sorted(week for owner, week in self._hashes if owner == mailbox)

    def drop_tokens(self, before_week: int) -> None:
        """Forget tokens of weeks below ``before_week``."""
        for owner, week in [place for place in self._hashes if place[1] < before_week]:
            del self._hashes[owner, week]

    def admits(self, mailbox: MailboxId, week: int, token: bytes) -> bool:
        """Whether ``token`` (32 bytes) opens ``mailbox`` in ``week``; in the same time whatever the reason is."""
        wanted = self._hashes.get((mailbox, week), self._nothing)
        right = hmac.compare_digest(hashlib.sha256(token).digest(), wanted)
        return right & (mailbox in self._open)
