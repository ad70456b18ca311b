"""A keeper in a process of its own over a device of the federation kit, and looking into processes' memory.

files = keeper_files(tmp_path, ring)               # passphrase.slk and ring.slk as in an office's folder
keeper = unlocked(files)                           # ProcessKeeper
found = find_in_memory(keeper.process_id, needles) # those of the byte strings that the process has anywhere
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable
from pathlib import Path

from keys.private.keeper import Keeper, LocalKeeper, Ring
from keys.private.keeper_client import ProcessKeeper
from keys.private.office_keys import OfficeKeys, lock_office, new_office_keys, unlock_office
from keys.private.prekeys import EpochSecret
from keys.statements import Profile

PASSPHRASE = "en lång lösenfras"
_CHUNK = 4 * 1024 * 1024
_REGION = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) r")


@dataclasses.dataclass(frozen=True)
class KeeperFiles:
    """What a keeper reads."""

    key_file: Path
    ring_file: Path
    keys: OfficeKeys


def keeper_files(path: Path, ring: Ring) -> KeeperFiles:
    """Write the two files."""
    files = KeeperFiles(path / "passphrase.slk", path / "ring.slk", new_office_keys(Profile.DEMO))
    files.key_file.write_bytes(lock_office(files.keys, PASSPHRASE))
    files.keys.ring_file(files.ring_file).save(ring)
    return files


def unlocked(files: KeeperFiles, *, idle_seconds: int = 0) -> ProcessKeeper:
    """A keeper's process that has its passphrase."""
    keeper = ProcessKeeper(files.key_file, files.ring_file, idle_seconds=idle_seconds)
    keeper.unlock(PASSPHRASE)
    return keeper


def kept_seeds(keeper: Keeper) -> list[EpochSecret]:
    """The epoch seeds that a keeper has on disk."""
    return kept_ring(keeper).epochs


def kept_ring(keeper: Keeper) -> Ring:
    """The ring that a keeper has on disk; that of a process is nowhere else to be had."""
    if isinstance(keeper, LocalKeeper):
        return keeper._ring
    assert isinstance(keeper, ProcessKeeper)
    key_file, ring_file = keeper._files
    return unlock_office(key_file, PASSPHRASE).ring_file(ring_file).load()


def may_look(process_id: int) -> bool:
    """Whether this user may read another process's memory at all: a hidden one only as root."""
    try:
        with Path(f"/proc/{process_id}/mem").open("rb"):
            return True
    except PermissionError:
        return False


def find_in_memory(process_id: int, needles: Iterable[bytes]) -> set[bytes]:
    """Which of these byte strings are anywhere in the process's readable memory."""
    wanted, found = set(needles), set()
    longest = max(map(len, wanted), default=0)
    maps = Path(f"/proc/{process_id}/maps").read_text(encoding="utf-8").splitlines()
    regions = [match for line in maps if (match := _REGION.match(line))]
    memory = os.open(f"/proc/{process_id}/mem", os.O_RDONLY)
    try:
        for region in regions:
            begin, end = (int(number, 16) for number in region.groups())
            kept = b""
            for at in range(begin, end, _CHUNK):
                try:
                    data = kept + os.pread(memory, min(_CHUNK, end - at), at)
                except (OSError, OverflowError):
                    break  # the kernel's own pages
                found |= {needle for needle in wanted if needle in data}
                kept = data[-longest:]
    finally:
        os.close(memory)
    return found
