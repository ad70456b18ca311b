"""Several processes of one hub on one database (PROTOCOL 8.7): whoever asks either of them sees one hub.

Two houses in this process share nothing but the database, as two processes would.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.config import load_config
from hub.house import House, listening, open_house
from hub.store.base import StoreError
from hub.wire.frame import unframe_response
from hub.wire.limits import week_of
from hub.wire.requests import (
    Ack,
    Fetch,
    PublishBatch,
    ReadCheckpoint,
    ReadLog,
    ReadSnapshot,
    Recall,
    RegisterToken,
    Status,
    Submit,
)
from hub.wire.responses import (
    Acked,
    CheckpointIs,
    Code,
    Deposited,
    Fetched,
    Leaves,
    Published,
    RecallIs,
    Refused,
    SnapshotPage,
    Something,
    StatusIs,
    Submitted,
    Waiting,
)
from keys.ids import digest
from tests.kit.federation import Federation
from tests.kit.hub_process import found
from tests.kit.postgres import Postgres
from tests.unit.hub.conftest import Tick
from tests.unit.hub.device import Device, Link
from tests.unit.hub.test_process import run

SOON = 30.0  # a machine under load


@dataclasses.dataclass
class Several:
    """Two processes of one hub, their addresses, their clock, their federation."""

    houses: list[House]
    urls: list[str]
    clock: Tick
    federation: Federation

    def device(self, at: int, unit: str = "sav", number: int = 0) -> Device:
        """A device that asks process ``at``; not connected yet."""
        return Device(self.urls[at], self.federation, self.federation.units[unit].keepers[number])

    def link(self, at: int) -> Link:
        """A connection of nobody to process ``at``."""
        return Link(self.urls[at])


@pytest.fixture
def settings(request: pytest.FixtureRequest, postgres: Postgres) -> dict[str, Any]:
    """On a database of its own; a test's parameter adds to them."""
    quiet = {"job_seconds": 3600.0, "snapshot_delay_seconds": 3600.0, "database": postgres.database()}
    return quiet | getattr(request, "param", {})


@pytest.fixture
def folders(data: Path, federation: Federation, settings: dict[str, Any]) -> list[Path]:
    """The folder of a founded hub, and another with the same keys and settings."""
    found(data, federation, **settings)
    other = data.with_name("other")
    other.mkdir()
    for name in ("hub.toml", "hub.key"):
        shutil.copy2(data / name, other / name)
    return [data, other]


@pytest.fixture
async def several(folders: list[Path], federation: Federation) -> AsyncIterator[Several]:
    """Both processes serve."""
    clock = Tick()
    async with contextlib.AsyncExitStack() as stack:
        houses = [await stack.enter_async_context(open_house(data, load_config(data), clock)) for data in folders]
        urls = [await stack.enter_async_context(listening(house)) for house in houses]
        yield Several(houses, urls, clock, federation)


async def notes(several: Several) -> list[bytes]:
    """The checkpoint as both show it."""
    found_notes = []
    for at in range(2):
        async with several.link(at) as link:
            answer = await link.call(ReadCheckpoint())
            assert isinstance(answer, CheckpointIs)
            found_notes.append(answer.note)
    return found_notes


async def test_what_one_appended_the_other_shows_at_once(several: Several) -> None:
    """No reader sees a log that is shorter than what it saw at the other process; the note is the same to the byte."""
    federation = several.federation
    async with several.link(0) as one, several.link(1) as two:
        for number in range(6):
            before = len(federation.statements)
            federation.add_unit(f"unit{number}", "polisen", unit_type="polis_bops")
            for statement in federation.statements[before:]:
                asked, other = (one, two) if number % 2 else (two, one)
                answer = await asked.call(Submit(statement))
                assert isinstance(answer, Submitted)
                shown = await other.call(ReadLog(answer.index, 5))
                assert isinstance(shown, Leaves)
                assert (shown.size, shown.leaves) == (answer.size, [statement])
    first, second = await notes(several)
    assert first == second


