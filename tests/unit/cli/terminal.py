"""An office as people have it: its folder, and ``sluss`` as a process of its own.

desk = Desk.enrolled(tmp_path / "sav", federation, "sav", "Eva Ek", hub.url)   # by the real ceremonies
desk.run("status").json            # one command; also .code, .out, .error, .words
with desk.open() as api: ...       # ``sluss run``; api.post("list", {}) -> (status, decoded JSON)
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import dataclasses
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from client.engine.folder import Folder
from client.engine.office import Office
from tests.kit.federation import Federation
from tests.kit.offices import PASSPHRASE, Offices, make_folder

PROJECT = Path(__file__).resolve().parents[3]
SLUSS = [sys.executable, "-c", "from client.cli.main import main; main()"]
SECONDS = 40.0


@dataclasses.dataclass(frozen=True)
class Said:
    """What one command said."""

    code: int
    out: str
    words: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document on one line."""
        assert self.code == 0, self
        assert self.out.count("\n") == 1, self
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """Standard error as the one JSON document that it must be."""
        found: dict[str, Any] = json.loads(self.words)
        assert set(found) == {"code", "sentence", "next_step", "problems"}
        return found


@dataclasses.dataclass(frozen=True)
class Api:
    """The loopback API of an open office."""

    address: str
    token: str

    def post(
        self, command: str, arguments: Any = None, *, raw: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, Any] | Any]:
        """One request; header names are written with underscores."""
        given = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        data = json.dumps(arguments or {}).encode() if raw is None else raw
        request = urllib.request.Request(f"{self.address}/v1/{command}", data=data, headers=given)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())


@dataclasses.dataclass
class Desk:
    """One office folder and its passphrase file."""

    folder: Path

    @property
    def passphrase_file(self) -> Path:
        """Beside the folder."""
        return self.folder.with_name(self.folder.name + ".words")

    @classmethod
    def fresh(cls, folder: Path) -> Desk:
        """No device yet; only a passphrase in a file."""
        desk = cls(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        desk.passphrase_file.write_text(PASSPHRASE + "\n", encoding="utf-8")
        return desk

    @classmethod
    def enrolled(cls, folder: Path, federation: Federation, unit: str, staff: str, address: str) -> Desk:
        """Made and enrolled by the engine itself: a process of its own for each step would take seconds."""
        desk = cls.fresh(folder)
        make_folder(folder, federation, unit, staff, address=address)
        return desk

    def command(self, *arguments: str) -> list[str]:
        """The whole command line."""
        return [*SLUSS, "--office", str(self.folder), "--passphrase-file", str(self.passphrase_file), *arguments]

    def run(self, *arguments: str, stdin: str = "", as_json: bool = True, **options: Any) -> Said:
        """One command as a process of its own."""
        given = self.command(*arguments, *(["--json"] if as_json else []))
        done = subprocess.run(
            given,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env=environment(),
            check=False,
            **options,
        )
        assert "Traceback" not in done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    def json(self, *arguments: str, **options: Any) -> Any:
        """The result of one command that works."""
        return self.run(*arguments, **options).json

    @contextlib.contextmanager
    def open(self) -> Iterator[Api]:
        """``sluss run`` until the end of the block; it must end cleanly."""
        process, ready = self.start(), self.folder.with_suffix(".ready")
        try:
            address = ready.read_text(encoding="utf-8")
            door = json.loads((self.folder / "api.json").read_text(encoding="utf-8"))
            assert door["address"] == address
            yield Api(**door)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
        assert not (self.folder / "api.json").exists()

    def start(self) -> subprocess.Popen[bytes]:
        """``sluss run`` as a process that serves when this returns."""
        ready, log = self.folder.with_suffix(".ready"), self.folder.with_suffix(".log")
        ready.unlink(missing_ok=True)
        with log.open("ab") as lines:
            process = subprocess.Popen(
                self.command("run", "--ready-file", str(ready)), stdout=lines, stderr=lines, env=environment()
            )
        deadline = time.monotonic() + SECONDS
        while not ready.exists():
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process


class Dialogue:
    """A command at a terminal of its own: what it asks is read from there, its result comes by a pipe.

    dialogue = Dialogue(desk.command("new", ...)); dialogue.answer("Nummer", "1"); dialogue.end() -> Said
    """

    def __init__(self, command: list[str]) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stderr=slave,
            stdout=subprocess.PIPE,
            env=environment(),
            start_new_session=True,
            text=True,
        )
        os.close(slave)
        self._seen = self._told = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode  # a letter may come in two pieces

    def answer(self, question: str, text: str) -> None:
        """Wait until the words are asked, and type an answer."""
        self.expect(question)
        os.write(self._master, f"{text}\n".encode())

    def expect(self, words: str) -> None:
        """Read until the words have been shown."""
        deadline = time.monotonic() + SECONDS
        while words not in self._seen:
            assert time.monotonic() < deadline, self._seen
            if select.select([self._master], [], [], 0.1)[0]:
                self._seen += self._decode(os.read(self._master, 65536))
        before, found, self._seen = self._seen.partition(words)
        self._told += before + found

    def end(self) -> Said:
        """Wait for its end."""
        out, _ = self._process.communicate(timeout=SECONDS)
        self._told += self._seen
        with contextlib.suppress(OSError):  # what Linux says when the other end is gone
            while select.select([self._master], [], [], 0)[0] and (data := os.read(self._master, 65536)):
                self._told += self._decode(data)
        os.close(self._master)
        return Said(self._process.returncode, out, self._told)


def environment() -> dict[str, str]:
    """The environment of a command: this tree, a plain terminal, warnings as in production."""
    return {**os.environ, "PYTHONPATH": str(PROJECT), "COLUMNS": "120", "PYTHONDEVMODE": ""}


def acquaint(desks: Iterable[Desk]) -> None:
    """Open all offices in this process until everybody has everybody's keys, and close them again."""
    asyncio.run(_acquaint(list(desks)))


async def _acquaint(desks: list[Desk]) -> None:
    offices = Offices()
    try:
        for desk in desks:
            offices[desk.folder.name] = await Office.open(Folder(desk.folder), PASSPHRASE)
        await offices.settle()
        await offices.know_each_other()
    finally:
        for office in offices.values():
            await office.close()


def wait_for(said: Any, seconds: float = SECONDS) -> Any:
    """Call again and again until the answer is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = said()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")
