"""What went wrong and what to do, in words for the one at the terminal; and the exit codes (hub/cli)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, Final, NoReturn, TypeVar

import click

from keys.errors import LocalError, PeerError, SlussError

T = TypeVar("T")

SENTENCES: Final = {
    "ADMINTOKEN": (
        "admin.token is missing, too short, or can be read by others.",
        "Remove it and start again: a new one is made. A credential must be handed over by systemd.",
    ),
    "AHEAD": (
        "The clock is more than a fortnight ahead of the newest snapshot in the hub's log.",
        "Set the clock. If the hub stood still for so long, start it once with --clock-is-right.",
    ),
    "BACKUP": ("The backup is not whole, or not one.", "Use another one, and find out what happened to this one."),
    "CONFIG": (
        "hub.toml cannot be used.",
        "Compare it with deploy/hub.toml, where every setting stands; sluss-hub init makes it.",
    ),
    "DAMAGED": ("A database is not whole.", "Run sluss-hub doctor --deep; restore the newest backup that verifies."),
    "DECISION": (
        "That is not the name of a decision.",
        "3 to 64 letters, digits, spaces and ./:_- such as a diary number.",
    ),
    "DISK": ("The disk takes no more.", "Make room, then try again."),
    "EXISTS": (
        "There is a hub, or a backup, in that folder or database already.",
        "Choose a new folder (--data; of a backup --out), or an empty database.",
    ),
    "FILE": ("A file is missing, unreadable or too long.", "Check the names after the command."),
    "KEYFILE": (
        "hub.key is missing or damaged.",
        "Put back the copy that is kept elsewhere (restore: --key FILE); without it the roots must sign a new hub.",
    ),
    "KEYMODE": ("A secret is missing or can be read by others.", "chmod 600 the file, and find out who had access."),
    "LEAVES": (
        "The entry bundles do not go on where this hub's log ends.",
        "Give all of them in order, /tile/entries/000 first, from a cache of this federation's log.",
    ),
    "LISTEN": ("The address is taken or not this machine's.", "Change host or port in hub.toml."),
    "LOGROOT": ("The directory log does not fit the hub's own checkpoint.", "Restore the database from the backup."),
    "MIGRATE": ("The database is empty or of an older program.", "Stop all hubs on it, then run: sluss-hub migrate."),
    "MOVED": (
        "What was moved differs from what was read.",
        "The hub stays where it was. Empty the database, try again.",
    ),
    "MOVING": ("The database is still being filled.", "Run sluss-hub move again, from the folder that it began with."),
    "NOMAILBOX": ("There is no such mailbox.", "Take its id from the decision or from the directory: 32 hex digits."),
    "NOPOSTGRES": ("This installation lacks the library for PostgreSQL.", "Install sluss[postgres]."),
    "NOROOT": ("The store holds no federation.", "Run: sluss-hub init."),
    "PROFILE": ("Demo and real do not mix: settings and root differ.", "Use the root of the right federation."),
    "PURGELOG": (
        "purge.log was altered: a line does not follow the one before.",
        "Keep the file as it is, find out who did it, and move it away before the next purge.",
    ),
    "RUNNING": (
        "A hub is running on that folder or database, a backup reads it, or there is none in the folder.",
        "Stop all its processes first, or check --data.",
    ),
    "SCHEMA": ("The database was written by a newer program.", "Install that version or a newer one."),
    "SELFTEST": ("A primitive does not compute what it must.", "Install the locked versions anew; do not serve."),
    "STATEMENT": ("The directory's rules refuse a statement.", "Check who signed it, and the order of the files."),
    "STORE": ("The database cannot be opened or read.", "Check disk and permissions, else restore the backup."),
}


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command and turn errors into a sentence and an exit code."""
    try:
        return asyncio.run(work)
    except LocalError as error:
        fail(error, 3 if error.code == "STATEMENT" else 1)
    except PeerError as error:
        fail(error, 3)


def fail(error: SlussError, code: int) -> NoReturn:
    """Say what happened on standard error, and end."""
    sentence, step = SENTENCES.get(error.code, ("That did not work.", "Look the code up in hub/PROTOCOL.md."))
    click.echo(f"sluss-hub: {error}\n  {sentence}\n  {step}", err=True)
    sys.exit(code)
