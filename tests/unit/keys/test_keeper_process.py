"""The keeper as a process of its own: it answers as a keeper in the same process does, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keys.cards import CardKind
from keys.codec import encode
from keys.domains import SignedType
from keys.envelope import parse_envelope, recall_hash
from keys.errors import FormatError, LocalError, LockedError, OpenError, SlussError
from keys.private import keeper_process
from keys.private.keeper import LocalKeeper, Ring
from keys.private.keeper_client import ProcessKeeper
from keys.private.keeper_frames import MAX_FRAME_BYTES, Sign, Unlock, failed, read_answer, read_request
from keys.private.prekeys import covering
from keys.private.seal import Target
from keys.signed import parse_signed, read_payload, verify_single
from keys.statements import Batch
from tests.kit.federation import HOUR, Federation, MemoryRing
from tests.kit.hub_process import PROJECT
from tests.kit.keepers import PASSPHRASE, KeeperFiles, find_in_memory, keeper_files, may_look, unlocked

FEDERATION = Federation.demo(devices=2)
SAV, BOPS = FEDERATION.units["sav"], FEDERATION.units["bops"]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def _ring() -> Ring:
    ring = SAV.stores[0].ring
    assert ring is not None
    return ring


@pytest.fixture
def files(tmp_path: Path) -> KeeperFiles:
    """The files of sav's first device."""
    return keeper_files(tmp_path, _ring())


@pytest.fixture
def keeper(files: KeeperFiles) -> Iterator[ProcessKeeper]:
    """Its keeper, unlocked."""
    made = unlocked(files)
    yield made
    made.close()


def _batch(keeper: ProcessKeeper) -> Batch:
    return read_payload(parse_signed(keeper.new_batch(HOUR, 9)), SignedType.BATCH, Batch)


def _sealed(batch: Batch, hour: int = HOUR) -> bytes:
    target = Target(SAV.keepers[0].device_id, batch.intervals[0].public)
    return BOPS.keepers[0].seal(b"content", SAV.mailbox_id, [target], hour=hour, recall_hash=recall_hash(bytes(32)))


def _seeds(files: KeeperFiles) -> list[bytes]:
    return [secret.seed for secret in files.keys.ring_file(files.ring_file).load().epochs]


def test_it_answers_as_a_keeper_in_the_same_process(keeper: ProcessKeeper, files: KeeperFiles) -> None:
    """Ids, signatures, logins, cards, tokens and counter are those of the ring."""
    here = LocalKeeper(_ring(), MemoryRing())
    entry = FEDERATION.directory.devices[keeper.device_id]
    verify_single(parse_signed(keeper.sign(SignedType.DOCUMENT, b"x")), entry.certificate, entry.enrol.signing)
    assert keeper.login(b"h" * 16, b"n" * 32) == here.login(b"h" * 16, b"n" * 32)
    assert keeper.delivery_token(b"m" * 16, 7) == here.delivery_token(b"m" * 16, 7)
    card = FEDERATION.directory.units[BOPS.unit_id].statement.card
    assert keeper.open_card(CardKind.UNIT, BOPS.unit_id, card) == here.open_card(CardKind.UNIT, BOPS.unit_id, card)
    keeper.advance(keeper.counter + 5)
    assert keeper.counter == 5 == files.keys.ring_file(files.ring_file).load().counter


def test_it_seals_opens_rotates_and_forgets(keeper: ProcessKeeper) -> None:
    """What is sealed to its keys opens until it has forgotten them; also after it replaced its image."""
    batch = _batch(keeper)
    assert keeper.batch_no == batch.batch_no == 1
    envelope = parse_envelope(_sealed(batch))
    ticket = keeper.open_key(envelope, SAV.mailbox_id)
    assert keeper.open_content(envelope, SAV.mailbox_id, ticket) == b"content"
    assert keeper.open_content(envelope, SAV.mailbox_id, b"of another") == b"content"
    target = Target(SAV.keepers[0].device_id, batch.intervals[0].public)
    own = keeper.seal(b"mine", SAV.mailbox_id, [target], hour=HOUR, recall_hash=bytes(32))
    process, end = keeper.process_id, batch.intervals[0].end
    assert keeper.forget(end + 2, end + 1) == 1
    with pytest.raises(OpenError, match="SLOT"):
        keeper.open_key(parse_envelope(own), SAV.mailbox_id)
    assert keeper.process_id == process