async def submitted(link: Link, statement: bytes) -> Submitted:
    """Hand in a statement, again while the outcome is unknown: a loaded machine may take too long."""
    while True:
        answer = await link.call(Submit(statement))
        if isinstance(answer, Submitted):
            return answer
        assert isinstance(answer, Refused)
        assert answer.code in {Code.DISK, Code.BUSY}


async def test_both_append_at_the_same_time(several: Several) -> None:
    """Every statement gets an index of its own, no leaf is lost, and a third process replays the same log."""
    federation, before = several.federation, len(several.federation.statements)
    for number in range(16):
        federation.add_unit(f"unit{number}", "polisen", unit_type="polis_bops")
    new = federation.statements[before:]
    async with several.link(0) as one, several.link(1) as two:
        answers = await asyncio.gather(
            *(submitted((one, two)[i % 2], statement) for i, statement in enumerate(new)),
            *(submitted((two, one)[i % 2], statement) for i, statement in enumerate(new)),
        )
    indices = [answer.index for answer in answers]
    assert sorted(indices[: len(new)]) == list(range(before, before + len(new)))
    assert indices[: len(new)] == indices[len(new) :]
    first, second = await notes(several)
    assert first == second


async def test_a_lost_append_leaves_no_trace_in_the_replica(several: Several, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails here and another process takes the index, this one goes on with what is in the store."""
    federation = several.federation
    before = len(federation.statements)
    federation.add_unit("first", "polisen", unit_type="polis_bops")
    federation.add_unit("second", "polisen", unit_type="polis_bops")
    mine, theirs = federation.statements[before:]

    async def cut(*_: object) -> None:
        raise StoreError

    async with several.link(0) as one, several.link(1) as two:
        with monkeypatch.context() as patch:
            patch.setattr(several.houses[0].store, "append_leaf", cut)
            assert await one.refused(Submit(mine)) is Code.DISK
        assert await two.call(Submit(theirs)) == Submitted(before, before + 1)
        assert await one.call(Submit(mine)) == Submitted(before + 1, before + 2)
    first, second = await notes(several)
    assert first == second


async def test_a_round_of_work_over_both(several: Several) -> None:
    """Log in here, register there, deposit here, fetch there, acknowledge here: one hub."""
    async with several.device(0) as here, several.link(1) as there:
        week = week_of(several.clock.hour)
        await there.call(RegisterToken(here.bearer, week, digest(here.token(several.clock.hour))))
        async with several.link(0) as sender:
            deposit = here.deposit(hour=several.clock.hour)
            assert isinstance(await sender.call(deposit), Deposited)
        fetched = await there.call(Fetch(here.bearer, 0, 10))
        assert isinstance(fetched, Fetched)
        assert [item.envelope for item in fetched.items if isinstance(item, Waiting)] == [deposit.envelope]
        assert await here.call(Ack(here.bearer, 1)) == Acked(1)
        status = await there.call(Status(here.bearer))
        assert isinstance(status, StatusIs)
        assert (status.cursor, status.weeks) == (1, [week])


async def test_given_here_cannot_be_recalled_there(several: Several) -> None:
    """Withheld is said only of what no process gave out."""
    hour = several.clock.hour
    async with several.device(0) as here, several.link(1) as there:
        await here.open_mailbox(hour)
        first, second = (here.deposit(hour=hour, secret=secret) for secret in (b"1" * 32, b"2" * 32))
        assert isinstance(await there.call(first), Deposited)
        await here.call(Fetch(here.bearer, 0, 10))
        assert isinstance(await there.call(second), Deposited)
        assert await there.call(Recall(b"1" * 32, hour)) == RecallIs(False)
        assert await there.call(Recall(b"2" * 32, hour)) == RecallIs(True)


async def woken(socket: Any) -> None:
    """Wait for the next "something"."""
    async with asyncio.timeout(SOON):
        while not isinstance(unframe_response((await socket.receive()).data), Something):
            pass


async def test_a_listener_here_is_woken_by_a_deposit_there(several: Several, postgres: Postgres) -> None:
    """By notification; and by looking, when the notification was lost with its connection."""
    hour = several.clock.hour
    async with several.device(0) as here, several.link(1) as there:
        await here.open_mailbox(hour)
        socket = await here.wake(here.bearer)
        await woken(socket)  # the first comes at once
        await there.call(here.deposit(hour=hour))
        await woken(socket)
        several.houses[1].store._follower._talk = lambda: None  # type: ignore[attr-defined]
        await there.call(here.deposit(hour=hour))
        await woken(socket)
        postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        await there.call(here.deposit(hour=hour))
        await woken(socket)
        await socket.close()


async def test_a_revocation_here_ends_what_is_open_there(several: Several) -> None:
    """The bearer is refused and the listener hung up, as soon as the other process hears of it."""
    async with several.device(1) as there, several.link(0) as here:
        socket = await there.wake(there.bearer)
        await woken(socket)
        await here.call(Submit(several.federation.revoke("sav", there.keeper.device_id)))
        async with asyncio.timeout(SOON):
            await socket.receive()
        assert socket.closed
        assert await there.refused(Status(there.bearer)) is Code.LOGIN


async def test_a_snapshot_of_both(several: Several) -> None:
    """A batch published here is covered by a snapshot made there, and both show the same pages."""
    for at in range(2):
        async with several.device(at, number=at) as device:
            batch = device.keeper.new_batch(several.clock.hour, several.houses[at].log.size)
            assert isinstance(await device.call(PublishBatch(device.bearer, batch)), Published)
    made = await asyncio.gather(*(house.prekeys.make_snapshot() for house in several.houses))
    assert len(set(made)) == 1, "one was faster, the other found nothing left to cover"
    pages = []
    for at in range(2):
        async with several.link(at) as link:
            pages.append(await link.call(ReadSnapshot(0, bytes(16))))
    assert isinstance(pages[0], SnapshotPage)
    assert pages[0] == pages[1]
    assert (pages[0].number, len(pages[0].batches)) == (made[0], 2)


@pytest.mark.parametrize("settings", [{"database_seconds": 1.0}], indirect=True)
async def test_a_leaf_that_the_standby_lacks_is_shown_by_nobody(several: Several, postgres: Postgres) -> None:
    """It is visible in the database, but a fail-over could take it back, and devices would see a fork."""
    federation, before = several.federation, len(several.federation.statements)
    federation.add_unit("new", "polisen", unit_type="polis_bops")
    shown = await notes(several)
    async with several.link(0) as one, several.link(1) as two:
        postgres.await_standby("nobody")
        try:
            assert await one.refused(Submit(federation.statements[-1])) is Code.DISK
            schema = several.houses[0].config.database.rpartition("=")[2]
            assert postgres.sql(f"SELECT max(i) FROM {schema}.leaf") == str(before)  # noqa: S608
            for link in (one, two):
                assert await link.refused(ReadCheckpoint()) is Code.DISK
        finally:
            postgres.await_standby("")
        assert [house.log.note for house in several.houses] == shown
        assert await two.call(Submit(federation.statements[-1])) == Submitted(before, before + 1)


def test_migrate_is_a_command(data: Path, federation: Federation, postgres: Postgres) -> None:
    """An empty database is not served; the command brings it to the schema, and says so for SQLite as well."""
    found(data, federation)
    assert "has schema" in run("migrate", "--data", data).output
    settings = (data / "hub.toml").read_text("utf-8")
    (data / "hub.toml").write_text(f'{settings}database = "{postgres.database()}"\n', encoding="utf-8")
    refused = run("status", "--data", data)
    assert (refused.exit_code, "MIGRATE" in refused.output, "sluss-hub migrate" in refused.output) == (1, True, True)
    assert "has schema" in run("migrate", "--data", data).output
    assert "NOROOT" in run("status", "--data", data).output
    for wrong in ("postgresql://sluss:secret@db/sluss", "postgresql://db/sluss?password=x", "mysql://db"):
        (data / "hub.toml").write_text(f'{settings}database = "{wrong}"\n', encoding="utf-8")
        assert "CONFIG" in run("status", "--data", data).output
