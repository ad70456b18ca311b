"""A task that is cancelled in the vault leaves it fit for the next: nothing stays open, nothing is half written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.engine.vault import Vault


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    """An empty vault."""
    opened = await Vault.open(tmp_path / "vault.db", bytes(32))
    yield opened
    await opened.close()


async def _write(vault: Vault, value: bytes) -> None:
    async with vault.transaction():
        await vault.set_meta("one", value)
        await asyncio.sleep(0)
        await vault.set_meta("two", value)


@pytest.mark.parametrize("turns", range(12))
async def test_a_cancelled_transaction_is_whole_or_nothing(vault: Vault, turns: int) -> None:
    """Cancelled after any number of turns of the loop, in its begin, its middle or its end."""
    task = asyncio.create_task(_write(vault, b"cancelled"))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    found = {await vault.meta("one"), await vault.meta("two")}
    assert len(found) == 1
    await _write(vault, b"next")
    assert (await vault.meta("one"), await vault.meta("two")) == (b"next", b"next")


async def test_a_writer_does_not_show_others_what_is_not_committed(vault: Vault) -> None:
    """The task that writes reads its own writes; a glance of another task sees what is durable."""
    asked = "SELECT value FROM meta WHERE name = 'one'"
    async with vault.transaction():
        await vault.set_meta("one", b"x")
        own = vault.glance(asked)

        async def other() -> tuple[object, object]:
            return vault.glance(asked), await vault.meta("one")

        assert await asyncio.create_task(other()) == ([], None)
    assert own == vault.glance(asked) == [(b"x",)]
