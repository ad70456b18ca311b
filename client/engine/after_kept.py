"""What a local document does besides standing in its thread (domain.md 2.10, 3.5).

1. A refusal ends the case: every open thread of the person stops here. Nothing leaves; what is still allowed is advice
   without personal data, and disclosure on another ground with a named decision-maker.
2. That two people found a consent to be entered by mistake takes it out of force, for all who have it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from client.casework.actions import act
from client.casework.crossing import WITHDRAWN
from client.casework.flows import By, IllegalStepError, Side
from client.casework.kinds.samtycke import CORRECTED, MISTAKEN, EnteredInError, Refused
from client.casework.validate import Message
from client.engine.thread import Thread
from client.engine.threads import Threads
from client.engine.withdrawing import Withdrawing
from client.engine.writing import Writing

REFUSAL: Final = "samtycke.vagrat"
#: Steps by which a refusal ends a thread, the first that its life cycle has.
_ENDS: Final = (("refused", Side.ASKER), (WITHDRAWN, Side.AUTO))


class AfterKept:
    """Called inside the transaction that keeps a local document of this device."""

    def __init__(self, threads: Threads, withdrawing: Withdrawing) -> None:
        self._threads = threads
        self._withdrawing = withdrawing

    async def __call__(self, message: Message, writing: Writing) -> None:
        """Let a local document take effect beyond its thread."""
        content, header = message.content, message.header
        if isinstance(content, Refused):
            await end_case(self._threads, {"principal_ref": header.principal_ref, "created_at": header.created_at})
        if isinstance(content, EnteredInError):
            told = {"scope": MISTAKEN, "received_how": CORRECTED, "at": header.created_at}
            await self._withdrawing.withdraw_inside(bytes.fromhex(content.consent_id), told, writing)


async def end_case(threads: Threads, header: Mapping[str, Any]) -> None:
    """Stop every thread of a person that was open when a refusal was written, inside a transaction.

    Args:
        threads: of the office.
        header: of the refusal.
    """
    at = datetime.datetime.fromisoformat(header["created_at"])
    for thread in await threads.all():
        of_case = thread.principal is not None and thread.principal == header.get("principal_ref")
        if of_case and not thread.is_final and thread.flow != "samtycke" and thread.begun_at <= at.timestamp():
            await _end(threads, thread, at)


async def _end(threads: Threads, thread: Thread, at: datetime.datetime) -> None:
    for event, side in _ENDS:
        if side is Side.ASKER and thread.side != Side.ASKER.value:
            continue
        try:
            act(thread.flow, thread.state, event, By(side), now=at)
        except IllegalStepError:
            continue
        await threads.act(thread, event, By(side), at=int(at.timestamp()))
        return
