"""The contract of every store of blobs, and what is particular to the folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from hub.store import blob_folder
from hub.store.base import StoreError, StoreFullError
from hub.store.blob_folder import INDEX_NAME, BlobFolder, open_blobs
from hub.store.blobs import BlobsFull, BlobStore, Drop, Kept, NewBlob
from hub.store.postgres.blobs import PostgresBlobs
from hub.store.postgres.connections import Server
from hub.store.postgres.store import migrate_postgres, open_postgres
from keys.attachment import BLOB_BYTES
from keys.ids import MailboxId, digest
from tests.faults.bits import turn

ONE, TWO = MailboxId(b"1" * 16), MailboxId(b"2" * 16)
HASH = b"h" * 32


def new(mailbox: MailboxId = ONE, hour: int = 100, body: bytes = b"") -> NewBlob:
    """A blob."""
    return NewBlob(mailbox, hour, HASH, body or os.urandom(BLOB_BYTES))


async def put(store: BlobStore, blob: NewBlob, most: int = 1000, most_in_all: int = 1000) -> Kept | BlobsFull:
    """Put with generous limits."""
    return await store.put(blob, most=most, most_in_all=most_in_all)


@pytest.fixture(params=["folder", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, dsn: Callable[[], str]) -> AsyncIterator[BlobStore]:
    """Each implementation in turn, empty."""
    if request.param == "folder":
        with contextlib.closing(open_blobs(tmp_path / "blobs")) as made:
            yield made
        return
    server = Server(dsn())
    await migrate_postgres(server)
    both = await open_postgres(server)
    yield both.blobs
    await both.close()


@pytest.fixture
def dsn(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Makes an empty database; starts PostgreSQL for those tests only that need it."""
    return lambda: request.getfixturevalue("postgres").database()


async def test_a_blob_is_kept_once(store: BlobStore) -> None:
    """The same bytes again, also for another mailbox, are the blob of the first time."""
    blob = new()
    assert await put(store, blob) == Kept(100)
    assert await put(store, new(TWO, 105, blob.body)) == Kept(100)
    assert await store.get(digest(blob.body)) == blob.body
    assert await store.count() == 1


async def test_limits_hold_for_a_mailbox_and_in_all(store: BlobStore) -> None:
    """Beyond a limit nothing is kept, also when many come at once."""
    many = [new() for _ in range(12)]
    kept = await asyncio.gather(*(put(store, blob, most=5) for blob in many))
    assert sum(isinstance(one, Kept) for one in kept) == 5
    assert await store.count() == 5
    assert isinstance(await put(store, new(TWO), most_in_all=5), BlobsFull)
    assert isinstance(await put(store, new(TWO), most_in_all=6), Kept)
    there = await store.find([digest(blob.body) for blob in many])
    assert there == {digest(blob.body) for blob, one in zip(many, kept, strict=True) if isinstance(one, Kept)}


async def test_dropping_asks_for_the_hash(store: BlobStore) -> None:
    """Another hash deletes nothing; the right one once."""
    blob = new()
    await put(store, blob)
    name = digest(blob.body)
    assert await store.drop([Drop(name, bytes(32))]) == 0
    assert await store.drop([Drop(name, HASH), Drop(name, HASH), Drop(bytes(32), HASH)]) == 1
    assert await store.get(name) is None
    assert await store.count() == 0


async def test_putting_and_dropping_at_once_loses_nothing(store: BlobStore) -> None:
    """A put that was answered after the last drop is there, however the two were mixed."""
    blob, name = new(), b""
    name = digest(blob.body)
    for _ in range(30):
        await asyncio.gather(put(store, blob), store.drop([Drop(name, HASH)]), put(store, blob))
        assert (name in await store.find([name])) is (await store.get(name) == blob.body)
        await put(store, blob)
        assert await store.get(name) == blob.body


async def turn_a_bit(store: BlobStore, name: bytes, folder: Path) -> None:
    """A bit of a blob, where the store in ``folder`` keeps it."""
    if isinstance(store, PostgresBlobs):
        change = "UPDATE blob SET body = set_bit(body, 100000, 1 - get_bit(body, 100000)) WHERE name = $1"
        await store._connections.run(lambda line: line.execute(change, name))
    else:
        turn(folder / "blobs" / name.hex()[:2] / name.hex(), 100_000)


async def test_what_was_altered_is_not_there_and_can_be_put_again(store: BlobStore, tmp_path: Path) -> None:
    """It is found out when somebody asks for it; as long as it stood there no sender would put it again."""
    blob, other = new(), new()
    for one in (blob, other):
        await put(store, one)
    name = digest(blob.body)
    await turn_a_bit(store, name, tmp_path)
    assert await store.find([name]) == {name}, "nobody has looked at it"
    assert await store.get(name) is None
    assert (await store.find([name]), await store.count()) == (set(), 1)
    await put(store, blob)
    assert [await store.get(digest(one.body)) for one in (blob, other)] == [blob.body, other.body]
    assert await store.count() == 2


