"""What a PostgreSQL server says in its own log: nothing of a deposit with the settings that we ship, else all of it."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from hub.doctor_postgres import SAFE, judged
from hub.finding import Level
from hub.store.base import NewEnvelope, StoreError, Token
from hub.store.postgres.connections import Server
from hub.store.postgres.store import migrate_postgres, on_line, open_postgres
from keys.ids import MailboxId, digest
from tests.kit.hub_process import PROJECT
from tests.kit.postgres import Postgres
from tests.unit.hub.test_store import BOX, MOST, ONE, PAGE

LOUD: Final = {"log_statement": "all", "log_parameter_max_length": "-1", "log_min_error_statement": "error"}


def shipped() -> dict[str, str]:
    """Settings of deploy/ha/patroni.yml."""
    text = re.sub(r"\$\w+", "1", (PROJECT / "deploy/ha/patroni.yml").read_text("utf-8"))
    parameters = yaml.safe_load(text)["bootstrap"]["dcs"]["postgresql"]["parameters"]
    return {name: str(value) for name, value in parameters.items() if name.startswith(("log_", "track_"))}


@pytest.fixture(scope="module")
def quiet() -> Iterator[Postgres]:
    """A server with these settings."""
    with (
        tempfile.TemporaryDirectory(prefix="sluss-postgres-") as folder,
        Postgres.running(Path(folder), **shipped()) as server,
    ):
        yield server


async def work(server: Postgres) -> list[bytes]:
    """Deposits, a fetch, a token, a key that is there already, an unknown mailbox; what none of it may leave behind."""
    place = Server(server.database())
    await migrate_postgres(place)
    store = await open_postgres(place)
    await store.add_mailbox(BOX)
    secrets: list[bytes] = [bytes(BOX), bytes(ONE)]
    for _ in range(3):
        envelope = NewEnvelope(BOX, 100, 100, os.urandom(32), os.urandom(300))
        await store.deposit(envelope, MOST)
        secrets += [envelope.body[:40], envelope.recall_hash, digest(envelope.body)]
    await store.put_token(Token(BOX, 3000, os.urandom(32)))
    await store.hand_out(BOX, 0, limit=9, max_bytes=PAGE)
    await store.move_cursor(ONE, BOX, 2)
    with contextlib.suppress(StoreError):
        await store.deposit(NewEnvelope(MailboxId(b"u" * 16), 100, 100, os.urandom(32), secrets[2]), MOST)
    await store.close()

    async def twice(line: Any) -> None:
        await line.execute(
            "INSERT INTO envelope SELECT mailbox, n + 9, sealed, id, hour, recall_hash, recalled, body FROM envelope"
        )

    with pytest.raises(StoreError, match="23505"):
        await on_line(place, twice)
    return secrets


def told(server: Postgres, secrets: list[bytes], begin: int) -> list[bytes]:
    """Those that stand in the server's log after ``begin``, in any case of letters."""
    text = server.log_text[begin:].lower()
    return [one for one in secrets if one.hex() in text]


async def test_a_quiet_server_logs_nothing_of_a_deposit(quiet: Postgres) -> None:
    """Neither of what went well nor of what failed; with the statements logged everything stands there (control)."""
    secrets = await work(quiet)
    assert "duplicate key" in quiet.log_text, "the log is on"
    assert told(quiet, secrets, 0) == []
    assert "insert" not in quiet.log_text.lower()
    begin = len(quiet.log_text)
    for name, value in {**LOUD, "log_error_verbosity": "default"}.items():
        quiet.sql(f"ALTER ROLE sluss SET {name} = '{value}'")
    secrets = await work(quiet)
    for name in (*LOUD, "log_error_verbosity"):
        quiet.sql(f"ALTER ROLE sluss RESET {name}")
    assert len(told(quiet, secrets, begin)) == len(secrets)


def test_the_doctor_names_each_setting(quiet: Postgres) -> None:
    """All that we ship is what the doctor wants; any other value is named; a line that others can read is bad."""
    rows = (row.split("|") for row in quiet.sql("SELECT name, setting FROM pg_settings").splitlines() if "|" in row)
    settings = {row[0]: row[1] for row in rows}
    assert shipped().keys() >= {name for name in SAFE if name.startswith(("log_", "track_"))}
    found = {one.text.split()[0] for one in judged(settings, is_closed=True) if one.level is not Level.WELL}
    assert found <= {"data_checksums", "no"}, "which initdb is asked for, and a standby"
    for name in SAFE:
        spoilt = [one.text for one in judged({**settings, name: "strange"}, is_closed=True)]
        assert any(text.startswith(name) for text in spoilt), name
    levels = [one.level for one in judged(settings | {"synchronous_standby_names": "*"}, is_closed=False)]
    assert levels.count(Level.BAD) == 1
