"""The directory log at the hub (PROTOCOL 3)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from hub.config import Config
from hub.house import open_house
from hub.signer import FILE_NAME as KEY_NAME
from hub.store.base import StoreFullError
from hub.store.sqlite import open_store
from hub.stores import STORE_NAME
from hub.wire.limits import MAX_READ_LEAVES
from hub.wire.requests import ReadCheckpoint, ReadLog, Submit
from hub.wire.responses import CheckpointIs, Code, Leaves, Refused, Submitted
from keys.checkpoint import origin_of, verify_note
from keys.directory import Directory
from keys.domains import SignedType
from keys.errors import LocalError
from keys.log_tree import LogTree
from keys.private.identity import new_secret, secret_key_id, sign_object
from tests.kit.federation import Federation
from tests.unit.hub.conftest import Bench
from tests.unit.hub.device import Link


async def read_all(link: Link, *, limit: int = MAX_READ_LEAVES) -> list[bytes]:
    """The whole log."""
    leaves: list[bytes] = []
    while True:
        answer = await link.call(ReadLog(len(leaves), limit))
        assert isinstance(answer, Leaves)
        leaves += answer.leaves
        if len(leaves) == answer.size:
            return leaves
        assert answer.leaves


async def test_everybody_replays_the_same_log(bench: Bench) -> None:
    """The leaves, read in pages, build the root of the signed checkpoint and the same directory."""
    async with bench.link() as link:
        leaves = await read_all(link, limit=3)
        answer = await link.call(ReadCheckpoint())
    assert bench.federation.statements == leaves
    assert isinstance(answer, CheckpointIs)
    federation = bench.federation
    checkpoint = verify_note(
        answer.note,
        name=federation.hub_id.hex(),
        ed25519=federation.hub_keys.ed25519,
        origin=origin_of(federation.directory.federation),
    )
    tree = LogTree()
    for leaf in leaves:
        tree.append(leaf)
    assert (checkpoint.size, checkpoint.root) == (len(leaves), tree.root())


async def test_submit_appends_once(bench: Bench) -> None:
    """A statement gets the next index; sent again it gets the same one, and the log does not grow."""
    async with bench.link() as link:
        size = bench.house.log.size
        federation = bench.federation
        statement = federation.revoke("bops", federation.units["bops"].keepers[1].device_id)
        for _ in range(2):
            assert await link.call(Submit(statement)) == Submitted(size, size + 1)


async def test_submit_opens_the_mailbox_of_a_new_unit(bench: Bench) -> None:
    """A new unit and its first device work at once."""
    federation = bench.federation
    before = len(federation.statements)
    federation.add_unit("vast", "polisen", unit_type="polis_bops")
    federation.enrol("vast", "Ny Handläggare")
    async with bench.link() as link:
        for statement in federation.statements[before:]:
            assert isinstance(await link.call(Submit(statement)), Submitted)
        async with bench.device("vast") as device:
            await device.open_mailbox()
            await link.call(device.deposit())
            assert (await bench.house.store.standing(device.mailbox, device.keeper.device_id)).waiting == 1


async def test_what_the_directory_refuses_is_refused(bench: Bench) -> None:
    """No signed object, a stranger's statement, another federation's: a code, and nothing changes."""
    stranger = new_secret()
    other = Federation.demo().statements[2]
    forged = sign_object(stranger, secret_key_id(stranger), SignedType.REVOKE, b"\x90")
    async with bench.link() as link:
        size = bench.house.log.size
        assert await link.refused(Submit(os.urandom(100))) is Code.FORMAT
        assert await link.refused(Submit(forged)) is Code.FORMAT
        answer = await link.call(Submit(other))
        assert isinstance(answer, Refused)
        assert (answer.code, answer.detail != "") == (Code.TRUST, True)
        assert bench.house.log.size == size


async def test_nobody_hands_in_a_snapshot(bench: Bench) -> None:
    """Snapshots come from the hub's own keys and from inside; a submitted one is refused whoever signed it."""
    await bench.house.prekeys.make_snapshot()
    async with bench.link() as link:
        snapshot = (await read_all(link))[-1]
        secret = bench.federation.hub_secret
        forged = sign_object(secret, secret_key_id(secret), SignedType.SNAPSHOT, b"\x90")
        assert await link.refused(Submit(forged)) is Code.TRUST
        assert isinstance(await link.call(Submit(snapshot)), Submitted)  # known: its index, nothing more


async def test_reading_beyond_the_end(bench: Bench) -> None:
    """There is nothing, and the answer says how long the log is."""
    async with bench.link() as link:
        size = bench.house.log.size
        assert await link.call(ReadLog(2**53 - 1, 5)) == Leaves(2**53 - 1, size, [])


async def test_a_full_disk_in_between_loses_no_leaf(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails the answer is DISK; the same bytes again are written at the same index."""
    federation, log = bench.federation, bench.house.log
    size = log.size
    statement = federation.revoke("bops", federation.units["bops"].keepers[1].device_id)

    async def full(*_: Any) -> None:
        raise StoreFullError

    async with bench.link() as link:
        with monkeypatch.context() as patch:
            patch.setattr(log._store, "append_leaf", full)
            assert await link.refused(Submit(statement)) is Code.DISK
        assert log.size == size
        assert await link.call(Submit(statement)) == Submitted(size, size + 1)
        assert (await read_all(link))[-1] == statement


async def test_a_restart_replays(data: Path, config: Config, federation: Federation) -> None:
    """Size, note and directory are those of before."""
    async with open_house(data, config) as house:
        await house.prekeys.make_snapshot()
        before = house.log.size, house.log.note
    async with open_house(data, config) as house:
        assert (house.log.size, house.log.note) == before
        assert house.log.directory.units.keys() == federation.directory.units.keys()


async def test_an_altered_database_is_refused(data: Path, config: Config) -> None:
    """A leaf that was cut off by hand does not fit the hub's own checkpoint."""
    store = await open_store(data / STORE_NAME)
    await store._writer.run(
        lambda connection: connection.execute("DELETE FROM leaf WHERE i = (SELECT max(i) FROM leaf)").fetchall()
    )
    await store.close()
    with pytest.raises(LocalError, match="LOGROOT"):
        async with open_house(data, config):
            pass


async def test_an_empty_store_is_refused(data: Path, config: Config) -> None:
    """Without a root there is no federation."""
    (data / STORE_NAME).unlink()
    for name in data.glob(STORE_NAME + "-*"):
        name.unlink()
    with pytest.raises(LocalError, match="NOROOT"):
        async with open_house(data, config):
            pass


async def test_one_process_per_folder(data: Path, config: Config) -> None:
    """A second process on the same folder is refused; it would append beside the first."""
    async with open_house(data, config):
        with pytest.raises(LocalError, match="RUNNING"):
            async with open_house(data, config):
                pass


def test_federations_differ() -> None:
    """The kit makes a new federation each time, or the tests above prove nothing."""
    assert Directory(Federation().founding.statement).federation != Federation().directory.federation


@pytest.mark.parametrize("half", [20, 60], ids=["ed25519", "mldsa"])
async def test_a_hub_does_not_open_with_other_keys(
    data: Path, config: Config, federation: Federation, half: int
) -> None:
    """A bit turned in either half of hub.key: with another second half it would serve and make no snapshot."""
    key = data / KEY_NAME
    raw = bytearray(key.read_bytes())
    raw[half] ^= 1
    key.write_bytes(raw)
    with pytest.raises(LocalError, match=r"KEYFILE|LOGROOT"):
        async with open_house(data, config):
            pass
