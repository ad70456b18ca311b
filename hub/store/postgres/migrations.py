"""Numbered SQL files bring a PostgreSQL database to this program's schema (PROTOCOL 8.4).

One transaction under a lock applies all that is missing, so two processes that start together do it once, and a failure
leaves the schema that was there. A hub that serves never changes the schema: other processes of another version may be
working on it. ``sluss-hub migrate`` does.
"""

from __future__ import annotations

import importlib.resources
import secrets
from typing import Final

from hub.store.base import StoreError
from hub.store.postgres.connections import Line

MIGRATION_LOCK: Final = 0x51_55_53_01  # an advisory lock's number; any that nobody else uses in this database


def scripts() -> list[str]:
    """All migrations in order; number n is at index n - 1."""
    folder = importlib.resources.files("hub.store.postgres").joinpath("schema")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [entry.read_text(encoding="utf-8") for entry in files]


async def schema_of(line: Line) -> int:
    """The database's schema; 0 when it is empty."""
    if await line.fetchval("SELECT to_regclass('version')") is None:
        return 0
    return int(await line.fetchval("SELECT n FROM version"))


async def check_schema(line: Line) -> None:
    """Refuse a database of another schema.

    Raises:
        StoreError: code ``SCHEMA``: newer than this program; ``MIGRATE``: older, or empty.
    """
    known, found = len(scripts()), await schema_of(line)
    if found > known:
        raise StoreError("SCHEMA", found=found, known=known)
    if found < known:
        raise StoreError("MIGRATE", found=found, known=known)


async def migrate(line: Line) -> int:
    """Apply what is missing; returns the schema's number.

    Raises:
        StoreError: code ``SCHEMA``; the database is newer than this program.
    """
    wanted = scripts()
    async with line.transaction():
        await line.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
        found = await schema_of(line)
        if found > len(wanted):
            raise StoreError("SCHEMA", found=found, known=len(wanted))
        if found == 0:
            await line.execute("CREATE TABLE version (n integer NOT NULL)")  # number of the newest script applied
            await line.execute("INSERT INTO version (n) VALUES (0)")
        for script in wanted[found:]:
            await line.execute(script)
        await line.execute("UPDATE version SET n = $1", len(wanted))
        await line.execute(
            "INSERT INTO meta (name, value) VALUES ('incarnation', $1) ON CONFLICT DO NOTHING", secrets.token_bytes(16)
        )
    return len(wanted)


async def renew_incarnation(line: Line) -> None:
    """Tell every device that this database was restored: they read from 0 and deposit again (protocol 10)."""
    await line.execute("UPDATE meta SET value = $1 WHERE name = 'incarnation'", secrets.token_bytes(16))
