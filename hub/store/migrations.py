"""Numbered SQL files bring a database to this program's schema (PROTOCOL 8.4).

``schema/0001_first.sql``, ``0002_….sql`` and so on: each is applied once, in one transaction with its number in
SQLite's ``user_version``. A database with a higher number was written by a newer program and is refused: an older
program would not know what it must not break.
"""

from __future__ import annotations

import importlib.resources
import secrets
import sqlite3

from hub.store.base import StoreError


def scripts() -> list[str]:
    """All migrations in order; number n is at index n - 1."""
    folder = importlib.resources.files("hub.store").joinpath("schema")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [entry.read_text(encoding="utf-8") for entry in files]


def migrate(connection: sqlite3.Connection) -> int:
    """Apply what is missing; returns the schema's number.

    Raises:
        StoreError: code ``SCHEMA``; the database is newer than this program.
    """
    wanted = scripts()
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > len(wanted):
        raise StoreError("SCHEMA", found=found, known=len(wanted))
    for number, script in enumerate(wanted[found:], start=found + 1):
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
    if connection.execute("SELECT 1 FROM meta WHERE name = 'incarnation'").fetchone() is None:
        connection.execute("INSERT INTO meta (name, value) VALUES ('incarnation', ?)", (secrets.token_bytes(16),))
    return len(wanted)


def renew_incarnation(connection: sqlite3.Connection) -> None:
    """Tell every device that this database was restored: they read from 0 and deposit again (protocol 10)."""
    connection.execute("UPDATE meta SET value = ? WHERE name = 'incarnation'", (secrets.token_bytes(16),))
