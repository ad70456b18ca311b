"""What the doctor asks of a PostgreSQL server: is the database whole, does it keep things, what does it tell others.

Nothing of the server's own is in a finding: no name, no address, no version of its machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hub.config import Config
from hub.finding import Finding, Level
from hub.inspection import Inspected
from hub.inspection_postgres import inspect_line
from hub.stores import on_postgres

if TYPE_CHECKING:
    from hub.store.postgres.connections import Line

SAFE: Final = {
    "fsync": ("on", Level.BAD, "a power cut takes what was answered"),
    "full_page_writes": ("on", Level.BAD, "a power cut may leave half of a page"),
    "data_checksums": ("on", Level.WARNING, "a damaged page is not noticed: pg_checksums --enable, while it stands"),
    "log_statement": ("none", Level.WARNING, "envelopes, ids and times to the millisecond stand in the server's log"),
    "log_min_duration_statement": ("-1", Level.WARNING, "slow statements stand in the server's log with their time"),
    "log_min_duration_sample": ("-1", Level.WARNING, "some statements stand in the server's log with their time"),
    "log_transaction_sample_rate": ("0", Level.WARNING, "some transactions stand in the server's log with their time"),
    "log_duration": ("off", Level.WARNING, "each statement's time stands in the server's log"),
    "log_parameter_max_length": ("0", Level.WARNING, "whoever logs statements logs envelopes and ids with them"),
    "log_parameter_max_length_on_error": ("0", Level.WARNING, "what fails stands in the server's log with its values"),
    "log_error_verbosity": ("terse", Level.WARNING, "what fails stands in the server's log with its keys"),
    "log_min_error_statement": ("panic", Level.WARNING, "what fails stands in the server's log"),
    "track_commit_timestamp": ("off", Level.WARNING, "the server keeps the time of each deposit to the microsecond"),
}
"""Setting: what it must be, how bad anything else is, and what follows. A test runs a server with these."""
_CLOSED: Final = (
    "SELECT ssl OR inet_client_addr() IS NULL OR inet_client_addr() <<= '127.0.0.0/8' OR inet_client_addr() = '::1'"
    " FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
)


def look(data: Path, config: Config, *, deep: bool, hour: int) -> list[Finding]:
    """Ask the server.

    Args:
        data: the hub's folder.
        config: its settings, which name a database.
        deep: read everything.
        hour: this machine's, since 1970.

    Raises:
        LocalError: not to be reached, of another schema, or ``DAMAGED``.
    """

    async def ask(line: Line) -> tuple[Inspected, dict[str, str], int | None, bool]:
        found = await inspect_line(line, deep=deep)
        is_closed = await line.fetchval(_CLOSED)
        rows = await line.fetch("SELECT name, setting FROM pg_settings")
        newest = await line.fetchval("SELECT hour FROM envelope ORDER BY sealed DESC LIMIT 1")
        return found, {row["name"]: row["setting"] for row in rows}, newest, bool(is_closed)

    found, settings, newest, is_closed = asyncio.run(on_postgres(data, config, ask))
    depth = "all of it" if deep else "log and counts; --deep reads all of it"
    text = f"on PostgreSQL, whole ({depth}); schema {found.schema}, log {found.log_size}"
    findings = [Finding("database", Level.WELL, text), *judged(settings, is_closed=is_closed)]
    if newest is not None and newest > hour:
        findings.append(
            Finding("clock", Level.BAD, "the database holds deposits of hours to come: the clock went back")
        )
    return findings


def judged(settings: Mapping[str, str], *, is_closed: bool) -> Iterator[Finding]:
    """What follows from the server's settings, and from whether others could read the line to it."""
    if not is_closed:
        text = "the line to it is neither encrypted nor on this machine: sslmode=verify-full in the settings' database"
        yield Finding("server", Level.BAD, text)
    for name, (wanted, level, follows) in SAFE.items():
        if settings.get(name, wanted) != wanted:
            yield Finding("server", level, f"{name} is not {wanted}: {follows}")
    if not settings.get("synchronous_standby_names"):
        yield Finding("server", Level.WARNING, "no synchronous standby: what was answered dies with this machine")
    else:
        yield Finding("server", Level.WELL, "commits wait for a standby")
