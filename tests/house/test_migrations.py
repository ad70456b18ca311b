"""A numbered migration is never changed: a database that applied it would have another schema than its number says.

What must change goes into the next number, and that file's sum into this table.
"""

from __future__ import annotations

import hashlib
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Final

from tests.kit.hub_process import PROJECT

FOLDERS: Final = ("client/engine/schema", "hub/store/schema", "hub/store/postgres/schema")
SUMS: Final = {
    "client/engine/schema/0001_vault.sql": "6db4798dc2915e9a1ddc4ca4542c8c37b5c0f0244551176b4558c3c0a8190fc8",
    "client/engine/schema/0002_units.sql": "69771f173cb356d8d1a9113c54f21736d3d9c6f01db2664577093b03b1a9cfb9",
    "client/engine/schema/0003_contact.sql": "06c1d9e02c46af34e4200c7092fe8b1cb0019ab96b60abbe1e1fe901d65a20c2",
    "client/engine/schema/0004_search.sql": "1d8d0f40794f8da51c675ea0c769a519505faff4bcf534a7ff511ec775ecb575",
    "client/engine/schema/0005_requests.sql": "d28cfdf6099bd39493cdbe65ce32bd0c8970395e9fe98f27c97438b027ea50e4",
    "client/engine/schema/0006_reads.sql": "800ddf9850fe1a4a502d446fad5caa922cbd176a14375f86f0ecd2014a7fcbe4",
    "client/engine/schema/0007_alarms.sql": "f4c4c5001dcc04d1fa5997dd5e6c7bf27a8ee3f0b202c6e7db441395f815245f",
    "client/engine/schema/0008_history.sql": "8a245347a16dd35e167ad50d9366057978774fc1a9e44bc2d93a6cbcfb01db95",
    "client/engine/schema/0009_attachments.sql": "7acff98e6d95d0d0d278c471e8c9f67c08f6ae8880f485372cda9cb3255a3bee",
    "client/engine/schema/0010_crossing.sql": "b5e5cc33054053efdf44316dcb94eb605752ea942247b9bc406588031a71e7a7",
    "client/engine/schema/0011_clocks.sql": "b0a3dd6b0ca987993bd965a079ac4a54cca39ee94492ac2799438b665c6079f4",
    "client/engine/schema/0012_quarantine.sql": "899b4474ad4f980e36f6b9423a751367d5e64fcb50e8a6df92e62928af92824f",
    "client/engine/schema/0013_search_prefixes.sql": "945fb837df308d5b44ecb39eedbfdc5cfc7be6bf7a2cc2b74902e5c2ac143dac",
    "client/engine/schema/0014_jottings.sql": "a578d95e1d51fd42a7c088bb1ecdc21966a30da2ea475ece53edca0873c10230",
    "client/engine/schema/0015_words.sql": "a76e07adb98b8e44748645367c167f81a118b4bfcdaed4d3e2a750a4b48adbcc",
    "client/engine/schema/0016_proofs.sql": "18a4ed8d6f4c8689d607d0ad9ecaa94db26dde7e3fb87284efb3acf0b0e61f2b",
    "client/engine/schema/0017_looking_up.sql": "dea578816939f10e92e19f0001f3fad22b784481fa33e133a8485ad582ced173",
    "client/engine/schema/0018_indexes.sql": "43890c898c471b3d0822a6aa41003f8846deef85616cf50534ff796a3ec40f7e",
    "client/engine/schema/0019_early.sql": "1dcd23d8d8dfbc7c0e459b969f5b9b8cb56da91fdda5b8fa6d877a6d41061d7c",
    "hub/store/postgres/schema/0001_first.sql": "db764662075e3af948354b120f016f1ec0824ac6ca597465d58ddb6fbda8d3d6",
    "hub/store/postgres/schema/0002_blobs.sql": "671197bf355aaf70e7d2e78efdb631cd6f4168582b574239615ad3fd2b72c554",
    "hub/store/schema/0001_first.sql": "613503e2958ca423e1ba3e274b51c9ff26c08586e2fdca2317e78c6a3f42b20a",
    "hub/store/schema/0002_settled.sql": "6427ed80c61d5a3497b8dbc675cdecaac7cb7876b7bca2930eeacb03c896ff71",
}


def changed(project: Path) -> list[str]:
    """Migrations that are not as they were, that are missing, or whose sum stands nowhere."""
    there = {
        path.relative_to(project).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in FOLDERS
        for path in (project / folder).iterdir()
    }
    return sorted(name for name in there.keys() | SUMS.keys() if there.get(name) != SUMS.get(name))


def test_no_migration_was_changed() -> None:
    """Every file has the sum that it had when it was taken in; a new one's sum goes into the table."""
    assert changed(PROJECT) == []


def test_numbers_rise_without_a_gap() -> None:
    """The programs count files: number n must be the n-th."""
    for _, names in groupby(map(PurePosixPath, SUMS), key=lambda name: name.parent):
        numbers = [int(name.name.partition("_")[0]) for name in names]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_changed_a_new_and_a_missing_one_are_noticed(tmp_path: Path) -> None:
    """The control."""
    for name in SUMS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((PROJECT / name).read_bytes())
    first, second, *_ = SUMS
    (tmp_path / first).write_bytes((tmp_path / first).read_bytes() + b" ")
    (tmp_path / second).unlink()
    (tmp_path / FOLDERS[1] / "0009_new.sql").write_text("SELECT 1;", "utf-8")
    assert changed(tmp_path) == sorted([first, second, f"{FOLDERS[1]}/0009_new.sql"])
