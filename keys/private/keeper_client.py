"""The ``Keeper`` of a process that holds no private key: every call is a request to the keeper process.

Calls block, as those of a keeper in the same process would; a pair of pipes adds some hundredths of a millisecond
(``tests/bench/keeper.py``). The content of an envelope comes with the first of the two calls that open it, and what
``open_key`` hands out is a ticket for it: no content key comes over.

``begin_open`` sends the request for the next envelope and does not wait, so that the keeper opens it while this process
checks the one before. Whatever else is asked in between comes first, and what was begun is thrown away.

Nobody holds the passphrase here: after ``lock``, or when the process ended by itself, every call raises
``LockedError`` until ``unlock`` is given it again.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import Final, TypeVar, cast

from keys.cards import CardKind
from keys.domains import SignedType
from keys.envelope import Envelope
from keys.errors import FormatError, LocalError, LockedError
from keys.ids import DeviceId
from keys.private import keeper_process
from keys.private.hardening import NOTHING, Hardening
from keys.private.identity import random_bytes
from keys.private.keeper_frames import (
    Advance,
    Answer,
    Bytes,
    Failed,
    Forget,
    ForgetAll,
    Learn,
    NewBatch,
    Number,
    Open,
    OpenCard,
    Opened,
    Request,
    Seal,
    SealFor,
    Sign,
    SignLogin,
    Token,
    Touch,
    Unlock,
    Unlocked,
    error_of,
    read_answer,
    receive,
    send,
)
from keys.private.seal import Target
from keys.rekey import Rekey
from keys.statements import Profile

END_SECONDS: Final = 5.0  # a keeper that does not end when its pipe closes is killed
_TICKET_BYTES: Final = 32
_ENVIRONMENT: Final = ("SYSTEMROOT", "LD_LIBRARY_PATH")  # what an interpreter may need to start; nothing else goes
_BEFORE: Final = Unlocked(bytes(16), 0, 0, Profile.REAL, NOTHING, b"")

_A = TypeVar("_A", Unlocked, Bytes, Number, Opened)


class ProcessKeeper:
    """A keeper in a process of its own.

    Args:
        key_file: ``passphrase.slk``.
        ring_file: ``ring.slk``.
        idle_seconds: after how long without ``touch`` the process ends, from the next ``unlock`` on; 0: never.
    """

    def __init__(self, key_file: Path, ring_file: Path, *, idle_seconds: int = 0) -> None:
        self._files = (key_file.resolve(), ring_file.resolve())
        self.idle_seconds = idle_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._facts = _BEFORE
        self._ready: tuple[bytes, Opened] | None = None  # what the newest ticket is for
        self._begun: Open | None = None  # asked for, and its answer not read yet

    @property
    def device_id(self) -> DeviceId:
        """This device, 16 bytes."""
        return DeviceId(self._facts.device_id)

    @property
    def batch_no(self) -> int:
        """Number of the newest own batch; 0 before the first."""
        return self._facts.batch_no

    @property
    def counter(self) -> int:
        """How often this device was opened; the vault holds the same number."""
        return self._facts.counter

    @property
    def profile(self) -> Profile:
        """What the key file was made for."""
        return self._facts.profile

    @property
    def hardening(self) -> Hardening:
        """What the system does for the keeper's process."""
        return self._facts.hardening

    @property
    def process_id(self) -> int | None:
        """Of the keeper's process; None while it is locked."""
        return None if self.is_locked or self._process is None else self._process.pid

    @property
    def is_locked(self) -> bool:
        """Whether no process holds the keys."""
        return self._process is None or self._process.poll() is not None

    def unlock(self, passphrase: str, *, wants_vault_key: bool = False) -> bytes:
        """Start the process and unlock it; returns the vault key where it is wanted.

        Raises:
            LocalError: code ``SELFTEST``, ``PASS``, ``FILE``, ``ENROL``.
        """
        self.lock()
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            keeper_process.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=environment
        )
        key_file, ring_file = (str(one) for one in self._files)
        request = Unlock(passphrase.encode("utf-8"), key_file, ring_file, self.idle_seconds, wants_vault_key)
        try:
            answer = self._ask(request, Unlocked)
        except BaseException:
            self.lock()
            raise
        self._facts = _changed(answer, vault_key=b"")
        return answer.vault_key

    def lock(self) -> None:
        """End the process; its memory goes with it."""
        process, self._process, self._ready, self._begun = self._process, None, None, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def touch(self) -> None:
        """A person asked for something: the idle time begins again."""
        self._ask(Touch(), Number)

    def sign(self, signed_type: SignedType, payload: bytes) -> bytes:
        """A signed object by this device's certificate."""
        return self._bytes(Sign(signed_type, payload))

    def login(self, hub_id: bytes, nonce: bytes) -> bytes:
        """The Ed25519 signature (64 bytes) of a login."""
        return self._bytes(SignLogin(hub_id, nonce))

    def open_key(self, envelope: Envelope, mailbox_id: bytes) -> bytes:
        """A ticket for the content of an envelope to the own mailbox (check 3)."""
        opened = self._ask(Open(envelope.raw, mailbox_id), Opened)
        ticket = random_bytes(_TICKET_BYTES)
        self._ready = (ticket, opened)
        return ticket

    def begin_open(self, envelope: Envelope, mailbox_id: bytes) -> None:
        """Ask for the next envelope and do not wait; trouble is told by ``open_key``."""
        process, request = self._process, Open(envelope.raw, mailbox_id)
        if process is None or process.stdin is None:
            return
        with self._turn, contextlib.suppress(OSError, ValueError, LocalError):
            if self._begun is None:
                send(cast("FileIO", process.stdin), request)
                self._begun = request

    def open_content(self, envelope: Envelope, mailbox_id: bytes, key: bytes) -> bytes:
        """The content of an envelope, by its ticket (checks 4 and 5)."""
        ready, self._ready = self._ready, None
        if ready is None or ready[0] != key:
            self.open_key(envelope, mailbox_id)  # another envelope was opened in between
            ready, self._ready = cast("tuple[bytes, Opened]", self._ready), None
        opened = ready[1]
        if opened.error:
            raise error_of(opened.error, opened.code, [])
        return opened.content

    def seal(
        self, content: bytes, mailbox_id: bytes, targets: Sequence[Target], *, hour: int, recall_hash: bytes
    ) -> bytes:
        """An envelope for another unit's devices."""
        wanted = [SealFor(target.device_id, target.public) for target in targets]
        return self._bytes(Seal(content, mailbox_id, wanted, hour, recall_hash))

    def open_card(self, kind: CardKind, owner_id: bytes, sealed: bytes) -> bytes:
        """A card of the directory, decrypted."""
        return self._bytes(OpenCard(kind, owner_id, sealed))

    def delivery_token(self, mailbox_id: bytes, week: int) -> bytes:
        """The delivery token of a mailbox for a week."""
        return self._bytes(Token(mailbox_id, week))

    def learn(self, steps: Sequence[Rekey], copy: bytes) -> int:
        """Take in a newer directory key; returns the number of the newest that this device has."""
        return self._ask(Learn(list(steps), copy), Number).value

    def new_batch(self, hour: int, dir_size: int, *, high_risk: bool = False) -> bytes:
        """Make new epoch prekeys, keep their seeds, and return the signed batch that publishes them."""
        batch = self._bytes(NewBatch(hour, dir_size, high_risk))
        self._facts = _changed(self._facts, batch_no=self._facts.batch_no + 1)
        return batch

    def forget(self, trusted_hour: int, drained_hour: int) -> int:
        """Delete the seeds that are over; returns how many."""
        return self._ask(Forget(trusted_hour, drained_hour), Number).value

    def forget_all(self) -> int:
        """Delete all seeds, because this device was revoked or went back; returns how many."""
        return self._ask(ForgetAll(), Number).value

    def advance(self, counter: int) -> None:
        """Set the counter; it never falls."""
        self._facts = _changed(self._facts, counter=self._ask(Advance(counter), Number).value)

    def close(self) -> None:
        """End the process."""
        self.lock()

    def _bytes(self, request: Request) -> bytes:
        return self._ask(request, Bytes).value

    def _ask(self, request: Request, expected: type[_A]) -> _A:
        answer = self._exchange(request)
        if isinstance(answer, Failed):
            raise error_of(answer.error, answer.code, answer.fields)
        if not isinstance(answer, expected):
            raise LockedError("KEEPER")
        return answer

    def _exchange(self, request: Request) -> Answer:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise LockedError
        with self._turn:
            try:
                data = self._answer(cast("FileIO", process.stdin), cast("FileIO", process.stdout), request)
            except (OSError, ValueError, FormatError) as error:
                raise self._ended(process) from error
            if not data:
                raise self._ended(process)
        try:
            return read_answer(data)
        except FormatError as error:
            raise LockedError("KEEPER") from error

    def _answer(self, requests: FileIO, answers: FileIO, request: Request) -> bytes:
        """The answer to a request; what was begun is read first, and is the answer when it was for the same."""
        begun, self._begun = self._begun, None
        if begun is not None:
            data = receive(answers)
            if begun == request or not data:
                return data
        send(requests, request)
        return receive(answers)

    def _ended(self, process: subprocess.Popen[bytes]) -> LockedError:
        """Why the process is gone: it was idle, or it broke."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            idle = process.wait(END_SECONDS) == keeper_process.EXIT_IDLE
            return LockedError() if idle else LockedError("KEEPER")
        return LockedError("KEEPER")


def _changed(facts: Unlocked, **changes: int | bytes) -> Unlocked:
    fields = {name: getattr(facts, name) for name in facts.__struct_fields__} | changes
    return Unlocked(**fields)
