"""A large file takes little memory at either end. ``make blobs`` moves a gigabyte, with kills at random instants."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.attached import PDF
from tests.kit.federation import Federation
from tests.kit.hub_process import PROJECT, HubProcess
from tests.kit.offices import Offices

MIB = int(os.environ.get("SLUSS_FILE_MIB", "64"))
KILLS = int(os.environ.get("SLUSS_KILLS", "0"))
MOST_MIB = 64
SECONDS = 1200


@pytest.fixture
def hub(tmp_path: Path, federation: Federation) -> Iterator[HubProcess]:
    """One that lets a single address put as fast as it can."""
    fast = {"source_rate": 100_000.0, "source_burst": 100_000, "blob_rate": 100_000.0, "blob_burst": 100_000}
    with HubProcess.create(tmp_path / "hub", federation, **fast).running() as process:
        yield process


@pytest.fixture
async def folders(tmp_path: Path, hub: HubProcess, federation: Federation) -> dict[str, Any]:
    """Two offices that know each other and are closed again, and the ids that a document needs."""
    async with Offices.open(tmp_path, hub.url, federation, {"sav": "Eva Ek", "bops": "Pia Po"}) as offices:
        desk = offices["sav"].desk
        held = desk.consents.sign(offices.consent_fields("sav", ["sav", "bops"]))
        async with desk.context.vault.transaction():
            await desk.consents.keep(held)
        paths = {key: office.desk.attachments.files.path(b"").parent for key, office in offices.items()}
        return {**paths, "unit": offices.unit("bops").hex(), "consent": held.consent_id.hex()}


def make_file(path: Path) -> str:
    """A file of ``MIB``, written piece by piece; its SHA-256."""
    summed = hashlib.sha256()
    with path.open("wb") as file:
        for number in range(MIB):
            piece = (PDF if not number else b"") + os.urandom(1024 * 1024)
            summed.update(piece)
            file.write(piece)
    return summed.hexdigest()


async def run(*arguments: str, kill_after: float | None = None) -> dict[str, Any] | None:
    """The office in a process of its own; None when it was killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.kit.moving", *arguments,
        cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, _ = await asyncio.wait_for(process.communicate(), kill_after or SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return None
    assert process.returncode in {0, -signal.SIGKILL}
    found: dict[str, Any] = json.loads(out)
    return found


async def through(*arguments: str) -> dict[str, Any]:
    """Killed ``KILLS`` times at random instants, and in the end not."""
    for _ in range(KILLS):
        done = await run(*arguments, kill_after=random.uniform(3, 12))
        if done is not None:
            return done
    done = await run(*arguments)
    assert done is not None
    return done


@pytest.mark.timeout(2 * SECONDS)
async def test_a_large_file_takes_little_memory(folders: dict[str, Any], tmp_path: Path) -> None:
    """From the path to the other unit's disk: at most 64 MiB more than an open office has, at both ends."""
    source = tmp_path / "stor.pdf"
    wanted = await asyncio.to_thread(make_file, source)
    written = await run(str(folders["sav"]), "write", str(source), folders["unit"], folders["consent"])
    assert written is not None
    sent = await through(str(folders["sav"]), "sync")
    fetched = await through(str(folders["bops"]), "sync")
    print(json.dumps({"mib": MIB, "written": written, "sent": sent, "fetched": fetched}))
    assert fetched["sha256"] == wanted
    assert max(one["grew_mib"] for one in (written, sent, fetched)) <= MOST_MIB
