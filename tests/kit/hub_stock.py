"""Programs forked from a process that has imported them: imports are most of a start, and tests start hundreds.

What runs is the real program in a process of its own, with its folder, its log and its socket. Who wants another
command or another environment gets a fresh interpreter (``hub_process``).

A line in, a line out, in JSON: ``["start", module, arguments, log, wire]`` → pid; ``["poll", pid]`` → exit code, null
while it runs. ``wire``: a listening socket of the filesystem that becomes its standard input and output; empty: none.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HUB = "hub.cli"
POLL_SECONDS = 0.01


class Forked:
    """A program that the stock has forked: as much of ``subprocess.Popen`` as tests ask for."""

    def __init__(self, stock: Stock, pid: int) -> None:
        self._stock = stock
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        if self.returncode is None:
            self.returncode = self._stock.ask("poll", self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Its exit code, when it has ended.

        Raises:
            subprocess.TimeoutExpired: not within so many seconds.
        """
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("forked", timeout)
            time.sleep(POLL_SECONDS)
        return code

    def send_signal(self, how: signal.Signals) -> None:
        """Signal it, unless it has ended: only the stock frees its number."""
        if self.poll() is None:
            os.kill(self.pid, how)


class Stock:
    """The process that forks, started when first asked; it ends with this one.

    Args:
        project: the folder that it runs in.
        modules: what it can be; each has a ``main`` that takes the arguments.
    """

    def __init__(self, project: Path, modules: Sequence[str] = (HUB,)) -> None:
        self._project = project
        self._modules = tuple(modules)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._environment: dict[str, str] = {}

    def fits(self, command: Sequence[str]) -> bool:
        """Whether it can be this command, and in the environment that it would have if it were started now."""
        known = list(command[:2]) == [sys.executable, "-m"] and command[2] in self._modules
        return known and (self._process is None or self._environment == _environment())

    def start(self, command: Sequence[str], log: Path, wire: str = "") -> Forked:
        """Start a command that fits; its standard error goes to the end of a file."""
        return Forked(self, self.ask("start", command[2], list(command[3:]), str(log), wire))

    def ask(self, *request: Any) -> Any:
        """One line, and its answer."""
        with self._lock:
            process = self._process or self._open()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

    def _open(self) -> subprocess.Popen[bytes]:
        self._environment = _environment()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kit.hub_stock", *self._modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=self._project,
            env={**os.environ, "PYTHONPATH": str(self._project)},
        )
        atexit.register(self._close, self._process)
        return self._process

    def _close(self, process: subprocess.Popen[bytes]) -> None:
        process.communicate()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


def main() -> None:
    """Answer until standard input ends; what still runs then is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    running: set[int] = set()
    for name in sys.argv[1:]:
        importlib.import_module(name)
    gc.freeze()
    for line in sys.stdin.buffer:
        what, *rest = json.loads(line)
        if what == "start":
            answer: int | None = os.fork()
            if not answer:
                _serve(*rest)
            running.add(answer or 0)
        else:
            done, status = os.waitpid(rest[0], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if done else None
            running -= {done}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _serve(module: str, arguments: list[str], log: str, wire: str) -> None:
    """Be the program, and end with it."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        spoken, errors = _wired(wire), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        for given, wanted in ((spoken, 0), (spoken, 1), (errors, 2)):
            os.dup2(given, wanted)
        if wire:
            os.close(spoken)  # whoever listens must notice the end
        sys.argv = [module, *arguments]
        importlib.import_module(module).main(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    else:
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def _wired(wire: str) -> int:
    if not wire:
        return os.open(os.devnull, os.O_RDWR)
    line = socket.socket(socket.AF_UNIX)
    line.connect(wire)
    return line.detach()


if __name__ == "__main__":
    main()
