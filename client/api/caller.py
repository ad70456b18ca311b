"""Calling a command of an office from another process, whether it is open or not.

1. Nobody has the office open: open it here, run the command, let what it queued leave, close.
2. Somebody has: ask its API by ``api.json``. While it is being opened or closed, wait a moment and look again.

Who has it open is told by the lock alone, so an ``api.json`` that a crash left behind misleads nobody.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable
from typing import Any, Final

import aiohttp
import msgspec

from client.api import commands
from client.api.arguments import FilesOf
from client.api.attachments import attachments
from client.api.failure import Failure, FailureError, failure_of
from client.api.places import names
from client.api.server import Door
from client.engine import folder as folders
from client.engine.folder import Folder
from client.engine.office import Office
from client.engine.reading import Facts
from keys.errors import LocalError, SlussError
from keys.files import read_bounded

MAX_DOOR_BYTES: Final = 4096
PATIENCE_SECONDS: Final = 5.0  # for an office that is just being opened or closed
_PAUSE_SECONDS: Final = 0.1
_TELL_SECONDS: Final = 1.0
_CALL_SECONDS: Final = 300.0  # a sync of a full mailbox takes its time


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """A command's result; ``trouble`` says why what it queued has not left yet, ``is_open`` whether the office runs."""

    result: Any
    trouble: Failure | None = None
    is_open: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Calls commands of one office.

    Args:
        folder: of the office.
        passphrase: asked for only when the office must be opened here.
        lang: of the words in failures.
        progress: told now and then of attached files that are on their way, while this process moves them itself.
    """

    folder: Folder
    passphrase: Callable[[], str]
    lang: str = "sv"
    progress: Callable[[list[Facts]], None] | None = None

    async def call(self, name: str, arguments: dict[str, Any] | None = None) -> Outcome:
        """Run a command.

        Raises:
            FailureError: it failed.
        """
        try:
            return await self._call(name, arguments or {})
        except SlussError as error:
            raise FailureError(failure_of(error, self.lang)) from error

    async def wait_until_free(self) -> None:
        """Wait a moment for a command that has the office open; a program that keeps it open is not waited for."""
        for _ in range(int(PATIENCE_SECONDS / _PAUSE_SECONDS)):
            if self._is_free() or self._door() is not None:
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _call(self, name: str, arguments: dict[str, Any]) -> Outcome:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            if self._is_free():
                return await self._open_and_run(name, arguments)
            door = self._door()
            try:
                if door is not None:
                    return await self._ask(door, name, arguments)
            except aiohttp.ClientConnectorError:
                pass  # an old file: the office is just being opened, or closed
            if time.monotonic() > give_up_at:
                raise LocalError("LOCKED")
            await asyncio.sleep(_PAUSE_SECONDS)

    def _is_free(self) -> bool:
        try:
            lock = folders.hold(self.folder)
        except LocalError as error:
            if error.code != "LOCKED":
                raise
            return False
        lock.close()
        return True

    def _door(self) -> Door | None:
        try:
            return msgspec.json.decode(read_bounded(self.folder.api, MAX_DOOR_BYTES), type=Door)
        except (LocalError, msgspec.DecodeError):
            return None

    async def _open_and_run(self, name: str, arguments: dict[str, Any]) -> Outcome:
        office = await Office.open(self.folder, self.passphrase())
        try:
            self.folder.api.unlink(missing_ok=True)  # of a process that died
            result = await self._run(office, name, arguments)
            trouble = await self._send(office) if commands.COMMANDS[name].sends else None
            return Outcome(result, trouble)
        finally:
            await office.close()

    async def _run(self, office: Office, name: str, arguments: dict[str, Any]) -> Any:
        try:
            return await commands.run(office.desk, name, arguments)
        except SlussError as error:
            raise FailureError(failure_of(error, self.lang, names(office.desk.context))) from error

    async def _send(self, office: Office) -> Failure | None:
        """Let what was queued leave at once; it is safe in the vault when that does not work."""
        sending = asyncio.create_task(office.desk.sync.once())
        try:
            while not (await asyncio.wait({sending}, timeout=_TELL_SECONDS))[0]:
                if self.progress is not None:
                    self.progress(await attachments(office.desk, FilesOf()))
            await sending
        except SlussError as error:
            return failure_of(error, self.lang)
        return None

    async def _ask(self, door: Door, name: str, arguments: dict[str, Any]) -> Outcome:
        headers = {"Authorization": f"Bearer {door.token}", "Accept-Language": self.lang}
        timeout = aiohttp.ClientTimeout(total=_CALL_SECONDS)
        async with aiohttp.ClientSession(door.address, headers=headers, timeout=timeout, trust_env=False) as session:
            result = await _post(session, name, arguments)
            trouble: Failure | None = None
            if commands.COMMANDS[name].sends:
                code = (await _post(session, "status", {}))["trouble"]
                trouble = failure_of(LocalError(code), self.lang) if code else None
            return Outcome(result, trouble, is_open=True)


async def _post(session: aiohttp.ClientSession, name: str, arguments: dict[str, Any]) -> Any:
    """One request.

    Raises:
        FailureError: what the office answered.
        LocalError: code ``LOCKED``; whoever has the office open does not answer as an office.
    """
    try:
        async with session.post(f"/v1/{name}", data=msgspec.json.encode(arguments)) as answer:
            raw = await answer.read()
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise LocalError("LOCKED") from error
    try:
        if answer.ok:
            return msgspec.json.decode(raw)
        failure = msgspec.json.decode(raw, type=Failure)
    except msgspec.DecodeError as error:
        raise LocalError("LOCKED") from error
    raise FailureError(failure)
