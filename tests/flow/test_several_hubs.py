"""Real offices at a hub of two processes on one PostgreSQL, and at a hub that moves there."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from client.engine.office import Office
from client.engine.sessions import HubError
from hub import moving
from hub.config import load_config
from hub.stores import STORE_NAME
from keys.errors import LocalError
from tests.kit.federation import Federation
from tests.kit.hub_process import HubProcess, found
from tests.kit.offices import PASSPHRASE, Offices, make_folder
from tests.kit.ports import free_port
from tests.kit.postgres import Postgres
from tests.unit.hub.test_process import run

STAFF = {"sav": "Eva Ek", "bops": "Pia Po"}
STATES = "SELECT count(*), count(DISTINCT document_id) FROM document WHERE state = 'accepted'"


@contextlib.asynccontextmanager
async def offices_at(path: Path, urls: dict[str, str], federation: Federation) -> AsyncIterator[Offices]:
    """An office for each unit, at the process that ``urls`` names; they know each other."""
    offices = Offices()
    offices.federation = federation
    try:
        for unit, url in urls.items():
            folder = make_folder(path / unit, federation, unit, STAFF[unit], address=url)
            offices[unit] = await Office.open(folder, PASSPHRASE)
        await offices.settle()
        await offices.know_each_other()
        yield offices
    finally:
        for office in offices.values():
            await office.close()


async def write(offices: Offices, count: int) -> None:
    """Each of the two writes to the other."""
    for _ in range(count):
        await offices["sav"].desk.writing.write(offices.ask("bops"))
        await offices["bops"].desk.writing.write(offices.ask("sav"))


async def patiently(offices: Offices, rounds: int = 6) -> None:
    """Sync everybody; one whose process is away tries again later."""
    for _ in range(rounds):
        for office in offices.values():
            with contextlib.suppress(HubError):
                await office.desk.sync.once()


async def state(offices: Offices) -> list[Any]:
    """For each office: documents that came, how many different ones, what waits for a receipt, alarms."""
    found_states = []
    for office in offices.values():
        vault = office.desk.context.vault
        waiting = await vault.value("SELECT count(*) FROM outbox")
        alarms = await vault.value("SELECT count(*) FROM alarm")
        found_states.append((*(await vault.one(STATES) or ()), waiting, alarms))
    return found_states


async def test_a_process_is_killed_in_the_middle_and_nothing_is_lost(
    tmp_path: Path, federation: Federation, postgres: Postgres
) -> None:
    """Each office has a process of its own; what was sent before, during and after the kill arrives once."""
    data, other = tmp_path / "one", tmp_path / "two"
    ports = [free_port(), free_port()]
    await asyncio.to_thread(found, data, federation, database=postgres.database(), port=ports[0])
    other.mkdir()
    shutil.copy2(data / "hub.key", other / "hub.key")
    settings = (data / "hub.toml").read_text("utf-8").replace(f"port = {ports[0]}", f"port = {ports[1]}")
    (other / "hub.toml").write_text(settings, encoding="utf-8")
    with HubProcess(data).running() as one, HubProcess(other).running() as two:
        async with offices_at(tmp_path, {"sav": one.url, "bops": two.url}, federation) as offices:
            await write(offices, 5)
            await patiently(offices, 1)
            killed = asyncio.create_task(patiently(offices, 2))
            await asyncio.sleep(0.05)
            one.kill()
            await write(offices, 5)
            await killed
            await patiently(offices, 1)
            one.start()
            await write(offices, 5)
            await patiently(offices)
            assert await state(offices) == [(15, 15, 0, 0), (15, 15, 0, 0)]


async def test_a_hub_moves_and_its_offices_notice_nothing(
    tmp_path: Path, federation: Federation, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off in the middle, refused to serve, gone on with, compared; then the offices go on where they were."""
    data, database, port = tmp_path / "hub", postgres.database(), free_port()
    await asyncio.to_thread(found, data, federation, port=port)
    hub = HubProcess(data).start()
    async with offices_at(tmp_path, {"sav": hub.url, "bops": hub.url}, federation) as offices:
        await write(offices, 3)
        await patiently(offices)
        await write(offices, 3)
        await offices["sav"].desk.sync.once()  # on its way when the hub stops
        assert "RUNNING" in (await asyncio.to_thread(run, "move", "--data", data, "--to", database)).output
        hub.stop()
        before = hashlib.sha256((data / STORE_NAME).read_bytes()).hexdigest()
        with monkeypatch.context() as patch:
            patch.setattr(moving.filling, "compare", _cut)
            with pytest.raises(LocalError, match="CUT"):
                await moving.move_hub(data, load_config(data), database)
        settings = (data / "hub.toml").read_text("utf-8")
        (tmp_path / "early").mkdir()
        for name, text in (("hub.toml", f'{settings}database = "{database}"\n'),):
            (tmp_path / "early" / name).write_text(text, encoding="utf-8")
        shutil.copy2(data / "hub.key", tmp_path / "early" / "hub.key")
        assert "MOVING" in (await asyncio.to_thread(run, "status", "--data", tmp_path / "early")).output
        moved = await asyncio.to_thread(run, "move", "--data", data, "--to", database)
        assert moved.exit_code == 0, moved.output
        assert hashlib.sha256((data / STORE_NAME).read_bytes()).hexdigest() == before
        assert load_config(data).database == database
        again = await asyncio.to_thread(run, "move", "--data", data, "--to", database)
        assert "EXISTS" in again.output
        hub.start()
        await write(offices, 3)
        await patiently(offices)
        assert await state(offices) == [(9, 9, 0, 0), (9, 9, 0, 0)]
        hub.stop()


async def test_what_arrived_altered_is_not_served(tmp_path: Path, federation: Federation, postgres: Postgres) -> None:
    """One changed byte in the new database, and the hub stays where it was."""
    data, database = tmp_path / "hub", postgres.database()
    await asyncio.to_thread(found, data, federation)
    fill = moving.filling.fill
    schema = database.rpartition("=")[2]

    async def spoiled(line: Any, table: Any) -> int:
        count = await fill(line, table)
        if table.name == "leaf":
            await line.execute(f"UPDATE {schema}.leaf SET body = set_byte(body, 9, 7) WHERE i = 2")  # noqa: S608
        return count

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving.filling, "fill", spoiled)
        with pytest.raises(LocalError, match="MOVED"):
            await moving.move_hub(data, load_config(data), database)
    assert load_config(data).database == ""


async def _cut(*_: object, **__: object) -> int:
    raise LocalError("CUT")
