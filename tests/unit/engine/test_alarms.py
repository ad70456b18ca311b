"""Alarms: raised once, seen by a person, raised anew by what happens anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client.engine.alarms import Alarms
from client.engine.clock import Clock
from client.engine.vault import Vault
from keys.errors import LocalError, RefusedError

KEY = bytes(range(32))
NOW = 1_800_000_000
EVA = "Eva Ek"


@pytest.fixture
async def alarms(tmp_path: Path) -> AsyncIterator[Alarms]:
    """Of an empty vault."""
    vault = await Vault.open(tmp_path / "vault.db", KEY)
    yield Alarms(vault, Clock(lambda: NOW))
    await vault.close()


async def raised(alarms: Alarms, code: str, evidence: bytes | None = None) -> None:
    """Something happens."""
    async with alarms._vault.transaction():
        await alarms.raise_(code, evidence=evidence)


async def seen(alarms: Alarms, n: int, by: str = EVA) -> None:
    """A person looks."""
    async with alarms._vault.transaction():
        await alarms.seen(n, by)


async def codes(alarms: Alarms) -> list[str]:
    """Of those that are open."""
    return [one.code for one in await alarms.open()]


async def test_what_is_seen_is_open_no_more_and_is_kept(alarms: Alarms) -> None:
    """Who saw it first, and when; a second look changes neither."""
    await raised(alarms, "QUARANTINE")
    await raised(alarms, "QUARANTINE")
    await seen(alarms, 1)
    await seen(alarms, 1, "Bo Berg")
    assert await codes(alarms) == []
    (kept,) = await alarms.all()
    assert (kept.code, kept.seen_by, kept.seen_at, kept.cleared_at) == ("QUARANTINE", EVA, NOW, None)


async def test_what_happens_anew_is_raised_anew(alarms: Alarms) -> None:
    """One more envelope in quarantine, or a second wrong leaf: what was seen before does not hide it."""
    for code, first, second in (("QUARANTINE", None, None), ("LOG", b"one", b"two")):
        await raised(alarms, code, first)
        await seen(alarms, (await alarms.open())[0].n)
        await raised(alarms, code, second)
        assert await codes(alarms) == [code]
        await seen(alarms, (await alarms.open())[0].n)


@pytest.mark.parametrize("code", ["WITNESS", "SNAPSHOT", "DIRKEY", "NORECEIPT"])
async def test_a_condition_that_lasts_is_no_news(alarms: Alarms, code: str) -> None:
    """Rounds tell it every minute; seen stays seen until the cause is gone and comes back."""
    await raised(alarms, code, b"one")
    await seen(alarms, 1)
    await raised(alarms, code, b"two")
    assert await codes(alarms) == []
    async with alarms._vault.transaction():
        await alarms.clear(code)
    await raised(alarms, code, b"three")
    assert await codes(alarms) == [code]


async def test_the_same_evidence_is_no_news(alarms: Alarms) -> None:
    """A hub that goes on showing the same false batch."""
    await raised(alarms, "OWNKEY", b"batch")
    await seen(alarms, 1)
    await raised(alarms, "OWNKEY", b"batch")
    assert await codes(alarms) == []


@pytest.mark.parametrize("code", ["FORK", "ROLLBACK", "REVOKED"])
async def test_what_stopped_the_office_cannot_be_put_away(alarms: Alarms, code: str) -> None:
    """Nothing is sent as long as it is there, so it stays to be seen."""
    await raised(alarms, code)
    with pytest.raises(RefusedError) as caught:
        await seen(alarms, 1)
    assert caught.value.code == "ALARMSTAYS"
    assert await codes(alarms) == [code]


async def test_an_alarm_that_is_not_there_is_not_found(alarms: Alarms) -> None:
    """Nor is evidence where none was kept."""
    for asked in (seen(alarms, 7), alarms.evidence(7)):
        with pytest.raises(LocalError) as caught:
            await asked
        assert caught.value.code == "NOTFOUND"
    await raised(alarms, "QUARANTINE")
    with pytest.raises(LocalError) as caught:
        await alarms.evidence(1)
    assert caught.value.code == "NOEVIDENCE"
    await raised(alarms, "EQUIV", b"signed")
    assert await alarms.evidence(2) == b"signed"
