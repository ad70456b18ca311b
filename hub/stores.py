"""Opening what the settings name: SQLite and a folder beside it, or PostgreSQL for both."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hub.config import Config
from hub.secret_files import is_open_to_others, secret_path
from hub.store.base import Store
from hub.store.blob_folder import open_blobs
from hub.store.blobs import BlobStore
from hub.store.sqlite import open_store
from keys.errors import LocalError

if TYPE_CHECKING:
    from hub.store.postgres.connections import Line, Server

T = TypeVar("T")

STORE_NAME: Final = "hub.sqlite"
BLOBS_NAME: Final = "blobs"
PASSFILE_NAME: Final = "hub.pgpass"
_SEVERAL: Final = "hub.store.postgres.store"


@dataclasses.dataclass(frozen=True, slots=True)
class Stores:
    """Both stores of a hub."""

    mail: Store
    blobs: BlobStore


@contextlib.asynccontextmanager
async def open_stores(data: Path, config: Config) -> AsyncIterator[Stores]:
    """Both stores, for the hub that serves from them; closed in the end.

    Raises:
        StoreError: not to be opened, or of another schema.
        LocalError: code ``NOPOSTGRES``: this installation lacks asyncpg; ``KEYMODE``: others can read the password.
    """
    if config.database:
        store = await _import().open_postgres(server_of(data, config), max_group=config.max_group)
        async with _closing(store):
            yield Stores(store, store.blobs)
        return
    limits = {"max_group": config.max_group, "max_queued": config.max_queued}
    mail = await open_store(data / STORE_NAME, **limits, gives=True)
    async with _closing(mail):
        with contextlib.closing(open_blobs(data / BLOBS_NAME)) as blobs:
            yield Stores(mail, blobs)


@contextlib.asynccontextmanager
async def open_mail(data: Path, config: Config) -> AsyncIterator[Store]:
    """The store of envelopes and log alone, closed in the end; also beside a hub that serves.

    Raises:
        StoreError, LocalError: as ``open_stores``.
    """
    if config.database:
        store: Store = await _import().open_postgres(server_of(data, config))
    else:
        store = await open_store(data / STORE_NAME)
    async with _closing(store):
        yield store


async def migrate_store(data: Path, config: Config) -> int:
    """Bring the database to this program's schema; returns its number.

    Raises:
        StoreError, LocalError: as ``open_stores``.
    """
    if config.database:
        return int(await _import().migrate_postgres(server_of(data, config)))
    store = await open_store(data / STORE_NAME)  # SQLite's has one process, and is migrated whenever it is opened
    async with _closing(store):
        return await store.schema()


async def on_postgres(data: Path, config: Config, work: Callable[[Line], Awaitable[T]], *, alone: bool = False) -> T:
    """Run upkeep on one connection to the database of the settings.

    Args:
        data: the hub's folder.
        config: its settings; they name a database.
        work: what to do.
        alone: nobody else of this hub may be connected meanwhile.

    Raises:
        StoreError, LocalError: as ``open_stores``; code ``RUNNING`` when it must be alone and is not.
    """
    done: T = await _import().on_line(server_of(data, config), work, alone=alone)
    return done


def server_of(data: Path, config: Config) -> Server:
    """The PostgreSQL of the settings.

    Raises:
        LocalError: code ``NOPOSTGRES`` or ``KEYMODE``.
    """
    passfile = ""
    if config.database_passfile:
        path = secret_path(data, config.database_passfile, PASSFILE_NAME)
        if not path.exists() or is_open_to_others(path):
            raise LocalError("KEYMODE", file=path.name)
        passfile = str(path)
    made: Server = _import().Server(
        config.database, passfile, config.database_connections, config.database_seconds, config.max_queued
    )
    return made


def _import() -> Any:
    """PostgreSQL is an extra: a hub on SQLite starts without its library."""
    try:
        return importlib.import_module(_SEVERAL)
    except ModuleNotFoundError as error:
        raise LocalError("NOPOSTGRES") from error


@contextlib.asynccontextmanager
async def _closing(store: Store) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await store.close()
