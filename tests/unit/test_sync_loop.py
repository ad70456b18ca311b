"""The sync loop outlives what goes wrong in it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from client.engine import sync as sync_module
from client.engine.clock import Clock
from client.engine.settings import Settings
from client.engine.sync import Sync
from keys.errors import LocalError


class _Context:
    clock = Clock()
    settings = Settings()


@pytest.mark.parametrize(("error", "code"), [(LocalError("DISK"), "DISK"), (KeyError("x"), "FAULT")])
async def test_the_loop_goes_on_after_an_error(monkeypatch: pytest.MonkeyPatch, error: Exception, code: str) -> None:
    """An error, also one that nobody foresaw, is told in the status and tried again until it is gone."""
    seen: list[str] = []
    done = asyncio.Event()

    async def fails_once(loop: Sync) -> None:
        seen.append(loop.trouble)
        if len(seen) == 1:
            raise error
        done.set()

    async def silence(_loop: Sync) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(sync_module, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(Sync, "_pass", fails_once)
    monkeypatch.setattr(Sync, "_listen", silence)
    monkeypatch.setattr(Sync, "_wait", silence)
    monkeypatch.setattr(Sync, "_move", silence)
    context: Any = _Context()
    running = asyncio.create_task(Sync(context, context, context).run())
    await asyncio.wait_for(done.wait(), 5)
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert seen == ["", code]