def test_an_envelope_is_opened_ahead(keeper: ProcessKeeper) -> None:
    """What was begun comes out when it is asked for; whatever else is asked comes first."""
    batch = _batch(keeper)
    first, second = (parse_envelope(_sealed(batch)) for _ in range(2))
    keeper.begin_open(first, SAV.mailbox_id)
    assert keeper.open_content(first, SAV.mailbox_id, keeper.open_key(first, SAV.mailbox_id)) == b"content"
    keeper.begin_open(first, SAV.mailbox_id)
    keeper.begin_open(second, SAV.mailbox_id)
    assert keeper.delivery_token(b"m" * 16, 7) == LocalKeeper(_ring(), MemoryRing()).delivery_token(b"m" * 16, 7)
    keeper.begin_open(first, BOPS.mailbox_id)
    assert keeper.open_content(second, SAV.mailbox_id, keeper.open_key(second, SAV.mailbox_id)) == b"content"
    keeper.begin_open(first, BOPS.mailbox_id)
    with pytest.raises(OpenError, match="SLOT"):
        keeper.open_key(first, BOPS.mailbox_id)


def test_what_was_opened_ahead_is_not_kept_beyond_its_key(keeper: ProcessKeeper) -> None:
    """The key is forgotten, or the keeper locked, between the beginning and the asking: nothing comes out."""
    batch = _batch(keeper)
    envelope, end = parse_envelope(_sealed(batch)), batch.intervals[0].end
    keeper.begin_open(envelope, SAV.mailbox_id)
    assert keeper.forget(end + 2, end + 1) == 1
    with pytest.raises(OpenError, match="SLOT"):
        keeper.open_key(envelope, SAV.mailbox_id)
    keeper.begin_open(envelope, SAV.mailbox_id)
    keeper.lock()
    keeper.begin_open(envelope, SAV.mailbox_id)
    with pytest.raises(LockedError):
        keeper.open_key(envelope, SAV.mailbox_id)


def test_a_revoked_device_forgets_all(keeper: ProcessKeeper, files: KeeperFiles) -> None:
    """Every seed goes, from the disk too, and the process lives on."""
    batch = _batch(keeper)
    process, held = keeper.process_id, len(_seeds(files))
    assert held
    assert keeper.forget_all() == held
    assert (_seeds(files), keeper.forget_all(), keeper.process_id) == ([], 0, process)
    with pytest.raises(OpenError, match="SLOT"):
        keeper.open_key(parse_envelope(_sealed(batch)), SAV.mailbox_id)


def test_an_error_comes_over_as_it_is(keeper: ProcessKeeper) -> None:
    """Class and code are those that a keeper in the same process raises; the process lives on."""
    with pytest.raises(OpenError, match="CARD"):
        keeper.open_card(CardKind.UNIT, BOPS.unit_id, bytes(100))
    with pytest.raises(LocalError, match="ROLLBACK"):
        keeper.advance(0) or (keeper.advance(9), keeper.advance(1))
    with pytest.raises(LocalError, match="BIG"):
        keeper.sign(SignedType.DOCUMENT, bytes(MAX_FRAME_BYTES))
    assert keeper.delivery_token(b"m" * 16, 7)


def test_content_that_does_not_open_says_so_at_its_own_check(keeper: ProcessKeeper) -> None:
    """A slot opens and the content does not: check 3 passes, check 4 refuses."""
    raw = bytearray(_sealed(_batch(keeper)))
    envelope = parse_envelope(bytes(raw))
    ticket = keeper.open_key(envelope, SAV.mailbox_id)
    assert ticket not in (b"", bytes(32))
    here = LocalKeeper(_ring(), MemoryRing())
    with pytest.raises(OpenError):
        here.open_content(envelope, SAV.mailbox_id, ticket)  # a ticket is no key


def test_a_wrong_passphrase_opens_nothing(files: KeeperFiles) -> None:
    """The process ends, and the next passphrase gets a new one."""
    keeper = ProcessKeeper(files.key_file, files.ring_file)
    with pytest.raises(LocalError, match="PASS"):
        keeper.unlock("en annan lösenfras")
    assert keeper.is_locked
    assert keeper.unlock(PASSPHRASE, wants_vault_key=True) == files.keys.vault_key
    keeper.close()


def test_a_locked_keeper_says_so_and_comes_back(keeper: ProcessKeeper) -> None:
    """After ``lock`` every call raises, and the process is gone; after ``unlock`` they work again."""
    process = keeper.process_id
    keeper.lock()
    with pytest.raises(LockedError, match="LOCKEDKEYS"):
        keeper.sign(SignedType.DOCUMENT, b"x")
    with pytest.raises(ProcessLookupError):
        os.kill(process or 0, 0)
    assert keeper.unlock(PASSPHRASE) == b""
    assert keeper.sign(SignedType.DOCUMENT, b"x")


