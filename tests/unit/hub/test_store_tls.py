"""The line to PostgreSQL on another machine: TLS with name and certificate checked, or nothing."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from hub.config import Config
from hub.store.base import Placed, StoreError
from hub.store.postgres.connections import Server
from hub.store.postgres.store import migrate_postgres, open_postgres
from keys.statements import Profile
from tests.kit.postgres import Postgres
from tests.kit.tls_line import Authority, authority, certificate, line
from tests.unit.hub.test_store import BOX, MOST, new

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def ours() -> Authority:
    """The authority that the settings name."""
    return authority()


def over(address: str, database: str, root: Path) -> Server:
    """The same database over the line, as the settings would say it."""
    rest = database.partition("/postgres?")[2]
    return Server(f"postgresql://sluss@{address}/postgres?{rest}&sslmode=verify-full&sslrootcert={root}")


async def test_a_hub_works_over_a_line_whose_certificate_is_right(
    postgres: Postgres, ours: Authority, tmp_path: Path
) -> None:
    """Migrated, opened, written and read through TLS."""
    root, database = ours.write(tmp_path / "root.pem"), postgres.database()
    async with line(postgres.port, certificate(tmp_path / "server.pem", ours, "127.0.0.1")) as address:
        await migrate_postgres(over(address, database, root))
        store = await open_postgres(over(address, database, root))
        await store.add_mailbox(BOX)
        assert isinstance(await store.deposit(new(), MOST), Placed)
        await store.close()


@pytest.mark.parametrize("wrong", ["signer", "name"])
async def test_a_wrong_certificate_is_refused(wrong: str, postgres: Postgres, ours: Authority, tmp_path: Path) -> None:
    """Signed by somebody else, or for another machine; nothing is said to the server."""
    signer, name = (authority(), "127.0.0.1") if wrong == "signer" else (ours, "db.example")
    root, database = ours.write(tmp_path / "root.pem"), postgres.database()
    async with line(postgres.port, certificate(tmp_path / "server.pem", signer, name)) as address:
        with pytest.raises(StoreError):
            await migrate_postgres(over(address, database, root))
    schema = database.partition("search_path=")[2]
    assert schema not in postgres.sql("SELECT DISTINCT schemaname FROM pg_tables").split()


async def test_a_server_without_tls_is_refused(postgres: Postgres, ours: Authority, tmp_path: Path) -> None:
    """Somebody in between who says that the server does not speak TLS gets nothing."""
    address = f"127.0.0.1:{postgres.port}"
    with pytest.raises(StoreError):
        await migrate_postgres(over(address, postgres.database(), ours.write(tmp_path / "root.pem")))


@pytest.mark.parametrize(
    ("database", "is_taken"),
    [
        ("postgresql://sluss@127.0.0.1:5432/sluss", True),
        ("postgresql://sluss@[::1]:5432,localhost/sluss", True),
        ("postgresql:///sluss?host=/run/postgresql", True),
        ("postgresql://sluss@db1,db2/sluss?sslmode=verify-full&sslrootcert=/etc/ca.pem", True),
        ("postgresql://sluss@db1/sluss", False),
        ("postgresql://sluss@127.0.0.1,db2/sluss", False),
        ("postgresql://sluss@127.0.0.1.example/sluss", False),
        ("postgresql://sluss@localhost@db1/sluss", False),
        ("postgresql:///sluss?host=db1", False),
        ("postgresql://sluss@localhost/sluss?host=db1", False),
        ("postgresql://sluss@db1/sluss?sslmode=require", False),
        ("postgresql://sluss@db1/sluss?sslmode=verify-ca&sslrootcert=/etc/ca.pem", False),
        ("postgresql://sluss@db1/sluss?sslmode=verify-full&sslmode=disable", False),
    ],
)
def test_settings_name_no_open_line(database: str, is_taken: bool) -> None:
    """A database on another machine without it is no setting."""
    refusal = contextlib.nullcontext() if is_taken else pytest.raises(ValueError, match="verify-full")
    with refusal:
        Config(profile=Profile.DEMO, hub_id="0" * 32, address="https://hub.example", database=database)
