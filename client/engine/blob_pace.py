"""How blobs go over the link: some at a time, and at the pace that the hub asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from client.engine.sessions import HubError
from hub.wire.responses import Code

T = TypeVar("T")
STEP: Final = 16  # blobs between two notes in the vault: 4 MiB, some seconds on a slow line
AT_ONCE: Final = 4  # blobs under way; each stands in memory twice or three times
MOST_WAIT_SECONDS: Final = 60


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Do it; when the hub says that it is too much, wait as long as it says.

    Raises:
        HubError, HubRefusedError: as the call; never for the rate.
    """
    while True:
        try:
            return await call()
        except HubError as error:
            if error.fields.get("status") != Code.RATE.value:
                raise
            wait = error.fields.get("retry_after")
            await asyncio.sleep(min(wait if isinstance(wait, int) else 1, MOST_WAIT_SECONDS))


async def some_at_a_time(calls: Sequence[Callable[[], Awaitable[T]]], done: list[T]) -> None:
    """Do all calls, ``AT_ONCE`` at a time; results go to ``done`` in order, up to the first that failed.

    Raises:
        Exception: that of the first that failed; those beside it have ended.
    """
    for at in range(0, len(calls), AT_ONCE):
        results = await asyncio.gather(*(patiently(call) for call in calls[at : at + AT_ONCE]), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
            done.append(result)
