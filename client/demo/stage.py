"""The stage: a real hub and five real offices as processes on loopback, each with its own folder and keys."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any, Final

import aiohttp

from client.demo import cast
from client.demo.founding import Registry
from client.engine.clock import Clock
from client.engine.folder import Folder
from keys.errors import LocalError

DESKS: Final = tuple(office.key for office in cast.OFFICES)
START_SECONDS: Final = 180.0
POLL_SECONDS: Final = 0.02
#: All desks come from one address, which a real hub would take for one that floods.
QUICK_HUB: Final = "snapshot_delay_seconds = 0.1\njob_seconds = 0.1\nsource_rate = 1000\nsource_burst = 100000\n"
QUICK_OFFICE: Final = 'profile = "demo"\nreceipt_mean_seconds = 0.05\nround_seconds = 0.5\nlock_after_minutes = 0\n'


class RefusedByOffice(Exception):  # noqa: N818 - the story expects it; it is no error of the program
    """An office said no; ``problem`` is its answer, with code, sentence and next step."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("code", "?"))
        self.problem = problem

    @property
    def code(self) -> str:
        """The stable code."""
        return str(self.problem.get("code", ""))


class Stage:
    """The running processes. Use ``set_up``."""

    def __init__(self, folder: Path, http: aiohttp.ClientSession) -> None:
        self.folder = folder
        self.units: dict[str, str] = {}
        self._http = http
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._doors: dict[str, dict[str, str]] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def set_up(cls, folder: Path, desks: Collection[str] = DESKS) -> AsyncIterator[Stage]:
        """Found the federation, start the hub, open the offices, and end everything at the end of the block.

        Args:
            folder: where everything is kept.
            desks: whose offices are opened; all others are enrolled and stay closed.
        """
        async with aiohttp.ClientSession() as http:
            stage = cls(folder, http)
            try:
                await stage._found()
                await asyncio.gather(*(stage.open_office(key) for key in desks))
                yield stage
            finally:
                await stage._end_all()

    async def call(self, office: str, command: str, **arguments: Any) -> Any:
        """One command of an office's loopback API.

        Raises:
            RefusedByOffice: the office refused it.
        """
        door = self._doors[office]
        headers = {"Authorization": f"Bearer {door['token']}"}
        url = f"{door['address']}/v1/{command}"
        async with self._http.post(url, json=arguments, headers=headers) as answer:
            data = await answer.json(content_type=None)
            if answer.status != 200:
                raise RefusedByOffice(data)
            return data

    async def until(self, office: str, command: str, found: Any, **arguments: Any) -> Any:
        """Ask until ``found(answer)`` gives something that is not None or False, and return that.

        Raises:
            LocalError: code ``DEMO``; it did not come about.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            answer = found(await self.call(office, command, **arguments))
            if answer is not None and answer is not False:
                return answer
            await asyncio.sleep(POLL_SECONDS)
        raise LocalError("DEMO", rule=command)

    async def open_office(self, key: str) -> None:
        """Start an office's process and wait for its door."""
        folder = self.office_folder(key)
        ready = folder / "ready"
        ready.unlink(missing_ok=True)
        arguments = ["--office", str(folder), "--passphrase-file", str(self._passphrase_file)]
        process = await self._start(
            "client.cli.main", [*arguments, "run", "--ready-file", str(ready)], log=folder / "log.txt"
        )
        self._processes[key] = process
        await _wait_for(ready, process)
        self._doors[key] = json.loads((folder / "api.json").read_text("utf-8"))

    async def close_office(self, key: str) -> None:
        """End an office's process as a handler would at the end of the day."""
        await _end(self._processes.pop(key))

    @property
    def open_offices(self) -> tuple[cast.Office, ...]:
        """The desks that are open now."""
        return tuple(office for office in cast.OFFICES if office.key in self._processes)

    def office_folder(self, key: str) -> Path:
        """Where an office lives."""
        return self.folder / "offices" / key

    @property
    def _passphrase_file(self) -> Path:
        return self.folder / "passphrase.txt"

    async def _found(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._passphrase_file.write_text(cast.PASSPHRASE + "\n", "utf-8")
        registry = Registry.found(self.folder / "registry", int(time.time()))
        hub, port = self.folder / "hub", _free_port()
        address = f"http://127.0.0.1:{port}"
        await self._hub(
            "init", "--data", str(hub), "--root", str(registry.root_file), "--address", address, "--port", str(port)
        )
        with (hub / "hub.toml").open("a", encoding="utf-8") as settings:
            settings.write(QUICK_HUB)
        registry.add_parties(registry.add_hub(hub / "hub-request.slk"))
        for office in cast.OFFICES:
            folder = Folder(self.office_folder(office.key))
            registry.enrol(office, folder, Clock())
            folder.settings.write_text(QUICK_OFFICE, "utf-8")
            self.units[office.key] = registry.units[office.key].hex()
        await self._hub("load", "--data", str(hub), *(str(file) for file in registry.files[1:]))
        process = await self._start(
            "hub.cli", ["serve", "--data", str(hub), "--ready-file", str(hub / "ready")], log=hub / "log.txt"
        )
        self._processes["hub"] = process
        await _wait_for(hub / "ready", process)

    async def _hub(self, *arguments: str) -> None:
        process = await self._start("hub.cli", list(arguments), log=self.folder / "hub-setup.txt")
        if await process.wait():
            raise LocalError("DEMO", rule="hub")

    async def _start(self, module: str, arguments: list[str], *, log: Path) -> asyncio.subprocess.Process:
        with log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-c", f"from {module} import main; main()", *arguments,
                stdout=output, stderr=output, stdin=asyncio.subprocess.DEVNULL,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            )  # fmt: skip

    async def _end_all(self) -> None:
        hub = self._processes.pop("hub", None)
        await asyncio.gather(*(_end(process) for process in self._processes.values()))
        self._processes.clear()
        if hub is not None:
            await _end(hub)


async def _wait_for(ready: Path, process: asyncio.subprocess.Process) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready.exists():
        if process.returncode is not None or time.monotonic() > deadline:
            raise LocalError("DEMO", rule="start")
        await asyncio.sleep(POLL_SECONDS)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), START_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
