"""Bringing the index of the search up to date while the page is open, so that no search has to."""

from __future__ import annotations

import asyncio
from typing import Final

from client.engine.office import Desk
from client.engine.searching import AT_ONCE, Searching
from keys.errors import SlussError
from keys.logging import get_logger

LOOK_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 0.03  # between two parts of a backlog: whoever reads or writes meanwhile has a turn
_log = get_logger("page")


class Indexing:
    """Looks after one vault's index."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From now on."""
        self._task = asyncio.create_task(self._run(), name="page-indexing")

    async def close(self) -> None:
        """Stop; what lacks is taken in another time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        searching, seen = Searching(self._desk.context), -1
        while True:
            done, commits = 0, self._desk.context.vault.commits
            if commits != seen:
                try:
                    done = await searching.index(AT_ONCE)
                except SlussError as error:
                    _log.info("index", code=error.code)
                seen = seen if done else commits
            await asyncio.sleep(PAUSE_SECONDS if done else LOOK_SECONDS)
