"""Asking witnesses for their cosignatures, and publishing a checkpoint once a quorum gave them (PROTOCOL 3.6).

The witnesses' keys stand in the log; where to ask is this hub's own setting. What a witness answers is verified here as
clients will verify it, and anything that does not verify is as good as no answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import aiohttp

from hub.directory_log import DirectoryLog, NewestNote
from keys.add_checkpoint import ADD_PATH, AddCheckpoint, make_request
from keys.checkpoint import MAX_NOTE_BYTES
from keys.cosignature import cosigned_at, require_quorum
from keys.errors import FormatError, SignatureError
from keys.logging import get_logger
from keys.statements import Witnesses

ASK_SECONDS: Final = 10.0
_CONFLICT: Final = 409
_log = get_logger("cosigning")


class Cosigning:
    """One hub's witnesses.

    Args:
        log: whose checkpoints are cosigned.
        addresses: of the witnesses.
    """

    def __init__(self, log: DirectoryLog, addresses: tuple[str, ...]) -> None:
        self._log = log
        self._addresses = addresses
        self._held: dict[str, int] = {}  # what each witness holds, as far as we know

    async def round(self) -> bool:
        """Ask everybody once for the newest checkpoint.

        Returns:
            Whether nothing is left to do: a quorum cosigned, or no policy asks for one.

        Raises:
            StoreError: the cosigned note could not be kept.
        """
        newest = self._log.newest_note()
        policy = newest.policy
        if policy is None:
            return True
        note, is_enough = newest.note, False
        async for answer in self._answers(newest):
            fitting = [line for line in answer.splitlines(keepends=True) if _adds(note, line, policy)]
            if not fitting:
                continue
            note += fitting[0]  # one line a witness: nobody may fill the note
            with contextlib.suppress(SignatureError):
                require_quorum(note, policy)
                is_enough = True
                await self._log.publish(note, newest.size)
        if not is_enough:
            _log.warning("no quorum of witnesses", count=len(self._addresses))
        return is_enough

    async def _answers(self, newest: NewestNote) -> AsyncIterator[bytes]:
        timeout = aiohttp.ClientTimeout(total=ASK_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            asked = [asyncio.create_task(self._ask(session, address, newest)) for address in self._addresses]
            for answer in asyncio.as_completed(asked):
                yield await answer

    async def _ask(self, session: aiohttp.ClientSession, address: str, newest: NewestNote) -> bytes:
        """A witness's lines; empty when it gives none."""
        try:
            for _ in range(2):  # once more with the size that it says it holds
                status, body = await self._post(session, address, newest)
                if status == 200:
                    self._held[address] = newest.size
                    return body
                if status != _CONFLICT or not self._learn(address, body, newest.size):
                    break
        except (aiohttp.ClientError, TimeoutError, OSError):
            return b""
        return b""

    async def _post(self, session: aiohttp.ClientSession, address: str, newest: NewestNote) -> tuple[int, bytes]:
        old = self._held.get(address, 0)
        proof = self._log.directory.tree.consistency_proof(old, newest.size) if old else []
        body = make_request(AddCheckpoint(old, proof, newest.note))
        async with session.post(address.rstrip("/") + ADD_PATH, data=body, allow_redirects=False) as answer:
            return answer.status, await answer.content.read(MAX_NOTE_BYTES)

    def _learn(self, address: str, body: bytes, size: int) -> bool:
        """Take in what a witness says that it holds; False when that helps nothing."""
        text = body.decode("ascii", "replace").removesuffix("\n")
        held = int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None
        if held is None or held > size or held == self._held.get(address, 0):
            return False
        self._held[address] = held
        return True


def _adds(note: bytes, line: bytes, policy: Witnesses) -> bool:
    """Whether a line brings the cosignature of a witness of the policy that has none yet."""
    try:
        return bool(line) and any(
            cosigned_at(note, witness) is None and cosigned_at(note + line, witness) is not None
            for witness in policy.witnesses
        )
    except FormatError:
        return False