async def test_expiry_goes_by_hours_and_in_steps(store: BlobStore) -> None:
    """What is younger stays."""
    for hour in (10, 10, 11, 12):
        await put(store, new(hour=hour))
    assert await store.expire(12, limit=2) == 2
    assert await store.expire(12, limit=2) == 1
    assert await store.expire(12, limit=2) == 0
    assert await store.count() == 1


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[BlobFolder]:
    """The folder."""
    with contextlib.closing(open_blobs(tmp_path / "blobs")) as made:
        yield made


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("??/*"))


async def test_what_a_crash_left_is_swept_out(folder: BlobFolder, tmp_path: Path) -> None:
    """Half a file and a file without a row go; a row without its file is not there, and can be put again."""
    kept, lost = new(), new()
    for blob in (kept, lost):
        await put(folder, blob)
    path = tmp_path / "blobs"
    (path / "00" / ("00" * 32)).write_bytes(b"x")
    (path / "01" / (("01" * 32) + ".7.part")).write_bytes(b"x")
    name = digest(lost.body)
    (path / name.hex()[:2] / name.hex()).unlink()
    assert await folder.find([name]) == set()
    assert await folder.get(name) is None
    folder.close()
    with contextlib.closing(open_blobs(path)) as again:
        assert [one.name for one in _files(path)] == [digest(kept.body).hex()]
        assert await again.count() == 1
        assert isinstance(await put(again, lost), Kept)
        assert await again.get(name) == lost.body


async def test_what_a_crash_left_in_the_index_s_log_is_written_anew(folder: BlobFolder, tmp_path: Path) -> None:
    """As in the store of envelopes: what is told to be there lies in the database, and in no log alone."""
    await put(folder, new())
    crashed = tmp_path / "crashed"
    shutil.copytree(tmp_path / "blobs", crashed)
    with contextlib.closing(open_blobs(crashed)):
        assert (crashed / f"{INDEX_NAME}-wal").stat().st_size == 0
        shutil.copy(crashed / INDEX_NAME, tmp_path / "alone")
    with contextlib.closing(sqlite3.connect(tmp_path / "alone")) as alone:
        assert alone.execute("SELECT count(*) FROM blob").fetchone() == (1,)


async def test_a_folder_that_takes_no_changes_answers_nothing(folder: BlobFolder, tmp_path: Path) -> None:
    """As in the store of envelopes: the sync before is not believed."""
    blob = new()
    await put(folder, blob)
    (tmp_path / "blobs").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreError):
        await folder.drop([Drop(digest(blob.body), b"")])
    (tmp_path / "elsewhere").rename(tmp_path / "blobs")


async def test_a_row_whose_file_is_gone_is_made_good_by_the_next_put(folder: BlobFolder, tmp_path: Path) -> None:
    """Without an opening in between as well."""
    blob = new()
    await put(folder, blob)
    name = digest(blob.body)
    (tmp_path / "blobs" / name.hex()[:2] / name.hex()).unlink()
    await put(folder, blob)
    assert await folder.get(name) == blob.body
    assert await folder.count() == 1


async def test_a_full_disk_is_said_and_leaves_nothing(
    folder: BlobFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is that of a full disk, no part of the blob stays, and when there is room it goes on."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "no room")

    blob = new()
    with monkeypatch.context() as patch:
        patch.setattr(blob_folder.os, "fsync", full)
        with pytest.raises(StoreFullError):
            await put(folder, blob)
    assert _files(tmp_path / "blobs") == []
    assert isinstance(await put(folder, blob), Kept)


async def test_every_answer_is_after_a_sync(folder: BlobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """File and folder are synced before the row is there, and the row's commit is synced."""
    synced: list[bool] = []
    blob = new()
    real = os.fsync

    def note(descriptor: int) -> None:
        synced.append(os.path.isdir(f"/proc/self/fd/{descriptor}"))  # noqa: PTH112 - of a descriptor
        real(descriptor)

    monkeypatch.setattr(blob_folder.os, "fsync", note)
    await put(folder, blob)
    assert synced == [False, True]
    assert folder._index.execute("PRAGMA synchronous").fetchone() == (2,)


async def test_nothing_in_the_index_is_a_sender_or_a_fine_time(folder: BlobFolder) -> None:
    """The columns are those of PROTOCOL 7."""
    rows = folder._index.execute("SELECT sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    columns = {row[1] for name in ("blob", "held") for row in folder._index.execute(f"PRAGMA table_info({name})")}
    assert len(rows) == 2
    assert columns == {"name", "mailbox", "hour", "drop_hash", "count"}


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    """A file in its place, or an index that is none."""
    (tmp_path / "blobs").write_bytes(b"")
    with pytest.raises(StoreError):
        open_blobs(tmp_path / "blobs")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "index.sqlite").write_bytes(b"no database, but long enough to be read as one" * 100)
    with pytest.raises(StoreError):
        open_blobs(tmp_path / "other")


def test_no_row_stands_for_a_time(tmp_path: Path) -> None:
    """The table has no rowid, so the order of putting is nowhere."""
    with contextlib.closing(open_blobs(tmp_path / "blobs")) as made, pytest.raises(sqlite3.OperationalError):
        made._index.execute("SELECT rowid FROM blob")
