"""Letting go what somebody began to write in a form and never came back to: when the page opens, and every hour."""

from __future__ import annotations

import asyncio
from typing import Final

from client.engine.jottings import Jottings

EVERY_SECONDS: Final = 3600.0


class Clearing:
    """Looks after what is kept of forms."""

    def __init__(self, jottings: Jottings, every_seconds: float = EVERY_SECONDS) -> None:
        self._jottings = jottings
        self._every_seconds = every_seconds
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Once now, and from now on."""
        await self._jottings.forget_old()
        self._task = asyncio.create_task(self._run(), name="page-clearing")

    async def close(self) -> None:
        """Stop; what is old goes another time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_seconds)
            await self._jottings.forget_old()
