"""Blobs in PostgreSQL, for hub processes that share no folder (PROTOCOL 7, 8.6).

Rows and not files: what one process took, another must give, and a standby must have it. Who changes something locks
the rows of ``held`` first, in one order; so a put and a drop of the same blob wait for each other and do not lock each
other out. The limit in all is looked at without a lock: as many blobs as there are connections may come above it.
"""

from __future__ import annotations

from hub.store.base import StoreError
from hub.store.blobs import ALTERED, BlobsFull, Drop, Kept, NewBlob
from hub.store.postgres.connections import Connections, Line
from keys.ids import digest
from keys.logging import get_logger

_log = get_logger("blobs")
_DELETE = (
    "WITH gone AS (DELETE FROM blob WHERE name = ANY ($1) RETURNING mailbox),"
    " counted AS (SELECT mailbox, count(*) AS count FROM gone GROUP BY mailbox),"
    " written AS (UPDATE held SET count = held.count - counted.count FROM counted WHERE held.mailbox = counted.mailbox)"
    " SELECT count(*) FROM gone"
)
_TRIES = 3


class PostgresBlobs:
    """Blobs in the tables ``blob`` and ``held``."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def put(self, blob: NewBlob, *, most: int, most_in_all: int) -> Kept | BlobsFull:
        """See BlobStore."""
        name = digest(blob.body)
        for _ in range(_TRIES):  # the same blob of another mailbox may come, and go, in the same moment
            answer = await self._connections.run(
                lambda line: _put(line, name, blob, most=most, most_in_all=most_in_all)
            )
            if answer is not None:
                return answer
        raise StoreError("STORE", rule="blob-race")

    async def get(self, name: bytes) -> bytes | None:
        """See BlobStore."""
        body: bytes | None = await self._connections.run(
            lambda line: line.fetchval("SELECT body FROM blob WHERE name = $1", name)
        )
        if body is None or digest(body) == name:
            return body
        await self._connections.run(lambda line: _drop_altered(line, name))
        return None

    async def find(self, names: list[bytes]) -> set[bytes]:
        """See BlobStore."""
        query = "SELECT name FROM blob WHERE name = ANY ($1)"
        rows = await self._connections.run(lambda line: line.fetch(query, names))
        return {row["name"] for row in rows}

    async def drop(self, drops: list[Drop]) -> int:
        """See BlobStore."""
        return await self._connections.run(lambda line: _drop(line, drops))

    async def expire(self, before_hour: int, *, limit: int) -> int:
        """See BlobStore."""

        async def work(line: Line) -> int:
            async with line.transaction():
                rows = await line.fetch(
                    "SELECT name, mailbox FROM blob WHERE hour < $1 ORDER BY hour LIMIT $2", before_hour, limit
                )
                return await _delete(line, [row["name"] for row in rows], [row["mailbox"] for row in rows])

        return await self._connections.run(work)

    async def count(self) -> int:
        """See BlobStore."""
        return int(
            await self._connections.run(lambda line: line.fetchval("SELECT coalesce(sum(count), 0)::bigint FROM held"))
        )


async def _put(line: Line, name: bytes, blob: NewBlob, *, most: int, most_in_all: int) -> Kept | BlobsFull | None:
    async with line.transaction():
        await line.execute("INSERT INTO held (mailbox, count) VALUES ($1, 0) ON CONFLICT DO NOTHING", blob.mailbox)
        count = await line.fetchval("SELECT count FROM held WHERE mailbox = $1 FOR UPDATE", blob.mailbox)
        hour = await line.fetchval("SELECT hour FROM blob WHERE name = $1", name)
        if hour is not None:
            return Kept(hour)
        if count >= most or await line.fetchval("SELECT sum(count) FROM held") >= most_in_all:
            return BlobsFull()
        placed = await line.fetch(
            "INSERT INTO blob (name, mailbox, hour, drop_hash, body) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT DO NOTHING RETURNING 1",
            name,
            blob.mailbox,
            blob.hour,
            blob.drop_hash,
            blob.body,
        )
        await line.execute("UPDATE held SET count = count + $2 WHERE mailbox = $1", blob.mailbox, len(placed))
    return Kept(blob.hour) if placed else None


async def _drop(line: Line, drops: list[Drop]) -> int:
    async with line.transaction():
        rows = await line.fetch(
            "SELECT DISTINCT name, mailbox FROM blob JOIN unnest($1::bytea[], $2::bytea[]) AS asked (wanted, hash)"
            " ON name = wanted AND drop_hash = hash",
            [one.name for one in drops],
            [one.drop_hash for one in drops],
        )
        return await _delete(line, [row["name"] for row in rows], [row["mailbox"] for row in rows])


async def _drop_altered(line: Line, name: bytes) -> None:
    """Read again, with the mailbox's row locked: it may have been dropped and put meanwhile."""
    async with line.transaction():
        mailbox = await line.fetchval("SELECT mailbox FROM blob WHERE name = $1", name)
        await line.execute("SELECT FROM held WHERE mailbox = $1 FOR UPDATE", mailbox)
        body = await line.fetchval("SELECT body FROM blob WHERE name = $1", name)
        if body is not None and digest(body) != name and await _delete(line, [name], [mailbox]):
            _log.error(ALTERED)


async def _delete(line: Line, names: list[bytes], mailboxes: list[bytes]) -> int:
    await line.execute("SELECT FROM held WHERE mailbox = ANY ($1) ORDER BY mailbox FOR UPDATE", mailboxes)
    return int(await line.fetchval(_DELETE, names))
