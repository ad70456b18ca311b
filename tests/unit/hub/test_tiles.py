"""The log as static resources (PROTOCOL 4.8) and its cosigned checkpoint (PROTOCOL 3.6)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from hub.cosigning import Cosigning
from hub.house import open_house
from hub.tiles import Tile, parse_path
from hub.wire.frame import frame
from hub.wire.limits import HTTP_PATH
from hub.wire.requests import LoginBegin
from keys.checkpoint import origin_of, parse_note, verify_note
from keys.cosignature import require_quorum
from keys.errors import SignatureError
from keys.log_tree import LogTree, leaf_hash
from keys.private import events
from keys.private.witness import WitnessSigner
from keys.private.witness_store import STORE_NAME, WitnessStore, create_witness
from keys.witness import serving
from tests.kit.federation import Federation
from tests.kit.hub_process import found
from tests.kit.witness_process import log_of
from tests.unit.hub.conftest import Bench

PATHS = {
    "/tile/0/000": Tile(0, 0, 256),
    "/tile/0/000.p/1": Tile(0, 0, 1),
    "/tile/63/255.p/255": Tile(63, 255, 255),
    "/tile/2/x001/x234/067": Tile(2, 1234067, 256),
    "/tile/entries/x001/000.p/7": Tile(None, 1000, 7),
}
NO_PATHS = [
    "/tile/64/000", "/tile/00/000", "/tile/-1/000", "/tile/0/0", "/tile/0/x000/001", "/tile/0/1000", "/tile/0/001/000",
    "/tile/0/000.p/0", "/tile/0/000.p/256", "/tile/0/000.p/01", "/tile/0/000.p/", "/tile/0/000/", "/tile/entries",
    "/tile/0/x1/000", "/tile/0/٠٠٠", "/tile/0/" + "x001/" * 5 + "000", "/tile/entries/000.p/1/..",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_path_names_a_tile(path: str) -> None:
    """As in c2sp.org/tlog-tiles."""
    assert parse_path(path) == PATHS[path]


@pytest.mark.parametrize("path", NO_PATHS)
def test_a_path_has_one_form(path: str) -> None:
    """Any other is no tile."""
    assert parse_path(path) is None


@contextlib.asynccontextmanager
async def reading(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A monitor."""
    async with aiohttp.ClientSession(base_url=url) as session:
        yield session


async def test_a_monitor_rebuilds_the_log_from_tiles(bench: Bench) -> None:
    """Checkpoint, hashes and entries fit together, and are what the frames give."""
    async with reading(bench.url) as session:
        note = await (await session.get("/checkpoint")).read()
        federation = bench.federation
        checkpoint = verify_note(
            note,
            name=federation.hub_id.hex(),
            ed25519=federation.hub_keys.ed25519,
            origin=origin_of(federation.directory.federation),
        )
        answer = await session.get(f"/tile/0/000.p/{checkpoint.size}")
        assert "immutable" in answer.headers["Cache-Control"]
        tile = await answer.read()
        bundle = await (await session.get(f"/tile/entries/000.p/{checkpoint.size}")).read()
    leaves = []
    while bundle:
        length = int.from_bytes(bundle[:2])
        leaves.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    tree = LogTree()
    for leaf in leaves:
        tree.append(leaf)
    assert (len(leaves), tree.root()) == (checkpoint.size, checkpoint.root)
    assert tile == b"".join(leaf_hash(leaf) for leaf in leaves)


async def test_what_is_not_there_is_not_found(bench: Bench) -> None:
    """Beyond the log's end, at a level without a full tile, and by another method."""
    size = bench.house.log.size
    async with reading(bench.url) as session:
        for path in (f"/tile/0/000.p/{size + 1}", "/tile/0/000", "/tile/1/000.p/1", "/tile/entries/001.p/1"):
            assert (await session.get(path)).status == 404
        assert (await session.post("/checkpoint")).status == 404


async def test_a_connection_that_logged_in_reads_no_tiles(bench: Bench) -> None:
    """Rule 1.4 holds here too."""
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(base_url=bench.url, connector=connector) as session:
        async with session.post(HTTP_PATH, data=frame(LoginBegin(bytes(16)))) as answer:
            await answer.read()
        async with session.get("/checkpoint") as answer:
            assert answer.status == 403


# -- cosigned checkpoints ----------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def watched(path: Path, federation: Federation, count: int = 3) -> AsyncIterator[list[str]]:
    """Witnesses in this process whom the roots have named; gives their addresses."""
    signers: list[WitnessSigner] = []
    for number in range(count):
        signers.append(create_witness(path / f"w{number}", f"w{number}.example"))
        with contextlib.closing(WitnessStore(path / f"w{number}" / STORE_NAME)) as store:
            for origin, key in log_of(federation).items():
                store.follow(origin, key)
    keys = [signer.key for signer in signers]
    federation.apply(events.name_witnesses(federation.directory, federation.roots(), keys=keys, quorum=2))
    async with contextlib.AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(serving(path / f"w{number}", host="127.0.0.1", port=0, now=time.time))
            for number in range(count)
        ]


async def test_a_note_is_shown_when_a_quorum_cosigned_it(tmp_path: Path, federation: Federation) -> None:
    """Two of three are enough, one is not; the shown note never goes back, also not over a restart."""
    async with watched(tmp_path, federation) as addresses:
        data = tmp_path / "hub"
        config = await asyncio.to_thread(found, data, federation)
        async with open_house(data, config) as house:
            policy = house.log.directory.witnesses
            assert policy is not None
            with pytest.raises(SignatureError, match="WITNESS"):
                require_quorum(house.log.note, policy)
            assert not await Cosigning(house.log, tuple(addresses[:1])).round()
            cosigning = Cosigning(house.log, (*addresses[:2], "http://127.0.0.1:9"))
            assert await cosigning.round()
            assert abs(require_quorum(house.log.note, policy) - time.time()) < 5
            first = house.log.note
            statement = federation.revoke("bops", federation.units["bops"].keepers[1].device_id)
            await house.log.submit(statement)
            assert house.log.note == first
        async with open_house(data, config) as house:
            assert house.log.note == first
            assert await Cosigning(house.log, tuple(addresses)).round()  # learns from the 409 what they hold
            assert parse_note(house.log.note)[0].size == house.log.size
            assert len(parse_note(house.log.note)[1]) == 4