def test_no_answer_is_taken_from_a_keeper_that_was_killed(keeper: ProcessKeeper) -> None:
    """The call raises, and no ``LocalError``: nobody may take it for "no such unit"."""
    os.kill(keeper.process_id or 0, signal.SIGKILL)
    with pytest.raises(LockedError, match="KEEPER") as caught:
        keeper.sign(SignedType.DOCUMENT, b"x")
    assert not isinstance(caught.value, LocalError)


def test_it_ends_when_nobody_has_asked_for_long_enough(files: KeeperFiles) -> None:
    """The engine's own requests do not count, a person's do."""
    keeper = unlocked(files, idle_seconds=2)
    began = time.monotonic()
    keeper.touch()
    while not keeper.is_locked and time.monotonic() < began + 10:
        with contextlib.suppress(LockedError):
            keeper.delivery_token(b"m" * 16, 7)
        time.sleep(0.05)
    assert 1.5 < time.monotonic() - began < 6
    with pytest.raises(LockedError, match="LOCKEDKEYS"):
        keeper.touch()
    keeper.close()


def test_it_ends_in_time_also_where_its_answer_is_not_read(keeper: ProcessKeeper, files: KeeperFiles) -> None:
    """More was opened ahead than a pipe holds, and whoever asked does something else."""
    target = Target(keeper.device_id, _batch(keeper).intervals[0].public)
    sealed = BOPS.keepers[0].seal(bytes(200_000), SAV.mailbox_id, [target], hour=HOUR, recall_hash=bytes(32))
    keeper.close()
    other = unlocked(files, idle_seconds=2)
    other.begin_open(parse_envelope(sealed), SAV.mailbox_id)
    began = time.monotonic()
    while not other.is_locked and time.monotonic() < began + 60:
        time.sleep(0.05)
    assert other.is_locked
    with pytest.raises(LockedError, match="LOCKEDKEYS"):
        other.open_key(parse_envelope(sealed), SAV.mailbox_id)
    other.close()


@LINUX
def test_it_ends_with_its_parent(files: KeeperFiles) -> None:
    """Also when that is killed and can say nothing."""
    code = (
        "import sys, time; from pathlib import Path; from keys.private.keeper_client import ProcessKeeper;"
        f"k = ProcessKeeper(Path({str(files.key_file)!r}), Path({str(files.ring_file)!r}));"
        f"k.unlock({PASSPHRASE!r}); print(k.process_id, flush=True); time.sleep(60)"
    )
    env = {**os.environ, "PYTHONPATH": str(PROJECT)}
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=PROJECT, env=env)
    assert parent.stdout is not None
    process = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _until(lambda: not Path(f"/proc/{process}").exists() or "Z" in Path(f"/proc/{process}/stat").read_text())


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@LINUX
def test_the_passphrase_is_no_argument_and_not_in_the_environment(keeper: ProcessKeeper) -> None:
    """Whoever lists processes learns nothing, and the parent's environment does not come along."""
    process = Path(f"/proc/{keeper.process_id}")
    assert PASSPHRASE.encode() not in (process / "cmdline").read_bytes()
    if may_look(keeper.process_id or 0):
        environment = (process / "environ").read_bytes()
        assert PASSPHRASE.encode() not in environment
        assert b"HOME=" not in environment


@LINUX
def test_no_core_dump_and_no_reading_by_others(keeper: ProcessKeeper) -> None:
    """The limit for core files is zero, and other processes of the same user cannot open its memory."""
    assert keeper.hardening.no_core
    assert keeper.hardening.hidden
    limits = Path(f"/proc/{keeper.process_id}/limits").read_text()
    assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core")] == [["0", "0"]]
    if os.geteuid():
        assert not may_look(keeper.process_id or 0)


@LINUX
def test_private_keys_are_in_the_keepers_memory_and_nowhere_else(keeper: ProcessKeeper, files: KeeperFiles) -> None:
    """This process asks it for everything and holds no seed, no ring key and no directory key from it."""
    batch = _batch(keeper)
    keeper.open_key(parse_envelope(_sealed(batch)), SAV.mailbox_id)
    code = (
        "import sys; from pathlib import Path; from keys.private.keeper_client import ProcessKeeper;"
        "from keys.domains import SignedType;"
        f"k = ProcessKeeper(Path({str(files.key_file)!r}), Path({str(files.ring_file)!r}));"
        f"k.unlock({PASSPHRASE!r}, wants_vault_key=True); k.sign(SignedType.DOCUMENT, b'x');"
        "k.delivery_token(bytes(16), 1); k.login(bytes(16), bytes(32));"
        "print(k.process_id, flush=True); sys.stdin.read()"
    )
    keeper.lock()
    asking = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert asking.stdout is not None
    holder = int(asking.stdout.readline())
    ring = files.keys.ring_file(files.ring_file).load()
    assert ring.directory_key is not None
    secrets = {ring.signing.ed25519_seed, ring.signing.mldsa_seed, ring.login_seed, ring.enrol_seed, ring.directory_key}
    secrets |= {files.keys.ring_key, *_seeds(files)}
    try:
        assert find_in_memory(asking.pid, secrets) == set()
        if may_look(holder):
            assert len(find_in_memory(holder, secrets)) > 10  # the search is not blind
    finally:
        asking.communicate(b"")


@LINUX
def test_a_forgotten_seed_is_nowhere_in_memory(keeper: ProcessKeeper, files: KeeperFiles, tmp_path: Path) -> None:
    """Not in the keeper's memory, not in the memory of who asks it, not in the files; those that stay are there."""
    batch = _batch(keeper)
    keeper.open_key(parse_envelope(_sealed(batch)), SAV.mailbox_id)
    before = _seeds(files)
    old_ring = files.ring_file.read_bytes()
    end = batch.intervals[2].end
    if may_look(keeper.process_id or 0):
        assert find_in_memory(keeper.process_id or 0, before[:1])
    count = keeper.forget(end + 2, end + 1)
    assert keeper.delivery_token(b"m" * 16, 7)  # the new image answers
    gone = set(before) - set(_seeds(files))
    assert len(gone) == count >= 3
    if may_look(keeper.process_id or 0):
        found = find_in_memory(keeper.process_id or 0, before)
        assert not found & gone
        assert found
    assert not [path for path in tmp_path.iterdir() if old_ring[:64] in path.read_bytes()]


def test_the_blocks_of_the_old_ring_are_overwritten(files: KeeperFiles) -> None:
    """Whoever holds the old file open finds zeros: its blocks do not wait on the disk for the passphrase."""
    with files.ring_file.open("rb") as old:
        length = len(old.read())
        files.keys.ring_file(files.ring_file).save(_ring())
        old.seek(0)
        assert old.read() == bytes(length)
    assert files.keys.ring_file(files.ring_file).load() == _ring()


@pytest.mark.parametrize(
    "data",
    [b"", b"\x91", b"\x91\x7e", b"\xc0\x02", encode([2, "document"]), encode([200, b""]), encode([2, "none", b""])],
    ids=["empty", "cut", "unknown", "nil", "short", "no-tag", "type"],
)
def test_a_frame_that_is_none_is_refused(data: bytes) -> None:
    """Value or error of ours, nothing else."""
    for reader in (read_request, read_answer):
        with pytest.raises(FormatError):
            reader(data)


def test_secrets_have_no_words() -> None:
    """A frame that somebody prints shows neither passphrase nor key."""
    assert PASSPHRASE not in repr(Unlock(PASSPHRASE.encode(), "", "", 0, True))
    assert "Sign" in repr(Sign(SignedType.DOCUMENT, b""))


@pytest.mark.parametrize("error", [LocalError("DISK"), LockedError(), OpenError("SLOT"), FormatError("FMT", rule="x")])
def test_errors_travel_by_class_and_code(error: SlussError) -> None:
    """Those of the closed list keep their class; others count as locked."""
    sent = failed(error)
    assert (sent.error, sent.code) == (type(error).__name__, error.code)


def test_what_the_desk_refuses(files: KeeperFiles) -> None:
    """Requests before unlocking, unlocking twice, and bytes that are no request get an error and end nothing."""
    desk = keeper_process._Desk()
    wanted = encode(Unlock(PASSPHRASE.encode(), str(files.key_file), str(files.ring_file), 0, True))
    assert desk.answer(encode(Sign(SignedType.DOCUMENT, b"x"))) == failed(LockedError())
    assert desk.answer(b"\x00").error == "FormatError"  # type: ignore[union-attr]
    assert desk.answer(encode(Unlock(b"x" * 20, "", "", 0, True))).code == "FILE"  # type: ignore[union-attr]
    assert desk._take(files.keys.ring_key, str(files.ring_file), 0).device_id == SAV.keepers[0].device_id
    assert desk.answer(wanted).code == "FMT"  # type: ignore[union-attr]
    assert covering(_ring().epochs, HOUR) == []
